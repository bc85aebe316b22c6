#include "dashboards/views/page_parts.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

Html earliest(const DomainPage& page) {
  const PropagationReport& report = page.snapshot.report;
  if (!waits_for_dns(page.snapshot)) return {};
  Html out;
  const auto& forecast = report.forecast;
  out.add("<span class=\"fact\"><b>Earliest READY</b> {}",
          time_with_distance(report.ready() ? report.ready_from : forecast.earliest, page.now));
  const bool wide = forecast.latest && *forecast.latest - *forecast.earliest >= seconds(1);
  if (wide) out.add(", at the latest {}", time_of(*forecast.latest, page.now));
  if (forecast.earliest && !forecast.latest) out.add(" <em>no end known</em>");
  if (report.drain_assumed) out.add(" <em>rests on an assumption</em>");
  return out.add("</span>\n");
}

// Told beside the banner, not inside it: ages must not be read out at every tick.
Html stale_notice(const DomainPage& page) {
  if (page.now - page.snapshot.at <= kStaleAfter) return {};
  return Html().add(
      "<p class=\"notice stale\" role=\"alert\"><b>Stale.</b> The daemon published nothing since "
      "{}; what stands below may have changed. See <code>mxswitch doctor</code>.</p>\n",
      time_with_distance(page.snapshot.at, page.now));
}

Html count_link(const DomainPage& page, ClassSign sign, int count) {
  const bool chosen = page.show == sign.word;
  return Html().add(
      "<li class=\"k-{0}\"><a href=\"{1}#resolvers\"{2}><svg aria-hidden=\"true\"><use "
      "href=\"#s-{0}\"/></svg><span class=\"number\">{3}</span> {0}</a></li>\n",
      sign.word, chosen ? "?" : "?show=" + std::string(sign.word),
      chosen ? Html().add(" aria-current=\"true\"") : Html(), count);
}

Html summary_link(std::string_view target, std::string_view good, std::string_view number,
                  std::string_view label) {
  return Html().add(
      "<li class=\"{}\"><a href=\"#{}\"><span class=\"number\">{}</span> {}</a></li>\n", good,
      target, number, label);
}

Html authorities_link(const Snapshot& snapshot) {
  const PropagationReport& report = snapshot.report;
  std::size_t fresh = 0;
  for (const auto& a : report.authorities) fresh += a.last_class == AnswerClass::new_ ? 1u : 0u;
  return summary_link("authorities", tone_of_gate(snapshot, "authority"),
                      fmt::format("{}/{}", fresh, report.authorities.size()), "authorities new");
}

Html relay_link(const Snapshot& snapshot) {
  std::size_t as_desired = 0;
  for (const auto& node : snapshot.relay.nodes) {
    as_desired += node.reachable && node.mode == snapshot.relay.desired ? 1u : 0u;
  }
  const std::size_t all = snapshot.relay.nodes.size();
  return summary_link("relay", tone_of_gate(snapshot, "relay"),
                      fmt::format("{}/{}", as_desired, all),
                      "relay nodes " + snapshot.relay.desired);
}

Html gates_link(const Snapshot& snapshot) {
  const auto open = std::ranges::count_if(snapshot.gates, &GateResult::open);
  const auto all = static_cast<std::ptrdiff_t>(snapshot.gates.size());
  const bool fails = std::ranges::any_of(snapshot.gates, [](const GateResult& gate) {
    return !gate.open() && gate.verdict == GateVerdict::fail;
  });
  return summary_link("gates",
                      open == all ? "good"
                      : fails     ? "bad"
                                  : "waits",
                      fmt::format("{}/{}", open, all), "gates open");
}

std::string_view phase_word(Step::Phase phase) {
  switch (phase) {
    case Step::Phase::done:
      return "done";
    case Step::Phase::current:
      return "current";
    case Step::Phase::ahead:
      return "ahead";
  }
  return "ahead";
}

// Where the evidence of a step stands on the page.
std::string_view target_of(std::string_view step) {
  if (step == "changed") return "authorities";
  if (step == "drain") return "obligations";
  if (step == "ready") return "resolvers";
  if (step == "preflight") return "gates";
  return step == "final" ? "log" : "relay";
}

}  // namespace

Html banner(const DomainPage& page) {
  const Snapshot& s = page.snapshot;
  Html out;
  // Only the first line is a live region: it changes with the state, not with the clock.
  const Headline headline = headline_of(s);
  out.add("<header class=\"banner st-{}\">\n", headline.tone)
      .add("<div class=\"title\" role=\"status\">{} <h1>{}</h1>", headline_chip(headline), s.domain)
      .add("{}", frozen_chip(s));
  if (!s.operation.empty()) out.add(" <span class=\"state st-switching\">{}</span>", s.operation);
  out.add(
      "</div>\n<p class=\"change\"><span class=\"mx\">{}</span> "
      "<span class=\"arrow\" aria-label=\"becomes\">&rarr;</span> <span class=\"mx new\">{}"
      "</span></p>\n",
      old_sets_text(s.report), set_text(s.report.expected));
  out.add("<p class=\"waits\"><b>Waits for</b> {}</p>\n<p class=\"facts\">{}", waits_for(s),
          earliest(page));
  out.add("<span class=\"fact\"><b>Since</b> {}</span>\n",
          time_with_distance(s.state_since, page.now));
  if (s.next_change_at) {
    out.add("<span class=\"fact\"><b>Next change</b> {}</span>\n",
            time_with_distance(s.next_change_at, page.now));
  }
  return out.add("</p>\n</header>\n{}", stale_notice(page));
}

Html counts_strip(const DomainPage& page) {
  const PropagationReport& report = page.snapshot.report;
  Html items;
  for (const auto& sign : all_signs()) {
    const int count = count_of(report, sign.word);
    const bool always = sign.word == "new" || sign.word == "old";
    if (count > 0 || always) items.add("{}", count_link(page, sign, count));
  }
  items.add(
      "<li class=\"whole\"><a href=\"?#resolvers\">of <span class=\"number\">{}</span> "
      "resolvers</a></li>\n",
      report.resolvers.size());
  items.add("{}{}{}", authorities_link(page.snapshot), relay_link(page.snapshot),
            gates_link(page.snapshot));
  const auto missing = page.snapshot.roster.missing_accounts.size();
  const auto word = tone_of_gate(page.snapshot, "accounts");
  items.add("{}", summary_link("roster", word, fmt::format("{}", missing), "accounts missing"));
  return Html().add("<nav class=\"counts\" aria-label=\"Counts\"><ul>\n{}</ul></nav>\n", items);
}

Html steps_strip(const DomainPage& page) {
  Html items;
  for (const auto& step : steps_of(page.snapshot)) {
    const std::string_view phase = phase_word(step.phase);
    const bool current = step.phase == Step::Phase::current;
    items.add(
        "<li class=\"{}\"{}><a href=\"#{}\"><span class=\"mark\"><svg "
        "aria-hidden=\"true\"><use href=\"#s-{}\"/></svg></span>{}<span class=\"hidden\"> "
        "({})</span></a></li>\n",
        step.fault ? "current fault" : phase,
        current ? Html().add(" aria-current=\"step\"") : Html(), target_of(step.id),
        step.phase == Step::Phase::done ? "tick" : "new", step.title, phase);
  }
  return Html().add("<nav class=\"steps\" aria-label=\"Steps\"><ol>\n{}</ol></nav>\n", items);
}

}  // namespace mxswitch::dashboards
