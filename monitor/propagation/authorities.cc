#include "monitor/propagation/authorities.h"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/propagation/signatures.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using Reach = AuthorityReport::Reach;

void note_failure(AuthorityState& state, Time at, bool before_change) {
  ++state.failed_polls;
  state.answers_in_row = 0;
  if (state.failed_polls != kRounds) return;
  state.unknown_since = at;
  state.new_rounds = 0;
  if (!state.first_answer_at && before_change) state.lame_before = true;
}

void note_answer(AuthorityState& state, const AuthoritySample& sample, const MxSet& expected) {
  const bool is_new = sample.outcome == Outcome::answered && sample.set == expected;
  if (is_new) {
    ++state.new_rounds;
    if (!state.new_since) state.new_since = sample.received_at;
    if (state.last_other_at && !state.first_turned_at) state.first_turned_at = sample.received_at;
  } else {
    state.new_rounds = 0;
    state.new_since.reset();
    state.last_other_at = sample.received_at;
  }
  state.failed_polls = 0;
  state.answers_in_row = std::min(state.answers_in_row + 1, kRounds);
  state.unknown_since.reset();
  state.lame_before = false;
  if (!state.first_answer_at) {
    state.first_answer_at = sample.received_at;
    state.first_set = sample.set;
  }
  state.last_answer_at = sample.received_at;
  state.set = sample.set;
  state.ttl = sample.ttl;
  state.serial = sample.serial;
  if (sample.soa_expire != 0) {
    state.soa_refresh = sample.soa_refresh;
    state.soa_retry = sample.soa_retry;
    state.soa_expire = sample.soa_expire;
  }
  state.nsid = sample.nsid;
  state.signatures_asked = sample.signatures_asked;
  state.signature = sample.signature;
}

std::string failure_text(const AuthorityState& state) {
  if (is_conclusive(state.outcome) && !state.authoritative) return "answers without authority (AA)";
  switch (state.outcome) {
    case Outcome::refused:
      return "refuses queries";
    case Outcome::servfail:
      return "answers SERVFAIL";
    case Outcome::malformed:
      return "sends malformed answers";
    default:
      return "does not answer";
  }
}

// Why an address over it can't be asked.
std::string family_fault(const Endpoint& endpoint, bool unrouted) {
  return unrouted ? fmt::format("this host has no {}", endpoint.address.family())
                  : fmt::format("{} answers nothing from here, control names neither",
                                endpoint.address.family());
}

// Of a server that has no other family, else that one would speak for it.
Reason family_reason(const AuthorityState& state) {
  const Endpoint& endpoint = state.address.endpoint;
  return {kFamilyNotCovered,
          fmt::format("{} has only {} and {}: what it serves is not known from here", state.label(),
                      endpoint.address.family(),
                      state.family_unrouted ? "this host has none" : family_fault(endpoint, false)),
          {}};
}

Reason silent_reason(const AuthorityState& state, Time now) {
  const bool unreachable = state.reach(now) == Reach::unreachable;
  const auto since = state.unknown_since ? state.unknown_since : state.polled_at;
  if (!since)
    return {"authority-not-asked", fmt::format("{} was not asked yet", state.label()), {}};
  return {unreachable ? "authority-unreachable" : "authority-unknown",
          fmt::format("{} {} (since {}): it may still serve the old set to others", state.label(),
                      failure_text(state), format_moment(*since, now)),
          {}};
}

Reason other_set_reason(const AuthorityState& state, AnswerClass found) {
  const std::string served = set_text(state.set);
  if (found == AnswerClass::old && state.first_turned_at)
    return {"authority-rolled-back",
            fmt::format("{} serves {} again after the new set", state.label(), served),
            {}};
  switch (found) {
    case AnswerClass::absent:
      return {"authority-absent", fmt::format("{} serves no MX at all", state.label()), {}};
    case AnswerClass::mixed:
      return {"authority-mixed",
              fmt::format("{} serves {}: a mix of old and new", state.label(), served),
              {}};
    case AnswerClass::foreign:
      return {
          "authority-foreign",
          fmt::format("{} serves {}: neither the old nor the expected set", state.label(), served),
          {}};
    default:
      return {"authority-old", fmt::format("{} still serves {}", state.label(), served), {}};
  }
}

// The links' zones have servers and TTLs of their own, which nobody watches.
Reason alias_reason(const AuthorityState& state) {
  return {kAliasNotCovered,
          fmt::format("{} answers through a CNAME, whose zones are not watched: publish MX at the "
                      "name itself, or override the gate authority",
                      state.label()),
          {}};
}

