#include "orchestrator/relay_agent/lookups.h"

#include "orchestrator/roster/address.h"

namespace mxswitch::orchestrator {

Lookups::Lookups(Registry& registry, ProbeBoard& probes, const Clock& clock, RelayFacts facts,
                 std::string submission)
    : registry_(registry),
      probes_(probes),
      clock_(clock),
      facts_(std::move(facts)),
      submission_(std::move(submission)) {}

LookupReply Lookups::answer(const SocketmapRequest& request) {
  const bool known = request.map == "relay_domains" || request.map == "recipients" ||
                     request.map == "aliases" || request.map == "transport" ||
                     request.map == "submission";
  if (!known) return {LookupStatus::temporary, "no such map"};
  if (request.map == "relay_domains" || request.map == "submission") {
    const auto state = registry_.state();
    const auto* domain = state->find(lower_case(request.key));
    if (!domain) return {LookupStatus::not_found, {}};
    const bool inside = request.map == "submission";
    return {LookupStatus::ok, inside ? submission_ : domain->record.row.domain};
  }
  // Postfix also asks for "shop.example", "@shop.example" and "*": what they would say has been
  // said for the whole address.
  const auto key = split_address(request.key);
  if (!key) return {LookupStatus::not_found, {}};
  return answer_address(request.map, *key);
}

LookupReply Lookups::answer_address(const std::string& map, const AddressKey& key) {
  const Time now = clock_.now();
  const auto state = registry_.state();
  auto domain = state->routed(key.domain, now);
  if (!domain) return {LookupStatus::not_found, {}};
  if (starting_) return {LookupStatus::temporary, "the relay agent compares with its peers"};
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
