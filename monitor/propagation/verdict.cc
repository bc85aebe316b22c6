// Composes the report of one owner from its four conditions.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "monitor/propagation/confidence.h"
#include "monitor/propagation/dot.h"
#include "monitor/propagation/schedule.h"
#include "monitor/propagation/signs.h"
#include "monitor/propagation/state.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

constexpr std::size_t kValidators = 2;  // operators

AuthorityReport report_of(const AuthorityState& state, const Reading& reading) {
  AuthorityReport report;
  report.server = state.address.server;
  report.endpoint = state.address.endpoint;
  report.nsid = state.nsid;
  report.reach = state.reach(reading.now);
  if (state.last_answer_at) report.last_class = reading.classes.of(state.set);
  report.set = state.set;
  report.ttl = state.ttl;
  report.serial = state.serial;
  report.authoritative = state.authoritative;
  report.new_rounds = state.new_rounds;
  report.new_since = state.new_since;
  report.last_at = state.polled_at.value_or(Time());
  report.rtt = state.rtt;
  if (const auto* why = ignored_reason(state.address, reading.state.input.ignored_authorities))
    report.note = "ignored: " + *why;
  else if (state.spoken_for_since)
    report.note = "its address family is dead from here: its other addresses are judged";
  else if (state.lame_before)
    report.note = "did not answer before the change either";
  else if (state.left_at)
    report.note = "no longer delegated";
  return report;
}

ResolverReport report_of(const ResolverStanding& standing, const Signs& signs,
                         const Reading& reading) {
  const probes::Resolver& resolver = *standing.resolver;
  const ResolverTrack& track = *standing.track;
  ResolverReport report;
  report.endpoint = resolver.endpoint;
  report.operator_name = resolver.operator_name;
  report.name = resolver.name;
  report.place = resolver.place;
  report.country_code = resolver.country_code;
  report.latitude = resolver.latitude;
  report.longitude = resolver.longitude;
  report.anycast = resolver.anycast;
  report.split = standing.split;
  report.last_class = standing.last_class;
  report.set = track.set;
  report.ttl = track.ttl;
  if (track.answered_at) report.expires_at = *track.answered_at + seconds(track.ttl);
  for (const Cache& cache : track.caches.all())
    report.caches.push_back({cache.nsid, reading.classes.of(cache.set), cache.warm,
                             cache.expires_at, cache.set, cache.ttl, cache.received_at});
  report.new_samples = standing.new_samples;
  report.wanted_samples = samples_wanted(track, reading.context);
  report.failed_draws = track.failed_draws;
  report.e0 = track.e0;
  report.control_at = track.control_answered_at;
  report.counted = standing.counted;
  report.warm = standing.warm;
  report.stretcher = standing.stretcher;
  report.violator = standing.violator;
  report.waived = standing.waived;
  report.excluded = track.lies || standing.filter;
  report.last_at = track.last_at.value_or(Time());
  report.rtt = track.rtt;
  if (compares_dot(resolver, reading)) report.dot = dot_words(track);
  if (track.lies)
    report.reason = "lies about a name that does not exist: excluded";
  else if (standing.filter)
    report.reason = "keeps this name from its users: a filter, excluded";
  else if (standing.waived)
    report.reason = "waived: " + track.waiver->reason;
  else if (const auto why = reason_of(standing, reading.context, reading.now))
    report.reason = why->text;
  else if (standing.failed)
    report.reason = "fails most queries";
  else if (!track.last_at)
    report.reason = "not asked yet: before the change only the authorities are asked";
  else if (track.control_at && !standing.counted)
    report.reason = "answers no control name: not counted";
  else
    report.reason = signs.of(track);
  return report;
}

void count(PropagationReport& report, const std::vector<ResolverStanding>& standings) {
  std::set<std::string> countries;
  for (const ResolverStanding& standing : standings) {
    if (standing.track->last_at)
      ++report.by_class[standing.split ? AnswerClass::mixed : standing.last_class];
    report.split += standing.split ? 1 : 0;
    if (standing.track->lies || standing.filter) continue;
    report.warm += standing.warm_caches;
    report.cold += standing.cold_caches;
    report.stale += standing.stale_caches;
    if (!standing.counted) continue;
    ++report.counted;
    if (!standing.resolver->anycast && !standing.resolver->country_code.empty())
      countries.insert(standing.resolver->country_code);
  }
  report.operators = static_cast<int>(independent_operators(standings).size());
  report.countries = static_cast<int>(countries.size());
  report.stale_share_upper = stale_share_upper(report.warm, report.stale);
}

