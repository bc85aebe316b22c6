#include "deploy/mxswitch/dns_options.h"

#include <CLI/CLI.hpp>

namespace mxswitch {

void add_dns_flags(CLI::App& verb, DnsFlags& flags) {
  verb.add_option("--resolvers", flags.resolvers,
                  "builtin (48 public ones), all (139), or a CSV file of address[:port],...")
      ->capture_default_str();
  verb.add_option("--root-hints", flags.root_hints, "root servers in master-file format");
  verb.add_option("--authority", flags.authorities,
                  "authoritative server ADDR[:port], instead of walking the delegation")
      ->delimiter(',');
}

Result<DnsSetup> resolve_dns_flags(const DnsFlags& flags) {
  DnsSetup setup;
  auto resolvers = probes::load_resolvers(flags.resolvers);
  if (!resolvers) return tl::unexpected(resolvers.error());
  setup.resolvers = std::move(*resolvers);

  setup.delegation = probes::from_this_host(probes::builtin_roots());
  if (!flags.root_hints.empty()) {
    auto roots = probes::load_root_hints(flags.root_hints);
    if (!roots) return tl::unexpected(roots.error());
    setup.delegation.roots = std::move(*roots);
  }
  for (const std::string& text : flags.authorities) {
    const auto endpoint = probes::Endpoint::parse(text);
    if (!endpoint) {
      Error error = endpoint.error();
      error.where = "--authority " + text;
      return tl::unexpected(error);
    }
    setup.authorities.push_back({probes::DnsName(), *endpoint});
  }
  return setup;
}

Result<Target> parse_target(const std::string& domain, const std::string& expected_mx) {
  const auto owner = probes::DnsName::from_user(domain);
  if (!owner) {
    Error error = owner.error();
    if (error.where.empty()) error.where = domain;
    return tl::unexpected(error);
  }
  const auto expected = probes::MxSet::parse(expected_mx);
  if (!expected) {
    Error error = expected.error();
    error.where = "--expect-mx \"" + expected_mx + "\"";
    return tl::unexpected(error);
  }
  return Target{*owner, *expected};
}

}  // namespace mxswitch
