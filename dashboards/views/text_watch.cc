#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "dashboards/views/text.h"
#include "dashboards/views/text_fit.h"
#include "dashboards/views/text_parts.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

using monitor::SenderRole;

const std::vector<std::string> kHeader = {"NAME", "CLASS", "ANSWER", "TTL", "RTT", "AGE", ""};
constexpr std::size_t kRowsKept = 4;  // of the evidence, before hints and details leave

void add_state(Canvas& canvas, const Snapshot& snapshot, Time now) {
  const Headline headline = headline_of(snapshot);
  const bool alarm = headline.tone == "fault" || headline.tone == "blocked";
  Line line = {{headline.word, alarm ? Colour::red : Colour::bold}};
  if (snapshot.frozen && headline.tone != "frozen") line.push_back({" (frozen)", Colour::yellow});
  if (!snapshot.operation.empty()) line.push_back({", " + snapshot.operation, Colour::yellow});
  line.push_back({", waits for " + waits_for(snapshot)});
  line.push_back({fmt::format("   since {}", moment(snapshot.state_since, now)), Colour::dim});
  canvas.labelled("State", std::move(line));
}

void add_gates(Canvas& canvas, const Snapshot& snapshot) {
  Line line;
  for (const auto* gate : gates_worst_first(snapshot)) {
    if (!line.empty()) line.push_back({" | ", Colour::dim});
    line.push_back(
        {fmt::format("{} {}", gate->id, word_of(*gate)), colour_of(word_of(*gate)), true});
  }
  if (line.empty()) line.push_back({"not judged yet", Colour::yellow});
  canvas.labelled("Gates", std::move(line));
}

Line relay_row(const orchestrator::RelayNodeView& node, Time now) {
  const std::string counts = fmt::format("{} accepted, {} forwarded, {} hosted, {} queued",
                                         node.accepted, node.forwarded, node.hosted, node.queued);
  const std::string mode = node.mode.empty() ? "unknown" : node.mode;
  return {{"relay " + node.id},
          {mode, node.reachable ? Colour::plain : Colour::red},
          {node.reachable ? counts : node.error},
          {""},
          {""},
          {node.observed_at == Time{}
               ? "-"
               : format_duration(std::chrono::floor<seconds>(now - node.observed_at))},
          {node.reachable && !node.in_force ? "written, not seen in use" : ""}};
}

// Evidence in one table, the worst first: what is not as it shall be, be it a relay node, an
// authority or a resolver, and then what is.
std::vector<Line> evidence_rows(const std::vector<orchestrator::RelayNodeView>& nodes,
                                const PropagationReport& report, Time now) {
  std::vector<Line> ill, well;
  for (const auto& node : nodes)
    (node.reachable && node.in_force ? well : ill).push_back(relay_row(node, now));
  for (const auto* a : authorities_worst_first(report)) {
    const bool good =
        a->last_class == AnswerClass::new_ && a->reach == AuthorityReport::Reach::answering;
    (good ? well : ill).push_back(authority_row(*a, now));
  }
  for (const auto* r : worst_first(report)) {
    const bool good = !r->split && r->last_class == AnswerClass::new_;
    (good ? well : ill).push_back(resolver_row(*r, now));
  }
  ill.insert(ill.end(), well.begin(), well.end());
  return ill;
}

void add_last(Canvas& canvas, const Snapshot& snapshot, Time now) {
  if (snapshot.history.empty()) return;
  const auto& last = snapshot.history.back();
  std::string text = fmt::format("{}  {}: {}", moment(last.at, now), last.who, last.what);
  if (!last.why.empty()) text += ", " + last.why;
  canvas.labelled("Last", {{text}});
}

// "old pass, new pass and fail, stranger softfail": each sender stands in --explain.
std::string results_text(const monitor::SpfMatrix& matrix, const monitor::SpfRow& row) {
  if (!row.evaluated) return row.faults.front().sentence();
  std::string text;
  for (const auto role : {SenderRole::old_, SenderRole::new_, SenderRole::stranger}) {
    std::vector<std::string_view> results;
    for (std::size_t i = 0; i < std::min(row.cells.size(), matrix.senders.size()); ++i) {
      const std::string_view result = to_text(row.cells[i].result);
      if (matrix.senders[i].role == role && std::ranges::find(results, result) == results.end())
        results.push_back(result);
    }
    if (results.empty()) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", to_text(role),
                        fmt::join(results, " and "));
  }
  return text;
}

