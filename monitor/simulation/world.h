// The simulated servers: authorities with zones, resolvers with caches of every habit, and other
// people who ask them. Time is the caller's and never runs back; the same scenario and seed make
// the same world, whatever is asked of it meanwhile but for what the asking itself plants.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "monitor/simulation/chance.h"
#include "monitor/simulation/scenario.h"

namespace mxswitch::monitor::simulation {

enum class Reach { answering, silent, refusing, slow };

struct SimulatedAuthority {
  AuthorityPlan plan;
  std::vector<Zone> sites;  // at least one
  Reach reach = Reach::answering;
  bool there = true;  // caches are led to it
};

struct SimulatedCache {
  explicit SimulatedCache(Chance its) : chance(its) {}

  Habits habits;
  Chance chance;  // of what happens to this cache
  std::uint64_t place = 0;
  std::optional<Zone> held;
  std::uint32_t kept = 0;  // the TTL it gave the held set
  Time expires_at{};
  Time next_client{};  // when somebody else's question next changes something here
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

// What is true of the whole world at a moment, sampled or not.
struct Truth {
  int caches = 0, stale = 0;     // that would answer another set, if they were asked
  bool authority_other = false;  // one that caches may ask serves another set
  bool record_other = false;     // an earlier RRset beside the MX is served, or may be cached
  // Since when nothing answers another set; none while anything does.
  std::optional<Time> clean_since;
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
  ResolverSample ask_resolver(const Endpoint& address, Time now, Duration limit);
  ControlSample ask_control(const Endpoint& address, Time now, Duration limit);
  IdentitySample ask_identity(const Endpoint& address, Time now, Duration limit);
  DotSample ask_dot(const Endpoint& address, Time now, Duration limit);

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

  void pass(Time now);  // lets other people ask until then
  void pass(SimulatedResolver& one, SimulatedCache& cache, Time now);
  Time next_change(const SimulatedResolver& one, SimulatedCache& cache, Time now) const;
  Told tell(const SimulatedResolver& one, SimulatedCache& cache, Time now);
  bool fill(const SimulatedResolver& one, SimulatedCache& cache, Time now, Told& told);
  const Zone* fetch(SimulatedCache& cache, Told& told);
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
  bool holds_other(const SimulatedAuthority& one) const;
  bool would_tell_other(const SimulatedCache& cache, Time now) const;
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
  std::vector<SimulatedRecord> records_;
  bool signed_zone_ = false;
  std::vector<SimulatedResolver> resolvers_;
  std::map<Endpoint, std::size_t> by_address_;
  Chance chance_;  // of what happens to our own packets
  Time changed_at_;
  double loss_percent_ = 0;
  std::vector<Endpoint> family_controls_;
  bool v4_lost_ = false, v6_lost_ = false;  // our own packets of that family
  bool signatures_broken_ = false;
};

}  // namespace mxswitch::monitor::simulation
