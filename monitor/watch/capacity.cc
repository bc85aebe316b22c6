#include "monitor/watch/capacity.h"

#include <algorithm>

#include "monitor/watch/txt_schedule.h"

namespace mxswitch::monitor {
namespace {

constexpr double kDay = 86400;

CapacityLimit limit_of(const char* setting, const probes::Rate& rate, const Policy& policy,
                       int addresses) {
  const double spacing = std::chrono::duration<double>(policy.sample_spacing).count();
  const double apart = std::max(spacing, 1 / rate.per_second);
  CapacityLimit limit;
  limit.setting = setting;
  limit.addresses = addresses;
  limit.per_second = rate.per_second;
  limit.migrations_a_day = rate.per_second * kDay / std::max(1, policy.k);
  limit.at_once = static_cast<int>(rate.per_second * spacing);
  const auto times_a_second = [](Duration pause) {
    return 1 / std::max(1e-3, std::chrono::duration<double>(pause).count());
  };
  const double mx = times_a_second(refresh_after(policy));
  const double txt = 2 * times_a_second(policy.validity / kPollsOfValidity);  // and its include
  limit.kept_fresh = static_cast<int>(rate.per_second / mx);
  limit.kept_with_spf = static_cast<int>(rate.per_second / (mx + txt));
  limit.draw = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(apart * std::max(0, policy.k - 1)));
  return limit;
}

}  // namespace

std::vector<CapacityLimit> capacity_of(const Rates& rates, const Policy& policy,
                                       const probes::ResolverList& resolvers) {
  const auto isp =
      static_cast<int>(std::count_if(resolvers.begin(), resolvers.end(),
                                     [](const auto& r) { return r.tier == probes::Tier::isp; }));
  const auto others = static_cast<int>(resolvers.size()) - isp;
  std::vector<CapacityLimit> limits;
  if (others > 0) limits.push_back(limit_of("resolver_rate", rates.resolver, policy, others));
  if (isp > 0) limits.push_back(limit_of("isp_rate", rates.isp, policy, isp));
  std::stable_sort(limits.begin(), limits.end(), [](const auto& a, const auto& b) {
    return a.migrations_a_day < b.migrations_a_day;
  });
  return limits;
}

}  // namespace mxswitch::monitor
