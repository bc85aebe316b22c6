// A world and what the verdict on it must be, as text: the format stands in README.md. Read
// once, run by run.h; the same files serve the tests and the simulation.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor::simulation {

using probes::DnsName;
using probes::Endpoint;
using probes::MxSet;

// What an authority hands out; an empty set is an absent state.
struct Zone {
  MxSet set;
  std::uint32_t ttl = 0;
};

struct AuthorityPlan {
  DnsName name;
  Endpoint endpoint;
  Zone zone;
  std::uint32_t expire = 604800;
};

struct ResolverPlan {
  probes::Resolver resolver;
  int caches = 1;              // behind the address, chosen at random
  std::uint32_t min_ttl = 0;   // stretches
  std::uint32_t max_ttl = 0;   // clamps; 0: does not
  bool serves_stale = false;   // answers the expired set once with TTL 30, then fetches
  bool forever = false;        // never fetches again
  bool refuses = false;        // every query
  bool refuses_owner = false;  // only those about the owner
  bool lies = false;           // answers names that do not exist
  int loss_percent = 0;
  Duration clients{0};  // mean time between queries of others; 0: nobody else asks
};

// One line "at TIME VERB ...".
struct Event {
  Duration at{0};
  int line = 0;
  enum class Verb { watch, serve, down, up, leave, waive, restart, plan } verb = Verb::watch;
  std::string target;  // a server name, or a resolver's address
  Zone zone;
  std::string text;
};

// One line "expect ..." or "at TIME expect ...".
struct Expectation {
  Duration at{0};
  Duration until{0};
  int line = 0;
  enum class What {
    hold,
    ready,
    unknown,
    reason,         // a code, and words that its text must hold
    warning,        // words of one
    waiver,         // words of one
    ready_between,  // the first READY
    never_ready,
    strict_between,  // strict_until as it stands at `at`
    assumed,
  } what = What::hold;
  std::string code, words;
};

struct Scenario {
  std::string title;
  std::uint64_t seed = 1;
  DnsName owner;
  std::map<std::string, MxSet> sets;
  monitor::PropagationInput input;  // resolvers and times are filled in by the run
  std::optional<Duration> changed_at;
  std::vector<AuthorityPlan> authorities;
  std::vector<ResolverPlan> resolvers;
  std::vector<Event> events;  // by time
  std::vector<Expectation> expectations;
  Duration end{0};
  bool stale_truth_allowed = false;  // READY though a listed cache still holds an earlier set
};

// Fails with `usage` and "name:line".
Result<Scenario> parse_scenario(std::string_view text, const std::string& name);
Result<Scenario> read_scenario(const std::string& path);

}  // namespace mxswitch::monitor::simulation
