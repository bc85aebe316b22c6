#include "dashboards/views/page_parts.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

Html marks_html(const ResolverReport& r) {
  Html out;
  for (const auto mark : marks_of(r)) out.add("<span class=\"tag\">{}</span> ", mark);
  return out;
}

Html caches_cell(const ResolverReport& r) {
  if (r.caches.empty()) return Html().add("<span class=\"none\">-</span>");
  Html dots;
  for (const auto& cache : r.caches) {
    const ClassSign sign = sign_of(cache.last_class);
    dots.add(
        "<svg class=\"dot k-{0}\" role=\"img\" aria-label=\"{0}{1}\"><use "
        "href=\"#s-{0}\"/></svg>",
        sign.word, cache.warm ? ", warm" : ", cold");
  }
  return Html().add("<span class=\"caches\">{}</span> {}", r.caches.size(), dots);
}

Html resolver_row(const ResolverReport& r, Time now) {
  const bool failed = r.last_class == AnswerClass::failed;
  Html row;
  row.add(
      "<tr data-key=\"{}\"><th scope=\"row\"><span class=\"name\">{}</span> <code>{}</code>"
      "</th>\n",
      r.endpoint.text(), name_of(r), r.endpoint.text());
  row.add("<td data-label=\"Place\">{}</td><td data-label=\"Operator\">{}</td>", place_of(r),
          r.operator_name);
  row.add("<td data-label=\"Class\">{}</td>", class_badge(sign_of(r)));
  row.add("<td data-label=\"Answer\" class=\"mx\">{}</td>",
          failed ? "no usable answer" : set_text(r.set));
  row.add("<td data-label=\"TTL left\" class=\"num\">{}</td>", countdown(r.expires_at, now));
  row.add("<td data-label=\"Caches\">{}</td><td data-label=\"Evidence\">{}</td>", caches_cell(r),
          r.warm ? "warm" : "cold");
  row.add("<td data-label=\"Samples\" class=\"num\">{}/{}</td>", r.new_samples, r.wanted_samples);
  row.add("<td data-label=\"RTT\" class=\"num\">{}</td>",
          r.rtt > Duration(0) ? fmt::format("{} ms", r.rtt.count()) : "-");
  row.add("<td data-label=\"Age\" class=\"num\">{}</td>", age_of(r.last_at, now));
  return row.add("<td data-label=\"Reason\" class=\"why\">{}{}</td></tr>\n", marks_html(r),
                 r.reason);
}

Html table(std::string_view label, const std::vector<std::string_view>& titles, const Html& rows) {
  Html head;
  for (const auto title : titles) head.add("<th scope=\"col\">{}</th>", title);
  return Html().add(
      "<div class=\"scroll\" role=\"region\" aria-label=\"{}\" tabindex=\"0\"><table>\n"
      "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      label, head, rows);
}

Html authority_row(const AuthorityReport& a, Time now) {
  Html row;
  row.add(
      "<tr data-key=\"{0} {1} {2}\"><th scope=\"row\"><span class=\"name\">{0}</span> "
      "<code>{1}</code></th>\n",
      a.server.text(), a.endpoint.text(), a.nsid);
  row.add("<td data-label=\"Class\">{}</td><td data-label=\"Answer\" class=\"mx\">{}</td>",
          class_badge(sign_of(a.last_class)),
          a.last_class == AnswerClass::failed ? "no usable answer" : set_text(a.set));
  row.add(
      "<td data-label=\"TTL\" class=\"num\">{}</td><td data-label=\"Serial\" class=\"num\">{}"
      "</td>",
      a.ttl, a.serial ? fmt::format("{}", *a.serial) : "-");
  row.add("<td data-label=\"AA\">{}</td><td data-label=\"Site\" class=\"num\">{}</td>",
          a.authoritative ? "yes" : "no", a.nsid.empty() ? "-" : a.nsid);
  row.add("<td data-label=\"Reach\">{}</td><td data-label=\"New since\">{}</td>", to_text(a.reach),
          a.new_since ? time_of(*a.new_since, now) : Html().add("<span class=\"none\">-</span>"));
  return row.add(
      "<td data-label=\"Age\" class=\"num\">{}</td><td data-label=\"Note\" "
      "class=\"why\">{}</td></tr>\n",
      age_of(a.last_at, now), a.note);
}

std::string_view share_sentence(const PropagationReport& report) {
  if (report.resolvers.empty()) return "";
  return "No cache that was sampled could have held the old record; the drain bound alone carries "
         "this verdict.";
}

// `fails`: the gate that asks for it does.
Html condition_item(std::string_view letter, std::string_view title,
                    const monitor::Condition& condition, bool fails, Time now) {
  const std::string_view holds = to_text(condition.holds);
  Html out;
  out.add("<li>{} <b>{}</b> {}",
          verdict_badge(holds == "yes"  ? "pass"
                        : holds != "no" ? "unknown"
                        : fails         ? "fail"
                                        : "waits"),
          letter, title);
  for (const auto& reason : condition.reasons) {
    out.add("<br><span class=\"why\">{}", reason.text);
    if (reason.until) out.add(" &middot; {}", time_with_distance(reason.until, now));
    out.add("</span>");
  }
  return out.add("</li>\n");
}

}  // namespace

