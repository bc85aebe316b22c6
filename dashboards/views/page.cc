#include "dashboards/views/page.h"

#include "dashboards/views/page_parts.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

Html footer(const DomainPage& page, const PageFrame& frame) {
  const Snapshot& s = page.snapshot;
  return Html().add(
      "<footer><span>Updated {0} ago</span> <a href=\"/api/v1/switchovers/{1}\">JSON</a> "
      "<a href=\"/d/{1}/explain\">Explanation</a> "
      "<a href=\"/feed/{1}.atom\">Atom</a> <a href=\"/badge/{1}.svg\">Badge</a> "
      "<a href=\"/metrics\">Metrics</a> <span>plan <code>{2}</code></span> <span>mxswitch "
      "{3}</span></footer>\n",
      age_of(s.at, page.now), s.domain,
      s.plan_digest.empty() ? "none" : s.plan_digest.substr(0, 12), frame.version);
}

std::string simple_page(const std::string& title, const Html& body, const PageFrame& frame) {
  Html whole;
  whole.add("{}<main id=\"main\" class=\"narrow\">\n{}</main>\n", top_bar(false), body);
  PageFrame still = frame;
  still.script.clear();  // nothing here changes by itself
  still.changes = false;
  return page_document(title, whole, still);
}

// What helps a reader who meets this status, whatever the reason was.
std::string_view what_to_do(int status) {
  switch (status) {
    case 401:
    case 403:
      return "A browser can't send a token yet: read this through the loopback address of the "
             "machine, or with the command line.";
    case 404:
      return "Look for it among all domains.";
    case 405:
      return "This address is for programs; the command line does the same: mxswitch help.";
    case 421:
      return "Open this page by a name or address that the server knows as its own.";
    case 503:
      return "Nothing is lost: load this page again in a few seconds.";
    default:
      break;
  }
  if (status >= 500)
    return "The daemon's log says more: journalctl -u mxswitch. Mail flows without this page.";
  return "Go back, or begin with all domains.";
}

Html index_row(const Snapshot& s, Time now) {
  const auto& report = s.report;
  Html row;
  row.add(
      "<li data-key=\"{0}\" data-sequence=\"{4}\"><a class=\"card domain\" href=\"/d/{0}\"><span "
      "class=\"line\">{1} "
      "<b>{0}</b>{2}</span><span class=\"why\">waits for {3}</span>",
      s.domain, headline_chip(headline_of(s)), frozen_chip(s), waits_for(s), s.sequence);
  row.add("<span class=\"meta\">new {} of {} &middot; {} gates closed", count_of(report, "new"),
          report.resolvers.size(), s.blocked_by.size());
  if (report.forecast.earliest && s.state == State::propagating && waits_for_dns(s)) {
    row.add(" &middot; earliest READY {}", time_with_distance(report.forecast.earliest, now));
  }
  if (now - s.at > kStaleAfter) row.add(" &middot; <b>stale</b>, {} old", age_of(s.at, now));
  return row.add("</span></a></li>\n");
}

}  // namespace

Html top_bar(bool changes) {
  return Html().add(
      "<nav class=\"top\" aria-label=\"Site\"><a class=\"brand\" href=\"/\">mxswitch</a><span "
      "id=\"live\" class=\"live\" role=\"status\"></span>{}</nav>\n",
      changes ? Html().add("<noscript><span class=\"live\">without script: loaded anew every {} s"
                           "</span></noscript>",
                           kRefreshWithoutScript.count())
              : Html());
}

std::string render_page(const DomainPage& page, const PageFrame& frame) {
  const Snapshot& s = page.snapshot;
  Html body;
  body.add(
      "{}<main id=\"main\" data-domain=\"{}\" data-sequence=\"{}\" data-state=\"{}\" "
      "data-now=\"{}\">\n",
      top_bar(), s.domain, s.sequence, orchestrator::to_text(s.state), format_time(page.now));
  body.add("{}{}{}", banner(page), counts_strip(page), steps_strip(page));
  body.add("<div class=\"halves\">\n<div>{}{}{}</div>\n<div>{}</div>\n</div>\n{}",
           shares_card(page), outlook_card(page), obligations_card(page), gates_card(page),
           places_card(page));
  body.add("{}{}{}", resolvers_card(page), authorities_card(page), spf_card(page));
  body.add("<div class=\"grid\">\n{}{}{}{}</div>\n", relay_card(page), roster_card(page),
           contact_card(page), exceptions_card(page));
  body.add("{}</main>\n{}", log_card(page), footer(page, frame));
  return page_document(headline_of(s).word + " " + s.domain, body, frame);
}

std::string render_index(const std::vector<orchestrator::SnapshotPtr>& snapshots, Time now,
                         const PageFrame& frame) {
  Html rows;
  for (const auto& snapshot : snapshots) rows.add("{}", index_row(*snapshot, now));
  Html body;
  body.add("{}<main id=\"main\" data-now=\"{}\">\n<h1>Domains</h1>\n", top_bar(), format_time(now));
  if (rows.empty()) {
    body.add(
        "<div class=\"card\"><p class=\"empty\">No domain is watched yet. Begin with "
        "<code>mxswitch plan init shop.example</code>; the domain appears here with its "
        "first look.</p></div>\n");
  } else {
    body.add("<ul class=\"domains\">\n{}</ul>\n", rows);
  }
  body.add(
      "</main>\n<footer><a href=\"/api/v1/switchovers\">JSON</a> <a href=\"/metrics\">"
      "Metrics</a> <a href=\"/api/v1/openapi.json\">API</a> <span>mxswitch {}</span>"
      "</footer>\n",
      frame.version);
  return page_document("mxswitch", body, frame);
}

std::string render_error_page(int status, const std::string& title, const std::string& detail,
                              const PageFrame& frame) {
  Html body;
  body.add("<section class=\"card\"><h1>{}</h1>", title);
  if (!detail.empty()) body.add("<p>{}</p>", detail);
  body.add(
      "<p>{}</p><p class=\"meta\">HTTP {} &middot; <a href=\"/\">all domains</a></p></section>\n",
      what_to_do(status), status);
  return simple_page(title, body, frame);
}

std::string render_acknowledge(const std::string& path, const PageFrame& frame) {
  Html body;
  body.add(
      "<section class=\"card\"><h1>Did the test alert reach you?</h1><p>With the button you "
      "say that a person reads this channel. Alerts of the switchover will come the same "
      "way.</p><form method=\"post\" action=\"{}\"><button type=\"submit\">Yes, I got it"
      "</button></form></section>\n",
      path);
  return simple_page("Acknowledge", body, frame);
}

std::string render_acknowledged(const std::string& what, const PageFrame& frame) {
  Html body;
  body.add("<section class=\"card\"><h1>Thank you</h1><p>{}</p></section>\n", what);
  return simple_page("Acknowledged", body, frame);
}

}  // namespace mxswitch::dashboards