// A broken chain of signatures at two operators is the authorities' fault.
void check_signatures(const Reading& reading, const std::vector<ResolverStanding>& standings,
                      Condition& a) {
  std::set<std::string> operators;
  for (const ResolverStanding& standing : standings) {
    const ResolverTrack& track = *standing.track;
    const bool still = track.bogus_at && track.last_at && *track.bogus_at == *track.last_at;
    if (still && reading.now - *track.bogus_at <= reading.state.input.policy.validity)
      operators.insert(standing.resolver->operator_name);
  }
  if (operators.size() < 2) return;
  a.holds = Holds::no;
  a.reasons.push_back(
      {"dnssec",
       fmt::format("resolvers of {} operators refuse the zone's signatures", operators.size()),
       {}});
}

void not_covered(Condition& a, std::string code, std::string text) {
  if (a.holds == Holds::yes) a.holds = Holds::unknown;
  a.reasons.push_back({std::move(code), std::move(text), {}});
}

// Resolvers of two operators that validate have to say so of the expected set (AD): they check the
// whole chain from the root, each with software and servers of its own.
void check_validation(const Reading& reading, const std::vector<ResolverStanding>& standings,
                      Condition& a) {
  std::set<std::string> operators;
  for (const ResolverStanding& standing : standings) {
    const auto at = standing.track->authenticated_at;
    if (at && reading.now - *at <= reading.state.input.policy.validity && !standing.track->lies)
      operators.insert(standing.resolver->operator_name);
  }
  if (operators.size() >= kValidators) return;
  not_covered(a, "dnssec-unproved",
              fmt::format("the zone is signed, and validating resolvers of {} operators are "
                          "needed to prove the new set (AD); {} did in the last {}",
                          kValidators, operators.size(),
                          format_duration(reading.state.input.policy.validity)));
}

// What condition A asks for and nobody looks at here: it is unknown then, never a pass.
void check_coverage(const Reading& reading, const std::vector<ResolverStanding>& standings,
                    Condition& a) {
  std::vector<std::string> aliased;
  for (const ResolverStanding& standing : standings)
    if (standing.track->through_cname && is_relevant(standing, reading))
      aliased.push_back(resolver_label(*standing.resolver));
  // A chain that the walk knows is watched.
  if (!aliased.empty() && !reading.state.companions.has_alias())
    not_covered(
        a, kAliasNotCovered,
        fmt::format("{}{} sees a CNAME at the name, whose zones are not watched: publish "
                    "MX at the name itself, or override the gate authority",
                    aliased.front(),
                    aliased.size() > 1 ? fmt::format(" and {} more", aliased.size() - 1) : ""));
  if (reading.state.signed_zone) check_validation(reading, standings, a);
}

void check_exchanges(const MxSet& expected, Condition& a) {
  for (const probes::Mx& mx : expected.records()) {
    if (!probes::IpAddress::parse(mx.exchange.text())) continue;
    a.holds = Holds::no;
    a.reasons.push_back(
        {"exchange-address",
         fmt::format("{} is an address; an exchange must be a host name", mx.exchange.text()),
         {}});
  }
}

void check_companions(const Reading& reading, Condition& a) {
  Condition found =
      judge_companions(reading.state.input, reading.state.companions, authority_interval(reading),
                       reading.state.active(reading.now), reading.now);
  if (found.holds == Holds::no || a.holds == Holds::yes) a.holds = found.holds;
  for (Reason& reason : found.reasons) a.reasons.push_back(std::move(reason));
}

void judge_conditions(PropagationReport& report, const Reading& reading,
                      const std::vector<ResolverStanding>& standings) {
  const PropagationInput& input = reading.state.input;
  report.a = judge_authorities(reading.state.authorities, reading.classes, input,
                               authority_interval(reading), reading.now);
  if (const auto& error = reading.state.enumeration_error) {
    report.a.holds = Holds::unknown;
    report.a.reasons.push_back(
        {"enumeration", "the authoritative servers could not be enumerated: " + *error, {}});
  }
  judge_left_out(reading.state.limits, input, report.a);
  check_signatures(reading, standings, report.a);
  check_exchanges(input.expected, report.a);
  check_companions(reading, report.a);
  check_coverage(reading, standings, report.a);
  report.authorities_consistent = report.a.holds == Holds::yes;
  report.b = reading.bound.condition;
  report.c = judge_sampling(reading, standings);
  report.d = judge_coherence(reading, standings);
}

