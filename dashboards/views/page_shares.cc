#include <algorithm>

#include "dashboards/views/page_parts.h"
#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

constexpr double kWidth = 720, kHeight = 200, kLeft = 28, kBottom = 24, kTop = 18;

// Where times and counts lie on the drawing.
struct Axes {
  Time first{}, last{};
  int most = 1;

  double x(Time t) const {
    const double whole = static_cast<double>(std::max<std::int64_t>((last - first).count(), 1));
    return kLeft + (kWidth - kLeft) * static_cast<double>((t - first).count()) / whole;
  }
  double y(int count) const {
    return kHeight - kBottom - (kHeight - kBottom - kTop) * count / std::max(most, 1);
  }
};

int total_of(const SharePoint& point) {
  int sum = 0;
  for (const auto& [word, count] : point.counts) sum += count;
  return sum;
}

int at_word(const SharePoint& point, std::string_view word) {
  const auto found = point.counts.find(word);
  return found == point.counts.end() ? 0 : found->second;
}

// The end of the drawing: the expected READY while that is near enough to leave the past readable.
Axes axes_of(const DomainPage& page) {
  Axes axes{page.shares.front().at, std::max(page.now, page.shares.back().at), 1};
  const auto& ready = page.snapshot.report.ready_from;
  if (ready && *ready > axes.last && *ready - axes.first <= 4 * (axes.last - axes.first)) {
    axes.last = *ready + (*ready - axes.first) / 20;
  }
  for (const auto& point : page.shares) axes.most = std::max(axes.most, total_of(point));
  return axes;
}

// One band of the stack, as steps: a count holds until the next look.
Html band(const DomainPage& page, const Axes& axes, std::string_view word,
          std::vector<int>& floor) {
  std::string upper, lower;
  bool any = false;
  for (std::size_t i = 0; i < page.shares.size(); ++i) {
    const Time until =
        i + 1 < page.shares.size() ? page.shares[i + 1].at : std::max(page.now, page.shares[i].at);
    const int low = floor[i];
    const int high = low + at_word(page.shares[i], word);
    any = any || high > low;
    floor[i] = high;
    const double left = axes.x(page.shares[i].at), right = axes.x(until);
    upper += fmt::format("{:.1f} {:.1f} {:.1f} {:.1f} ", left, axes.y(high), right, axes.y(high));
    lower =
        fmt::format("{:.1f} {:.1f} {:.1f} {:.1f} ", right, axes.y(low), left, axes.y(low)) + lower;
  }
  if (!any) return {};
  return Html().add("<polygon class=\"k-{0}\" points=\"{1}{2}\"><title>{0}</title></polygon>\n",
                    word, upper, lower);
}

Html mark(const Axes& axes, const std::optional<Time>& t, std::string_view label, int row) {
  if (!t || *t < axes.first || *t > axes.last) return {};
  const double x = axes.x(*t);
  const bool at_end = x > kWidth - 110;
  return Html().add(
      "<g class=\"mark\"><line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/><text "
      "x=\"{3:.1f}\" y=\"{4}\" dy=\"{5:.1f}em\" text-anchor=\"{6}\">{7}</text></g>\n",
      x, kTop - 6, kHeight - kBottom, at_end ? x - 4 : x + 4, kTop, 1.1 * row,
      at_end ? "end" : "start", label);
}

Html chart(const DomainPage& page) {
  const Axes axes = axes_of(page);
  Html out;
  out.add(
      "<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"Classes of the "
      "answers of {} resolvers since {}\">\n",
      kWidth, kHeight, axes.most, moment(axes.first, page.now));
  std::vector<int> floor(page.shares.size(), 0);
  const auto& signs = all_signs();
  for (auto sign = signs.rbegin(); sign != signs.rend(); ++sign) {
    out.add("{}", band(page, axes, sign->word, floor));
  }
  out.add(
      "<g class=\"axis\"><text x=\"{0}\" y=\"{1:.1f}\" text-anchor=\"end\">{2}</text><text "
      "x=\"{0}\" y=\"{3:.1f}\" text-anchor=\"end\">0</text><line x1=\"{4}\" x2=\"{5}\" "
      "y1=\"{3:.1f}\" y2=\"{3:.1f}\"/>",
      kLeft - 6, axes.y(axes.most) + 4, axes.most, axes.y(0), kLeft, kWidth);
  out.add(
      "<text x=\"{}\" y=\"{}\">{}</text><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>"
      "</g>\n",
      kLeft, kHeight - 6, format_clock(axes.first), kWidth, kHeight - 6, format_clock(axes.last));
  const auto& report = page.snapshot.report;
  out.add("{}{}{}", mark(axes, report.drain_started_at, "drain starts", 0),
          mark(axes, report.strict_until, "drain bound", 1),
          mark(axes, report.ready_from, "READY expected", 2));
  if (axes.last > page.now) out.add("{}", mark(axes, page.now, "now", 0));
  return out.add("</svg>\n");
}

struct Tally {
  int fresh = 0, all = 0;
};

Html tally_list(std::string_view title, const std::map<std::string, Tally>& tallies) {
  Html items;
  for (const auto& [name, tally] : tallies) {
    items.add(
        "<li><span>{}</span><svg class=\"meter\" viewBox=\"0 0 100 6\" "
        "preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"100\" height=\"6\" "
        "rx=\"3\"/><rect class=\"k-new\" width=\"{}\" height=\"6\" rx=\"3\"/></svg><span "
        "class=\"num\">{}/{}</span></li>\n",
        name, 100 * tally.fresh / std::max(tally.all, 1), tally.fresh, tally.all);
  }
  return Html().add("<h3>{}</h3><ul class=\"tally\">\n{}</ul>\n", title, items);
}

}  // namespace

SharePoint share_point(const PropagationReport& report) {
  SharePoint point;
  point.at = report.at;
  for (const auto& sign : all_signs()) {
    if (const int count = count_of(report, sign.word); count > 0) {
      point.counts[std::string(sign.word)] = count;
    }
  }
  return point;
}

Html shares_card(const DomainPage& page) {
  const bool drawn = page.shares.size() >= 2 && page.snapshot.report.resolvers.size() > 0;
  Html legend;
  for (const auto& sign : all_signs()) {
    if (count_of(page.snapshot.report, sign.word) > 0) legend.add("<li>{}</li>", class_badge(sign));
  }
  Html body;
  if (drawn) {
    body.add("{}<ul class=\"legend\">{}</ul>\n", chart(page), legend);
  } else {
    body.add("{}", empty_note("The chart begins with the second look at the resolvers."));
  }
  return card("shares", "Shares over time", Html(), body);
}

// Anycast addresses stand in no one place: they are a row of their own.
Html places_card(const DomainPage& page) {
  std::map<std::string, Tally> countries, operators;
  for (const auto& r : page.snapshot.report.resolvers) {
    const bool fresh = !r.split && r.last_class == AnswerClass::new_;
    const std::string where = r.anycast                ? "anycast, any place"
                              : r.country_code.empty() ? "place not known"
                                                       : r.country_code;
    for (Tally* tally : {&countries[where], &operators[r.operator_name]}) {
      tally->all += 1;
      tally->fresh += fresh ? 1 : 0;
    }
  }
  if (countries.empty()) return {};
  return card("places", "Where the new set is seen", Html(),
              Html().add("<div class=\"tallies\"><div>{}</div><div>{}</div></div>\n",
                         tally_list("Countries", countries), tally_list("Operators", operators)));
}

}  // namespace mxswitch::dashboards
