// The sections about what is to come: when READY may be here, and when views of SPF converge.
#include "dashboards/views/page_parts.h"

namespace mxswitch::dashboards {
namespace {

std::string_view word_of(monitor::Forecast::Move::Effect effect) {
  switch (effect) {
    case monitor::Forecast::Move::Effect::later:
      return "later";
    case monitor::Forecast::Move::Effect::earlier:
      return "earlier";
    case monitor::Forecast::Move::Effect::part:
      return "part of it";
  }
  return "part of it";
}

Html bound(std::string_view title, const std::optional<Time>& t, Time now,
           std::string_view none = "not known") {
  Html value;
  if (t) {
    value.add("{}", time_with_distance(t, now));
  } else {
    value.add("<span class=\"none\">{}</span>", none);
  }
  return Html().add("<div><dt>{}</dt><dd>{}</dd></div>", title, value);
}

Html spf_row(const monitor::SpfServerReport& server, Time now) {
  const bool seen = server.verdict == monitor::SpfText::term_present;
  const bool unknown = server.verdict == monitor::SpfText::unknown;
  Html row;
  row.add(
      "<tr data-key=\"spf {0} {1}\"><th scope=\"row\"><span class=\"name\">{0}</span> "
      "<code>{1}</code></th>",
      server.server, server.endpoint.text());
  row.add("<td data-label=\"Required terms\">{}</td>", verdict_badge(seen      ? "pass"
                                                                     : unknown ? "unknown"
                                                                               : "fail"));
  row.add("<td data-label=\"As the authorities\">{}</td>", server.current ? "yes" : "no");
  row.add("<td data-label=\"Copy expires\" class=\"num\">{}</td>",
          countdown(server.expires_at, now));
  return row.add("<td data-label=\"Record\" class=\"mx\">{}</td></tr>\n",
                 server.record.empty() ? server.why : server.record);
}

Html spf_table(const monitor::SpfTextReport& spf, Time now) {
  Html rows;
  for (const auto& server : spf.servers) rows.add("{}", spf_row(server, now));
  return Html().add(
      "<div class=\"scroll\" role=\"region\" aria-label=\"Table of SPF records\" "
      "tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">Server</th><th scope=\"col\">Required "
      "terms</th><th scope=\"col\">As the authorities</th><th scope=\"col\">Copy expires</th><th "
      "scope=\"col\">Record</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      rows);
}

}  // namespace

Html outlook_card(const DomainPage& page) {
  const PropagationReport& report = page.snapshot.report;
  const auto& forecast = report.forecast;
  if (report.ready() || (!forecast.earliest && forecast.moves.empty())) return {};
  Html body;
  if (!forecast.waits_for.text.empty())
    body.add("<p><b>Decides:</b> {}</p>\n", forecast.waits_for.text);
  body.add("<dl class=\"bounds\">{}{}</dl>\n", bound("Earliest", forecast.earliest, page.now),
           bound("At the latest, by known expiries", forecast.latest, page.now, "no end is known"));
  Html items;
  for (const auto* move : moves_in_order(forecast)) {
    items.add("<li><b>{}</b> <span class=\"why\">{}</span>", word_of(move->effect), move->text);
    if (move->until) items.add(" &middot; {}", time_with_distance(move->until, page.now));
    items.add("</li>\n");
  }
  if (!items.empty())
    body.add("<h3>What would move it</h3>\n<ul class=\"plain moves\">\n{}</ul>\n", items);
  return card("outlook", "When READY may come", Html(), body);
}

Html spf_card(const DomainPage& page) {
  const auto& spf = page.snapshot.report.spf;
  if (!spf) return {};
  Html body;
  body.add("<p>{}</p>\n", spf->views);
  for (const auto& target : spf->targets) {
    body.add("<p class=\"why\">{}", target.why);
    if (target.converges_at) body.add(" &middot; {}", countdown(target.converges_at, page.now));
    body.add("</p>\n");
  }
  if (!spf->servers.empty()) body.add("{}", spf_table(*spf, page.now));
  Html aside;
  aside.add("<p class=\"aside\">text only &middot; {} of {} resolvers</p>", spf->seeing,
            spf->resolvers);
  return card("spf", "SPF record", aside, body);
}

}  // namespace mxswitch::dashboards
