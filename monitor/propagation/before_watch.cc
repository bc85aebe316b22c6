#include "monitor/propagation/before_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace mxswitch::monitor {
namespace {

constexpr std::size_t kMostNamed = 4;
constexpr seconds kStep{60};  // of T, where nothing is taken for granted of the time before

}  // namespace

seconds kept_before(const MxSet& set, const Versions& versions, const PropagationInput& input) {
  const seconds seen(versions.largest_ttl(set).value_or(0));
  if (set.empty()) return seen;
  if (input.declared_old_ttl) return std::max(seen, *input.declared_old_ttl);
  return std::max(seen, std::chrono::duration_cast<seconds>(input.policy.history_ttl));
}

seconds kept_in_view(const std::vector<HeldCopy>& copies, Time u, const Policy& policy) {
  Duration longest = policy.history_ttl;
  for (const HeldCopy& held : copies) longest = std::max(longest, held.copy.expires_at() - u);
  if (policy.history_ttl == Duration(0)) {
    const auto steps = (longest + kStep - Duration(1)) / kStep;
    return kStep * steps;
  }
  constexpr std::array kUsual = {std::chrono::days(1), std::chrono::days(2), std::chrono::days(3)};
  for (const seconds usual : kUsual)
    if (usual >= longest) return usual;
  return kUnknownOldTtl;
}

std::vector<HeldCopy> beyond_declared(const std::vector<HeldCopy>& copies,
                                      const PropagationInput& input, Time began) {
  if (!input.declared_old_ttl) return copies;
  std::vector<HeldCopy> beyond;
  std::copy_if(copies.begin(), copies.end(), std::back_inserter(beyond), [&](const HeldCopy& held) {
    return held.copy.expires_at() > began + *input.declared_old_ttl + input.policy.delta;
  });
  return beyond;
}

bool at_two_operators(const std::vector<HeldCopy>& copies) {
  std::set<std::string> operators;
  for (const HeldCopy& copy : copies) operators.insert(copy.operator_name);
  return operators.size() >= 2;
}

std::string labels_of(const std::vector<HeldCopy>& copies) {
  std::string text;
  for (std::size_t i = 0; i < copies.size() && i < kMostNamed; ++i)
    text += (i == 0 ? "" : ", ") + copies[i].label;
  if (copies.size() > kMostNamed) text += fmt::format(" and {} more", copies.size() - kMostNamed);
  return text;
}

}  // namespace mxswitch::monitor
