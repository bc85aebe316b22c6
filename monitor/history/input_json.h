// The plan's part of a verdict as JSON: what is expected, the policy, who is asked. Durations are
// `_ms`, times RFC 3339. A list of resolvers is kept once and named by its digest.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor {

using ResolverLists = std::map<std::string, probes::ResolverList>;  // by digest

nlohmann::json input_json(const PropagationInput& input, const std::string& resolvers_digest);
nlohmann::json resolvers_json(const probes::ResolverList& resolvers);

// Both throw nlohmann::json::exception or std::runtime_error; an unknown digest is one.
PropagationInput input_from_json(const nlohmann::json& json, const ResolverLists& lists);
probes::ResolverList resolvers_from_json(const nlohmann::json& json);

}  // namespace mxswitch::monitor
