// The relay control API as types: what the native driver sends and the agent answers. One codec
// serves both sides, so they can't drift apart. The API itself is described in
// orchestrator/relay/contract/relay-control.openapi.yaml; a test holds this file against it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

enum class Mode { forward, split, hosted, hold };
enum class UnknownNames { reject, defer };  // hosted: 550 5.1.1 or 450 4.1.1
std::string_view to_text(Mode m);
std::string_view to_text(UnknownNames u);
std::optional<Mode> mode_from(std::string_view text);

struct InForce {
  std::string node;
  std::int64_t generation = 0;
  std::optional<Time> route_seen_at;
};

struct RelayDomain {
  std::string domain;
  Mode mode = Mode::forward;
  UnknownNames unknown = UnknownNames::reject;
  std::optional<std::string> forward;  // next hop; none where there is no old server
  std::string hosted;
  std::int64_t generation = 1;
  std::optional<std::string> op_id;
  Time updated_at{};
  std::string roster_digest;
  InForce in_force;
};

struct DomainWrite {  // PUT /v1/domains/{domain}
  std::optional<std::string> forward;
  std::string hosted;
  std::optional<Mode> mode;  // of a new domain: forward or hold
  std::string op_id, reason;
};

struct RouteWrite {  // PUT /v1/domains/{domain}/route
  Mode mode = Mode::forward;
  UnknownNames unknown = UnknownNames::reject;
  std::optional<std::string> roster_digest;
  std::string op_id, reason;
};

struct Account {
  std::string name;
  bool must_change_password = true;
};

struct AccountWrite {
  std::string name;                          // empty where the name stands in the path
  std::optional<std::string> password_hash;  // with its scheme, as Dovecot reads it
  bool must_change_password = true;
  bool reset_password = false;
  std::optional<Time> initial_expires_at;
};

struct Alias {
  std::string name;
  std::vector<std::string> targets;
  bool operator==(const Alias&) const = default;
};

struct AliasWrite {  // PUT /v1/domains/{domain}/aliases/{name}; the name stands in the path
  std::vector<std::string> targets;
};

struct Roster {
  std::vector<Account> accounts;
  std::vector<Alias> aliases;
  std::optional<std::string> catch_all;
  std::optional<std::string> delimiter = "+";
  std::optional<std::string> same_as;
  std::string digest;
};

struct RosterWrite {
  std::vector<AccountWrite> accounts;
  std::vector<Alias> aliases;
  std::optional<std::string> catch_all;
  std::optional<std::string> delimiter = "+";
  std::optional<std::string> same_as;
  std::optional<std::string> op_id;
};

struct FlowRecipient {
  std::string address;
  std::int64_t count = 0, old_accepted = 0, old_rejected = 0;
  Time last_at{};
  bool covered = false;
};

struct Flow {
  std::string node;
  Time since{};
  std::int64_t accepted = 0, forwarded = 0, hosted = 0, deferred = 0, rejected = 0;
  std::optional<Time> last_accepted_at;
  bool truncated = false;
  std::vector<FlowRecipient> recipients;
};

enum class ProbeKind { inbound, hosted, forward };
enum class ProbeResult { waiting, accepted, delivered, refused, expired };
std::string_view to_text(ProbeKind k);
std::string_view to_text(ProbeResult r);

struct ProbeWrite {
  ProbeKind kind = ProbeKind::inbound;
  std::optional<std::string> recipient;  // forward only
};

struct Probe {
  std::string id;
  ProbeKind kind = ProbeKind::inbound;
  std::string address, node;
  Time expires_at{};
  ProbeResult result = ProbeResult::waiting;
  std::optional<Time> accepted_at, delivered_at;
  std::optional<std::string> reply;
};

struct Queue {
  std::string node;
  std::int64_t messages = 0;
  std::optional<Time> oldest_at;
  std::int64_t accepted_before_route = 0;
};

struct PeerHealth {
  std::string node;
  bool reachable = false;
};

struct Health {
  std::string status;  // ok, degraded
  std::string version, node;
  std::vector<Mode> modes;
  std::vector<PeerHealth> peers;
};

nlohmann::json to_json(const RelayDomain&);
nlohmann::json to_json(const DomainWrite&);
nlohmann::json to_json(const RouteWrite&);
nlohmann::json to_json(const Roster&);
nlohmann::json to_json(const RosterWrite&);
nlohmann::json to_json(const AccountWrite&);
nlohmann::json to_json(const AliasWrite&);
nlohmann::json to_json(const Flow&);
nlohmann::json to_json(const ProbeWrite&);
nlohmann::json to_json(const Probe&);
nlohmann::json to_json(const Queue&);
nlohmann::json to_json(const Health&);

// The bytes of a body. Octets that are no UTF-8 (a recipient as a client sent it) become U+FFFD.
std::string encode(const nlohmann::json& value);

// Each parser checks required fields, types, bounds, and (in requests) unknown fields; it fails
// with `malformed` and the JSON pointer of the fault as `where`.
// Responses may carry fields that a later version added; those are passed over.
template <class T>
Result<T> parse(std::string_view json_text);  // for every type above that has a to_json

template <>
Result<RelayDomain> parse(std::string_view json_text);
template <>
Result<DomainWrite> parse(std::string_view json_text);
template <>
Result<RouteWrite> parse(std::string_view json_text);
template <>
Result<Roster> parse(std::string_view json_text);
template <>
Result<RosterWrite> parse(std::string_view json_text);
template <>
Result<AccountWrite> parse(std::string_view json_text);
template <>
Result<AliasWrite> parse(std::string_view json_text);
template <>
Result<Flow> parse(std::string_view json_text);
template <>
Result<ProbeWrite> parse(std::string_view json_text);
template <>
Result<Probe> parse(std::string_view json_text);
template <>
Result<Queue> parse(std::string_view json_text);
template <>
Result<Health> parse(std::string_view json_text);

}  // namespace mxswitch::orchestrator
