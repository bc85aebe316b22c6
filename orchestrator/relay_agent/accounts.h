// What Dovecot may know of a domain: where each account's mail lies, and what opens it. Aliases are
// none of its business: the relay has followed them before it delivers. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/relay_agent/records.h"

namespace mxswitch::orchestrator {

struct MailStore {
  std::string root;        // homes are ROOT/DOMAIN/NAME
  std::string probe_user;  // the whole address of the hidden mailbox
};

struct MailAccount {
  std::string home;
  std::string hash;  // empty: opens nothing. Never logged.
  bool must_change = false;
  std::optional<Time> expires_at;  // of a hash that must be changed
  bool operator==(const MailAccount&) const = default;
};

// By name.
std::map<std::string, MailAccount> mail_accounts(const DomainRecord& record,
                                                 const MailStore& store);

// Where probes lie, whatever their domain.
std::string probe_home(const MailStore& store);

// The part of a path that stands for a name: letters, digits and "._-" as they are, any other
// octet like "=2F". A name may hold "/", and Dovecot 2.4 expands a "%{...}" in a home.
std::string path_of(std::string_view name);

}  // namespace mxswitch::orchestrator
