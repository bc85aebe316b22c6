#include <fmt/format.h>

#include "dashboards/views/text.h"
#include "dashboards/views/text_parts.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
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
