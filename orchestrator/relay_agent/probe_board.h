// Addresses that the agent makes for itself: probes of the control API, and the canary that makes
// the queue manager ask for a new route. A token is 128 random bits; what only looks like one is
// ordinary mail. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/relay/contract/contract.h"
#include "orchestrator/relay_agent/log_line.h"
#include "orchestrator/relay_agent/routing.h"
#include "orchestrator/relay_agent/store.h"
#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

inline constexpr std::string_view kTokenPrefix = "mxswitch-probe-";

// "mxswitch-probe-" and 32 hexadecimal digits.
bool looks_like_token(std::string_view local_part);
// The same as a pattern for SQLite's GLOB.
std::string token_glob();

class ProbeBoard {
 public:
  explicit ProbeBoard(std::string node) : node_(std::move(node)) {}

  // A probe that waits; inbound and hosted ones have a token address.
  Probe make(const std::string& domain, const ProbeWrite& write, Time now);
  // The address of a mail that is discarded on arrival and belongs to no probe.
  std::string make_canary(const std::string& domain, Time now);
  void restore(const std::vector<KeptProbe>& probes, Time now);

  TokenKind kind(std::string_view local_part, std::string_view domain, Time now) const;
  bool is_canary(std::string_view local_part, std::string_view domain) const;

  // Taken in by this node's smtpd.
  void note_accepted(std::string_view local_part, Time at);
  void note_log(const LogEvent& event, Time at);
  void note_reply(const std::string& id, ProbeResult result, std::string reply, Time at);

  std::optional<Probe> find(const std::string& domain, const std::string& id, Time now) const;
  // Changed since the last call, to be stored; what expired an hour ago is forgotten.
  std::vector<KeptProbe> take_unsaved(Time now);

 private:
  struct Token {
    TokenKind kind = TokenKind::none;
    std::string domain;
    std::string probe;  // empty: a canary
    Time expires_at{};
  };
  std::string add_token(Token token);  // the local part

  std::string node_;
  mutable std::mutex mutex_;
  std::map<std::string, Token, std::less<>> tokens_;
  std::map<std::string, KeptProbe> probes_;
  std::set<std::string> unsaved_;
};

}  // namespace mxswitch::orchestrator
