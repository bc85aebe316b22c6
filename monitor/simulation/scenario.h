// A world and what the verdict on it must be, as text: the format stands in
// tests/scenarios/README.md. Read once, run by run.h; the same files serve the tests, the
// simulation and `mxswitch simulate`.
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
  std::optional<std::uint32_t> serial;
  int sites = 1;          // of an anycast address; each serves a zone of its own
  int seen = 1;           // so many of them, the first, answer this vantage
  bool unlisted = false;  // caches are led to it, the delegation walk is not
  bool later = false;     // nobody is led to it before it joins
};

// An RRset beside the MX at one server that speaks for it (ListedCompanion).
struct RecordPlan {
  DnsName name;
  probes::RrType type = probes::RrType::a;
  DnsName server;
  Endpoint endpoint;
  std::string data;  // empty: none
  std::uint32_t ttl = 0;
};

// For how long may be kept what leads a cache to the zone's servers.
struct DelegationTtls {
  std::uint32_t parent = 172800;     // of the parent's NS, as most TLDs have it
  std::uint32_t child = 172800;      // of the zone's own NS
  std::uint32_t addresses = 172800;  // A and AAAA of the servers
};

// What a cache does with the TTL of a record, and with servers that do not answer.
struct Habits {
  std::uint32_t min_ttl = 0;      // stretches
  std::uint32_t max_ttl = 0;      // clamps; 0: does not
  bool serves_stale = false;      // answers the expired set once with TTL 30, then fetches
  bool stale_on_failure = false;  // answers it, with TTL 30, while fetching fails or is slow
  bool prefetches = false;        // fetches again when asked in the last tenth of the TTL
  bool forever = false;           // never fetches again
  bool child_centric = false;     // renews its NS from each answer of a server of the zone
  bool asks_parent = false;       // forgets its NS when none of the servers answers
  seconds recheck{1};  // after a failed fetch it does not look again for so long (RFC 8767 5)
};

// What DNS over TLS says at a resolver.
enum class DotSays {
  nothing,   // no name of it is known
  the_same,  // what its caches say over UDP too
  nxdomain,
  unproved,  // its certificate can't be verified
};

// Which cache behind an address gets a query.
enum class Dispatch {
  random,
  sticky,  // by a hash of addresses and ports: another source port may reach another cache
  pinned,  // by a hash of addresses: one client always meets the same cache
};

// Says that the owner does not exist, or refuses to speak of it, and of no other name.
struct Filter {
  Outcome outcome = Outcome::nxdomain;
  bool marked = false;  // with EDE 15, 16 or 17 (RFC 8914)
};

// Over which address families a resolver asks authorities.
enum class Families { both, v4, v6 };

struct ResolverPlan {
  probes::Resolver resolver;
  int caches = 1;  // behind the address
  Dispatch dispatch = Dispatch::random;
  Habits habits;
  int habitual = 0;            // so many of its caches have them, the first; 0: all
  bool refuses = false;        // every query
  bool refuses_owner = false;  // only those about the owner
  bool silent = false;         // never answers
  bool truncates = false;      // answers about the owner with TC, and TCP is closed
  bool lies = false;           // answers names that do not exist
  bool validates = false;      // DNSSEC: broken signatures are SERVFAIL with an EDE
  bool marks_stale = false;    // stale answers carry EDE 3
  bool intercepted = false;    // something on the way answers in its place
  bool unlisted = false;       // other people's: nobody samples it
  std::optional<Filter> filter;
  Families families = Families::both;
  std::optional<Zone> holds;  // a copy in each of its caches when the world begins
  std::string nsid;           // each cache of a farm adds its number
  bool shares_nsid = false;   // or answers it as it is
  DotSays dot = DotSays::nothing;
  std::string id_server;  // what it calls itself (RFC 4892); empty: it does not say
  int limit = 0;          // queries a minute, more are refused; 0: none
  double loss_percent = 0;
  Duration clients{0};  // mean time between queries of others; 0: nobody else asks
};

// Whom a server does not answer.
enum class Whom { all, us, caches };

// One line "at TIME VERB ...".
struct Event {
  enum class Verb {
    watch,
    serve,
    down,
    up,
    refuse,
    slow,
    join,
    leave,
    waive,
    restart,
    suspend,
    plan,
    loss,
    break_signatures,
    mend_signatures,
    record,
    lose_family,
    regain_family,
  };
  Duration at{0};
  int line = 0;
  Verb verb = Verb::watch;
  std::string target;  // a server's name, or an address of it or of a resolver, as Endpoint writes
  Whom whom = Whom::all;
  int site = 0;  // of the server; 0: all
  Zone zone;
  RecordPlan record;  // its endpoint is not used
  std::optional<std::uint32_t> serial;
  std::string text;
  Duration lasting{0};
  double percent = 0;
};

// One line "expect ..." or "at TIME expect ...".
struct Expectation {
  enum class What {
    hold,
    ready,
    unknown,
    reason,      // a code, and words that its text must hold
    no_reason,   // a code that must not be there
    warning,     // words of one
    waiver,      // words of one
    no_warning,  // words that stand in none
    no_waiver,
    assumption,      // words of one
    waiver_refused,  // of the resolver `target`, with these words
    at_most,         // so many queries between two times, to `target` or to all
    ready_between,   // the first READY
    never_ready,
    strict_between,  // strict_until as it stands at `look_at`
    assumed,
  };
  Duration look_at{0};
  Duration from{0}, until{0};  // of ready_between and strict_between
  int line = 0;
  What what = What::hold;
  std::string code, words;
  std::string target;  // an address as Endpoint writes it; empty: all
  std::uint32_t most = 0;
};

struct Scenario {
  std::string title;
  std::uint64_t seed = 1;
  DnsName owner;
  std::map<std::string, MxSet> sets;
  PropagationInput input;  // times are filled in by the run
  std::optional<Duration> changed_at;
  std::vector<AuthorityPlan> authorities;
  std::vector<RecordPlan> records;
  DelegationTtls delegation;
  bool signed_zone = false;
  std::vector<ResolverPlan> resolvers;
  std::vector<Event> events;  // by time
  std::vector<Expectation> expectations;
  Duration end{0};
  bool stale_truth_allowed = false;  // READY though a cache still holds an earlier set
};

// Fails with `usage` and "name:line".
Result<Scenario> parse_scenario(std::string_view text, const std::string& name);
// `not_found` when the file can't be read.
Result<Scenario> read_scenario(const std::string& path);

}  // namespace mxswitch::monitor::simulation
