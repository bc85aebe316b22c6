#include <fmt/format.h>

#include "dashboards/views/text.h"
#include "dashboards/views/text_parts.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

void add_condition(Canvas& canvas, char letter, std::string_view title,
                   const monitor::Condition& condition, Time now) {
  const std::string_view holds = to_text(condition.holds);
  canvas.line({{fmt::format("{}  {}: ", letter, title), Colour::bold},
               {holds == "yes"  ? "holds"
                : holds == "no" ? "does not hold"
                                : "unknown",
                colour_of(holds)}});
  for (const auto& reason : condition.reasons) {
    const std::string until = reason.until
                                  ? fmt::format(" (until {}, {})", moment(*reason.until, now),
                                                relative(*reason.until, now))
                                  : "";
    canvas.line({{"   - " + reason.text + until}, {" [" + reason.code + "]", Colour::dim}});
  }
}

void add_obligations(Canvas& canvas, const PropagationReport& report, Time now) {
  std::vector<std::vector<Span>> rows;
  for (const auto& o : report.obligations) {
    rows.push_back({{set_text(o.set)},
                    {o.endpoint.empty() ? std::string(to_text(o.kind)) : o.endpoint},
                    {o.ended_at ? moment(*o.ended_at, now) : "still served"},
                    {fmt::format("{}", o.ttl.count())},
                    {o.until ? moment(*o.until, now) : "-"},
                    {o.evidence}});
  }
  canvas.line("");
  if (rows.empty()) {
    canvas.line("No obligation: no authority was seen serving another set.", Colour::dim);
    return;
  }
  canvas.table({"SET", "SERVED BY", "ENDED", "TTL", "HELD UNTIL", "EVIDENCE"}, rows);
}

void add_bounds(Canvas& canvas, const PropagationReport& report, Time now) {
  const auto say = [&](std::string_view label, const std::optional<Time>& t) {
    canvas.labelled(label, {{t ? fmt::format("{} ({})", format_time(*t), relative(*t, now))
                               : std::string("not known yet")}});
  };
  say("Drain started", report.drain_started_at);
  say("Strict until", report.strict_until);
  say("Gate opens", report.opens_at);
  say("Stale until", report.stale_until);
}

void add_share(Canvas& canvas, const PropagationReport& report) {
  if (report.stale_share_upper) {
    canvas.line(
        fmt::format("{} warm caches sampled, {} stale: at most {:.1f} % of caches like "
                    "these hold the old set (95 %).",
                    report.warm, report.stale, *report.stale_share_upper * 100));
  } else {
    canvas.line(
        "No cache that was sampled could have held the old record; the drain bound alone "
        "carries this verdict.");
  }
}

void add_caches(Canvas& canvas, const PropagationReport& report, Time now) {
  std::vector<std::vector<Span>> rows;
  for (const auto* resolver : worst_first(report)) {
    for (const auto& cache : resolver->caches) {
      const std::string word(sign_of(cache.last_class).word);
      rows.push_back({{name_of(*resolver)},
                      {cache.nsid.empty() ? "-" : cache.nsid},
                      {word, colour_of(word)},
                      {cache.warm ? "warm" : "cold"},
                      {cache.expires_at ? fmt::format("{} ({})", moment(*cache.expires_at, now),
                                                      relative(*cache.expires_at, now))
                                        : std::string("-")}});
    }
  }
  canvas.line("");
  canvas.table({"CACHE OF", "NSID", "CLASS", "EVIDENCE", "EXPIRES"}, rows);
}

}  // namespace

std::string render_explain(const PropagationReport& report, Time now, const TextOptions& options) {
  Canvas canvas(options);
  add_title(canvas, report);
  canvas.line("");
  add_condition(canvas, 'A', "the authorities agree", report.a, now);
  add_condition(canvas, 'B', "the drain bound has passed", report.b, now);
  add_condition(canvas, 'C', "resolvers were sampled and none holds the old set", report.c, now);
  add_condition(canvas, 'D', "the evidence hangs together", report.d, now);
  canvas.line("");
  add_bounds(canvas, report, now);
  add_obligations(canvas, report, now);
  canvas.line("");
  add_share(canvas, report);
  add_caches(canvas, report, now);
  return canvas.text();
}

}  // namespace mxswitch::dashboards
