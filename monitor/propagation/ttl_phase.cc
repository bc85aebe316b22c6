#include "monitor/propagation/ttl_phase.h"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/propagation/report.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

constexpr int kRoundsToSee = 3;  // polls until the authorities are taken to agree

bool of_mx(const Obligation& obligation) {
  switch (obligation.kind) {
    case Obligation::Kind::authority:
    case Obligation::Kind::absent:
    case Obligation::Kind::declared:
    case Obligation::Kind::assumed:
      return true;
    default:
      return false;
  }
}

bool is_seen(const AuthorityReport& authority) {
  return authority.last_class != AnswerClass::failed;
}

std::uint32_t largest_ttl(const PropagationReport& report) {
  std::uint32_t ttl = 0;
  for (const AuthorityReport& authority : report.authorities)
    if (is_seen(authority)) ttl = std::max(ttl, authority.ttl);
  return ttl;
}

std::uint32_t earlier_ttl(const PropagationReport& report) {
  std::uint32_t ttl = 0;
  for (const Obligation& obligation : report.obligations)
    if (of_mx(obligation)) ttl = std::max(ttl, static_cast<std::uint32_t>(obligation.ttl.count()));
  return ttl;
}

// How long a change takes, from the moment it is made until READY.
Duration ready_after(const Policy& policy, std::uint32_t ttl) {
  const Duration drain = policy.authority_spread + policy.clock_error + seconds(ttl) + policy.delta;
  return policy.authority_poll * kRoundsToSee + std::max<Duration>(drain, policy.floor) +
         policy.settle;
}

// Copies under an earlier TTL, or from before the watch, live until then.
std::optional<Time> outlived(const PropagationReport& report) {
  std::optional<Time> latest;
  for (const Obligation& obligation : report.obligations)
    if (of_mx(obligation) && obligation.until)
      latest = std::max(latest.value_or(*obligation.until), *obligation.until);
  return latest;
}

TtlPhase before_change(const PropagationReport& report, const Policy& policy, Time now) {
  TtlPhase phase;
  phase.ttl = largest_ttl(report);
  phase.earlier = std::max(phase.ttl, earlier_ttl(report));
  phase.negative =
      std::any_of(report.authorities.begin(), report.authorities.end(),
                  [](const AuthorityReport& a) { return a.last_class == AnswerClass::absent; });
  phase.ready_after = ready_after(policy, std::min(phase.ttl, kLowTtl));
  const auto until = outlived(report);
  if (phase.ttl > kLowTtl) {
    phase.safe_from = now + policy.authority_spread + policy.clock_error + seconds(phase.ttl);
    if (until) phase.safe_from = std::max(*phase.safe_from, *until);
  } else if (until && *until > now + seconds(phase.ttl)) {
    phase.stage = TtlPhase::Stage::wait;
    phase.safe_from = *until;
    phase.assumed =
        std::any_of(report.obligations.begin(), report.obligations.end(), [&](const Obligation& o) {
          return o.kind == Obligation::Kind::assumed && o.until == until;
        });
  } else {
    phase.stage = TtlPhase::Stage::safe;
  }
  return phase;
}

// "Tue 14:05", as people make appointments.
std::string appointment(Time t) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const auto whole = std::chrono::ceil<std::chrono::minutes>(t);
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::hh_mm_ss clock(whole - day);
  return fmt::format("{} {:02}:{:02}", kDays[std::chrono::weekday(day).c_encoding()],
                     clock.hours().count(), clock.minutes().count());
}

std::string then_ready(const TtlPhase& phase) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(phase.ready_after);
  const std::string about = minutes.count() < 2 ? format_duration(phase.ready_after)
                                                : fmt::format("{} min", minutes.count());
  return fmt::format("READY about {} after the change", about);
}

std::string earlier_copies(const TtlPhase& phase) {
  return phase.assumed
             ? fmt::format("nobody said whether it was lowered lately ({} assumed)", phase.earlier)
             : fmt::format("copies under the earlier {} may still live", phase.earlier);
}

std::string subject(const TtlPhase& phase) {
  return phase.negative
             ? fmt::format("there is no MX yet, and caches may keep that for {} s (negative TTL)",
                           phase.ttl)
             : fmt::format("TTL of the MX is {}", phase.ttl);
}

}  // namespace

std::optional<TtlPhase> ttl_phase(const PropagationReport& report, const Policy& policy, Time now) {
  const bool seen = std::any_of(report.authorities.begin(), report.authorities.end(), is_seen);
  if (!seen) return std::nullopt;
  if (report.ready()) {
    TtlPhase phase;
    phase.stage = TtlPhase::Stage::raise;
    phase.ttl = largest_ttl(report);
    phase.earlier = earlier_ttl(report);
    if (phase.ttl > kLowTtl) return std::nullopt;
    return phase;
  }
  const bool any_new =
      std::any_of(report.authorities.begin(), report.authorities.end(),
                  [](const AuthorityReport& a) { return a.last_class == AnswerClass::new_; });
  if (report.change_started_at || any_new) return std::nullopt;
  return before_change(report, policy, now);
}

std::string ttl_sentence(const TtlPhase& phase) {
  using Stage = TtlPhase::Stage;
  const std::string lower = phase.negative ? fmt::format("lower the SOA's MINIMUM to {}", kLowTtl)
                                           : fmt::format("lower it to {}", kLowTtl);
  switch (phase.stage) {
    case Stage::lower:
      return fmt::format("{}; {}; safe to change from {} (then {})", subject(phase), lower,
                         appointment(*phase.safe_from), then_ready(phase));
    case Stage::wait:
      return fmt::format("{}; {}; safe to change from {} (then {})", subject(phase),
                         earlier_copies(phase), appointment(*phase.safe_from), then_ready(phase));
    case Stage::safe:
      return fmt::format("{}; safe to change now (then {})", subject(phase), then_ready(phase));
    case Stage::raise:
      return phase.earlier > phase.ttl
                 ? fmt::format("{}; raise it again (it was {})", subject(phase), phase.earlier)
                 : fmt::format("{}; raise it again (3600 or more)", subject(phase));
  }
  return {};
}

}  // namespace mxswitch::monitor
