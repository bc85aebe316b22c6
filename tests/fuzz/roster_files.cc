#include "orchestrator/roster/digest.h"
#include "orchestrator/roster/files.h"
#include "orchestrator/roster/graph.h"
#include "orchestrator/roster/resolve.h"
#include "tests/fuzz/fuzz.h"

using namespace mxswitch::orchestrator;
using mxswitch::fuzz::require;

namespace {

void check_errors(const RosterErrors& errors) {
  require(!errors.empty() && errors.size() <= kErrorsShown);
  for (const auto& error : errors) {
    require(error.where.starts_with("accounts") || error.where.starts_with("aliases"));
  }
}

// A roster that was taken has no faults, and every name in it leads somewhere.
void check_roster(const RosterFiles& files) {
  const Roster roster = files.roster();
  require(roster.digest == roster_digest(roster));
  require(check_roster("shop.example", roster).empty());
  const RosterIndex index(roster);
  for (const Account& each : roster.accounts) require(index.resolve(each.name).known());
  for (const Alias& each : roster.aliases) require(!index.expand(each.name).empty());
}

}  // namespace

// The input is both files, with a NUL between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = mxswitch::fuzz::as_text({data, size});
  const auto cut = std::min(text.find('\0'), text.size());
  const FileText accounts{"accounts", std::string(text.substr(0, cut))};
  const FileText aliases{"aliases", std::string(text.substr(std::min(cut + 1, text.size())))};
  const auto files = parse_roster_files(accounts, aliases, "shop.example");
  if (files) {
    check_roster(*files);
  } else {
    check_errors(files.error());
  }
  return 0;
}
