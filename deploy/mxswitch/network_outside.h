// What the switchover asks of the world, over the real network.
#pragma once

#include <asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <string>

#include "orchestrator/switchover/outside.h"
#include "probes/base/offload.h"
#include "probes/dns/delegation.h"
#include "probes/mail/imap_search.h"

namespace mxswitch {

struct OutsideOptions {
  probes::DelegationOptions delegation;
  std::string helo = "localhost";
  std::map<std::string, probes::ImapMailbox> probe_mailboxes;  // by the relay's name
};

// The references must outlive it.
std::unique_ptr<orchestrator::Outside> make_network_outside(asio::any_io_executor loop,
                                                            probes::Transport& transport,
                                                            Offload& offload,
                                                            OutsideOptions options);

}  // namespace mxswitch
