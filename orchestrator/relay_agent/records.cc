#include "orchestrator/relay_agent/records.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxswitch::orchestrator {

const DomainState* RelayState::find(std::string_view domain) const {
  const auto found = domains.find(domain);
  return found == domains.end() ? nullptr : found->second.get();
}

const DomainState* RelayState::roster_owner(const DomainState& domain) const {
  const auto& same_as = domain.record.roster.same_as;
  return same_as ? find(*same_as) : &domain;
}

std::optional<RoutedDomain> RelayState::routed(std::string_view domain, Time now) const {
  const DomainState* state = find(domain);
  if (!state) return std::nullopt;
  const auto& record = state->record;
  RoutedDomain routed;
  routed.name = record.row.domain;
  routed.mode = record.row.mode;
  routed.unknown = record.row.unknown;
  routed.forward = state->forward;
  routed.hosted = state->hosted;
  if (const DomainState* owner = roster_owner(*state)) routed.roster = owner->own_roster;
  routed.soak = record.soak_until && now < *record.soak_until;
  const auto loop = loops.find(domain);
  if (loop != loops.end()) routed.withheld = loop->second;
  const auto& same_as = record.roster.same_as;
  for (const std::string& name : {record.row.domain, same_as.value_or(record.row.domain)}) {
    if (const Doubt* found = doubt(name, now)) routed.withheld = found->reason;
  }
  return routed;
}

std::optional<std::string> RelayState::may_lack(std::string_view domain) const {
  if (const auto found = doubts.find(domain); found != doubts.end()) return found->second.reason;
  if (!may_lack_all) return std::nullopt;
  return "this node's store is empty, and no peer has said yet whether it should be";
}

const Doubt* RelayState::doubt(std::string_view domain, Time now) const {
  const auto found = doubts.find(domain);
  return found != doubts.end() && found->second.holds(now) ? &found->second : nullptr;
}

bool RelayState::in_doubt(Time now) const {
  return may_lack_all ||
         std::ranges::any_of(doubts, [now](const auto& each) { return each.second.holds(now); });
}

Result<std::shared_ptr<DomainState>> make_domain_state(DomainRecord record) {
  auto state = std::make_shared<DomainState>();
  auto hosted = parse_next_hop(record.row.hosted);
  if (!hosted) return tl::unexpected(hosted.error());
  state->hosted = std::move(*hosted);
  if (record.row.forward) {
    auto forward = parse_next_hop(*record.row.forward);
    if (!forward) return tl::unexpected(forward.error());
    state->forward = std::move(*forward);
  }
  state->own_roster = std::make_shared<const RosterIndex>(record.roster);
  state->record = std::move(record);
  return state;
}

std::string domain_etag(const DomainRecord& record) {
  return fmt::format("\"g{}-v{}-{}\"", record.row.generation, record.version,
                     record.roster.digest.substr(0, 12));
}

std::string roster_etag(const DomainRecord& record) {
  return fmt::format("\"r{}-{}\"", record.roster_version, record.roster.digest.substr(0, 12));
}

}  // namespace mxswitch::orchestrator
