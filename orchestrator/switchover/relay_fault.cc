#include "orchestrator/switchover/relay_fault.h"

#include <fmt/format.h>

#include <algorithm>

#include "probes/base/toml_reader.h"

namespace mxswitch::orchestrator {

std::optional<Error> relay_fault(const PlanView& plan, const std::vector<std::string>& names) {
  const std::string all = fmt::format("{}", fmt::join(names, ", "));
  if (plan.relay.empty()) {
    if (names.size() <= 1) return std::nullopt;
    return Error{Fault::usage, "the plan does not say which relay it means", plan.relay_place,
                 fmt::format("add [relay] name: one of {}", all)};
  }
  if (std::ranges::find(names, plan.relay) != names.end()) return std::nullopt;
  const auto guess = nearest(plan.relay, names);
  const std::string mend = guess           ? fmt::format("did you mean \"{}\"?", *guess)
                           : names.empty() ? "add a [[relay]] there, or leave the name out"
                                           : fmt::format("write one of {}", all);
  return Error{
      Fault::usage,
      fmt::format("name = \"{}\" is no [[relay]] of mxswitch.toml", plan.relay.substr(0, 80)),
      plan.relay_place, mend};
}

}  // namespace mxswitch::orchestrator
