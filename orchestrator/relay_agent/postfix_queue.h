// Postfix's queue as one domain sees it. All of it works by queue id: nothing here ever touches
// another domain's mail. Blocks; never on the loop.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/base/clock.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

struct QueuedMessage {
  std::string id;
  Time arrived_at{};
};

// The messages of `postqueue -j` with a recipient at the domain. Pure. Lines that are no JSON are
// passed over: a queue file may vanish while it is listed.
std::vector<QueuedMessage> messages_of(std::string_view postqueue_json, const std::string& domain);

struct PostfixCommands {
  std::string config_directory;  // -c
  std::string postqueue = "/usr/sbin/postqueue";
  std::string sendmail = "/usr/sbin/sendmail";
};

class PostfixQueue {
 public:
  explicit PostfixQueue(PostfixCommands commands) : commands_(std::move(commands)) {}

  Result<std::vector<QueuedMessage>> list(const std::string& domain) const;
  // Asks for a delivery attempt of each; at most 1,000.
  Result<void> flush(const std::vector<QueuedMessage>& messages) const;
  // A small message straight into the queue, past every smtpd: the first to ask for its route is
  // the queue manager.
  Result<void> submit(const std::string& recipient) const;

 private:
  PostfixCommands commands_;
};

}  // namespace mxswitch::orchestrator
