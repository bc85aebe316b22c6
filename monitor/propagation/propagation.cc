#include "monitor/propagation/propagation.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "monitor/propagation/assumptions.h"
#include "monitor/propagation/dot.h"
#include "monitor/propagation/families.h"
#include "monitor/propagation/forecast.h"
#include "monitor/propagation/gaps.h"
#include "monitor/propagation/load.h"
#include "monitor/propagation/persist.h"
#include "monitor/propagation/schedule.h"
#include "monitor/propagation/state.h"
#include "monitor/propagation/suspects.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {

struct Propagation::State : PropagationState {};

namespace {

constexpr int kMostWaivedOperators = 2;

void end_under_way(PropagationState& state, const Endpoint& endpoint, auto matches) {
  std::erase_if(state.under_way, [&](const PropagationState::UnderWay& one) {
    return one.probe.endpoint == endpoint && matches(one.probe);
  });
  if (state.under_way.empty()) state.under_way.shrink_to_fit();  // of 100,000 owners, few ask now
}

// The start of the change: the first new answer; a rollback everywhere takes it back.
void follow_change(PropagationState& state, const AuthorityState& authority) {
  if (!state.authorities.any_new()) {
    state.change_started_at.reset();
    return;
  }
  if (state.change_started_at) return;
  state.change_started_at = authority.new_since;
  if (!state.last_old_before_change) state.last_old_before_change = authority.last_other_at;
}

// What of an endpoint's run a restart must know.
auto gist(const AuthorityState& state) {
  const bool signature_holds =
      !state.signature || !state.last_answer_at || state.signature->holds_at(*state.last_answer_at);
  return std::tuple(std::min(state.new_rounds, kRounds), state.unknown_since.has_value(),
                    state.lame_before, state.through_cname, signature_holds, state.signatures_asked,
                    state.signature.has_value());
}

// What of a resolver's answers a restart must know; K's samples are drawn again.
auto gist(const ResolverTrack& track) {
  return std::tuple(track.set, track.caches.all().size(), track.failed_draws.size(), track.seeded,
                    track.stretches, track.bogus_at.has_value(), track.lies, track.intercepted,
                    track.own_name.id_server, track.dot.differs, track.not_new_at, track.e0);
}

void start_again(PropagationState& state, Time now) {
  state.versions.restart(now);
  state.companions.restart(now);
  state.authorities.restart_runs(state.input.expected, now);
  for (AuthorityState& authority : state.authorities.all())
    for (auto* at : {&authority.first_answer_at, &authority.left_at, &authority.unknown_since,
                     &authority.spoken_for_since})
      if (*at) *at = now;
  for (UnseenAuthority& unseen : state.unseen) unseen.fetched_at = now;
  for (auto& [endpoint, track] : state.tracks) {
    restart_draw(track);
    track.control_answered_at.reset();
    track.control_at.reset();
  }
  state.ready_since.reset();
}

}  // namespace

Propagation::Propagation(PropagationInput input, Time) : state_(std::make_unique<State>()) {
  state_->input = std::move(input);
}
Propagation::Propagation(std::unique_ptr<State> state) : state_(std::move(state)) {}
Propagation::~Propagation() = default;
Propagation::Propagation(Propagation&&) noexcept = default;
Propagation& Propagation::operator=(Propagation&&) noexcept = default;

void Propagation::set_endpoints(std::vector<AuthorityAddress> endpoints, Time now,
                                std::vector<std::string> warnings, seconds ns_ttl,
                                bool signed_zone) {
  const seconds led_by = std::max(state_->ns_ttl, ns_ttl);
  state_->ns_ttl = ns_ttl;
  const bool other = state_->authorities.enumerate(endpoints, now, led_by, state_->input.formerly);
  if (other || state_->enumeration_error || state_->signed_zone != signed_zone) ++state_->revision;
  state_->walk_warnings = std::move(warnings);
  state_->enumeration_error.reset();
  state_->signed_zone = signed_zone;
  if (follow_families(*state_, now)) ++state_->revision;
}

void Propagation::set_chain(const DnsName& mx_name, const std::vector<ListedCompanion>& companions,
                            Time now) {
  PropagationState& state = *state_;
  if (mx_name != state.mx_name()) {
    // What the earlier servers served stays as obligations; they are asked no more.
    state.versions.retire(now);
    state.authorities = Authorities();
    state.chain_end.reset();
    if (mx_name != state.input.owner) state.chain_end = mx_name;
    ++state.revision;
  }
  if (state.companions.enumerate(companions, now)) ++state.revision;
}

