// Dovecot's dict protocol, as far as its authentication needs it: a greeting, then look-ups, one
// a line. Pure and bounded; values and errors are escaped as Dovecot does it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "probes/base/result.h"

namespace mxswitch::orchestrator {

inline constexpr std::size_t kDictLineLimit = 4096;

enum class DictCommand { greeting, lookup };

struct DictRequest {
  DictCommand command = DictCommand::greeting;
  std::string key;  // lookup: "shared/passdb/imap/joe@shop.example"
};

// Takes the first whole line off `buffer`. None: more bytes are needed. Fails with `malformed` for
// another command, another major version of the protocol, or a line that is too long.
Result<std::optional<DictRequest>> take_dict_request(std::string& buffer);

enum class AccountTable { passdb, userdb };

struct AccountKey {
  AccountTable table = AccountTable::passdb;
  std::string service;  // imap, pop3, lmtp, smtp, submission, ...
  std::string name;     // the whole user name
};

std::optional<AccountKey> parse_account_key(std::string_view key);

std::string dict_found(std::string_view value);
std::string dict_not_found();
std::string dict_failed(std::string_view reason);

}  // namespace mxswitch::orchestrator
