// mxswitch.toml, the program's settings. The only place that reads it; every part gets its own
// options struct from here. A missing file means the defaults: loopback, public resolvers.
#pragma once

#include <string>
#include <vector>

#include "monitor/history/retention.h"
#include "orchestrator/relay/relay_control.h"
#include "probes/base/http_server.h"
#include "probes/base/result.h"
#include "probes/dns/pacer.h"
#include "probes/dns/resolver_catalogue.h"

namespace mxswitch {

struct ProbeMailbox {
  std::string imap;  // host:port of the hosted server's IMAP
  std::string user, password_file;
  bool starttls = true;
  std::string place;  // file:line of password_file
};

struct RelayConfig {
  orchestrator::RelayOptions options;  // without the token
  std::string place;                   // file:line
  std::string token_file;
  std::string token_place;  // file:line
  ProbeMailbox probe_mailbox;
};

struct AlertConfig {
  std::string smtp;  // address:port that takes mail for outside addresses; empty: webhooks only
  std::string from = "mxswitch@localhost";
  Duration test_every = seconds(600);
};

struct Config {
  std::string file;  // as read; empty: defaults
  std::string listen = "127.0.0.1:8053";
  std::string base_url;   // in links; empty: http://LISTEN
  std::string base_host;  // of base_url, in lower case; empty without one
  // Names beside that and the address listened at under which a proxy asks, in lower case.
  std::vector<std::string> allowed_hosts;
  std::string certificate_file, key_file;
  std::vector<BearerToken> tokens;
  std::string store = "sqlite:/var/lib/mxswitch/mxswitch.db";
  probes::ResolverList resolvers;  // read_config fills both, without a file too
  std::vector<probes::Endpoint> roots;
  // Special-purpose addresses (loopback, private, ...) are asked like others: in a lab.
  bool allow_special = false;
  bool dot = true;           // resolvers whose name is known are asked by DNS over TLS too
  std::string dot_ca;        // PEM of authorities beside the system's
  std::string dot_ca_place;  // file:line
  probes::Rate resolver_rate{1, 4}, isp_rate{0.1, 1}, authority_rate{10, 10};
  AlertConfig alerts;
  monitor::RetentionOptions retention;
  std::vector<RelayConfig> relays;
  Duration relay_poll = seconds(5);     // how often each node, its roster and flow are read
  Duration probe_every = seconds(300);  // old-server and inbound probes
  std::string helo = "localhost";       // our name in SMTP
};

// Errors say file:line and what to do. Sets the log level.
Result<Config> read_config(const std::string& path);

struct ListenAddress {
  std::string address;
  int port = 0;
};
Result<ListenAddress> parse_listen(const std::string& text, const std::string& where);

// Names of other machines under which a loopback address is served, thus by a proxy: whoever
// reaches that reads everything, since reading asks no token there. Empty: nobody does.
std::vector<std::string> read_by_all_at(const Config& config);

}  // namespace mxswitch