void Propagation::set_limits(WalkLimits limits, Time now) {
  if (state_->limits == limits) return;
  state_->limits = std::move(limits);
  mark_families(*state_, now);
  ++state_->revision;
}

void Propagation::enumeration_failed(std::string why, Time) {
  if (state_->enumeration_error != why) ++state_->revision;
  state_->enumeration_error = std::move(why);
}

void Propagation::observe(const AuthoritySample& sample) {
  end_under_way(*state_, sample.endpoint, [&](const auto& one) {
    return one.kind == ProbeKind::authority && one.server == sample.server;
  });
  const bool named = !sample.owner.is_root();
  if (named && sample.owner != state_->mx_name()) return;  // asked before the chain changed
  const AuthorityState* known = state_->authorities.find({sample.server, sample.endpoint});
  if (!known) return;
  const auto before = gist(*known);
  const AuthorityState& authority = state_->authorities.observe(sample, state_->input.expected);
  if (gist(authority) != before) ++state_->revision;
  if (follow_families(*state_, sample.received_at)) ++state_->revision;
  follow_silence(*state_, sample);
  if (authority.last_answer_at != sample.received_at) return;
  if (state_->versions.served(sample, state_->input.policy.authority_spread)) ++state_->revision;
  follow_change(*state_, authority);
  follow_readiness(*state_, sample.received_at);
}

void Propagation::observe(const CompanionSample& sample) {
  end_under_way(*state_, sample.endpoint, [&](const auto& one) {
    return one.kind == ProbeKind::companion && one.server == sample.server &&
           one.name == sample.name && one.type == sample.type;
  });
  const bool before_change = !state_->change_started_at;
  if (state_->companions.observe(sample, before_change)) ++state_->revision;
  if (follow_families(*state_, sample.received_at)) ++state_->revision;
  follow_silence(*state_, sample);
  follow_shared(*state_, sample.received_at);
}

void Propagation::observe(const ResolverSample& sample) {
  bool seed = false;
  end_under_way(*state_, sample.resolver, [&](const auto& one) {
    seed = seed || one.kind == ProbeKind::seed;
    return one.kind == ProbeKind::seed || one.kind == ProbeKind::resolver;
  });
  const probes::Resolver* resolver = state_->input.resolvers.find(sample.resolver);
  if (!resolver) return;
  ResolverTrack& track = state_->tracks[sample.resolver];
  const auto before = gist(track);
  const Reading reading(*state_, sample.received_at);
  if (is_suspect(track, sample, reading))
    note_suspect(*state_, *resolver, sample, reading.context.old_ttl);
  note_sample(track, sample, reading.context);
  if (seed) ++track.seed_tries;
  if (is_conclusive(sample.outcome)) track.seeded = true;
  follow_signatures(*state_, sample.received_at);
  if (gist(track) != before) ++state_->revision;
  follow_readiness(*state_, sample.received_at);
}

void Propagation::observe(const ControlSample& sample) {
  end_under_way(*state_, sample.resolver,
                [](const auto& one) { return one.kind == ProbeKind::control; });
  const bool of_family = is_family_control(state_->input, sample.resolver);
  if (!of_family && !state_->input.resolvers.find(sample.resolver)) return;
  ResolverTrack& track = state_->tracks[sample.resolver];
  const auto before = gist(track);
  note_control(track, sample);
  if (of_family && follow_uplink(*state_, sample.resolver.address.is_v6(), sample.received_at))
    ++state_->revision;
  if (of_family && follow_families(*state_, sample.received_at)) ++state_->revision;
  if (gist(track) != before) ++state_->revision;
  follow_shared(*state_, sample.received_at);
}

void Propagation::observe(const IdentitySample& sample) {
  end_under_way(*state_, sample.resolver,
                [](const auto& one) { return one.kind == ProbeKind::identity; });
  if (!state_->input.resolvers.find(sample.resolver)) return;
  ResolverTrack& track = state_->tracks[sample.resolver];
  const auto before = gist(track);
  note_identity(track, sample);
  if (gist(track) != before) ++state_->revision;
  follow_readiness(*state_, sample.received_at);
}

