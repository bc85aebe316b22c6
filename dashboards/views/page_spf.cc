// The section about SPF: whom each view lets pass, and the record as each server has it.
#include <fmt/format.h>

#include "dashboards/views/page_parts.h"
#include "dashboards/views/spf_trace.h"
#include "dashboards/views/words.h"

namespace mxswitch::dashboards {
namespace {

using monitor::SpfMatrix;

constexpr std::size_t kMostNamed = 60;

Html spf_row(const monitor::SpfServerReport& server, bool fails, Time now) {
  const bool seen = server.verdict == monitor::SpfText::term_present;
  const bool unknown = server.verdict == monitor::SpfText::unknown;
  Html row;
  row.add(
      "<tr data-key=\"spf {0} {1}\"><th scope=\"row\"><span class=\"name\">{0}</span> "
      "<code>{1}</code></th>",
      server.server, server.endpoint.text());
  row.add("<td data-label=\"Required terms\">{}</td>", verdict_badge(seen      ? "pass"
                                                                     : unknown ? "unknown"
                                                                     : fails   ? "fail"
                                                                               : "waits"));
  row.add("<td data-label=\"As the authorities\">{}</td>", server.current ? "yes" : "no");
  row.add("<td data-label=\"Copy expires\" class=\"num\">{}</td>",
          countdown(server.expires_at, now));
  return row.add("<td data-label=\"Record\" class=\"mx\">{}</td></tr>\n",
                 server.record.empty() ? server.why : server.record);
}

Html spf_table(const monitor::SpfTextReport& spf, bool fails, Time now) {
  Html rows;
  for (const auto& server : spf.servers) rows.add("{}", spf_row(server, fails, now));
  return Html().add(
      "<div class=\"scroll\" role=\"region\" aria-label=\"Table of SPF records\" "
      "tabindex=\"0\"><table>\n<caption>The record as each server has it</caption>\n<thead><tr><th "
      "scope=\"col\">Server</th><th scope=\"col\">Required "
      "terms</th><th scope=\"col\">As the authorities</th><th scope=\"col\">Copy expires</th><th "
      "scope=\"col\">Record</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      rows);
}

// Who stands behind "12 resolvers and 2 authorities".
Html names_of(const monitor::SpfRow& row) {
  if (row.servers.size() < 2) return {};
  Html names;
  for (std::size_t i = 0; i < std::min(row.servers.size(), kMostNamed); ++i)
    names.add("<li>{} <code>{}</code></li>", row.servers[i].name, row.servers[i].endpoint.text());
  if (row.servers.size() > kMostNamed)
    names.add("<li>and {} more</li>", row.servers.size() - kMostNamed);
  return Html().add("<details><summary>which</summary><ul class=\"plain\">{}</ul></details>",
                    names);
}

Html terms_of(const monitor::SpfRow& row) {
  if (!row.evaluated) return Html().add("<span class=\"none\">not evaluated</span>");
  if (row.terms.empty()) return Html().add("<span class=\"none\">none</span>");
  Html terms;
  for (const auto& term : row.terms) {
    terms.add("<div><code>{}</code> {}", term.term, to_text(term.effect));
    if (!term.why.empty()) terms.add(" <span class=\"why\">{}</span>", term.why);
    terms.add("</div>");
  }
  return terms;
}

// How a result came about that is not the wanted one.
Html trace_of(const monitor::SpfCell& cell) {
  if (!cell.trace) return {};
  return Html().add("<details><summary>how</summary><pre class=\"trace\">{}</pre></details>",
                    trace_text(*cell.trace));
}

Html matrix_row(const SpfMatrix& matrix, const monitor::SpfRow& row, bool fails) {
  Html html;
  html.add(
      "<tr data-key=\"matrix {3} {0}\"><th scope=\"row\">{0}{1}</th><td data-label=\"As "
      "wanted\">{2}</td>",
      row.who(), names_of(row), verdict_badge(verdict_word(row.state, fails)), matrix.owner);
  for (std::size_t i = 0; i < matrix.senders.size(); ++i) {
    const bool known = i < row.cells.size();
    html.add("<td data-label=\"{}\">", matrix.senders[i].text());
    if (known)
      html.add("{} <span class=\"why\">{} lookup{}{}</span>{}", to_text(row.cells[i].result),
               row.cells[i].lookups, row.cells[i].lookups == 1 ? "" : "s",
               row.cells[i].why.empty() ? "" : ": " + row.cells[i].why, trace_of(row.cells[i]));
    else
      html.add("<span class=\"none\">-</span>");
    html.add("</td>");
  }
  return html.add("<td data-label=\"Required terms\">{}</td></tr>\n", terms_of(row));
}

Html matrix_table(const SpfMatrix& matrix, bool fails) {
  Html head, rows;
  for (const auto& sender : matrix.senders) head.add("<th scope=\"col\">{}</th>", sender.text());
  for (const auto& row : matrix.rows) rows.add("{}", matrix_row(matrix, row, fails));
  return Html().add(
      "<div class=\"scroll\" role=\"region\" aria-label=\"Table of SPF results of {0}\" "
      "tabindex=\"0\"><table>\n<caption>What each view makes of each sender of {0}</caption>\n"
      "<thead><tr><th scope=\"col\">Servers</th><th scope=\"col\">As wanted</th>{1}<th "
      "scope=\"col\">Required terms</th></tr></thead>\n<tbody>\n{2}</tbody></table></div>\n",
      matrix.owner, head, rows);
}

void add_sentences(Html& items, std::string_view word, const std::vector<std::string>& sentences) {
  for (const std::string& sentence : sentences)
    items.add("<li><b>{}</b> <span class=\"why\">{}</span></li>\n", word, sentence);
}

Html matrix_part(const SpfMatrix& matrix, bool fails, Time now) {
  Html body;
  body.add("<p>{} {}</p>\n<p class=\"why\">{}", verdict_badge(verdict_word(matrix.state, fails)),
           matrix.why, matrix.views);
  if (matrix.converges_at) body.add(" &middot; {}", countdown(matrix.converges_at, now));
  body.add("</p>\n{}", matrix_table(matrix, fails));
  Html items;
  add_sentences(items, "error", matrix.errors);
  add_sentences(items, "unknown", matrix.unknowns);
  add_sentences(items, "warning", matrix.warnings);
  if (!items.empty()) body.add("<ul class=\"plain\">\n{}</ul>\n", items);
  return body;
}

// A plan may name a thousand domains: the table stands where something is to be done.
Html other_part(const SpfMatrix& matrix, bool fails, Time now) {
  Html part;
  part.add("<h3>{}</h3>\n", matrix.owner);
  if (matrix.state != monitor::SpfState::right)
    return part.add("{}", matrix_part(matrix, fails, now));
  return part.add("<p>{} {}</p>\n", verdict_badge(verdict_word(matrix.state, fails)), matrix.why);
}

}  // namespace

Html spf_card(const DomainPage& page) {
  const auto& spf = page.snapshot.report.spf;
  if (!spf) return {};
  const bool fails = tone_of_gate(page.snapshot, "spf") == "bad";
  Html body;
  if (page.snapshot.spf) body.add("{}", matrix_part(*page.snapshot.spf, fails, page.now));
  for (const SpfMatrix& matrix : page.snapshot.other_spf)
    body.add("{}", other_part(matrix, fails, page.now));
  body.add("<p>{}</p>\n", spf->views);
  for (const auto& target : spf->targets) {
    body.add("<p class=\"why\">{}", target.why);
    if (target.converges_at) body.add(" &middot; {}", countdown(target.converges_at, page.now));
    body.add("</p>\n");
  }
  if (!spf->servers.empty()) body.add("{}", spf_table(*spf, fails, page.now));
  Html aside;
  aside.add("<p class=\"aside\">{} of {} resolvers see the required terms</p>", spf->seeing,
            spf->resolvers);
  return card("spf", "SPF", aside, body);
}

}  // namespace mxswitch::dashboards
