#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "dashboards/views/text.h"
#include "dashboards/views/text_parts.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

using monitor::SenderRole;

const std::vector<std::string> kHeader = {"NAME", "CLASS", "ANSWER", "TTL", "RTT", "AGE", ""};

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
    line.push_back({fmt::format("{} {}", gate->id, word_of(*gate)), colour_of(word_of(*gate))});
  }
  if (line.empty()) line.push_back({"not judged yet", Colour::yellow});
  canvas.labelled("Gates", std::move(line));
}

std::vector<Span> relay_row(const orchestrator::RelayNodeView& node, Time now) {
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

// Evidence in one table: who waits first. Authorities and relay nodes are few and always kept
// where they are not well; resolvers fill what is left.
std::vector<std::vector<Span>> evidence_rows(const PropagationReport& report, Time now) {
  auto rows = authority_rows(report, now);
  for (auto& row : resolver_rows(report, now)) rows.push_back(std::move(row));
  return rows;
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
  Canvas canvas(options);
  canvas.labelled(snapshot.domain,
                  {{old_sets_text(report) + " -> "}, {set_text(report.expected), Colour::bold}});
  add_state(canvas, snapshot, now);
  if (waits_for_dns(snapshot)) add_forecast(canvas, report, now);
  add_gates(canvas, snapshot);
  add_spf(canvas, report);
  add_spf_results(canvas, snapshot);
  add_notes(canvas, report);
  add_counts(canvas, report);
  canvas.line("");
  std::vector<std::vector<Span>> rows;
  for (const auto& node : snapshot.relay.nodes) rows.push_back(relay_row(node, now));
  for (auto& row : evidence_rows(report, now)) rows.push_back(std::move(row));
  canvas.table(kHeader, rows, snapshot.history.empty() ? 0 : 1);
  add_last(canvas, snapshot, now);
  return canvas.text();
}

std::string render_watch(const PropagationReport& report, Time now, const TextOptions& options) {
  Canvas canvas(options);
  add_title(canvas, report);
  const std::string verdict(monitor::to_text(report.verdict));
  Line line = {{verdict, colour_of(verdict)}};
  if (!report.reasons.empty()) line.push_back({", waits for " + report.reasons.front().text});
  canvas.labelled("Verdict", std::move(line));
  add_forecast(canvas, report, now);
  add_notes(canvas, report);
  add_counts(canvas, report);
  canvas.line("");
  canvas.table(kHeader, evidence_rows(report, now));
  return canvas.text();
}

std::string render_line(const Snapshot& snapshot) {
  Line line = {{fmt::format("{} {} {} waits for: {}", format_time(snapshot.at), snapshot.domain,
                            headline_of(snapshot).word, waits_for(snapshot))}};
  Canvas canvas(TextOptions{.width = 0});
  return canvas.line(std::move(line)).text();
}

std::string render_line(const PropagationReport& report) {
  const std::string why = report.reasons.empty() ? "" : " " + report.reasons.front().text;
  Canvas canvas(TextOptions{.width = 0});
  canvas.line(fmt::format("{} {} {} new {}/{}{}", format_time(report.at), report.owner.text(),
                          monitor::to_text(report.verdict), count_of(report, "new"),
                          report.resolvers.size(), why));
  return canvas.text();
}

}  // namespace mxswitch::dashboards
