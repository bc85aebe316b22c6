// The name of what a command acts on: SHA-256 over the canonical plan, the relay as it was found,
// the generation and, from `armed` on, the roster in force. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/plan/plan.h"

namespace mxswitch::orchestrator {

struct DigestContext {
  nlohmann::json relay_baseline;             // next hops and generation of each node as first read
  std::int64_t generation = 1;               // of the plan's life
  std::optional<std::string> roster_digest;  // at `armed`
};

// Every setting in force, defaults too; lists whose order means nothing are sorted. Two files that
// say the same have equal canonical plans. Not in it: the paths of the roster files.
nlohmann::json canonical_json(const Plan& plan);

std::string plan_digest(const Plan& plan, const DigestContext& context);  // 64 hex digits

inline constexpr std::size_t kDigestPrefix = 8;
// `given` is a prefix of 8 or more digits, in either case.
bool matches_digest(std::string_view given, std::string_view digest);

}  // namespace mxswitch::orchestrator