void Propagation::observe(const DotSample& sample) {
  end_under_way(*state_, sample.resolver,
                [](const auto& one) { return one.kind == ProbeKind::dot; });
  if (!state_->input.resolvers.find(sample.resolver)) return;
  ResolverTrack& track = state_->tracks[sample.resolver];
  const auto before = gist(track);
  const Reading reading(*state_, sample.received_at);
  note_dot(track, sample, reading.context);
  if (gist(track) != before) ++state_->revision;
  follow_readiness(*state_, sample.received_at);
}

Result<void> Propagation::waive(const Endpoint& resolver, std::string reason,
                                std::optional<Time> until, Time now) {
  const probes::Resolver* named = state_->input.resolvers.find(resolver);
  if (!named)
    return fail(Fault::not_found, "no such resolver is watched", resolver.text(),
                "take its address from the list of resolvers");
  const Reading reading(*state_, now);
  ResolverTrack& track = state_->tracks[resolver];
  const ResolverStanding standing = judge_resolver(*named, track, reading.context, now);
  if (is_settled(*state_, resolver))
    return fail(Fault::blocked,
                fmt::format("resolvers of a third operator show what {} does: a server that nobody "
                            "listed still serves it",
                            resolver_label(*named)),
                state_->input.owner.text(),
                "find that server; [authority] formerly of the plan names one that was delegated");
  if (!standing.violator && !standing.waived)
    return fail(Fault::blocked,
                fmt::format("{} is no violator: only one that still holds the old set long after "
                            "its expiry can be waived",
                            resolver_label(*named)),
                state_->input.owner.text(), "wait for its cache to expire");
  std::set<std::string> operators{named->operator_name};
  for (const probes::Resolver& other : state_->input.resolvers)
    if (state_->track_of(other.endpoint).waived(now)) operators.insert(other.operator_name);
  if (static_cast<int>(operators.size()) > kMostWaivedOperators)
    return fail(Fault::blocked,
                fmt::format("resolvers of {} operators are waived already", kMostWaivedOperators),
                state_->input.owner.text(), "take back one of those waivers or wait");
  track.waiver = ResolverWaiver{std::move(reason), until};
  ++state_->revision;
  return {};
}

void Propagation::unwaive(const Endpoint& resolver) {
  const auto track = state_->tracks.find(resolver);
  if (track == state_->tracks.end()) return;
  track->second.waiver.reset();
  ++state_->revision;
}

PropagationReport Propagation::report(Time now) const {
  const Reading reading(*state_, now);
  PropagationReport report = compose_report(reading);
  report.assumptions = assumptions_of(reading);
  report.forecast = forecast_of(reading, reading.standings(), report);
  report.queries_a_day = queries_a_day(reading);
  return report;
}

Phase Propagation::phase(Time now) const { return phase_of(Reading(*state_, now)); }

namespace {

bool is_sample(ProbeKind kind) { return kind == ProbeKind::seed || kind == ProbeKind::resolver; }

bool is_under_way(const PropagationState& state, const ProbeDue& probe, Time now) {
  return std::any_of(state.under_way.begin(), state.under_way.end(), [&](const auto& one) {
    if (one.probe.endpoint != probe.endpoint || now >= one.lost_at) return false;
    // A seed and a sample are the same question to the same resolver.
    if (is_sample(one.probe.kind) && is_sample(probe.kind)) return true;
    if (one.probe.kind != probe.kind || one.probe.server != probe.server) return false;
    return probe.kind != ProbeKind::companion ||
           (one.probe.type == probe.type && one.probe.name == probe.name);
  });
}

// Authorities first: the bound hangs on them; then control names, without which nothing counts.
int urgency(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::authority:
      return 0;
    case ProbeKind::companion:
      return 1;
    case ProbeKind::control:
    case ProbeKind::dot:
    case ProbeKind::identity:
      return 2;
    case ProbeKind::seed:
      return 3;
    case ProbeKind::resolver:
      return 4;
  }
  return 4;
}

}  // namespace

const PropagationInput& Propagation::input() const { return state_->input; }

bool Propagation::signed_zone() const { return state_->signed_zone; }

const DnsName& Propagation::mx_name() const { return state_->mx_name(); }

bool Propagation::change_started() const { return state_->change_started_at.has_value(); }

