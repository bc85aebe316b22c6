#include "dashboards/views/badge.h"

#include "dashboards/views/html.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

using orchestrator::Turn;

// Contrast of white text on each is at least 4.5:1.
std::string_view fill_of(std::string_view tone) {
  for (const auto good : {"ready", "hosted", "final"}) {
    if (tone == good) return "#1b7a43";
  }
  for (const auto bad : {"fault", "blocked"}) {
    if (tone == bad) return "#b3261e";
  }
  for (const auto at_rest : {"draft", "held", "aborted", "frozen"}) {
    if (tone == at_rest) return "#5b6472";
  }
  for (const auto under_way : {"switching", "verifying", "rolling-back"}) {
    if (tone == under_way) return "#8a5a00";
  }
  return "#2b5ea7";  // time, or somebody's turn
}

// Why, for whom, until when, in a few words.
std::string waits_text(const Snapshot& s) {
  if (s.fault) return s.fault->gate;
  if (s.state == State::propagating && !orchestrator::dns_done_at(s))
    return fmt::format("{}/{}", count_of(s.report, "new"), s.report.resolvers.size());
  const bool waits = s.state == State::forwarding || s.state == State::propagating ||
                     s.state == State::ready || s.state == State::armed;
  if (!waits || s.turn == Turn::none) return {};
  return fmt::format("waits for {}", people_of(s.turn));
}

std::string draw(const std::string& left, const std::string& right, std::string_view fill) {
  // Letters of 11 px sans average 6.5 px; textLength makes the width exact everywhere.
  const auto width = [](const std::string& s) { return 6.5 * static_cast<double>(columns(s)); };
  const double a = width(left) + 14, b = width(right) + 14;
  Html svg;
  svg.add(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"20\" role=\"img\" "
      "aria-label=\"{1}: {2}\"><title>{1}: {2}</title>",
      a + b, left, right);
  svg.add(
      "<clipPath id=\"r\"><rect width=\"{0:.0f}\" height=\"20\" rx=\"4\"/></clipPath><g "
      "clip-path=\"url(#r)\"><rect width=\"{1:.0f}\" height=\"20\" fill=\"#30363f\"/><rect "
      "x=\"{1:.0f}\" width=\"{2:.0f}\" height=\"20\" fill=\"{3}\"/></g>",
      a + b, a, b, fill);
  svg.add(
      "<g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\"><text "
      "x=\"7\" y=\"14\" textLength=\"{:.0f}\">{}</text>",
      a - 14, left);
  svg.add("<text x=\"{:.0f}\" y=\"14\" textLength=\"{:.0f}\">{}</text></g></svg>\n", a + 7, b - 14,
          right);
  return svg.text();
}

}  // namespace

std::string render_badge(const Snapshot& s) {
  const Headline headline = headline_of(s);
  std::string right = headline.word;
  const std::string waits = waits_text(s);
  if (!waits.empty()) right += (s.fault ? ": " : " ") + waits;
  if (s.frozen && headline.tone != "frozen") right += ", frozen";
  if (s.next_change_at && s.turn == Turn::time)
    right += ", until " + format_moment(*s.next_change_at, s.at);
  return draw(s.domain, right, fill_of(headline.tone));
}

std::string render_badge_unknown(const std::string& domain) {
  return draw(domain, "not watched", "#5b6472");
}

}  // namespace mxswitch::dashboards