// Of alias domains and subdomains, those first where something is to be done.
void add_other_spf(Canvas& canvas, std::vector<monitor::SpfMatrix> others, bool fails) {
  constexpr std::size_t kMost = 5;
  std::ranges::stable_partition(
      others, [](const auto& one) { return one.state != monitor::SpfState::right; });
  for (std::size_t i = 0; i < std::min(others.size(), kMost); ++i)
    canvas.labelled("", {{others[i].owner + ": "},
                         {others[i].why, colour_of(verdict_word(others[i].state, fails))}});
  if (others.size() > kMost)
    canvas.labelled("", {{fmt::format("and {} more domains", others.size() - kMost)}});
}

void add_spf_results(Canvas& canvas, const Snapshot& snapshot) {
  if (!snapshot.spf) return;
  const auto& matrix = *snapshot.spf;
  const bool fails = tone_of_gate(snapshot, "spf") == "bad";
  for (const auto& row : matrix.rows)
    canvas.labelled(&row == &matrix.rows.front() ? "SPF results" : "",
                    {{row.who() + ": "},
                     {results_text(matrix, row), colour_of(verdict_word(row.state, fails))}});
  add_other_spf(canvas, snapshot.other_spf, fails);
}

}  // namespace

std::string render_status(const Snapshot& snapshot, Time now, const TextOptions& options) {
  const PropagationReport& report = snapshot.report;
  Screenful screen(options, fmt::format("mxswitch status {} --all", snapshot.domain));
  Canvas& answer = screen.part(Keep::answer);
  answer.labelled(snapshot.domain, {{old_sets_text(report) + " -> "},
                                    {set_text(report.expected), Colour::bold, true}});
  add_state(answer, snapshot, now);
  if (waits_for_dns(snapshot)) {
    add_forecast(answer, report, now);
    add_moves(screen.part(Keep::hints), report);
  }
  add_gates(screen.part(Keep::answer), snapshot);
  add_spf(screen.part(Keep::details), report);
  add_spf_results(screen.part(Keep::details), snapshot);
  for (const Note& note : notes_of(report)) add_note(screen.part(Keep::notes), note);
  Canvas& evidence = screen.part(Keep::evidence);
  add_counts(evidence, report);
  evidence.line("");
  screen.table(kHeader, evidence_rows(snapshot.relay.nodes, report, now), kRowsKept);
  add_last(screen.part(Keep::last_word), snapshot, now);
  return screen.text();
}

std::string render_watch(const WatchView& view, Time now, const TextOptions& options) {
  const PropagationReport& report = view.report;
  Screenful screen(options, {});
  Canvas& answer = screen.part(Keep::answer);
  add_title(answer, report);
  const std::string verdict(monitor::to_text(report.verdict));
  Line line = {{verdict, colour_of(verdict)}};
  if (!report.reasons.empty()) line.push_back({", waits for " + report.reasons.front().text});
  answer.labelled("Verdict", std::move(line));
  add_forecast(answer, report, now);
  if (!view.advice.empty()) answer.labelled("Advice", {{view.advice, Colour::yellow}});
  if (!view.ttl.empty()) answer.labelled("TTL", {{view.ttl}});
  if (view.next_look) answer.labelled("Next look", {{relative(*view.next_look, now), Colour::dim}});
  add_moves(screen.part(Keep::hints), report);
  for (const Note& note : notes_of(report)) add_note(screen.part(Keep::notes), note);
  Canvas& evidence = screen.part(Keep::evidence);
  add_counts(evidence, report);
  evidence.line("");
  screen.table(kHeader, evidence_rows({}, report, now), kRowsKept);
  return screen.text();
}

std::string render_line(const Snapshot& snapshot) {
  Line line = {{fmt::format("{} {} {} waits for: {}", format_time(snapshot.at), snapshot.domain,
                            headline_of(snapshot).word, waits_for(snapshot))}};
  Canvas canvas(TextOptions{});
  return canvas.line(std::move(line)).text();
}

std::string render_line(const PropagationReport& report) {
  const std::string why = report.reasons.empty() ? "" : " " + report.reasons.front().text;
  Canvas canvas(TextOptions{});
  canvas.line(fmt::format("{} {} {} new {}/{}{}", format_time(report.at), report.owner.text(),
                          monitor::to_text(report.verdict), count_of(report, "new"),
                          report.resolvers.size(), why));
  return canvas.text();
}

}  // namespace mxswitch::dashboards
