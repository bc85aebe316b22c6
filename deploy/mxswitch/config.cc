#include "deploy/mxswitch/config.h"

#include <fmt/format.h>

#include <charconv>

#include "probes/base/http_rules.h"
#include "probes/base/http_stream.h"
#include "probes/base/listening_socket.h"
#include "probes/base/log.h"
#include "probes/base/secrets.h"
#include "probes/base/toml_reader.h"
#include "probes/dns/delegation.h"

namespace mxswitch {
namespace {

probes::Rate read_rate(TomlTable table, std::string_view key, std::string_view burst_key,
                       probes::Rate fallback) {
  probes::Rate rate;
  rate.per_second = table.number(key, fallback.per_second, 0.001, 1500);
  rate.burst = burst_key.empty() ? std::max(1.0, rate.per_second)
                                 : table.number(burst_key, fallback.burst, 1, 1500);
  return rate;
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

void read_token(TomlTable table, Config& config) {
  BearerToken token;
  token.name = table.required_string("name");
  token.scopes = table.strings("scopes");
  token.sha256_hex = table.string("sha256");
  const std::string file = table.string("file");
  if (token.sha256_hex.empty() == file.empty()) {
    table.refuse("name", "a token needs either sha256 or file",
                 "write sha256 = \"...\" (sha256sum of the token), or file = \"PATH\"");
    return;
  }
  if (!file.empty()) {
    const auto secret = read_secret_file(file);
    if (!secret) {
      table.refuse("file", secret.error().text());
      return;
    }
    token.sha256_hex = sha256_hex(*secret);
  }
  for (const std::string& scope : token.scopes) {
    if (scope == "read" || scope == "operate" || scope == "override") continue;
    table.refuse("scopes", fmt::format("unknown scope \"{}\"", scope),
                 "use read, operate or override");
  }
  if (!is_digest(token.sha256_hex)) {
    table.refuse("sha256", "sha256 is not 64 lower-case hexadecimal digits",
                 "write the output of: printf %s TOKEN | sha256sum");
  }
  config.tokens.push_back(std::move(token));
}

// "mxswitch.example", "192.0.2.1" or "::1"; empty where it is none of these.
std::string host_of(const std::string& text) {
  if (probes::IpAddress::parse(text)) return lower_case(text);
  const auto target = parse_target("http://" + text + "/");
  const bool alone = target && lower_case(text) == lower_case(target->host);
  return alone ? lower_case(text) : std::string();
}

void read_hosts(TomlTable& table, Config& config) {
  config.base_url = table.string("base_url");
  if (!config.base_url.empty()) {
    const auto target = parse_target(config.base_url);
    if (!target) {
      table.refuse("base_url", fmt::format("base_url: {}", target.error().what),
                   "write it like https://mxswitch.example");
    } else {
      config.base_host = lower_case(target->host);
    }
  }
  for (const std::string& text : table.strings("allowed_hosts")) {
    const std::string host = host_of(text);
    if (host.empty()) {
      table.refuse("allowed_hosts",
                   fmt::format("\"{}\" is not the name of a host", text.substr(0, 80)),
                   "write it without scheme and port, like \"mxswitch.example\"");
    } else {
      config.allowed_hosts.push_back(host);
    }
  }
}

void read_server(TomlTable table, Config& config) {
  config.listen = table.string("listen", config.listen);
  const auto listen = parse_listen(config.listen, table.where("listen"));
  if (!listen) table.refuse("listen", listen.error().what, listen.error().mend);
  read_hosts(table, config);
  config.certificate_file = table.string("certificate");
  config.key_file = table.string("key");
  if (config.certificate_file.empty() != config.key_file.empty()) {
    table.refuse("certificate", "certificate and key go together", "give both, or neither");
  }
  if (!config.certificate_file.empty() && !config.key_file.empty()) {
    const auto usable = load_tls(config.certificate_file, config.key_file);
    if (!usable) table.refuse("certificate", usable.error().text());
  }
  for (TomlTable token : table.tables("token")) read_token(token, config);
}

orchestrator::RelayNode read_node(TomlTable table) {
  orchestrator::RelayNode node;
  node.id = table.required_string("id");
  node.api = table.required_string("api");
  node.addresses = table.strings("addresses");
  if (!node.api.starts_with("http://") && !node.api.starts_with("https://")) {
    table.refuse("api", fmt::format("\"{}\" is not an API address", node.api),
                 "write http://ADDRESS:PORT");
  }
  for (const std::string& address : node.addresses) {
    if (probes::IpAddress::parse(address)) continue;
    table.refuse("addresses", fmt::format("\"{}\" is not an address", address.substr(0, 80)),
                 "write it like \"192.0.2.1\" or \"2001:db8::1\"");
  }
  return node;
}

void read_relay(TomlTable table, Config& config) {
  RelayConfig relay;
  relay.options.name = table.required_string("name");
  relay.options.driver = table.string("driver", "native");
  relay.place = table.where("driver");
  relay.options.ca_file = table.string("ca_file");
  relay.options.timeout = table.duration("timeout", relay.options.timeout);
  relay.token_file = table.string("token_file");
  relay.token_place = table.where("token_file");
  for (TomlTable node : table.tables("nodes")) relay.options.nodes.push_back(read_node(node));
  if (relay.options.driver == "native" && relay.options.nodes.empty()) {
    table.refuse("nodes", fmt::format("relay \"{}\" has no nodes", relay.options.name),
                 "add nodes = [{ id = \"node-1\", api = \"http://...\", addresses = [...] }]");
  }
  TomlTable mailbox = table.table("probe_mailbox");
  relay.probe_mailbox = {mailbox.string("imap"), mailbox.string("user"),
                         mailbox.string("password_file"), mailbox.boolean("starttls", true),
                         mailbox.where("password_file")};
  config.relays.push_back(std::move(relay));
}

void read_dns(TomlTable table, Config& config) {
  if (const auto name = table.optional_string("resolvers")) {
    auto loaded = probes::load_resolvers(*name);
    if (!loaded) table.refuse("resolvers", loaded.error().text());
    if (loaded) config.resolvers = std::move(*loaded);
  }
  if (const auto path = table.optional_string("root_hints")) {
    auto roots = probes::load_root_hints(*path);
    if (!roots) table.refuse("root_hints", roots.error().text());
    if (roots) config.roots = std::move(*roots);
  }
  config.allow_special = table.boolean("allow_special", config.allow_special);
  config.dot = table.boolean("dot", config.dot);
  config.dot_ca = table.string("dot_ca");
  config.dot_ca_place = table.where("dot_ca");
}

void read_pacer(TomlTable table, Config& config) {
  config.resolver_rate = read_rate(table, "resolver_rate", "burst", config.resolver_rate);
  config.isp_rate = read_rate(table, "isp_rate", "", config.isp_rate);
  config.authority_rate = read_rate(table, "authority_rate", "", config.authority_rate);
}

void read_alerts(TomlTable table, Config& config) {
  config.alerts.smtp = table.string("smtp");
  if (!config.alerts.smtp.empty()) {
    const auto smtp = parse_listen(config.alerts.smtp, table.where("smtp"));
    if (!smtp) table.refuse("smtp", smtp.error().what, "write it like 192.0.2.25:25");
  }
  config.alerts.from = table.string("from", config.alerts.from);
  config.alerts.test_every = table.duration("test_every", config.alerts.test_every);
}

void read_retention(TomlTable table, Config& config) {
  config.retention.observations = table.duration("observations", config.retention.observations);
  config.retention.samples = table.duration("samples", config.retention.samples);
  if (config.retention.observations > Duration(0) &&
      config.retention.samples > config.retention.observations)
    table.refuse("samples", "samples can't be kept longer than the observations they belong to",
                 "give at most the value of observations");
}

void read_polls(TomlTable table, Config& config) {
  config.relay_poll = table.duration("relay", config.relay_poll);
  config.probe_every = table.duration("probe", config.probe_every);
}

}  // namespace

Result<ListenAddress> parse_listen(const std::string& text, const std::string& where) {
  const auto colon = text.rfind(':');
  ListenAddress listen;
  if (colon != std::string::npos) {
    listen.address = text.substr(0, colon);
    if (listen.address.starts_with('[') && listen.address.ends_with(']')) {
      listen.address = listen.address.substr(1, listen.address.size() - 2);
    }
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, listen.port);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == end;
    if (whole && !listen.address.empty() && listen.port >= 0 && listen.port <= 65535) {
      return listen;
    }
  }
  return fail(Fault::usage, fmt::format("\"{}\" is not ADDRESS:PORT", text), where,
              "write it like 127.0.0.1:8053");
}

std::vector<std::string> read_by_all_at(const Config& config) {
  const auto is_local = [](const std::string& host) {
    return host == "localhost" || is_loopback(host);
  };
  const auto listen = parse_listen(config.listen, {});
  if (!listen || !is_local(listen->address)) return {};
  std::vector<std::string> hosts = config.allowed_hosts;
  if (!config.base_host.empty()) hosts.insert(hosts.begin(), config.base_host);
  std::erase_if(hosts, is_local);
  return hosts;
}

Result<Config> read_config(const std::string& path) {
  Config config;
  auto builtin = probes::load_resolvers("builtin");
  if (!builtin) return tl::unexpected(builtin.error());
  config.resolvers = std::move(*builtin);
  config.roots = probes::builtin_roots();
  if (path.empty()) return config;
  auto document = TomlDocument::read_file(path);
  if (!document) return tl::unexpected(document.error());
  config.file = path;
  TomlTable root = document->root();
  config.store = root.string("store", config.store);
  config.helo = root.string("helo", config.helo);
  if (const auto level = set_log_level(root.string("log_level", "info")); !level) {
    root.refuse("log_level", level.error().what, level.error().mend);
  }
  read_server(root.table("server"), config);
  read_dns(root.table("dns"), config);
  read_pacer(root.table("pacer"), config);
  read_alerts(root.table("alerts"), config);
  read_polls(root.table("polls"), config);
  read_retention(root.table("retention"), config);
  for (TomlTable relay : root.tables("relay")) read_relay(relay, config);
  const auto finished = document->finish();
  if (!finished) return tl::unexpected(finished.error());
  return config;
}

}  // namespace mxswitch