// `others_sign`: an authority of the zone gives signatures.
std::optional<Reason> judge_one(const AuthorityState& state, const Classifier& classes,
                                bool others_sign, Duration poll, Time now) {
  const Reach reach = state.reach(now);
  if (!state.last_answer_at || reach == Reach::unknown || reach == Reach::unreachable)
    return state.family_dead ? family_reason(state) : silent_reason(state, now);
  const AnswerClass found = classes.of(state.set);
  if (state.through_cname) return alias_reason(state);
  if (found != AnswerClass::new_) return other_set_reason(state, found);
  const bool unsigned_here = others_sign && state.signatures_asked && !state.signature;
  const std::string fault = signature_fault(state.signature, unsigned_here, *state.last_answer_at);
  if (!fault.empty())
    return Reason{kSignature, fmt::format("{} serves the new set {}", state.label(), fault), {}};
  if (state.new_rounds < kRounds)
    return Reason{"authority-rounds",
                  fmt::format("{} serves the new set, seen in {} of {} rounds", state.label(),
                              state.new_rounds, kRounds),
                  *state.last_answer_at + poll * (kRounds - state.new_rounds)};
  if (now - *state.last_answer_at > std::max<Duration>(poll * kRounds, kUnreachable))
    return Reason{"authority-aged",
                  fmt::format("{} answered last at {}", state.label(),
                              format_moment(*state.last_answer_at, now)),
                  {}};
  return std::nullopt;
}

}  // namespace

Reach AuthorityState::reach(Time now) const {
  if (!polled_at) return Reach::silent;
  if (unknown_since)
    return now - *unknown_since >= kUnreachable ? Reach::unreachable : Reach::unknown;
  return failed_polls == 0 ? Reach::answering : Reach::silent;
}

std::string AuthorityState::label() const {
  return fmt::format("{} ({})", address.server.text(), address.endpoint.text());
}

bool Authorities::enumerate(const std::vector<AuthorityAddress>& endpoints, Time now,
                            seconds ns_ttl, const std::vector<DnsName>& formerly) {
  const auto left = [&](const DnsName& server) {
    return std::find(formerly.begin(), formerly.end(), server) != formerly.end();
  };
  bool changed = false;
  for (AuthorityState& state : all_) {
    const bool listed = !left(state.address.server) && std::find(endpoints.begin(), endpoints.end(),
                                                                 state.address) != endpoints.end();
    changed = changed || listed == state.left_at.has_value();
    if (listed) {
      state.left_at.reset();
    } else if (!state.left_at) {
      state.left_at = now;
      state.left_ns_ttl = left(state.address.server) ? seconds(0) : ns_ttl;
    }
  }
  for (const AuthorityAddress& address : endpoints) {
    if (find(address)) continue;
    AuthorityState& made = all_.emplace_back();
    made.address = address;
    if (left(address.server)) made.left_at = now;
    changed = true;
  }
  return changed;
}

const AuthorityState* Authorities::find(const AuthorityAddress& address) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const AuthorityState& state) {
    return state.address == address;
  });
  return found == all_.end() ? nullptr : &*found;
}

const AuthorityState& Authorities::observe(const AuthoritySample& sample, const MxSet& expected) {
  const auto state = std::find_if(all_.begin(), all_.end(), [&](const AuthorityState& s) {
    return s.address == AuthorityAddress{sample.server, sample.endpoint};
  });
  state->polled_at = sample.received_at;
  state->sent_at = sample.sent_at;
  state->rtt = sample.received_at - sample.sent_at;
  state->outcome = sample.outcome;
  state->authoritative = sample.authoritative;
  if (is_conclusive(sample.outcome)) state->through_cname = sample.through_cname;
  const bool empty_answer = sample.outcome == Outcome::answered && sample.set.empty();
  if (is_conclusive(sample.outcome) && sample.authoritative && !empty_answer)
    note_answer(*state, sample, expected);
  else
    note_failure(*state, sample.received_at, any_answered() && !any_new());
  return *state;
}

void Authorities::restart_runs(const MxSet& expected, Time now) {
  for (AuthorityState& state : all_) {
    state.new_rounds = 0;
    state.new_since.reset();
    state.first_turned_at.reset();
    state.last_other_at.reset();
    if (state.last_answer_at && state.set != expected) state.last_other_at = now;
  }
}

bool Authorities::any_new() const {
  return std::any_of(all_.begin(), all_.end(), [](const auto& s) { return s.is_new(); });
}

