// A plan as the switchover uses it. One function makes it from the plan's text; the rest of this
// folder knows nothing of the file's keys.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/propagation.h"
#include "monitor/propagation/spf_matrix.h"
#include "orchestrator/gates/facts.h"

namespace mxswitch::orchestrator {

// Days and hours in which a switch may begin; UTC.
struct WindowState {
  bool open = true;
  std::optional<Time> opens_at;
};

struct PlanView {
  GatePlan gate;                                  // with the digest
  std::vector<monitor::PropagationInput> owners;  // the domain first
  std::vector<monitor::SpfMove> spf;              // of each owner; empty: not asked
  std::vector<std::string> own_domains;           // the domain, its alias domains and subdomains
  std::vector<std::string> exchanges;             // expected, in A-labels
  std::string relay;                              // name in mxswitch.toml
  std::string relay_place;                        // file:line of that name
  std::string forward, hosted;                    // next hops; forward may be empty
  std::string old_server;                         // address[:port] or host of the forward next hop
  std::vector<std::string> targets;               // of alerts
  std::map<std::string, std::string> contact_faults;  // why a target is not external; or empty
  std::optional<std::string> catch_all;
  std::string accounts_file, aliases_file;  // where the operator reads them; empty: none
  Duration unknown_grace{0};
  std::function<WindowState(Time)> window = [](Time) { return WindowState{}; };

  Mode base() const { return gate.has_old_server ? Mode::forward : Mode::hold; }
};

// `name` is the file's, for errors; `baseline` the relay as it was found. Fails with `usage` and
// file:line.
using ReadPlanView =
    std::function<Result<PlanView>(const std::string& text, const std::string& name,
                                   std::int64_t generation, const nlohmann::json& baseline)>;

// The one for programs: `resolvers` are those that are sampled.
ReadPlanView plan_view_reader(probes::ResolverList resolvers);

}  // namespace mxswitch::orchestrator
