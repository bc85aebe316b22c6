#include "orchestrator/relay_agent/probe_board.h"

#include <algorithm>

#include "orchestrator/roster/address.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

constexpr auto kLifetime = std::chrono::minutes(10);  // of the contract
constexpr std::size_t kTokenBytes = 16;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

bool looks_like_token(std::string_view local_part) {
  if (!local_part.starts_with(kTokenPrefix)) return false;
  const auto digits = local_part.substr(kTokenPrefix.size());
  return digits.size() == 2 * kTokenBytes && std::ranges::all_of(digits, is_hex);
}

std::string token_glob() {
  std::string glob(kTokenPrefix);
  for (std::size_t i = 0; i < 2 * kTokenBytes; ++i) glob += "[0-9a-f]";
  return glob;
}

std::string ProbeBoard::add_token(Token token) {
  std::string local_part = std::string(kTokenPrefix) + random_hex(kTokenBytes);
  tokens_.emplace(local_part, std::move(token));
  return local_part;
}

Probe ProbeBoard::make(const std::string& domain, const ProbeWrite& write, Time now) {
  Probe probe;
  probe.id = random_uuid();
  probe.kind = write.kind;
  probe.node = node_;
  probe.expires_at = now + kLifetime;
  const std::lock_guard lock(mutex_);
  if (write.kind == ProbeKind::forward) {
    probe.address = write.recipient.value_or("postmaster@" + domain);
  } else {
    const auto kind = write.kind == ProbeKind::inbound ? TokenKind::inbound : TokenKind::hosted;
    probe.address = add_token({kind, domain, probe.id, probe.expires_at}) + "@" + domain;
  }
  probes_[probe.id] = {domain, probe};
  unsaved_.insert(probe.id);
  return probe;
}

std::string ProbeBoard::make_canary(const std::string& domain, Time now) {
  const std::lock_guard lock(mutex_);
  return add_token({TokenKind::inbound, domain, {}, now + kLifetime}) + "@" + domain;
}

void ProbeBoard::restore(const std::vector<KeptProbe>& probes, Time now) {
  const std::lock_guard lock(mutex_);
  for (const auto& kept : probes) {
    probes_[kept.probe.id] = kept;
    const auto at = kept.probe.address.find('@');
    const std::string local_part = kept.probe.address.substr(0, at);
    if (kept.probe.expires_at <= now || !looks_like_token(local_part)) continue;
    const auto kind = kept.probe.kind == ProbeKind::hosted ? TokenKind::hosted : TokenKind::inbound;
    tokens_[local_part] = {kind, kept.domain, kept.probe.id, kept.probe.expires_at};
  }
}

TokenKind ProbeBoard::kind(std::string_view local_part, std::string_view domain, Time now) const {
  if (!looks_like_token(local_part)) return TokenKind::none;
  const std::lock_guard lock(mutex_);
  const auto token = tokens_.find(local_part);
  if (token == tokens_.end() || token->second.domain != domain) return TokenKind::none;
  return now < token->second.expires_at ? token->second.kind : TokenKind::none;
}

bool ProbeBoard::is_canary(std::string_view local_part, std::string_view domain) const {
  if (!looks_like_token(local_part)) return false;
  const std::lock_guard lock(mutex_);
  const auto token = tokens_.find(local_part);
  return token != tokens_.end() && token->second.probe.empty() && token->second.domain == domain;
}

void ProbeBoard::note_accepted(std::string_view local_part, Time at) {
  const std::lock_guard lock(mutex_);
  const auto token = tokens_.find(local_part);
  if (token == tokens_.end()) return;
  const auto kept = probes_.find(token->second.probe);
  if (kept == probes_.end() || kept->second.probe.accepted_at) return;
  kept->second.probe.accepted_at = at;
  if (kept->second.probe.result == ProbeResult::waiting) {
    kept->second.probe.result = ProbeResult::accepted;
  }
  unsaved_.insert(kept->first);
}

void ProbeBoard::note_log(const LogEvent& event, Time at) {
  const auto local_part = std::string_view(event.recipient).substr(0, event.recipient.find('@'));
  if (!looks_like_token(local_part)) return;
  const std::lock_guard lock(mutex_);
  const auto token = tokens_.find(local_part);
  if (token == tokens_.end()) return;
  const auto found = probes_.find(token->second.probe);
  if (found == probes_.end()) return;
  Probe& probe = found->second.probe;
  probe.reply = event.reply;
  if (event.status == LogStatus::sent) {
    if (!probe.accepted_at) probe.accepted_at = at;
    probe.delivered_at = at;
    probe.result = ProbeResult::delivered;
  } else if (event.status != LogStatus::deferred) {
    probe.result = ProbeResult::refused;
  }
  unsaved_.insert(found->first);
}

void ProbeBoard::note_reply(const std::string& id, ProbeResult result, std::string reply, Time at) {
  const std::lock_guard lock(mutex_);
  const auto found = probes_.find(id);
  if (found == probes_.end()) return;
  found->second.probe.result = result;
  found->second.probe.reply = std::move(reply);
  if (result == ProbeResult::accepted) found->second.probe.accepted_at = at;
  unsaved_.insert(id);
}

std::optional<Probe> ProbeBoard::find(const std::string& domain, const std::string& id,
                                      Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = probes_.find(id);
  if (found == probes_.end() || found->second.domain != domain) return std::nullopt;
  Probe probe = found->second.probe;
  if (now >= probe.expires_at && probe.result == ProbeResult::waiting) {
    probe.result = ProbeResult::expired;
  }
  return probe;
}

std::vector<KeptProbe> ProbeBoard::take_unsaved(Time now) {
  const std::lock_guard lock(mutex_);
  std::vector<KeptProbe> changed;
  for (const auto& id : unsaved_) {
    if (const auto found = probes_.find(id); found != probes_.end()) {
      changed.push_back(found->second);
    }
  }
  unsaved_.clear();
  const auto over = [now](Time expires_at) { return now > expires_at + std::chrono::hours(1); };
  std::erase_if(tokens_, [&](const auto& token) { return over(token.second.expires_at); });
  std::erase_if(probes_, [&](const auto& kept) { return over(kept.second.probe.expires_at); });
  return changed;
}

}  // namespace mxswitch::orchestrator
