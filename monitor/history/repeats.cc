#include "monitor/history/repeats.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace mxswitch::monitor {
namespace {

constexpr std::size_t kMostRepeats = 1'000'000;

// The real step after which something at this time came; `first` and `last` enclose it.
std::uint64_t place_of(const std::vector<ExportStep>& steps, std::size_t first, std::size_t last,
                       Time at) {
  const auto begin = steps.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = steps.begin() + static_cast<std::ptrdiff_t>(last);
  const auto after = std::upper_bound(
      begin + 1, end, at, [](Time time, const ExportStep& step) { return time < step.at; });
  return (after - 1)->seq;
}

}  // namespace

void sort_steps(std::vector<ExportStep>& steps) {
  const auto key = [](const ExportStep& step) {
    return std::tuple(step.seq, step.repeated, step.repeated ? step.at : Time());
  };
  std::stable_sort(steps.begin(), steps.end(),
                   [&](const ExportStep& a, const ExportStep& b) { return key(a) < key(b); });
}

bool add_repeats(std::vector<ExportStep>& steps) {
  std::vector<ExportStep> repeats;
  std::map<std::size_t, std::size_t> newest;  // of each run, by its line
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].sighting) continue;
    const auto [known, first] = newest.try_emplace(steps[i].line, i);
    const std::size_t before = std::exchange(known->second, i);
    const std::uint32_t missing = first ? 0 : steps[i].sighting->moment.repeats;
    if (repeats.size() + missing > kMostRepeats) return false;
    const Duration span = steps[i].at - steps[before].at;
    for (std::uint32_t n = 1; n <= missing; ++n) {
      ExportStep step = steps[before];
      step.repeated = true;
      step.at += span * n / (missing + 1);
      step.seq = place_of(steps, before, i, step.at);
      step.sighting->moment.received_at = step.at;
      repeats.push_back(std::move(step));
    }
  }
  steps.insert(steps.end(), std::make_move_iterator(repeats.begin()),
               std::make_move_iterator(repeats.end()));
  sort_steps(steps);
  return true;
}

}  // namespace mxswitch::monitor
