// What is wrong or risky in what a domain publishes for SPF. Pure: judges a Survey.
#pragma once

#include <string>
#include <vector>

#include "probes/spf/survey.h"

namespace mxswitch::probes::spf {

struct Finding {
  enum class Level { error, warning, note } level = Level::warning;
  std::string code;    // a stable word: "many-records", "too-many-lookups", ...
  std::string domain;  // whose record
  std::string text;    // what, and what to do
};
std::string_view to_text(Finding::Level level);

inline constexpr int kWarnLookups = 9;
inline constexpr int kWarnVoids = 2;

// Errors first.
std::vector<Finding> lint(const Survey& survey);

}  // namespace mxswitch::probes::spf