void fill_drain(PropagationReport& report, const Reading& reading) {
  report.obligations = reading.bound.obligations;
  report.drain_started_at = reading.bound.drain_started_at;
  report.strict_until = reading.bound.strict_until;
  report.opens_at = reading.bound.opens_at;
  report.stale_until = reading.bound.stale_until;
  report.drain_assumed = reading.bound.assumed;
  report.stale_allowance = reading.bound.opens_at != reading.bound.strict_until;
}

void warn(PropagationReport& report, const Reading& reading,
          const std::vector<ResolverStanding>& standings) {
  const PropagationState& state = reading.state;
  report.warnings = state.walk_warnings;
  for (auto& text : authority_warnings(state.authorities, state.input, reading.now))
    report.warnings.push_back(std::move(text));
  for (auto& text : companion_warnings(state.input, state.companions, reading.now))
    report.warnings.push_back(std::move(text));
  report.warnings.insert(report.warnings.end(), state.gaps.begin(), state.gaps.end());
  for (const Obligation& obligation : report.obligations)
    if (obligation.kind == Obligation::Kind::assumed ||
        obligation.kind == Obligation::Kind::declared)
      report.warnings.push_back("the drain rests on what was not seen: " + obligation.evidence);
  const bool sampled = reading.bound.opens_at && reading.now >= *reading.bound.opens_at;
  if (sampled && report.warm == 0 && report.cold > 0)
    report.warnings.push_back(
        "no cache that was sampled could have held the old record; the drain bound alone carries "
        "this verdict");
  for (auto& text : Signs(standings).sentences()) report.warnings.push_back(std::move(text));
  for (const ResolverStanding& standing : standings)
    if (standing.filter)
      report.warnings.push_back(fmt::format(
          "{} keeps this name from its users, other names it answers: a filter, excluded",
          resolver_label(*standing.resolver)));
  for (const ResolverStanding& standing : standings)
    if (standing.waived)
      report.waivers.push_back(fmt::format("READY except {}: {}",
                                           resolver_label(*standing.resolver),
                                           standing.track->waiver->reason));
  for (const Obligation& obligation : report.obligations)
    if (obligation.kind == Obligation::Kind::ns_move && state.input.ns_drain_by_ttl)
      report.waivers.push_back(fmt::format(
          "READY except {}: it is no longer delegated, and the plan lets the TTL of its "
          "NS records bound it (ns_drain = \"ttl\")",
          obligation.endpoint));
}

void decide(PropagationReport& report) {
  for (const Condition* condition : {&report.a, &report.b, &report.c, &report.d})
    report.reasons.insert(report.reasons.end(), condition->reasons.begin(),
                          condition->reasons.end());
  if (report.ready_from && report.at >= *report.opens_at && report.at < *report.ready_from)
    report.reasons.push_back({"settle",
                              fmt::format("the answers must hold still until {}",
                                          format_moment(*report.ready_from, report.at)),
                              report.ready_from});
  for (const Reason& reason : report.reasons)
    if (reason.until && *reason.until > report.at)
      report.next_change_at =
          std::max(report.next_change_at.value_or(*reason.until), *reason.until);
  if (report.ready_from && *report.ready_from > report.at)
    report.next_change_at =
        std::max(report.next_change_at.value_or(*report.ready_from), *report.ready_from);
}

bool anything_seen(const Reading& reading, const std::vector<ResolverStanding>& standings) {
  return reading.state.authorities.any_answered() ||
         std::any_of(standings.begin(), standings.end(),
                     [](const auto& s) { return s.track->answered_at.has_value(); });
}

}  // namespace

PropagationReport compose_report(const Reading& reading) {
  const std::vector<ResolverStanding> standings = reading.standings();
  PropagationReport report;
  report.owner = reading.state.input.owner;
  report.expected = reading.state.input.expected;
  report.old_sets = reading.classes.old_sets();
  report.at = reading.now;
  report.change_started_at = reading.state.change_started_at;
  report.ready_from = ready_from(reading, standings);
  for (const AuthorityState& state : reading.state.authorities.all())
    report.authorities.push_back(report_of(state, reading));
  const Signs signs(standings);
  for (const ResolverStanding& standing : standings)
    report.resolvers.push_back(report_of(standing, signs, reading));
  count(report, standings);
  judge_conditions(report, reading, standings);
  fill_drain(report, reading);
  warn(report, reading, standings);
  decide(report);
  if (report.reasons.empty() && !reading.state.ready_since && !was_rechecked(reading, standings))
    report.reasons.push_back(
        {kRecheck, "every authority is asked once more before READY", reading.now});
  if (report.reasons.empty())
    report.verdict = Verdict::ready;
  else
    report.verdict = anything_seen(reading, standings) ? Verdict::hold : Verdict::unknown;
  return report;
}

}  // namespace mxswitch::monitor
