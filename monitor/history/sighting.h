// A sample taken apart for keeping: who answered, what (equal answers have equal text), and when.
// And the way back, so that a kept sample can be fed to the cores again. A new kind of sample
// needs a name, one function here and one branch of feed(); rows, exports and CSV take any kind.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor {

// What differs between equal answers.
struct Moment {
  std::uint64_t seq = 0;  // the order in which an owner's cores took things, from 1
  Time received_at{};
  Duration took{0};  // since it was sent
  std::uint32_t ttl = 0;
  std::uint32_t repeats = 0;  // equal answers before it, since the last kept one, only counted
  bool operator==(const Moment&) const = default;
};

struct Sighting {
  std::string kind;  // "authority", "companion", "resolver", "control", "identity", "dot", "walk"
  // "ns1.shop.example 198.51.100.11", "mx1.filter.example A ns1.filter.example 198.51.100.21",
  // "9.9.9.9"; empty for a walk
  std::string server;
  std::string answer;  // JSON
  // Of a conclusive answer of an authority: which site gave which set. A run of one site ends
  // when that site answers with another set.
  std::string site, set;
  // JSON members that only some polls ask for (serial, EXPIRE); empty: this one did not.
  std::string occasional;
  Moment moment;  // without seq
};

// What a walk of the delegation found; without endpoints it failed.
struct WalkResult {
  DnsName mx_name;  // the owner, or the end of its CNAME chain; the root: the owner
  std::vector<AuthorityAddress> endpoints;
  std::vector<ListedCompanion> companions;
  std::vector<std::string> warnings;
  WalkLimits limits;
  seconds ns_ttl{0};
  bool signed_zone = false;
  std::string fault;
};

Sighting sighting_of(const AuthoritySample& sample);
Sighting sighting_of(const CompanionSample& sample);
Sighting sighting_of(const ResolverSample& sample);
Sighting sighting_of(const ControlSample& sample);
Sighting sighting_of(const IdentitySample& sample);
Sighting sighting_of(const DotSample& sample);
Sighting sighting_of(const WalkResult& walk, Time at);

// All but the moment of one, from what a row keeps of it. Throws nlohmann::json::exception.
Sighting sighting_of_row(const std::string& kind, const std::string& server,
                         const std::string& body);

// Gives the cores what a sighting was made of. Fails with `malformed` on an answer that no
// sighting_of makes; a kind that is not known changes no verdict and is passed over.
Result<void> feed(Propagation& core, const Sighting& sighting);

nlohmann::json mx_json(const MxSet& set);
MxSet mx_from_json(const nlohmann::json& json);  // throws what feed() reports

}  // namespace mxswitch::monitor
