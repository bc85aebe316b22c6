// The simulated servers: authorities with zones, resolvers with caches of every habit, and other
// people who ask them. Time is the caller's and never runs back; the same scenario and seed make
// the same world, whatever is asked of it meanwhile but for what the asking itself plants.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "monitor/simulation/chance.h"
#include "monitor/simulation/scenario.h"

namespace mxswitch::monitor::simulation {

enum class Reach { answering, silent, refusing, slow };

// One address of one server.
struct SimulatedAuthority {
  AuthorityPlan plan;
  std::size_t name = 0;     // among the names of all servers
  std::vector<Zone> sites;  // at least one
  Reach to_us = Reach::answering, to_caches = Reach::answering;
  bool there = true;     // delegated
  bool ignored = false;  // by the plan
};

// What leads a cache to the zone's servers: NS records, and of each name the addresses of both
// families, each with a time of its own.
struct HeldServers {
  struct Addresses {
    std::vector<std::size_t> servers;  // among all authorities
    Time until{};
  };
  std::vector<std::size_t> names;
  Time until = Time::min();
  std::map<std::pair<std::size_t, bool>, Addresses> addresses;  // of a name and IPv6 or not
};

struct SimulatedCache {
  explicit SimulatedCache(Chance its) : chance(its) {}

  Habits habits;
  Chance chance;  // of what happens to this cache
  std::uint64_t place = 0;
  HeldServers servers;
  std::optional<Zone> held;
  bool from_ignored = false;  // what it holds was served by a server that the plan ignores
  std::uint32_t kept = 0;     // the TTL it gave the held set
  Time expires_at{};
  Time retry_at = Time::min();  // after a failed fetch: it does not look again before
  Time next_client{};           // when somebody else's question next changes something here
  // Until when it answered, or would answer, another set than the expected one.
  std::optional<Time> other_until;
  std::optional<Time> shown_other;  // when its newest answer to us was given, if of another set
};

struct SimulatedResolver {
  ResolverPlan plan;
  std::vector<SimulatedCache> caches;
  Reach reach = Reach::answering;  // of what we ask; its own people are answered all the same
  bool shown_other = false;        // in its newest answer to us, of whichever cache
  std::int64_t minute = -1;        // of `asked`, which a rate limit counts
  int asked = 0;
};

// What is true of the whole world at a moment, sampled or not, whatever any verdict says of it. A
// cache counts as stale when it could still answer another set, by what it holds and by what it
// will fetch where it is led, if nothing changes any more.
struct Truth {
  int caches = 0, stale = 0;
  int excused = 0;  // stale ones that only a server which the plan ignores feeds; not among `stale`
  bool authority_other = false;  // a delegated one serves another set to caches, and is not ignored
  bool record_other = false;     // an earlier RRset beside the MX is served, or may be cached
  // Since when nothing answers another set; none while anything does.
  std::optional<Time> clean_since;
  std::vector<Endpoint> stale_at;      // the address of each stale cache, in the list or not
  std::vector<Endpoint> stale_listed;  // resolvers in the list with such a cache
  std::vector<Endpoint> shown_other;   // those whose newest answer to us was another set
  // Caches that last showed us another set at that time, and still would.
  std::vector<std::pair<Endpoint, Time>> last_seen_other;
  bool clean() const { return stale == 0 && !authority_other && !record_other; }
};

class World {
 public:
  World(const Scenario& scenario, Time start);

  // Events of servers and of the network; the others are the run's.
  void apply(const Event& event, Time now);
  void expect(const MxSet& expected) { expected_ = expected; }

  AuthoritySample ask_authority(const ProbeDue& probe, Time now, Duration limit);
  CompanionSample ask_companion(const ProbeDue& probe, Time now, Duration limit);
  // `sparing`: by one packet, see ProbeDue.
  ResolverSample ask_resolver(const Endpoint& address, Time now, Duration limit,
                              bool sparing = false);
  ControlSample ask_control(const Endpoint& address, Time now, Duration limit,
                            bool sparing = false);
  IdentitySample ask_identity(const Endpoint& address, Time now, Duration limit);
  DotSample ask_dot(const Endpoint& address, Time now, Duration limit);
  int packets() const { return packets_; }  // that we sent, each try for itself

