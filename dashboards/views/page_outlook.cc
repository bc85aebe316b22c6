// The section about what is to come: when READY may be here.
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

}  // namespace mxswitch::dashboards
