// The section [policy]: the keys of PROPAGATION.md section 3 and the rules for people.
#include <fmt/format.h>

#include <charconv>

#include "orchestrator/plan/plan_reader.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

constexpr int kMostSamples = 1000;
constexpr int kMostOperators = 1000;
constexpr int kMostCountries = 200;
constexpr int kMostApprovers = 9;

bool is_submission_host(std::string_view text) {
  constexpr std::string_view kScheme = "smtp://";
  if (!text.starts_with(kScheme)) return false;
  const auto colon = text.rfind(':');
  if (colon <= kScheme.size() || text.find_first_of(" /?#", kScheme.size()) != text.npos) {
    return false;
  }
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data() + colon + 1, end, port);
  return code == std::errc() && stop == end && port > 0 && port < 65536;
}

struct DurationKey {
  const char* key;
  Duration monitor::Policy::*field;
  Duration least;
};

constexpr DurationKey kDurations[] = {
    {"authority_poll_before", &monitor::Policy::authority_poll_before, seconds(1)},
    {"authority_poll", &monitor::Policy::authority_poll, seconds(1)},
    {"authority_poll_done", &monitor::Policy::authority_poll_done, seconds(1)},
    {"authority_spread", &monitor::Policy::authority_spread, seconds(0)},
    {"delta", &monitor::Policy::delta, seconds(0)},
    {"clock_error", &monitor::Policy::clock_error, seconds(0)},
    {"floor", &monitor::Policy::floor, seconds(0)},
    {"sample_spacing", &monitor::Policy::sample_spacing, seconds(1)},
    {"stretcher_after", &monitor::Policy::stretcher_after, seconds(1)},
    {"violator_after", &monitor::Policy::violator_after, seconds(1)},
    {"settle", &monitor::Policy::settle, seconds(0)},
    {"validity", &monitor::Policy::validity, seconds(1)},
    {"query_deadline", &monitor::Policy::query_deadline, seconds(1)},
    {"stale_allowance", &monitor::Policy::stale_allowance, seconds(0)},
    {"history_ttl", &monitor::Policy::history_ttl, seconds(0)},
    {"recovery", &monitor::Policy::recovery, seconds(0)},
};

}  // namespace

void PlanReader::read_policy(TomlTable policy) {
  monitor::Policy& settings = plan_.policy;
  for (const DurationKey& entry : kDurations) {
    settings.*entry.field = policy.duration(entry.key, settings.*entry.field);
    if (settings.*entry.field >= entry.least) continue;
    policy.refuse(entry.key, fmt::format("{} is too short", entry.key),
                  fmt::format("give at least {}", format_duration(entry.least)));
  }
  settings.k = static_cast<int>(policy.integer("k", settings.k, 1, kMostSamples));
  settings.min_operators =
      static_cast<int>(policy.integer("min_operators", settings.min_operators, 1, kMostOperators));
  settings.min_countries =
      static_cast<int>(policy.integer("min_countries", settings.min_countries, 1, kMostCountries));
  settings.seed = policy.boolean("seed", settings.seed);
  read_reprobe(policy);
  read_failing_retry(policy);
  read_operator_rules(policy);
}

// reprobe = ["1s", "30s", "5m"]: after the expiry, again after, then doubling up to.
void PlanReader::read_reprobe(TomlTable& policy) {
  const auto texts = policy.strings("reprobe");
  if (!policy.has("reprobe")) return;
  std::vector<Duration> steps;
  for (const auto& text : texts) {
    if (const auto step = parse_duration(text); step && *step >= seconds(1)) steps.push_back(*step);
  }
  if (steps.size() != 3 || texts.size() != 3 || steps[1] > steps[2]) {
    policy.refuse(
        "reprobe", "reprobe is not three durations of 1 s or more, the last the longest",
        "write it like [\"1s\", \"30s\", \"5m\"]: after the expiry, again after, at most");
    return;
  }
  plan_.policy.reprobe_first = steps[0];
  plan_.policy.reprobe_second = steps[1];
  plan_.policy.reprobe_most = steps[2];
}

// failing_retry = ["30s", "5m", "1h"]: after a failure, doubling up to, and of one that goes on
// failing; "0s" there: never that.
void PlanReader::read_failing_retry(TomlTable& policy) {
  const auto texts = policy.strings("failing_retry");
  if (!policy.has("failing_retry")) return;
  std::vector<Duration> steps;
  for (const auto& text : texts)
    if (const auto step = parse_duration(text)) steps.push_back(*step);
  if (steps.size() != 3 || texts.size() != 3 || steps[0] < seconds(1) || steps[0] > steps[1]) {
    policy.refuse(
        "failing_retry",
        "failing_retry is not three durations, the first of 1 s or more and not above the "
        "second",
        "write it like [\"30s\", \"5m\", \"1h\"]: after a failure, at most, and of one "
        "that goes on failing");
    return;
  }
  plan_.policy.failing_retry = steps[0];
  plan_.policy.failing_most = steps[1];
  plan_.policy.failing_rest = steps[2];
}

void PlanReader::read_operator_rules(TomlTable& policy) {
  plan_.quiet = policy.boolean("quiet", false);
  plan_.approvers = static_cast<int>(policy.integer("approvers", 0, 0, kMostApprovers));
  plan_.unknown_grace = policy.duration("unknown_grace", plan_.unknown_grace);
  if (const auto text = policy.optional_string("window")) {
    const auto window = Window::parse(*text);
    if (window) {
      plan_.window = *window;
    } else {
      policy.refuse("window", "window: " + window.error().what, window.error().mend);
    }
  }
  if (const auto unknown = policy.string("unknown", "reject"); unknown == "split") {
    policy.refuse("unknown", "unknown = \"split\" is not carried out by this version",
                  "leave the key out: unknown names are refused after unknown_grace");
  } else if (unknown != "reject") {
    policy.refuse("unknown", fmt::format("unknown = \"{}\" is not known", unknown),
                  "write \"reject\", or leave the key out");
  }
  plan_.probe_from = policy.string("probe_from");
  if (!plan_.probe_from.empty() && !is_submission_host(plan_.probe_from)) {
    policy.refuse(
        "probe_from",
        fmt::format("probe_from = \"{}\" is not a submission host", plan_.probe_from.substr(0, 80)),
        "write it like \"smtp://probe.elsewhere.example:587\"");
  }
}

}  // namespace mxswitch::orchestrator
