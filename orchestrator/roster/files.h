// The two files that a provider keeps: accounts ("name password" a line) and aliases
// ("name: target, target"). Text in, values or all errors out; loading is all or nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/relay/contract/contract.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

struct FileText {
  std::string name;  // as errors show it
  std::string text;
};

struct AccountLine {
  std::string name;
  // Absent: the domain's default password. Plain text: hash it, then let it go (hashing.h).
  std::optional<std::string> password;
};

struct RosterFiles {
  std::vector<AccountLine> accounts;
  std::vector<Alias> aliases;
  std::optional<std::string> catch_all;

  Roster roster() const;  // names alone, with its digest
};

// `where` of each error is file:line; in the order of the files, at most 20. No error ever holds
// a password.
using RosterErrors = std::vector<Error>;

// `domain` in A-labels: names may be written with it ("joe@shop.example" is joe). `catch_all`: the
// plan's own, used where the file has none; both is an error.
tl::expected<RosterFiles, RosterErrors> parse_roster_files(
    const FileText& accounts, const FileText& aliases, std::string_view domain,
    const std::optional<std::string>& catch_all = std::nullopt);

// Reads the files (at most 16 MiB each; an empty path is an empty file) and parses them. Blocks.
tl::expected<RosterFiles, RosterErrors> load_roster_files(
    const std::string& accounts_path, const std::string& aliases_path, std::string_view domain,
    const std::optional<std::string>& catch_all = std::nullopt);

// For a caller that has room for one error: the texts, one a line. `errors` is not empty.
Error as_one_error(const RosterErrors& errors);

}  // namespace mxswitch::orchestrator
