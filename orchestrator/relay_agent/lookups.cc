#include "orchestrator/relay_agent/lookups.h"

#include "orchestrator/roster/address.h"

namespace mxswitch::orchestrator {

Lookups::Lookups(Registry& registry, ProbeBoard& probes, const Clock& clock, RelayFacts facts,
                 SenderRewriting rewriting, std::string submission)
    : registry_(registry),
      probes_(probes),
      clock_(clock),
      facts_(std::move(facts)),
      rewriting_(std::move(rewriting)),
      submission_(std::move(submission)) {}

LookupReply Lookups::answer(const SocketmapRequest& request) {
  const auto& map = request.map;
  if (starting_) return {LookupStatus::temporary, "the relay agent compares with its peers"};
  if (map == "relay_domains" || map == "submission") return answer_domain_map(request);
  if (map != "recipients" && map != "aliases" && map != "transport" && map != "srs") {
    return {LookupStatus::temporary, "no such map"};
  }
  // Postfix also asks for "shop.example", "@shop.example" and "*": what they would say has been
  // said for the whole address.
  const auto key = split_address(request.key);
  if (!key) return {LookupStatus::not_found, {}};
  if (map == "srs") return answer_sender(*key);
  if (!rewriting_.domain().empty() && key->domain == rewriting_.domain() &&
      !registry_.state()->find(key->domain)) {
    return answer_bounce(map, *key);
  }
  return answer_address(map, *key);
}

LookupReply Lookups::answer_domain_map(const SocketmapRequest& request) const {
  const std::string name = lower_case(request.key);
  const auto state = registry_.state();
  const bool ours = state->find(name) != nullptr;
  if (request.map == "submission" && ours) return {LookupStatus::ok, submission_};
  if (request.map == "relay_domains" && (ours || (!name.empty() && name == rewriting_.domain()))) {
    return {LookupStatus::ok, name};
  }
  return not_stored(*state, name);
}

// A domain that may be ours is neither refused nor sent anywhere.
LookupReply Lookups::not_stored(const RelayState& state, std::string_view domain) {
  if (const auto lacking = state.may_lack(domain)) return {LookupStatus::temporary, *lacking};
  return {LookupStatus::not_found, {}};
}

// A sender of a domain of ours keeps its name: our addresses stand in that domain's SPF.
LookupReply Lookups::answer_sender(const AddressKey& key) const {
  const auto state = registry_.state();
  if (state->find(key.domain)) return {LookupStatus::not_found, {}};
  if (state->may_lack(key.domain)) return not_stored(*state, key.domain);
  const auto rewritten = rewriting_.rewrite(key.local_part, key.domain, clock_.now());
  if (!rewritten) return {LookupStatus::not_found, {}};
  return {LookupStatus::ok, *rewritten};
}

LookupReply Lookups::answer_bounce(const std::string& map, const AddressKey& key) const {
  const auto restored = rewriting_.restore(key.local_part, clock_.now());
  if (map == "transport") return {LookupStatus::ok, facts_.reinject};
  if (!restored) return {LookupStatus::not_found, {}};
  return {LookupStatus::ok, map == "aliases" ? *restored : key.domain};
}

LookupReply Lookups::answer_address(const std::string& map, const AddressKey& key) {
  const Time now = clock_.now();
  const auto state = registry_.state();
  auto domain = state->routed(key.domain, now);
  if (!domain) return not_stored(*state, key.domain);
  const std::string local_part = lower_case(key.local_part);
  const auto token = probes_.kind(local_part, key.domain, now);
  if (map == "recipients") return answer_recipient(*domain, local_part, token);
  if (map == "aliases") return answer_alias(*domain, facts_, local_part, token);
  if (probes_.is_canary(local_part, key.domain)) {
    registry_.note_seen(key.domain, state->find(key.domain)->record.row.generation, now);
  }
  return answer_transport(*domain, facts_, local_part, token);
}

}  // namespace mxswitch::orchestrator
