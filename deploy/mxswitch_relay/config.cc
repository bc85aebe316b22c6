#include "deploy/mxswitch_relay/config.h"

#include <charconv>

#include "probes/base/log.h"
#include "probes/base/secrets.h"
#include "probes/base/toml_reader.h"

namespace mxswitch {
namespace {

using orchestrator::AgentOptions;

// "127.0.0.1:8025" or "[::1]:8025".
bool split_listen(const std::string& listen, std::string& address, int& port) {
  const auto colon = listen.rfind(':');
  if (colon == listen.npos) return false;
  address = listen.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  const char* end = listen.data() + listen.size();
  const auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
  return parsed.ptr == end && parsed.ec == std::errc() && port >= 0 && port < 65536;
}

void read_postfix(TomlTable table, AgentOptions& agent) {
  agent.socketmap = table.string("socketmap", "127.0.0.1:8026");
  agent.policy = table.string("policy", "127.0.0.1:8027");
  agent.facts.reinject = table.string("reinject", "reinject:[127.0.0.1]:10026");
  agent.postfix.config_directory = table.string("config_directory", "/etc/postfix");
  agent.postfix.postqueue = table.string("postqueue", agent.postfix.postqueue);
  agent.postfix.sendmail = table.string("sendmail", agent.postfix.sendmail);
  agent.mail_log = table.string("mail_log");
}

// An agent that did not start after an upgrade would hold up all mail for one line of its settings.
void warn_of_dict(TomlTable& table, std::vector<std::string>& warnings) {
  if (!table.optional_string("socket")) return;
  warnings.push_back(
      table.where("socket") +
      ": socket is passed over, Dovecot's dict is gone (Dovecot 2.4 has none); write "
      "accounts = \"/var/lib/mxswitch-accounts/accounts.db\" instead, and fill in "
      "deploy/dovecot's templates of your Dovecot's release anew");
}

void read_dovecot(TomlTable& table, AgentOptions& agent) {
  agent.accounts = table.string("accounts");
  agent.accounts_group = table.string("group");
  agent.mail_store.root = table.string("mail_root", "/var/mail/hosted");
  agent.mail_store.probe_user = table.string("probe_user", "mxswitch-probe@relay.invalid");
  if (!agent.mail_store.probe_user.starts_with("mxswitch-probe")) {
    table.refuse("probe_user", "the probe user's name begins with \"mxswitch-probe\"",
                 "write mxswitch-probe@ and a domain of yours");
  }
}

void read_relay(TomlTable& root, AgentOptions& agent) {
  auto& control = agent.control;
  control.node = root.required_string("node");
  control.version = kRelayVersion;
  control.soak = root.duration("soak", control.soak);
  control.rollback_soak = root.duration("rollback_soak", control.rollback_soak);
  agent.store = root.string("store", "sqlite:/var/lib/mxswitch-relay/agent.db");
  agent.own_addresses = root.strings("addresses");
  agent.relay_addresses = root.strings("relay_addresses");
  agent.relay_addresses.insert(agent.relay_addresses.end(), agent.own_addresses.begin(),
                               agent.own_addresses.end());
  if (agent.own_addresses.empty()) {
    root.refuse("addresses", "the node's own addresses are missing",
                "list where its Postfix listens: no next hop may be one of them");
  }
  agent.helo = root.string("helo", control.node);
  agent.probe_sender = root.string("probe_sender");
  // A bare node name is no place where a bounce could come back to.
  const bool has_domain = agent.helo.find('.') != std::string::npos;
  agent.srs_domain = root.string("srs_domain", has_domain ? agent.helo : "");
  agent.facts.postmaster = root.required_string("postmaster");
  if (agent.facts.postmaster.find('@') == std::string::npos) {
    root.refuse("postmaster", "not a whole address", "write an address of the provider's own");
  }
  for (TomlTable peer : root.tables("peer")) {
    agent.peers.push_back({peer.required_string("node"), peer.required_string("api")});
  }
  agent.ca_file = root.string("ca_file");
}

Result<void> read_token(RelayConfig& config, const std::string& where) {
  const auto token = read_secret_file(config.token_file);
  if (!token) {
    Error error = token.error();
    error.where = where + " (" + config.token_file + ")";
    return tl::unexpected(std::move(error));
  }
  config.agent.peer_token = *token;
  config.agent.http.tokens = {{"relay", sha256_hex(*token), {"read", "operate"}}};
  return {};
}

}  // namespace

Result<RelayConfig> read_relay_config(const std::string& path) {
  auto document = TomlDocument::read_file(path);
  if (!document) return tl::unexpected(document.error());
  TomlTable root = document->root();
  RelayConfig config;
  auto& http = config.agent.http;
  read_relay(root, config.agent);
  config.listen = root.string("listen", "127.0.0.1:8025");
  if (!split_listen(config.listen, http.address, http.port)) {
    root.refuse("listen", "not ADDRESS:PORT", "write for example 127.0.0.1:8025");
  }
  http.certificate_file = root.string("certificate");
  http.key_file = root.string("key");
  http.body_limit = 32u << 20;  // a roster of 100,000 names
  http.refuse_tokens_in_clear_text = true;
  config.token_file = root.required_string("token_file");
  if (const auto level = set_log_level(root.string("log_level", "info")); !level) {
    root.refuse("log_level", level.error().what, level.error().mend);
  }
  read_postfix(root.table("postfix"), config.agent);
  TomlTable dovecot = root.table("dovecot");
  warn_of_dict(dovecot, config.warnings);
  read_dovecot(dovecot, config.agent);
  const std::string where = root.where("token_file");
  if (auto finished = document->finish(); !finished) return tl::unexpected(finished.error());
  if (auto token = read_token(config, where); !token) return tl::unexpected(token.error());
  return config;
}

std::string example_config() {
  return R"(# mxswitch-relay of one relay node.
node = "mx1"                            # this node's name; the orchestrator knows it by it
listen = "127.0.0.1:8025"               # control API; beyond loopback give certificate and key
token_file = "/etc/mxswitch-relay/token"  # one secret for the orchestrator and all nodes, mode 0600
store = "sqlite:/var/lib/mxswitch-relay/agent.db"
addresses = ["192.0.2.1"]               # where this node's Postfix listens
relay_addresses = ["192.0.2.2"]         # the other nodes': no next hop may be one of them
helo = "mx1.filter.example"
probe_sender = ""                       # MAIL FROM when the old server is asked; empty: <>
srs_domain = "mx1.filter.example"       # envelope senders of what aliases pass to the outside; its
                                        # MX or address must lead here, its SPF name these nodes
postmaster = "postmaster@filter.example"  # where postmaster@ and abuse@ go that nobody has
soak = "5d"                             # after a switch refused mail waits in the queue
rollback_soak = "1h"                    # and so long after a return to the old server
# certificate = "/etc/mxswitch-relay/api.pem"
# key = "/etc/mxswitch-relay/api.key"
# ca_file = "/etc/mxswitch-relay/ca.pem"  # of the peers

[postfix]
socketmap = "127.0.0.1:8026"            # @SOCKETMAP@ of deploy/postfix
policy = "127.0.0.1:8027"               # @POLICY@
reinject = "reinject:[127.0.0.1]:10026"  # @REINJECT_PORT@
config_directory = "/etc/postfix"
mail_log = "/var/log/mail.log"          # deliveries are counted from it

[dovecot]                               # without accounts there is no Dovecot here
accounts = "/var/lib/mxswitch-accounts/accounts.db"  # @ACCOUNTS@ of deploy/dovecot
# group = "mxswitch-accounts"           # @ACCOUNTS_GROUP@; without it the file is its folder's
mail_root = "/var/mail/hosted"          # homes are MAIL_ROOT/DOMAIN/NAME
probe_user = "mxswitch-probe@filter.example"

[[peer]]
node = "mx2"
api = "https://192.0.2.2:8025"
)";
}

}  // namespace mxswitch
