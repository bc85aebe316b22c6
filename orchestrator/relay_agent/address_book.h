// The addresses behind the next hops, and the rule that none of them is a relay node: customers
// repoint "mail." at us, and mail would then go round until it bounces. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/relay_agent/next_hop.h"
#include "orchestrator/relay_agent/records.h"

namespace mxswitch::orchestrator {

class AddressBook {
 public:
  // Addresses of all nodes of the relay, this one among them.
  explicit AddressBook(const std::vector<std::string>& relay_addresses);

  // Looks the host up anew and keeps what was found. Blocks for as long as the system's resolver
  // takes. Fails with `usage` when it has none, `conflict` when one is a relay node's.
  Result<void> check(const NextHop& hop);
  // As last found; empty for a host that was never looked up, and for unix sockets.
  std::vector<std::string> addresses(const NextHop& hop) const;

 private:
  std::set<std::string> relay_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> found_;
};

// Checks every next hop of the state; returns the domains of which one leads back to the relay,
// with the reason. A host that cannot be looked up now is none of them. Blocks.
std::map<std::string, std::string> find_loops(AddressBook& book, const RelayState& state);

}  // namespace mxswitch::orchestrator
