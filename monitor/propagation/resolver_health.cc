#include "monitor/propagation/resolver_health.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxswitch::monitor {
namespace {

constexpr Duration kSlow = seconds(1);
constexpr int kBurstShare = 4;  // a quarter of a burst lost is a sign

void add(HealthVerdict& verdict, Worth worth, std::string why) {
  const bool worse = worth > verdict.worth;
  verdict.worth = std::max(verdict.worth, worth);
  if (verdict.why.empty())
    verdict.why = std::move(why);
  else
    verdict.why = worse ? why + "; " + verdict.why : verdict.why + "; " + why;
}

}  // namespace

std::string_view to_text(Told told) {
  switch (told) {
    case Told::yes:
      return "yes";
    case Told::no:
      return "no";
    case Told::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_text(Worth worth) {
  switch (worth) {
    case Worth::good:
      return "good";
    case Worth::remark:
      return "remark";
    case Worth::bad:
      return "bad";
  }
  return "bad";
}

HealthVerdict judge_health(const ResolverHealth& health) {
  HealthVerdict verdict;
  if (!health.answered) {
    add(verdict, Worth::bad, health.failure.empty() ? "no usable answer" : health.failure);
    return verdict;
  }
  if (health.intercepted) add(verdict, Worth::bad, "something on the way answers in its place");
  if (health.honest == Told::no)
    add(verdict, Worth::bad, "lies: has an answer for a name that nobody made");
  if (health.burst_failed * kBurstShare >= health.burst && health.burst_failed > 0)
    add(verdict, Worth::remark,
        fmt::format("sign of a rate limit: {} of {} questions at once failed", health.burst_failed,
                    health.burst));
  if (health.filters == Told::yes)
    add(verdict, Worth::remark,
        health.resolver.filtering ? "filters, as the list says"
                                  : "filters, and the list does not say so");
  if (health.rtt > kSlow)
    add(verdict, Worth::remark, fmt::format("slow: {} ms", health.rtt.count()));
  return verdict;
}

void compare_filtering(std::vector<ResolverHealth>& all, const std::vector<NameSaid>& said) {
  const bool known = std::find(said.begin(), said.end(), NameSaid::address) != said.end();
  for (std::size_t i = 0; i < std::min(all.size(), said.size()); ++i) {
    if (said[i] == NameSaid::address)
      all[i].filters = Told::no;
    else if (said[i] == NameSaid::none && known)
      all[i].filters = Told::yes;
  }
}

}  // namespace mxswitch::monitor
