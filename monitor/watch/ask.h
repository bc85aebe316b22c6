// One probe each: asks a server and returns the sample that the cores take. Never fails: silence
// and garbage are outcomes. Shared by the watcher and by `mxswitch check`.
#pragma once

#include <asio/awaitable.hpp>

#include "monitor/propagation/observation.h"
#include "monitor/propagation/spf_text.h"
#include "probes/dns/transport.h"

namespace mxswitch::monitor {

struct AuthorityAsk {
  DnsName owner;
  DnsName server;  // the NS name, kept in the sample
  Endpoint endpoint;
  bool with_soa = true;            // asks SOA too: serial and EXPIRE
  bool with_signatures = false;    // of a signed zone
  Duration deadline = seconds(3);  // of one try; a poll has three (UDP, UDP, TCP)
};

asio::awaitable<AuthoritySample> ask_authority(probes::Transport& transport, AuthorityAsk ask);

struct CompanionAsk {
  DnsName name;
  probes::RrType type = probes::RrType::a;
  DnsName server;
  Endpoint endpoint;
  Duration deadline = seconds(3);  // of one try
};

asio::awaitable<CompanionSample> ask_companion(probes::Transport& transport, CompanionAsk ask);

// A SERVFAIL is asked again with CD=1: NOERROR then means that validation failed there. `sparing`:
// one query, whatever it brings.
asio::awaitable<ResolverSample> ask_resolver(probes::Transport& transport, DnsName owner,
                                             Endpoint resolver, Duration deadline,
                                             bool sparing = false);

struct TxtAsk {
  DnsName owner;       // or an include's target
  std::string server;  // as people read it
  Endpoint endpoint;
  bool from_authority = false;
  Duration deadline = seconds(6);
};

asio::awaitable<TxtSample> ask_txt(probes::Transport& transport, TxtAsk ask);

// `random_label` makes the name under com. that must not exist; a new one for each call. Empty:
// the root is asked for alone.
asio::awaitable<ControlSample> ask_control(probes::Transport& transport, Endpoint resolver,
                                           std::string random_label, Duration deadline);

}  // namespace mxswitch::monitor