bool Authorities::any_answered() const {
  return std::any_of(all_.begin(), all_.end(),
                     [](const auto& s) { return s.first_answer_at.has_value(); });
}

std::string spoken_for_text(const std::string& label, const Endpoint& endpoint, bool unrouted) {
  return fmt::format(
      "{} can't be asked: {}; the same server's other addresses are judged in its place", label,
      family_fault(endpoint, unrouted));
}

void judge_left_out(const WalkLimits& limits, const PropagationInput& input, Condition& a) {
  for (const WalkLimits::LeftOut& one : limits.left_out) {
    if (ignored_reason({one.server, {}}, input.ignored_authorities)) continue;
    if (a.holds == Holds::yes) a.holds = Holds::unknown;
    a.reasons.push_back(
        {kLeftOut,
         fmt::format("{} is named for {} and was not looked for yet (a walk looks for few servers "
                     "of other zones): it may serve the old set",
                     one.server.text(), one.zone.text()),
         {}});
  }
}

const std::string* ignored_reason(const AuthorityAddress& address,
                                  const std::vector<IgnoredAuthority>& ignored) {
  for (const IgnoredAuthority& one : ignored) {
    const auto name = DnsName::parse(one.server);
    if ((name && *name == address.server) || one.server == address.endpoint.address.text() ||
        one.server == address.endpoint.text())
      return &one.reason;
  }
  return nullptr;
}

bool is_judged(const AuthorityState& state, const PropagationInput& input, Time now) {
  if (ignored_reason(state.address, input.ignored_authorities) || state.spoken_for_since)
    return false;
  // Over a family that is dead from here, nobody can tell that it was lame.
  if (state.lame_before && !state.family_dead) return false;
  if (!state.left_at) return true;
  if (input.ns_drain_by_ttl) return false;
  // A formerly delegated server that went dark is bounded by its NS records' TTL; one that was
  // never seen to answer at all can have planted nothing that we know of.
  const Reach reach = state.reach(now);
  const bool dark = reach == Reach::unknown || reach == Reach::unreachable;
  return !dark && state.first_answer_at.has_value();
}

Condition judge_authorities(const Authorities& authorities, const Classifier& classes,
                            const PropagationInput& input, Duration poll, Time now) {
  Condition condition;
  // What a server that is not judged signs is no matter of the others.
  const bool signed_somewhere = std::any_of(
      authorities.all().begin(), authorities.all().end(),
      [&](const AuthorityState& state) { return state.signature && is_judged(state, input, now); });
  int judged = 0;
  for (const AuthorityState& state : authorities.all()) {
    if (!is_judged(state, input, now)) continue;
    ++judged;
    if (auto reason = judge_one(state, classes, signed_somewhere, poll, now))
      condition.reasons.push_back(std::move(*reason));
  }
  if (judged == 0)
    condition.reasons.push_back(
        {"authority-none", "no authoritative server is known that could be judged", {}});
  const bool not_covered = std::all_of(
      condition.reasons.begin(), condition.reasons.end(),
      [](const auto& r) { return r.code == kAliasNotCovered || r.code == kFamilyNotCovered; });
  if (condition.reasons.empty())
    condition.holds = Holds::yes;
  else
    condition.holds = authorities.any_answered() && !not_covered ? Holds::no : Holds::unknown;
  return condition;
}

namespace {

std::string ignored_text(const AuthorityState& state, const MxSet& expected) {
  if (!state.last_answer_at || state.set == expected) return "";
  return fmt::format("; it served {} when it last answered, and caches may go on fetching that",
                     set_text(state.set));
}

}  // namespace

std::vector<std::string> authority_warnings(const Authorities& authorities,
                                            const PropagationInput& input, Time now) {
  std::vector<std::string> warnings;
  for (const AuthorityState& state : authorities.all()) {
    if (const std::string* reason = ignored_reason(state.address, input.ignored_authorities))
      warnings.push_back(fmt::format("{} is ignored by the plan: {}{}", state.label(), *reason,
                                     ignored_text(state, input.expected)));
    else if (state.spoken_for_since)
      warnings.push_back(
          spoken_for_text(state.label(), state.address.endpoint, state.family_unrouted));
    else if (state.lame_before)
      warnings.push_back(fmt::format("{} {} and did not before the change either", state.label(),
                                     failure_text(state)));
    else if (state.left_at)
      warnings.push_back(fmt::format("{} is no longer delegated since {}; it is still watched",
                                     state.label(), format_moment(*state.left_at, now)));
  }
  return warnings;
}

}  // namespace mxswitch::monitor
