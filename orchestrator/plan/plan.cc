#include "orchestrator/plan/plan.h"

#include <fmt/format.h>

#include <filesystem>

#include "orchestrator/plan/plan_reader.h"
#include "probes/base/toml_reader.h"

namespace mxswitch::orchestrator {
namespace {

// "joe@shop.example" -> "shop.example", "https://hooks.example:8443/x" -> "hooks.example".
std::string_view host_of(std::string_view contact) {
  if (const auto scheme = contact.find("://"); scheme != contact.npos) {
    auto authority = contact.substr(scheme + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    if (const auto at = authority.rfind('@'); at != authority.npos) {
      authority.remove_prefix(at + 1);
    }
    return authority.substr(0, authority.find(':'));
  }
  const auto at = contact.rfind('@');
  return at == contact.npos ? std::string_view() : contact.substr(at + 1);
}

Result<Plan> read_document(TomlDocument document) {
  Plan plan;
  PlanReader(document.root(), plan).read();
  if (auto sound = document.finish(); !sound) return Failure(sound.error());
  return plan;
}

}  // namespace

std::vector<probes::DnsName> Plan::owners() const {
  std::vector<probes::DnsName> owners = {domain_name};
  owners.insert(owners.end(), alias_domains.begin(), alias_domains.end());
  owners.insert(owners.end(), subdomains.begin(), subdomains.end());
  return owners;
}

Result<Plan> parse_plan(std::string_view toml, const std::string& name) {
  auto document = TomlDocument::parse(toml, name);
  if (!document) return Failure(document.error());
  return read_document(std::move(*document));
}

Result<Plan> read_plan(const std::string& path) {
  auto document = TomlDocument::read_file(path);
  if (!document) return Failure(document.error());
  return read_document(std::move(*document));
}

std::string path_beside(const std::string& plan_path, const std::string& path) {
  if (path.empty()) return path;
  return (std::filesystem::path(plan_path).parent_path() / path).string();
}

std::string contact_fault(const Plan& plan, const std::string& address) {
  const auto host = probes::DnsName::from_user(host_of(address));
  if (!host || host->is_root()) return "it is neither a mail address nor a URL";
  if (host->is_within(plan.domain_name)) {
    return fmt::format("it lies in {}, the domain being moved", plan.domain);
  }
  for (const auto& alias : plan.alias_domains) {
    if (host->is_within(alias)) return fmt::format("it lies in the alias domain {}", alias.text());
  }
  return {};
}

}  // namespace mxswitch::orchestrator