std::optional<Time> Propagation::strict_until(Time now) const {
  return Reading(*state_, now).bound.strict_until;
}

bool Propagation::active(Time now) const { return state_->active(now); }

Wanted Propagation::wanted(Time now) {
  follow_gap(*state_, now);
  const Reading reading(*state_, now);
  Wanted wanted;
  const auto consider = [&](std::optional<Time> at) {
    if (at && *at > now && (!wanted.next || *at < *wanted.next)) wanted.next = at;
  };
  for (ProbeDue& probe : wanted_probes(reading)) {
    if (is_under_way(*state_, probe, now)) continue;
    if (probe.at > now)
      consider(probe.at);
    else
      wanted.due.push_back(std::move(probe));
  }
  std::stable_sort(wanted.due.begin(), wanted.due.end(), [](const ProbeDue& a, const ProbeDue& b) {
    return std::pair(urgency(a.kind), a.at) < std::pair(urgency(b.kind), b.at);
  });
  for (const auto& one : state_->under_way) consider(one.lost_at);
  consider(state_->input.changed_at);
  consider(reading.bound.strict_until);
  consider(reading.bound.opens_at);
  if (reading.bound.opens_at) consider(ready_from(reading, reading.standings()));
  for (const auto& [endpoint, track] : state_->tracks)
    if (track.waiver) consider(track.waiver->until);
  state_->wake_at = wanted.next.value_or(Time::max());
  return wanted;
}

void Propagation::started(const ProbeDue& probe, Time now, Time leaves_at) {
  std::erase_if(state_->under_way, [&](const auto& one) { return one.lost_at <= now; });
  const Time lost = lost_at(probe, state_->input.policy, std::max(now, leaves_at));
  state_->under_way.push_back({probe, lost});
  state_->wake_at = std::min(state_->wake_at, lost);
}

void Propagation::look_again(Time now) { state_->look_from = now; }

std::vector<std::string> Propagation::unanswered_since(Time from, Time now) const {
  return mxswitch::monitor::unanswered_since(*state_, from, now);
}

std::uint64_t Propagation::revision() const { return state_->revision; }

void Propagation::replace_input(PropagationInput input, Time now) {
  const bool other_set = input.expected != state_->input.expected;
  if (other_set) state_->once_expected.push_back(state_->input.expected);
  state_->input = std::move(input);
  state_->drop_foreign_tracks();
  ++state_->revision;
  if (!other_set) return;
  state_->authorities.restart_runs(state_->input.expected, now);
  for (auto& [endpoint, track] : state_->tracks) {
    restart_draw(track);
    track.waiver.reset();  // given for what it held of the set before
  }
  state_->change_started_at.reset();
  state_->last_old_before_change.reset();
  state_->ready_since.reset();
}

nlohmann::json Propagation::save(const ClockReading& clock) const {
  nlohmann::json saved = state_to_json(*state_);
  saved["version"] = 1;
  saved["clock"] = clock_to_json(clock);
  return saved;
}

Result<Propagation> Propagation::restore(PropagationInput input, const nlohmann::json& saved,
                                         const ClockReading& clock,
                                         const std::optional<nlohmann::json>& watched_until) {
  const std::string where = input.owner.text();
  const Time now = clock.now;
  try {
    if (saved.at("version").get<int>() != 1)
      return fail(Fault::malformed, "a saved state of another version", where);
    const Credit credit = credit_of(saved.at("clock"), clock);
    Duration unwatched = credit.unwatched;
    if (watched_until) unwatched = std::min(unwatched, credit_of(*watched_until, clock).unwatched);
    nlohmann::json moved = saved;
    move_times(moved, credit.shift);
    auto state = std::make_unique<State>();
    PropagationInput wanted = std::move(input);
    state->input = wanted;
    state_from_json(moved, *state);
    if (!credit.accounted) start_again(*state, now);
    note_gap(*state, unwatched, now, credit.accounted);
    Propagation restored(std::move(state));
    restored.replace_input(std::move(wanted), now);
    return restored;
  } catch (const std::exception& error) {
    return fail(Fault::malformed, fmt::format("the saved state can't be read: {}", error.what()),
                where);
  }
}

nlohmann::json heartbeat_json(const ClockReading& clock) { return clock_to_json(clock); }

}  // namespace mxswitch::monitor
