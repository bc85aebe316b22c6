#include "dashboards/views/text_fit.h"

#include <fmt/format.h>

#include "dashboards/views/text_table.h"

namespace mxswitch::dashboards {

Canvas& Screenful::part(Keep keep) {
  return parts_.emplace_back(Part{keep, Canvas(options_), false}).canvas;
}

void Screenful::table(const std::vector<std::string>& header, const std::vector<Line>& rows,
                      std::size_t kept) {
  const auto lines = laid_out(header, rows, 0, options_);
  for (std::size_t i = 0; i < lines.size(); ++i)
    part(i <= kept ? Keep::evidence : Keep::rows).add(lines[i]);
  parts_.emplace_back(Part{Keep::answer, Canvas(options_), true});
}

// Which parts are not shown: of those that matter least the last ones, until the rest fits.
std::vector<bool> Screenful::leave() const {
  std::vector<bool> gone(parts_.size(), false);
  std::size_t lines = 0;
  for (const Part& part : parts_) lines += part.canvas.lines().size();
  if (options_.height == 0 || lines <= options_.height) return gone;
  const std::size_t room = options_.height - 1;  // the line that says how many
  for (int keep = static_cast<int>(Keep::rows); keep > static_cast<int>(Keep::answer); --keep) {
    for (std::size_t i = parts_.size(); i > 0 && lines > room; --i) {
      if (static_cast<int>(parts_[i - 1].keep) != keep) continue;
      gone[i - 1] = true;
      lines -= parts_[i - 1].canvas.lines().size();
    }
  }
  return gone;
}

std::string Screenful::text() const {
  const auto gone = leave();
  std::size_t hidden = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i)
    hidden += gone[i] ? parts_[i].canvas.lines().size() : 0;
  std::vector<Line> lines;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Canvas rest(options_);
    if (parts_[i].marks_the_rest && hidden > 0)
      rest.line(fmt::format("+{} more{}", hidden, all_.empty() ? "" : ": " + all_), Colour::dim);
    const Canvas& shown = parts_[i].marks_the_rest ? rest : parts_[i].canvas;
    if (!gone[i]) lines.insert(lines.end(), shown.lines().begin(), shown.lines().end());
  }
  return text_of(lines, options_);
}

}  // namespace mxswitch::dashboards
