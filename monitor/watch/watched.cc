#include "monitor/watch/watched.h"

#include <fmt/format.h>

#include <string_view>

#include "monitor/propagation/classify.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

constexpr int kPollsBetweenSoa = 10;
// Hostile zones make at most 60 queries a minute, and other owners find their servers meanwhile
// (PROPAGATION.md section 4).
constexpr probes::Rate kWalkRate{0.4, 30};
constexpr Duration kCalmAfterReady = std::chrono::hours(1);
constexpr Duration kShownWait = seconds(1);  // shorter ones stretch nothing that matters
constexpr Duration kWaitShownFor = std::chrono::minutes(10);

std::optional<TxtSchedule> txt_of(const WatchedOwner& owner) {
  if (!owner.spf) return std::nullopt;
  return TxtSchedule(owner.input.policy, owner.input.resolvers,
                     {owner.input.owner, owner.spf->required});
}

SpfMove move_of(const WatchedOwner& owner) {
  SpfMove move = *owner.spf;
  move.owner = owner.input.owner;
  return move;
}

std::optional<SpfRounds> spf_of(const WatchedOwner& owner) {
  if (!owner.spf) return std::nullopt;
  return SpfRounds(owner.input.policy, move_of(owner));
}

// The core as it stands, for a replay that begins at this moment.
nlohmann::json state_of(const Propagation& core, Time now) {
  return core.save({now, now, Duration(0), "replay", true, Duration(0)});
}

}  // namespace

Watched::Watched(const WatchedOwner& owner, Propagation restored)
    : core(std::move(restored)), txt(txt_of(owner)), spf(spf_of(owner)) {}

void Watched::open(Opening opening, ListIndex& lists, Time now) {
  if (txt)
    txt->restore(std::move(opening.spf.authorities), opening.spf.resolvers,
                 std::move(opening.spf.samples), now);
  if (spf) spf->restore(std::move(opening.spf.evaluations));
  history = std::move(opening.history);
  if (history.begun() && opening.clocks)
    history.restarted(core.input(), lists, now, std::move(*opening.clocks));
  else
    history.begin(core.input(), lists, now,
                  opening.with_state ? std::optional(state_of(core, now)) : std::nullopt);
}

void Watched::replace(WatchedOwner owner, ListIndex& lists, Time now) {
  const bool same_spf = spf && owner.spf && spf->move() == move_of(owner) &&
                        owner.input.resolvers.is_copy_of(core.input().resolvers);
  if (same_spf) {  // what was seen of it goes on holding
    txt->set_policy(owner.input.policy);
    spf->set_policy(owner.input.policy);
  } else {
    txt = txt_of(owner);
    spf = spf_of(owner);
  }
  walk_at = now;  // the TXT schedule wants the servers again
  const bool other_set = owner.input.expected != core.input().expected;
  history.plan(owner.input, lists, now,
               other_set ? std::optional(state_of(core, now)) : std::nullopt);
  core.replace_input(std::move(owner.input), now);
}

template <class Sample>
void Watched::observe(const Sample& sample) {
  const std::uint64_t before = core.revision();
  core.observe(sample);
  note(sighting_of(sample), before, sample.received_at);
}

void Watched::take(const AuthoritySample& sample) {
  // Asked before the chain changed: it says nothing of the name that the MX stands at now.
  if (!sample.owner.is_root() && sample.owner != core.mx_name()) return core.observe(sample);
  observe(sample);
  // A chain that came or went has servers of its own.
  if (is_conclusive(sample.outcome) && sample.through_cname != alias_seen_) {
    alias_seen_ = sample.through_cname;
    walk_at = sample.received_at;
  }
}
void Watched::take(const CompanionSample& sample) { observe(sample); }
void Watched::take(const ResolverSample& sample) { observe(sample); }
void Watched::take(const ControlSample& sample) { observe(sample); }
void Watched::take(const std::variant<CompanionSample, ControlSample>& sample) {
  std::visit([this](const auto& one) { observe(one); }, sample);
}
void Watched::take(const IdentitySample& sample) { observe(sample); }
void Watched::take(const DotSample& sample) { observe(sample); }

