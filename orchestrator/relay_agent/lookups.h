// One socketmap look-up, from "transport joe@shop.example" to its reply: the maps by name, over
// the state in memory. Nothing here waits, so no look-up can hang.
#pragma once

#include <atomic>

#include "orchestrator/relay_agent/netstring.h"
#include "orchestrator/relay_agent/probe_board.h"
#include "orchestrator/relay_agent/registry.h"
#include "orchestrator/relay_agent/srs.h"

namespace mxswitch::orchestrator {

class Lookups {
 public:
  // All but `facts` must outlive this. `submission` is where the hosted server hands in mail for
  // our domains: "smtp:[192.0.2.1]:25".
  Lookups(Registry& registry, ProbeBoard& probes, const Clock& clock, RelayFacts facts,
          SenderRewriting rewriting, std::string submission);

  // Maps relay_domains, recipients, aliases, transport, submission, srs; TEMP for any other. Notes
  // that the queue manager asked when the key is a canary's address: nobody else asks for its
  // route.
  LookupReply answer(const SocketmapRequest& request);

  void set_starting(bool starting) { starting_ = starting; }  // TEMP for everything

 private:
  static LookupReply not_stored(const RelayState& state, std::string_view domain);
  LookupReply answer_domain_map(const SocketmapRequest& request) const;
  LookupReply answer_sender(const AddressKey& key) const;
  LookupReply answer_bounce(const std::string& map, const AddressKey& key) const;
  LookupReply answer_address(const std::string& map, const AddressKey& key);

  Registry& registry_;
  ProbeBoard& probes_;
  const Clock& clock_;
  RelayFacts facts_;
  SenderRewriting rewriting_;
  std::string submission_;
  std::atomic<bool> starting_{false};
};

}  // namespace mxswitch::orchestrator
