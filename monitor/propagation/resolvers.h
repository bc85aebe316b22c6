// One resolver: what its caches answered, the draw of K samples after the drain bound, and
// whether it stretches TTLs or never lets go (PROPAGATION.md 2 C).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/caches.h"
#include "monitor/propagation/drain.h"

namespace mxswitch::monitor {

inline constexpr int kMostDraws = 3;  // an hour
inline constexpr std::size_t kOutcomesKept = 16;
inline constexpr std::size_t kAttemptsKept = 20;

// What it says of itself to those who ask (RFC 4892); an NSID is another thing, and the two are
// never compared.
struct OwnName {
  std::string id_server;
  std::optional<Time> asked_at;
  bool silent = false;  // when it was asked last
};

// What it answers by DNS over TLS beside what it answers over UDP (dot.h).
struct DotTrack {
  std::optional<Time> asked_at;
  std::string fault;  // of the newest question: why nothing was compared; else empty
  int differs = 0;    // answers in a row that were not those over UDP
  std::optional<Time> differed_at, agreed_at;
  MxSet over_udp, over_tls;  // when they differed last
};

struct ResolverWaiver {
  std::string reason;
  std::optional<Time> until;
};

// Facts about one resolver, as they came.
struct ResolverTrack {
  Caches caches;
  std::uint32_t largest_ttl = 0;  // ever seen from it

  std::optional<Time> sent_at, last_at;  // of the newest sample, whatever came of it
  Duration rtt{0};
  Outcome outcome = Outcome::timed_out;
  std::optional<Time> answered_at;  // of the newest conclusive one
  MxSet set;
  std::uint32_t ttl = 0;
  std::string nsid;
  bool stale_marked = false;
  bool through_cname = false;
  std::optional<Time> bogus_at;
  std::optional<Time> authenticated_at;  // its newest answer with AD was one of the expected set

  std::optional<Time> e0;          // see PROPAGATION.md 2 C
  std::optional<Time> not_new_at;  // the newest answer that was not new
  int not_new_in_row = 0;
  std::vector<Time> new_sent;       // sent times of the draw: spaced new answers since then
  std::vector<Time> failed_draws;   // in the last hour
  std::vector<int> outcomes;        // 1: failed; the newest last
  bool held_earlier = false;        // it was once seen old or mixed
  std::optional<Time> filtered_at;  // it said that it filters the name
  int failures_in_row = 0;
  bool seeded = false;
  int seed_tries = 0;

  // A remaining TTL above all that an authority gave with the set: a copy from before the watch, or
  // one that is stretched, as `fetches_long` shows: it was fetched since the change.
  std::optional<SeenCopy> long_copy;
  bool fetches_long = false;
  std::optional<SeenCopy> old_copy;  // of its old answers the one that expires last; none stale

  bool stretches = false;  // shown by a TTL above the authority's, or by time
  std::uint32_t stretched_ttl = 0, given_ttl = 0;
  std::optional<Time> incoherent_until;  // D: a new answer fetched before any authority had it

  std::optional<Time> control_at, control_answered_at;
  int control_failures = 0;
  bool control_root_only = false;  // the newest did not ask for the name that must not exist
  bool lies = false, intercepted = false;
  OwnName own_name;
  DotTrack dot;
  std::optional<ResolverWaiver> waiver;

  // Of its newest questions about the owner and about control names; 1: failed, the newest last.
  std::vector<int> attempts;

  bool fails() const;  // over half of its newest queries
  // A question and its repetition failed: it is asked less and less, one question at a time.
  bool backs_off() const { return failures_in_row > 1 || control_failures > 1; }
  bool waived(Time now) const { return waiver && (!waiver->until || now < *waiver->until); }
  // A control name was answered when it was last asked for one, lately or before it began to fail.
  bool counted(Time now, const Policy& policy) const {
    if (control_failures > 0 || lies) return false;
    // While it fails the root alone is asked for: enough to see that it fails this owner, not all.
    if (failures_in_row > 0) return control_answered_at || (control_root_only && control_at);
    return control_answered_at && now - *control_answered_at <= control_valid(policy);
  }
};

// What the authorities said up to now, as the resolvers' answers are compared with it.
struct ResolverContext {
  const Policy& policy;
  const Classifier& classes;
  const DrainBound& bound;
  TtlOf ttl_of;
  TtlOf given_ttl_of;  // the same without what the plan declares
  // Without what suspect pairs show, which would else put off for ever when they may be waived.
  const DrainBound& unpaired;
  std::function<bool(const Endpoint&)> is_in_pair;
  std::uint32_t old_ttl = 0;  // v: the largest of the other sets, or what stands for it
  // Receive time of the last old answer of the endpoint that turned new first.
  std::optional<Time> last_old_before_change;
};

// A copy from before the watch may live as long as that.
bool is_from_before(Time expires_at, const ResolverContext& context);
// EDE 3 or 19, or a short TTL in a lineage whose E has passed (RFC 8767 section 4).
bool is_stale_answer(const ResolverTrack& track, const ResolverSample& sample);
void note_sample(ResolverTrack& track, const ResolverSample& sample,
                 const ResolverContext& context);
void note_control(ResolverTrack& track, const ControlSample& sample);
void note_identity(ResolverTrack& track, const IdentitySample& sample);
// Our own way out was dead: what failed meanwhile says nothing of it.
void forget_failures(ResolverTrack& track);
// When one that backs off is asked again, whatever for.
Time retry_at(const ResolverTrack& track, const Policy& policy, bool last_seen_old);
// Answers are compared with another expected set from now on.
void restart_draw(ResolverTrack& track);

// Where one resolver stands in C.
struct ResolverStanding {
  const probes::Resolver* resolver = nullptr;
  const ResolverTrack* track = nullptr;
  bool counted = false, waived = false, failed = false, passed = false, split = false;
  bool warm = false, stretcher = false, violator = false;
  AnswerClass last_class = AnswerClass::failed;  // the worst of its caches
  int new_samples = 0;
  int warm_caches = 0, cold_caches = 0, stale_caches = 0;
  std::optional<Time> stale_expires_at;  // the latest E of its unresolved stale caches
  // One of them that has an NSID, and that all samples since its expiry missed.
  const Cache* unmet = nullptr;
  bool falls_short = false;  // see reason_of
  bool filter = false;       // it keeps this name from its users: excluded
};

// So many new samples, since the last that was not, must show that no cache of this resolver holds
// another set: K, and more at a farm that showed one for longer than TTLs allow.
int samples_wanted(const ResolverTrack& track, const ResolverContext& context);
// A cache last seen with another set holds until a later sample there is new; one without an NSID,
// until so many at the same resolver are.
bool is_unresolved(const Cache& cache, const ResolverTrack& track, const ResolverContext& context);
ResolverStanding judge_resolver(const probes::Resolver& resolver, const ResolverTrack& track,
                                const ResolverContext& context, Time now);
// Those that say that the owner does not exist, or that they filter it, while they answer control
// names and nobody has reason to: excluded, as long as they are few.
void exclude_filters(std::vector<ResolverStanding>& standings, const Classifier& classes);
// Why it does not pass, in words; made only where somebody reads them.
std::optional<Reason> reason_of(const ResolverStanding& standing, const ResolverContext& context,
                                Time now);
std::string resolver_label(const probes::Resolver& resolver);  // "Quad9 9.9.9.9"

}  // namespace mxswitch::monitor
