// The list of resolvers and what a check-up of them found, for terminals and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dashboards/views/text.h"
#include "monitor/propagation/resolver_health.h"

namespace mxswitch::dashboards {

std::string render_resolvers(const std::vector<probes::Resolver>& resolvers,
                             const TextOptions& options);
// A sum, then a row a resolver, the worst first.
std::string render_checkup(const std::vector<monitor::ResolverHealth>& all,
                           const TextOptions& options);

nlohmann::json to_json(const probes::Resolver& resolver);
nlohmann::json to_json(const monitor::ResolverHealth& health);

}  // namespace mxswitch::dashboards
