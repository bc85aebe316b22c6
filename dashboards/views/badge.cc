#include "dashboards/views/badge.h"

#include "dashboards/views/html.h"

namespace mxswitch::dashboards {
namespace {

// Contrast of white text on each is at least 4.5:1.
std::string_view fill_of(State state) {
  switch (state) {
    case State::ready:
    case State::hosted:
    case State::final_:
      return "#1b7a43";
    case State::blocked:
    case State::aborted:
      return "#b3261e";
    case State::draft:
    case State::held:
      return "#5b6472";
    default:
      return "#8a5a00";
  }
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
  std::string right(orchestrator::to_text(s.state));
  for (char& c : right) c = c == '_' ? ' ' : c;
  if (s.state == State::propagating) {
    right += fmt::format(" {}/{}", count_of(s.report, "new"), s.report.resolvers.size());
  }
  if (s.frozen) right += ", frozen";
  return draw(s.domain, right, fill_of(s.state));
}

std::string render_badge_unknown(const std::string& domain) {
  return draw(domain, "not watched", "#5b6472");
}

}  // namespace mxswitch::dashboards
