#include "orchestrator/relay_agent/old_verdicts.h"

namespace mxswitch::orchestrator {
namespace {

constexpr auto kAccepted = std::chrono::hours(24);
constexpr auto kRefused = std::chrono::minutes(5);
constexpr auto kCatchAll = std::chrono::hours(1);

}  // namespace

void OldVerdicts::enter(const std::string& domain, std::int64_t generation) {
  auto& kept = domains_[domain];
  if (kept.generation == generation) return;
  held_ -= kept.verdicts.size();
  kept = Domain{};
  kept.generation = generation;
}

std::optional<OldVerdict> OldVerdicts::find(const std::string& domain, const std::string& address,
                                            Time now) const {
  const auto kept = domains_.find(domain);
  if (kept == domains_.end()) return std::nullopt;
  const auto verdict = kept->second.verdicts.find(address);
  if (verdict == kept->second.verdicts.end() || now >= verdict->second.until) return std::nullopt;
  return verdict->second;
}

void OldVerdicts::note(const std::string& domain, const std::string& address, bool refused,
                       std::string reply, Time now) {
  if (held_ >= kLimit) {
    // Everything here can be asked again; a full memory can not be undone.
    for (auto& [name, kept] : domains_) kept.verdicts.clear();
    held_ = 0;
  }
  auto& verdicts = domains_[domain].verdicts;
  const OldVerdict verdict{refused, std::move(reply),
                           now + (refused ? Duration(kRefused) : Duration(kAccepted))};
  held_ += verdicts.insert_or_assign(address, verdict).second ? 1 : 0;
}

std::optional<bool> OldVerdicts::is_catch_all(const std::string& domain, Time now) const {
  const auto kept = domains_.find(domain);
  if (kept == domains_.end() || now >= kept->second.catch_all_until) return std::nullopt;
  return kept->second.catch_all;
}

void OldVerdicts::note_catch_all(const std::string& domain, bool catch_all, Time now) {
  auto& kept = domains_[domain];
  kept.catch_all = catch_all;
  kept.catch_all_until = now + kCatchAll;
}

}  // namespace mxswitch::orchestrator
