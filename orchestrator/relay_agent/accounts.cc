#include "orchestrator/relay_agent/accounts.h"

#include <fmt/format.h>

namespace mxswitch::orchestrator {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

std::string path_of(std::string_view name) {
  std::string path;
  for (const char c : name) {
    path += is_plain(c) ? std::string(1, c) : fmt::format("={:02X}", static_cast<unsigned char>(c));
  }
  return path;
}

std::string probe_home(const MailStore& store) { return store.root + "/.probes"; }

std::map<std::string, MailAccount> mail_accounts(const DomainRecord& record,
                                                 const MailStore& store) {
  const std::string& domain = record.row.domain;
  std::map<std::string, MailAccount> accounts;
  for (const auto& [name, credential] : record.credentials) {
    const bool hidden = name + "@" + domain == store.probe_user;
    accounts[name] = {hidden ? probe_home(store) : store.root + "/" + domain + "/" + path_of(name),
                      credential.hash, credential.must_change, credential.initial_expires_at};
  }
  return accounts;
}

}  // namespace mxswitch::orchestrator
