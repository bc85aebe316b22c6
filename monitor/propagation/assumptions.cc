#include "monitor/propagation/assumptions.h"

#include <fmt/format.h>

#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

void add_settings(const Policy& policy, std::vector<Assumption>& all) {
  all.push_back({"spread", fmt::format("sites of an authority that can't be seen from here follow "
                                       "within {} (authority_spread)",
                                       format_duration(policy.authority_spread))});
  all.push_back({"floor", fmt::format("no resolver keeps a record that was changed longer than its "
                                      "TTL or {}, whichever is longer (floor)",
                                      format_duration(policy.floor))});
  all.push_back({"clock", fmt::format("this machine's clock is right to {} (clock_error)",
                                      format_duration(policy.clock_error))});
  all.push_back({"vantage",
                 "resolvers are asked from this one place: what they say is a sample near here, "
                 "never all caches"});
  if (policy.seed)
    all.push_back({"seed",
                   "each resolver was asked once before the change on purpose (seed), so "
                   "its cache could hold the old set"});
}

void add_obligations(const DrainBound& bound, Duration recovery, std::vector<Assumption>& all) {
  for (const Obligation& obligation : bound.obligations) {
    if (obligation.kind == Obligation::Kind::assumed)
      all.push_back({"old-ttl", obligation.evidence});
    else if (obligation.kind == Obligation::Kind::declared)
      all.push_back({"declared", obligation.evidence});
    else if (obligation.kind == Obligation::Kind::unreachable ||
             obligation.kind == Obligation::Kind::ns_move)
      all.push_back({"out-of-reach", obligation.evidence});
  }
  if (bound.blackout)
    all.push_back({"recovery", fmt::format("{}: caches that served the old set stale refreshed it "
                                           "within {} after that (recovery)",
                                           bound.blackout->evidence, format_duration(recovery))});
}

void add_servers(const Reading& reading, std::vector<Assumption>& all) {
  for (const AuthorityState& state : reading.state.authorities.all()) {
    if (const auto* why = ignored_reason(state.address, reading.state.input.ignored_authorities))
      all.push_back(
          {"ignored-server", fmt::format("{} is left out by the plan: {}", state.label(), *why)});
    else if (state.spoken_for_since)
      all.push_back({"address-family", spoken_for_text(state.label(), state.address.endpoint,
                                                       state.family_unrouted)});
    else if (state.lame_before && !state.family_dead)
      all.push_back(
          {"lame-server",
           fmt::format("{} never answered, so no cache holds anything from it", state.label())});
  }
  for (const Companion& companion : reading.state.companions.all())
    for (const CompanionServer& server : companion.servers)
      if (server.spoken_for_since && companion.listed && !server.left_at)
        all.push_back(
            {"address-family", fmt::format("for {}: {}", companion.label(),
                                           spoken_for_text(server.label(), server.address.endpoint,
                                                           server.family_unrouted))});
}

}  // namespace

std::vector<Assumption> assumptions_of(const Reading& reading) {
  std::vector<Assumption> all;
  add_obligations(reading.bound, reading.state.input.policy.recovery, all);
  add_servers(reading, all);
  for (const std::string& gap : reading.state.gaps) all.push_back({"gap", gap});
  add_settings(reading.state.input.policy, all);
  return all;
}

}  // namespace mxswitch::monitor