Html resolvers_card(const DomainPage& page) {
  const PropagationReport& report = page.snapshot.report;
  Html rows;
  for (const auto* r : worst_first(report)) {
    const bool known = std::ranges::count(all_signs(), page.show, &ClassSign::word) > 0;
    if (!known || sign_of(*r).word == page.show) rows.add("{}", resolver_row(*r, page.now));
  }
  Html aside;
  aside.add(
      "<p class=\"aside\">{} counted &middot; {} operators &middot; {} countries &middot; "
      "{} warm &middot; {} cold</p>",
      report.counted, report.operators, report.countries, report.warm, report.cold);
  Html body;
  if (report.resolvers.empty()) {
    body.add("{}", empty_note("No resolver was asked yet: before the change that would plant the "
                              "old record in its cache."));
  } else if (rows.empty()) {
    body.add("{}", empty_note("None of this class. Choose the count again to see all."));
  } else {
    body.add("{}", table("Table of resolvers",
                         {"Resolver", "Place", "Operator", "Class", "Answer", "TTL left", "Caches",
                          "Evidence", "Samples", "RTT", "Age", "Reason"},
                         rows));
  }
  if (report.stale_share_upper) {
    body.add(
        "<p class=\"foot\">At most {:.1f} % of caches like these hold the old set (95 %, from "
        "{} warm caches near this vantage).</p>\n",
        *report.stale_share_upper * 100, report.warm);
  } else if (!report.resolvers.empty()) {
    body.add("<p class=\"foot\">{}</p>\n", share_sentence(report));
  }
  return card("resolvers", "Resolvers", aside, body);
}

Html authorities_card(const DomainPage& page) {
  const PropagationReport& report = page.snapshot.report;
  Html rows;
  for (const auto* a : authorities_worst_first(report)) {
    rows.add("{}", authority_row(*a, page.now));
  }
  Html body;
  body.add("{}", rows.empty() ? empty_note("No authoritative server was asked yet.")
                              : table("Table of authoritative servers",
                                      {"Server", "Class", "Answer", "TTL", "Serial", "AA", "Site",
                                       "Reach", "New since", "Age", "Note"},
                                      rows));
  Html aside;
  aside.add("<p class=\"aside\">{}</p>",
            report.authorities_consistent ? "all agree" : "do not agree yet");
  return card("authorities", "Authoritative servers", aside, body);
}

Html obligations_card(const DomainPage& page) {
  const PropagationReport& report = page.snapshot.report;
  Html body;
  const bool a_fails = tone_of_gate(page.snapshot, "authority") == "bad";
  const bool fails = tone_of_gate(page.snapshot, "propagation") == "bad";
  body.add("<ul class=\"conditions\">\n{}{}{}{}</ul>\n",
           condition_item("A", "the authorities agree", report.a, a_fails, page.now),
           condition_item("B", "the drain bound has passed", report.b, fails, page.now),
           condition_item("C", "no sampled resolver holds the old set", report.c, fails, page.now),
           condition_item("D", "the evidence hangs together", report.d, fails, page.now));
  Html items;
  for (const auto& o : report.obligations) {
    items.add(
        "<li><span class=\"mx\">{}</span> <span class=\"why\">{}</span><br>held until {}</li>\n",
        held_text(o), o.evidence,
        o.until ? time_with_distance(o.until, page.now)
                : Html().add("<b>no end in sight: still served</b>"));
  }
  body.add("<h3>What caches may hold, and until when</h3>\n");
  body.add("{}", items.empty() ? empty_note("No authority was seen serving another set.")
                               : Html().add("<ul class=\"obligations\">\n{}</ul>\n", items));
  body.add(
      "<dl class=\"bounds\"><div><dt>Drain started</dt><dd>{}</dd></div><div><dt>Strict "
      "until</dt><dd>{}</dd></div><div><dt>Stale until (advice)</dt><dd>{}</dd></div></dl>\n",
      time_with_distance(report.drain_started_at, page.now),
      time_with_distance(report.strict_until, page.now),
      time_with_distance(report.stale_until, page.now));
  return card("obligations", "Why, and until when", Html(), body);
}

}  // namespace mxswitch::dashboards