  Truth truth(Time now);
  const std::vector<SimulatedAuthority>& authorities() const { return authorities_; }
  // What a walk would find beside the MX.
  std::vector<ListedCompanion> companions() const;

 private:
  struct Told {  // what a cache says
    std::optional<Zone> zone;
    bool stale = false, bogus = false;
    Duration took{0};
  };

  // world_caches.cc: what caches do.
  void pass(Time now);  // lets other people ask until then
  void pass(SimulatedResolver& one, SimulatedCache& cache, Time now);
  Time next_change(const SimulatedResolver& one, SimulatedCache& cache, Time now) const;
  Told tell(const SimulatedResolver& one, SimulatedCache& cache, Time now);
  bool fill(const SimulatedResolver& one, SimulatedCache& cache, Time now, Told& told);
  void keep(SimulatedCache& cache, const SimulatedAuthority& from, Time now);
  const SimulatedAuthority* fetch(const SimulatedResolver& one, SimulatedCache& cache, Time now,
                                  Told& told);
  const Zone& served_to(const SimulatedCache& cache, const SimulatedAuthority& from) const;
  void hold_copies(const Scenario& scenario, Time start);

  // world_servers.cc: where caches are led to.
  void list_servers(const Scenario& scenario);
  std::vector<std::size_t> delegated() const;  // names, as the parent lists them
  std::vector<std::size_t> listed_by(const SimulatedAuthority& one) const;  // as its zone does
  std::vector<std::size_t> addresses_of(std::size_t name, bool v6) const;
  // All servers that lead on from what is held; what has expired is looked up again first.
  std::vector<std::size_t> look_up(HeldServers& held, Families families, Time now) const;

  // world_truth.cc
  bool holds_other(const SimulatedAuthority& one) const;
  bool any_answers(const std::vector<std::size_t>& servers) const;
  enum class Other { none, excused, counts };
  Other would_tell_other(const SimulatedResolver& one, const SimulatedCache& cache, Time now) const;
  Other would_fetch_other(const SimulatedResolver& one, const SimulatedCache& cache,
                          Time now) const;
  void judge_caches(Truth& truth, const SimulatedResolver& one, Time now) const;

  std::size_t chosen_cache(const SimulatedResolver& one);
  SimulatedResolver* resolver(const Endpoint& address);
  bool lost(const SimulatedResolver& one);
  bool reaches(const Endpoint& address) const {
    return !(address.address.is_v6() ? v6_lost_ : v4_lost_);
  }
  bool over_limit(SimulatedResolver& one, Time now);
  // Gives the sample its times, and what a server that answers nothing else answers. True when the
  // server is heard and says what it serves.
  template <class Sample>
  bool is_served(Sample& sample, Reach reach, Time now, Duration limit);
  void lose(const std::string& what, bool is_lost);
  void apply_to(SimulatedAuthority& one, const Event& event, Time now);
  void add_records(const Scenario& scenario);
  void apply_record(const RecordPlan& record, Time now);
  // Says whether one is not the last; since when caches hold nothing else, if it is.
  Time judge_records(Truth& truth, Time now) const;

  DnsName owner_;
  MxSet expected_;
  struct SimulatedRecord {
    RecordPlan plan;
    Reach reach = Reach::answering;
    std::string last;  // what it serves in the end
    std::optional<Time> other_until;
  };

  std::vector<SimulatedAuthority> authorities_;
  std::vector<DnsName> names_;            // of servers
  std::vector<std::size_t> first_names_;  // that were delegated when the world began
  DelegationTtls ttls_;
  std::vector<SimulatedRecord> records_;
  bool signed_zone_ = false;
  std::vector<SimulatedResolver> resolvers_;
  std::map<Endpoint, std::size_t> by_address_;
  Chance chance_;  // of what happens to our own packets
  Time changed_at_;
  double loss_percent_ = 0;
  int packets_ = 0;
  std::vector<Endpoint> family_controls_;
  bool v4_lost_ = false, v6_lost_ = false;  // our own packets of that family
  bool signatures_broken_ = false;
};

}  // namespace mxswitch::monitor::simulation