void Watched::take(const TxtSample& sample) {
  if (!txt) return;
  txt->observe(sample);
  if (!spf || sample.name != core.input().owner) return;
  std::vector<TxtSample> samples = txt->samples();
  std::erase_if(samples, [&](const TxtSample& one) { return one.name != sample.name; });
  spf->follow(samples, txt->phase(), sample.received_at);
}

void Watched::take(const SpfRound& round, SpfEvaluation made) {
  if (spf && spf->observe(round, std::move(made))) ++spf_changes_;
}

nlohmann::json Watched::state(const ClockReading& clock) const {
  nlohmann::json state = core.save(clock);
  if (txt && spf) state["spf"] = spf_to_json({{}, false, txt->samples(), spf->evaluations()});
  return state;
}

Time Watched::walk_slot(Time now) {
  return walked_ ? walk_pacer_.reserve({}, kWalkRate, now) : now;
}

void Watched::take(WalkResult result, Time now) {
  walked_ = true;
  const std::uint64_t before = core.revision();
  const Sighting sighting = sighting_of(result, now);
  if (result.endpoints.empty())
    core.enumeration_failed(std::move(result.fault), now);
  else
    take_endpoints(std::move(result), now);
  note(sighting, before, now);
}

void Watched::take_endpoints(WalkResult result, Time now) {
  if (txt) {
    std::vector<TxtServer> servers;
    for (const AuthorityAddress& authority : result.endpoints)
      servers.push_back({true, authority.server.text(), authority.endpoint, {}});
    txt->set_authorities(std::move(servers), now);
  }
  const DnsName& owner = core.input().owner;
  core.set_limits(std::move(result.limits), now);
  core.set_chain(result.mx_name.is_root() ? owner : result.mx_name, result.companions, now);
  core.set_endpoints(std::move(result.endpoints), now, std::move(result.warnings), result.ns_ttl,
                     result.signed_zone);
}

void Watched::note(const Sighting& sighting, std::uint64_t revision_before, Time now) {
  const auto ready = history.ready_since();
  const bool calm = !core.active(now) || (ready && now - *ready >= kCalmAfterReady);
  history.note(sighting, core.revision() != revision_before, calm);
}

Result<void> Watched::waive(const Endpoint& resolver, std::string reason, std::optional<Time> until,
                            Time now) {
  auto waived = core.waive(resolver, reason, until, now);
  if (waived) history.waived(resolver, reason, until, now);
  return waived;
}

void Watched::unwaive(const Endpoint& resolver, Time now) {
  core.unwaive(resolver);
  history.unwaived(resolver, now);
}

void Watched::follow_verdict(Time now) {
  // Before a change the verdict waits for news, not for a time.
  if (judged_revision_ == core.revision() && !core.change_started()) return;
  judged_revision_ = core.revision();
  history.follow(core.report(now));
}

bool Watched::wants_soa(const Endpoint& endpoint) {
  return polls_[endpoint]++ % kPollsBetweenSoa == 0;
}

void Watched::note_wait(const Endpoint& server, Time slot, Time now) {
  const Duration pause = slot - now;
  if (pause < kShownWait || (wait_ && wait_->pause > pause && now - wait_->at < kWaitShownFor))
    return;
  wait_ = Wait{server, pause, now};
}

std::string Watched::stretched(Time now) const {
  if (!wait_ || now - wait_->at >= kWaitShownFor) return "";
  return fmt::format("the courtesy limit stretches intervals: a probe of {} waited {} for its turn",
                     wait_->server.text(), format_duration(wait_->pause));
}

void Watched::add_to(PropagationReport& report, Time now) const {
  report.stretched = stretched(now);
  if (!report.stretched.empty()) {
    report.warnings.push_back(report.stretched);
    if (!report.reasons.empty())
      report.forecast.moves.push_back(
          {Forecast::Move::Effect::later, "courtesy", report.stretched, {}});
  }
  if (!txt) return;
  report.spf = judge_spf_text(txt->wish(), txt->samples(), now);
  report.queries_a_day += txt->queries_a_day(now);
}

}  // namespace mxswitch::monitor
