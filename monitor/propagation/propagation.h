// The verdict on one owner's MX (PROPAGATION.md): takes what was seen, says what it means, and
// says which probes are wanted when. Pure: no I/O, no clock; one thread at a time. The watcher
// loops: wanted() -> started() -> ask -> observe(), and sleeps until the next wanted().
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/observation.h"
#include "monitor/propagation/policy.h"
#include "monitor/propagation/report.h"
#include "probes/base/clock.h"
#include "probes/base/result.h"
#include "probes/dns/resolver_catalogue.h"

namespace mxswitch::monitor {

// An audited waiver of one authoritative server: `[authority] ignore` of a plan.
struct IgnoredAuthority {
  std::string server;  // an NS name or an address
  std::string reason;
};

struct PropagationInput {
  DnsName owner;
  MxSet expected;
  std::optional<MxSet> declared_old;
  std::optional<seconds> declared_old_ttl;  // `old_ttl` of the plan
  // `changed_at` of the plan: when the change was, or is announced to be, made. Polls of the
  // authorities are frequent from then on.
  std::optional<Time> changed_at;
  Policy policy;
  probes::ResolverList resolvers;
  std::vector<IgnoredAuthority> ignored_authorities;
  // `[authority] formerly`: name servers that left the delegation before the watch began. A walk
  // lists their addresses among the endpoints.
  std::vector<DnsName> formerly;
  // `ns_drain = "ttl"`: a server that is no longer delegated and still serves an earlier set holds
  // nothing back once the NS records that lead to it have expired.
  bool ns_drain_by_ttl = false;
  // False for a single look: nothing is assumed of what was served before it.
  bool judges_drain = true;
  // Resolvers with a dot_name are asked by DNS over TLS too, and must answer what they do over UDP.
  bool compares_dot = false;
  // Servers of the root, of both address families, whose `. SOA` tells a silent server from a
  // family that is dead from here; asked as control names are. Empty: no family is ever dead.
  std::vector<Endpoint> family_controls;
};

// One address of one authoritative server, as the delegation walk found it.
struct AuthorityAddress {
  DnsName server;
  Endpoint endpoint;
  bool operator==(const AuthorityAddress&) const = default;
};

// An RRset that belongs to the change beside the owner's MX, and who serves it, as a walk found it.
struct ListedCompanion {
  DnsName name;
  probes::RrType type = probes::RrType::a;  // A, AAAA, CNAME, DS or DNSKEY
  std::vector<AuthorityAddress> endpoints;  // empty: `fault` says why
  seconds ns_ttl{0};                        // of the delegation that leads to them
  std::string fault;
  bool nonexistent = false;  // the fault: the name does not exist
};

// What a walk could not do. It bounds work, never judgement (2 A).
struct WalkLimits {
  struct LeftOut {
    DnsName zone, server;
    bool operator==(const LeftOut&) const = default;
  };
  // Name servers whose addresses were not looked for: what they serve is not known. The next walk
  // goes on with them.
  std::vector<LeftOut> left_out;
  // This host has no route of the family, so its endpoints can't be asked.
  bool no_v4 = false, no_v6 = false;
  bool operator==(const WalkLimits&) const = default;
};

enum class ProbeKind {
  authority,  // one poll: up to 3 tries (UDP, UDP, TCP), reported as one AuthoritySample
  companion,  // the same of an RRset beside the MX; a CompanionSample
  seed,       // a resolver is asked once before the change, on purpose; a ResolverSample
  resolver,   // a ResolverSample
  control,    // `. SOA` and a random label under com.; a ControlSample
  dot,        // the owner's MX by DNS over TLS, at a resolver; a DotSample
  identity,   // what a resolver calls itself; an IdentitySample, which may be as old as its pause
};
std::string_view to_text(ProbeKind kind);

struct ProbeDue {
  ProbeKind kind = ProbeKind::authority;
  Endpoint endpoint;
  DnsName server;  // of an authority: its NS name
  Time at{};       // since when it is due
  DnsName name{};  // what an authority is asked for
  probes::RrType type = probes::RrType::mx;
  // Of a companion or a control name: an answer that another owner's question brought does as
  // well, when it was asked for since then.
  Time fresh_since{};
  bool sparing = false;  // one query, for its server fails: no second try, no second name
};

// What the owner wants of its watcher at a moment.
struct Wanted {
  std::vector<ProbeDue> due;  // most urgent first; none of them is under way
  // When due probes or the verdict can next change without a new sample, once those that are due
  // were started; none: only with one.
  std::optional<Time> next;
};

// Where the verdict stands: before the drain is over, while resolvers are sampled, while every
// authority is asked a last time, READY.
enum class Phase { draining, sampling, confirming, ready };

class Propagation {
 public:
  Propagation(PropagationInput input, Time now);
  ~Propagation();
  Propagation(Propagation&&) noexcept;
  Propagation& operator=(Propagation&&) noexcept;

