// What a resolver is worth to a watch: does it answer, honestly, validated, as itself, unfiltered,
// how fast, and does it bear a few questions in a row? Facts come from a check-up of each; the
// judgement is here. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/base/clock.h"
#include "probes/dns/resolver_catalogue.h"

namespace mxswitch::monitor {

enum class Told { yes, no, unknown };
std::string_view to_text(Told told);  // "yes", "no", "unknown"

// Of one resolver, as it came.
struct ResolverHealth {
  probes::Resolver resolver;
  bool answered = false;            // `. SOA` was NOERROR
  std::string failure;              // how it failed; empty where it answered
  Told honest = Told::unknown;      // a random label under com. is NXDOMAIN
  Told validates = Told::unknown;   // AD for the signed root, and nothing for a broken zone
  Told filters = Told::unknown;     // keeps a name from its users that others answer
  std::string nsid, id_server;      // what it calls itself
  Duration rtt{0};                  // the median of its answers
  int burst = 0, burst_failed = 0;  // questions sent at once, and those that failed then
  bool intercepted = false;         // somebody answers in the place of all of them
};

enum class Worth { good, remark, bad };  // bad: it tells a watch nothing
std::string_view to_text(Worth worth);   // "good", "remark", "bad"

struct HealthVerdict {
  Worth worth = Worth::good;
  std::string why;  // the worst first, "; " between; empty for good
};
HealthVerdict judge_health(const ResolverHealth& health);

// Of all: who keeps a name from its users can only be told beside those that answer it.
// `addresses[i]` of `all[i]`: what it said of the name; none: it gave no address.
enum class NameSaid { address, none, silent };
void compare_filtering(std::vector<ResolverHealth>& all, const std::vector<NameSaid>& said);

}  // namespace mxswitch::monitor
