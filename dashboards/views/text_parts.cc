#include "dashboards/views/text_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

constexpr std::size_t kBarWidth = 22;
constexpr std::size_t kMostMoves = 2;

std::string age(Time last, Time now) {
  if (last == Time{}) return "-";
  return format_duration(std::chrono::floor<seconds>(std::max(now - last, Duration(0))));
}

std::string answer_of(AnswerClass c, const monitor::MxSet& set) {
  if (c == AnswerClass::failed) return "-";
  return set_text(set);
}

std::string round_trip(Duration rtt) {
  return rtt > Duration(0) ? fmt::format("{} ms", rtt.count()) : "-";
}

// What the cache has left now, not what it said when it was asked.
std::string time_left(const ResolverReport& resolver, Time now) {
  if (!resolver.expires_at) return "-";
  const auto left = std::chrono::ceil<seconds>(*resolver.expires_at - now);
  return left > seconds(0) ? fmt::format("{}", left.count()) : "0";
}

std::string remark(const ResolverReport& resolver) {
  std::string out;
  for (const auto mark : marks_of(resolver)) out += (out.empty() ? "" : ", ") + std::string(mark);
  if (resolver.reason.empty()) return out;
  return out.empty() ? resolver.reason : out + ": " + resolver.reason;
}

}  // namespace

void add_title(Canvas& canvas, const PropagationReport& report) {
  canvas.labelled(report.owner.text(), {{old_sets_text(report) + " -> "},
                                        {set_text(report.expected), Colour::bold, true}});
}

namespace {

// "14:32:10Z (in 41 min), at the latest 14:40:02Z"
std::string forecast_times(const PropagationReport& report, Time now) {
  const auto& forecast = report.forecast;
  const std::string earliest =
      fmt::format("{} ({})", moment(*forecast.earliest, now), relative(*forecast.earliest, now));
  if (!forecast.latest) return "not before " + earliest;
  if (*forecast.latest - *forecast.earliest < seconds(1)) return earliest;
  return fmt::format("{}, at the latest {}", earliest, moment(*forecast.latest, now));
}

}  // namespace

void add_forecast(Canvas& canvas, const PropagationReport& report, Time now) {
  const auto& forecast = report.forecast;
  if (report.ready()) return;
  if (!forecast.earliest) {
    const std::string why =
        report.reasons.empty() ? "nothing was observed yet" : report.reasons.front().text;
    canvas.labelled("Earliest READY", {{"not known: " + why, Colour::yellow}});
    return;
  }
  std::string why = forecast.waits_for.text.empty() ? "" : ": " + forecast.waits_for.text;
  if (report.drain_assumed) why += " (assumed, not measured)";
  canvas.labelled(
      "Earliest READY",
      {{forecast_times(report, now), forecast.latest ? Colour::bold : Colour::yellow}, {why}});
}

void add_moves(Canvas& canvas, const PropagationReport& report) {
  if (report.ready() || !report.forecast.earliest) return;
  const auto moves = moves_in_order(report.forecast);
  for (std::size_t i = 0; i < std::min(moves.size(), kMostMoves); ++i) {
    const auto& move = *moves[i];
    const bool more = i + 1 == kMostMoves && moves.size() > kMostMoves;
    canvas.labelled(i == 0 ? "Moved by" : "",
                    {{move.text},
                     {more ? fmt::format(" (+{} more: status --explain)", moves.size() - kMostMoves)
                           : std::string(),
                      Colour::dim}});
  }
}

void add_spf(Canvas& canvas, const PropagationReport& report) {
  if (!report.spf) return;
  canvas.labelled("SPF", {{report.spf->views}});
  for (const auto& target : report.spf->targets) canvas.labelled("", {{target.why}});
}

void add_counts(Canvas& canvas, const PropagationReport& report) {
  const int total = static_cast<int>(report.resolvers.size());
  const int fresh = count_of(report, "new");
  Line line = {{"new ", Colour::dim},
               {fmt::format("{} {}/{}", bar(fresh, total, kBarWidth), fresh, total),
                fresh == total && total > 0 ? Colour::green : Colour::plain}};
  for (const auto& sign : all_signs()) {
    const int count = sign.word == "new" ? 0 : count_of(report, sign.word);
    if (count > 0)
      line.push_back({fmt::format("   {} {}", sign.word, count), colour_of(sign.word)});
  }
  canvas.line(std::move(line));
}

std::vector<Note> notes_of(const PropagationReport& report) {
  std::vector<Note> notes;
  for (const auto& waiver : report.waivers) notes.push_back({"Except", waiver});
  for (const auto& warning : report.warnings) notes.push_back({"Warning", warning});
  return notes;
}

void add_note(Canvas& canvas, const Note& note) {
  canvas.labelled(note.label, {{note.text, Colour::yellow}});
}

void add_notes(Canvas& canvas, const PropagationReport& report) {
  for (const Note& note : notes_of(report)) add_note(canvas, note);
}

Line authority_row(const AuthorityReport& a, Time now) {
  const std::string_view word = sign_of(a.last_class).word;
  const std::string serial = a.serial ? fmt::format("serial {}", *a.serial) : "";
  const bool answering = a.reach == AuthorityReport::Reach::answering;
  std::string note = answering ? serial : std::string(to_text(a.reach));
  if (answering && !a.authoritative) note += " (not authoritative)";
  if (!a.note.empty()) note += (note.empty() ? "" : ", ") + a.note;
  return {{fmt::format("{} {}", a.server.text(), a.endpoint.text())},
          {std::string(word), colour_of(word)},
          {answer_of(a.last_class, a.set)},
          {fmt::format("{}", a.ttl)},
          {round_trip(a.rtt)},
          {age(a.last_at, now)},
          {note}};
}

Line resolver_row(const ResolverReport& r, Time now) {
  const std::string_view word = sign_of(r).word;
  const std::string place = r.anycast ? "anycast" : place_of(r);
  return {{name_of(r) + (place.empty() ? "" : " (" + place + ")")},
          {std::string(word), colour_of(word)},
          {answer_of(r.last_class, r.set)},
          {time_left(r, now)},
          {round_trip(r.rtt)},
          {age(r.last_at, now)},
          {remark(r)}};
}

std::vector<Line> authority_rows(const PropagationReport& report, Time now) {
  std::vector<Line> rows;
  for (const auto* a : authorities_worst_first(report)) rows.push_back(authority_row(*a, now));
  return rows;
}

std::vector<Line> resolver_rows(const PropagationReport& report, Time now) {
  std::vector<Line> rows;
  for (const auto* r : worst_first(report)) rows.push_back(resolver_row(*r, now));
  return rows;
}

}  // namespace mxswitch::dashboards
