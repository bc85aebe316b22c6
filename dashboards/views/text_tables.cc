#include <fmt/format.h>

#include "dashboards/views/text.h"
#include "dashboards/views/text_parts.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

// What one look can say (SWITCHOVER.md section 8): it never judges the drain.
Line check_verdict(const PropagationReport& report) {
  std::size_t conclusive = 0, fresh = 0;
  for (const auto& resolver : report.resolvers) {
    if (resolver.last_class == AnswerClass::failed) continue;
    ++conclusive;
    fresh += !resolver.split && resolver.last_class == AnswerClass::new_ ? 1u : 0u;
  }
  bool authorities_new = !report.authorities.empty();
  for (const auto& a : report.authorities) authorities_new &= a.last_class == AnswerClass::new_;
  if (conclusive == 0 || report.authorities.empty()) {
    return {{"inconclusive", Colour::yellow}, {"; drain not judged by one look"}};
  }
  if (fresh == conclusive && authorities_new) {
    return {{"all sampled answers new", Colour::green}, {"; drain not judged by one look"}};
  }
  return {
      {"not yet", Colour::red},
      {fmt::format(": {} of {} sampled answers new, {}; drain not judged by one look", fresh,
                   conclusive, authorities_new ? "authorities new" : "authorities not all new")}};
}

}  // namespace

std::string render_check(const PropagationReport& report, Time now, const TextOptions& options) {
  Canvas canvas(options);
  add_title(canvas, report);
  canvas.labelled("Answer", check_verdict(report));
  add_notes(canvas, report);
  add_counts(canvas, report);
  canvas.line("");
  canvas.table({"AUTHORITY", "CLASS", "ANSWER", "TTL", "RTT", "AGE", "NOTE"},
               authority_rows(report, now), 1);
  canvas.line("");
  canvas.table({"RESOLVER", "CLASS", "ANSWER", "TTL", "RTT", "AGE", "NOTE"},
               resolver_rows(report, now), 1);
  return canvas.text();
}

std::string render_gates(const Snapshot& snapshot, Time now, const TextOptions& options) {
  std::vector<Line> rows;
  for (const auto* gate : gates_worst_first(snapshot)) {
    const std::string word(word_of(*gate));
    std::string why = gate->why;
    if (gate->overridden)
      why = fmt::format("was {}: {}", orchestrator::to_text(gate->verdict), why);
    const bool open = gate->open();
    rows.push_back({{gate->id},
                    {word, colour_of(word)},
                    {open ? "-" : std::string(people_of(gate->turn))},
                    {gate->earliest ? fmt::format("{} ({})", moment(*gate->earliest, now),
                                                  relative(*gate->earliest, now))
                                    : std::string("-")},
                    {gate->overridable ? "yes" : "never"},
                    {why}});
  }
  Canvas canvas(options);
  canvas.line({{snapshot.domain, Colour::bold},
               {fmt::format("  {} of {} gates open",
                            std::ranges::count_if(snapshot.gates, &GateResult::open),
                            snapshot.gates.size())}});
  canvas.table({"GATE", "VERDICT", "TURN", "EARLIEST", "OVERRIDABLE", "WHY"}, rows, 1);
  return canvas.text();
}

std::string render_history(const Snapshot& snapshot, const TextOptions& options) {
  std::vector<Line> rows;
  for (auto entry = snapshot.history.rbegin(); entry != snapshot.history.rend(); ++entry) {
    rows.push_back({{format_time(entry->at), Colour::dim},
                    {entry->who},
                    {entry->what, Colour::bold},
                    {entry->why.empty() ? "-" : entry->why},
                    {entry->evidence, Colour::dim}});
  }
  Canvas canvas(options);
  if (rows.empty()) return canvas.line(snapshot.domain + ": nothing has happened yet").text();
  return canvas.table({"TIME", "WHO", "WHAT", "WHY", "EVIDENCE"}, rows, 2).text();
}

}  // namespace mxswitch::dashboards
