// The page of /d/DOMAIN/explain: what `mxswitch status --explain` says, as nested lists.
#include "dashboards/views/page_parts.h"
#include "dashboards/views/text_explain.h"
#include "dashboards/views/text_spf.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

std::string_view tone_of(Colour colour) {
  switch (colour) {
    case Colour::green:
      return "t-good";
    case Colour::blue:
      return "t-wait";
    case Colour::yellow:
      return "t-warn";
    case Colour::red:
      return "t-bad";
    case Colour::dim:
      return "t-soft";
    case Colour::bold:
      return "t-bold";
    case Colour::plain:
      break;
  }
  return "t-plain";
}

Html list(const std::vector<Branch>& branches) {
  if (branches.empty()) return {};
  Html items;
  for (const Branch& branch : branches) {
    items.add("<li><span class=\"{}\">{}</span>{}</li>\n", tone_of(branch.colour), branch.text,
              list(branch.below));
  }
  return Html().add("\n<ul>\n{}</ul>\n", items);
}

Html trees(const std::vector<Branch>& branches) {
  Html out;
  for (const Branch& branch : branches) {
    out.add("<details open class=\"tree\"><summary class=\"{}\">{}</summary>{}</details>\n",
            tone_of(branch.colour), branch.text, list(branch.below));
  }
  return out;
}

Html owner_card(const PropagationReport& report, Time now) {
  Html body;
  body.add(
      "<p class=\"change\"><span class=\"mx\">{}</span> <span class=\"arrow\" "
      "aria-label=\"becomes\">&rarr;</span> <span class=\"mx new\">{}</span></p>\n{}",
      old_sets_text(report), set_text(report.expected), trees(explanation(report, now)));
  return card("owner-" + report.owner.text(), report.owner.text(), Html(), body);
}

Html matrix_card(const monitor::SpfMatrix& matrix) {
  return card("spf-" + matrix.owner, "SPF of " + matrix.owner, Html(),
              trees({spf_matrix_branch(matrix)}));
}

}  // namespace

std::string render_explain_page(const Snapshot& s, Time now, const PageFrame& frame) {
  Html body;
  body.add(
      "{}<main id=\"main\" class=\"explain\" data-domain=\"{}\" data-sequence=\"{}\" "
      "data-state=\"{}\" data-now=\"{}\">\n",
      top_bar(), s.domain, s.sequence, orchestrator::to_text(s.state), format_time(now));
  body.add(
      "<h1>Why {0} is where it is</h1>\n<p class=\"meta\">As judged {1} ago &middot; <a "
      "href=\"/d/{0}\">the page of the domain</a> &middot; in a terminal: <code>mxswitch status "
      "{0} "
      "--explain</code></p>\n",
      s.domain, age_of(s.at, now));
  body.add("{}", owner_card(s.report, now));
  if (s.spf) body.add("{}", matrix_card(*s.spf));
  for (const auto& matrix : s.other_spf) body.add("{}", matrix_card(matrix));
  for (const auto& report : s.other_owners) body.add("{}", owner_card(report, now));
  body.add("</main>\n<footer><a href=\"/\">all domains</a> <span>mxswitch {}</span></footer>\n",
           frame.version);
  return page_document("Why " + s.domain, body, frame);
}

}  // namespace mxswitch::dashboards
