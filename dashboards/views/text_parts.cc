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
  canvas.labelled(report.owner.text(),
                  {{old_sets_text(report) + " -> "}, {set_text(report.expected), Colour::bold}});
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
  const auto moves = moves_in_order(forecast);
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

void add_notes(Canvas& canvas, const PropagationReport& report) {
  for (const auto& waiver : report.waivers) {
    canvas.labelled("Except", {{waiver, Colour::yellow}});
  }
  for (const auto& warning : report.warnings) {
    canvas.labelled("Warning", {{warning, Colour::yellow}});
  }
}

std::vector<std::vector<Span>> authority_rows(const PropagationReport& report, Time now) {
  std::vector<std::vector<Span>> rows;
  for (const auto* a : authorities_worst_first(report)) {
    const std::string_view word = sign_of(a->last_class).word;
    const std::string serial = a->serial ? fmt::format("serial {}", *a->serial) : "";
    const bool answering = a->reach == AuthorityReport::Reach::answering;
    std::string note = answering ? serial : std::string(to_text(a->reach));
    if (answering && !a->authoritative) note += " (not authoritative)";
    if (!a->note.empty()) note += (note.empty() ? "" : ", ") + a->note;
    rows.push_back({{fmt::format("{} {}", a->server.text(), a->endpoint.text())},
                    {std::string(word), colour_of(word)},
                    {answer_of(a->last_class, a->set)},
                    {fmt::format("{}", a->ttl)},
                    {round_trip(a->rtt)},
                    {age(a->last_at, now)},
                    {note}});
  }
  return rows;
}

std::vector<std::vector<Span>> resolver_rows(const PropagationReport& report, Time now) {
  std::vector<std::vector<Span>> rows;
  for (const auto* r : worst_first(report)) {
    const std::string_view word = sign_of(*r).word;
    const std::string place = r->anycast ? "anycast" : place_of(*r);
    rows.push_back({{name_of(*r) + (place.empty() ? "" : " (" + place + ")")},
                    {std::string(word), colour_of(word)},
                    {answer_of(r->last_class, r->set)},
                    {time_left(*r, now)},
                    {round_trip(r->rtt)},
                    {age(r->last_at, now)},
                    {remark(*r)}});
  }
  return rows;
}

}  // namespace mxswitch::dashboards
