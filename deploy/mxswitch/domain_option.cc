#include "deploy/mxswitch/domain_option.h"

#include <CLI/CLI.hpp>

#include "probes/dns/dns_name.h"

namespace mxswitch {
namespace {

std::string canonical(std::string given) {
  const auto name = probes::DnsName::from_user(given);
  if (!name) throw CLI::ValidationError("domain", name.error().text());
  return name->text();
}

}  // namespace

CLI::Option* add_domain(CLI::App& verb, std::string& domain, const std::string& help) {
  return verb.add_option("domain", domain, help)
      ->transform(CLI::Validator(
          [](std::string& text) {
            text = canonical(text);
            return std::string();
          },
          "DOMAIN"));
}

}  // namespace mxswitch