  // The endpoints of every zone in the chain, whenever they were enumerated; the whole list each
  // time. One that is gone keeps its obligations. `warnings` of the walk are shown in reports.
  // `ns_ttl`: the largest TTL of the NS sets and their glue, 0 if not known; it bounds how long
  // caches are still led to a server that leaves. `signed_zone`: the parent publishes DS.
  void set_endpoints(std::vector<AuthorityAddress> endpoints, Time now,
                     std::vector<std::string> warnings = {}, seconds ns_ttl = seconds(0),
                     bool signed_zone = false);
  // After a walk, before set_endpoints: where the owner's MX stands (the owner, or the end of its
  // CNAME chain, whose servers are then the endpoints), and what else belongs to the change. The
  // whole list each time; what is gone keeps its obligations.
  void set_chain(const DnsName& mx_name, const std::vector<ListedCompanion>& companions, Time now);
  // After each walk, before set_endpoints.
  void set_limits(WalkLimits limits, Time now);
  // The walk itself failed: the verdict says so until the next set_endpoints.
  void enumeration_failed(std::string why, Time now);

  // Samples come in the order of their receive times; each must have been sent after the one
  // before it at the same server. Failed ones are fed too: silence is evidence of silence. Only a
  // CompanionSample or ControlSample may have been received somewhat earlier, see
  // ProbeDue::fresh_since.
  void observe(const AuthoritySample& sample);
  void observe(const CompanionSample& sample);
  void observe(const ResolverSample& sample);
  void observe(const ControlSample& sample);
  void observe(const IdentitySample& sample);
  void observe(const DotSample& sample);

  // Takes a violator (no other resolver) out of condition C by name. Fails with `blocked` when
  // it is none, or when 2 operators are waived already; `not_found` for an unknown resolver.
  Result<void> waive(const Endpoint& resolver, std::string reason, std::optional<Time> until,
                     Time now);
  void unwaive(const Endpoint& resolver);

  PropagationReport report(Time now) const;
  Phase phase(Time now) const;  // far cheaper than a report that says the same
  const PropagationInput& input() const;
  bool signed_zone() const;                          // see set_endpoints
  const DnsName& mx_name() const;                    // see set_chain
  bool change_started() const;                       // an endpoint serves the expected set
  std::optional<Time> strict_until(Time now) const;  // as known now; see PropagationReport
  bool active(Time now) const;  // a sign of the change was seen, or its announced time passed

  // A probe that was started is not named again until its sample came, or until it must have been
  // lost. `leaves_at`: when its first packet may leave, `now` or later.
  // A call that comes long after the `next` of the one before it is noted as a gap.
  Wanted wanted(Time now);
  void started(const ProbeDue& probe, Time now, Time leaves_at);

  // Before a step that can't be taken back: every server is wanted once more, at once.
  void look_again(Time now);
  // Who has not answered a question that was sent since then, of all that condition A speaks of.
  std::vector<std::string> unanswered_since(Time from, Time now) const;

  // Rises whenever something was learnt that a restart must not lose (another version, a class
  // that changed, a run that began or broke); what repeats earlier evidence does not count.
  std::uint64_t revision() const;

  // The plan was changed. Another expected set makes all earlier answers be compared anew: no
  // obligation is lost, runs of new answers start again.
  void replace_input(PropagationInput input, Time now);

  // All that a restart must not lose: endpoints, runs, obligations, lineages, counts. With the same
  // boot id CLOCK_BOOTTIME since then is credited, else NTP-synchronised wall time less its error,
  // else the drain starts again (section 2 B, Time).
  nlohmann::json save(const ClockReading& clock) const;
  // `watched_until`: heartbeat_json of the newest moment at which the owner was still watched, if
  // that is later than the save. Fails with `malformed` and names the field.
  static Result<Propagation> restore(PropagationInput input, const nlohmann::json& saved,
                                     const ClockReading& clock,
                                     const std::optional<nlohmann::json>& watched_until = {});

 private:
  struct State;
  explicit Propagation(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// See Propagation::restore.
nlohmann::json heartbeat_json(const ClockReading& clock);

}  // namespace mxswitch::monitor
