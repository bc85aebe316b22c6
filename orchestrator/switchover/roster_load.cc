// roster load: the names of the files at every node. All nodes are read before one is written, so
// that a dead node leaves them as equal as they were.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "orchestrator/roster/digest.h"
#include "orchestrator/roster/graph.h"
#include "orchestrator/roster/merge.h"
#include "orchestrator/switchover/switchover.h"
#include "probes/base/json_text.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

using nlohmann::json;

constexpr std::size_t kNamesInText = 10;

// A node that is silent is no error of the command: it is not yet time for it.
Refusal refusal_of(Error error) {
  const bool bad = error.fault == Fault::usage || error.fault == Fault::malformed;
  const bool silent = error.fault == Fault::unavailable || error.fault == Fault::timed_out;
  return Refusal{std::move(error), bad ? 2 : silent ? 3 : 1};
}

std::string some_names(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesInText);
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(shown));
  const std::string more =
      shown < names.size() ? fmt::format(" and {} more", names.size() - shown) : std::string();
  return fmt::format("{}{}", fmt::join(first, ", "), more);
}

// An empty file is a mistake (a wrong path, a failed export) far more often than a wish.
std::optional<Error> empty_fault(const RosterWrite& given, const std::string& domain) {
  if (!given.accounts.empty() || !given.aliases.empty() || given.catch_all) return std::nullopt;
  return Error{Fault::usage, "the files name no account and no alias", domain,
               "nothing was changed; look at the files"};
}
std::optional<Error> removal_fault(const RosterWrite& given, const RosterEffect& effect,
                                   const std::string& domain) {
  if (!given.accounts.empty() || effect.extra_accounts.empty()) return std::nullopt;
  return Error{Fault::usage,
               fmt::format("the files name no account: --remove-missing would remove all {}",
                           effect.extra_accounts.size()),
               domain, "nothing was changed; look at the file of accounts"};
}

// ": bob, sales" of what only the nodes have; empty when there is nothing.
std::string extras_text(const RosterEffect& effect, bool removed) {
  std::vector<std::string> names = effect.extra_accounts;
  names.insert(names.end(), effect.extra_aliases.begin(), effect.extra_aliases.end());
  if (names.empty()) return {};
  return fmt::format("; {} that the files do not name {}: {}", names.size(),
                     removed ? "went (--remove-missing)" : "stay", some_names(names));
}

}  // namespace

// What every node has now, or who did not say.
asio::awaitable<Result<Switchover::RosterReads>> Switchover::read_all_rosters() {
  RosterReads reads;
  std::vector<std::string> silent;
  Error worst;
  const std::vector<RelayNode> nodes = relay()->nodes();
  for (const RelayNode& node : nodes) {
    auto read = co_await relay()->read_roster(node.id, domain_);
    if (!read) {
      worst = read.error();
      silent.push_back(fmt::format("{}: {}", node.id, worst.text()));
      continue;
    }
    reads.found.push_back(std::move(read->value));
    reads.etags.push_back(std::move(read->etag));
  }
  if (silent.empty()) co_return reads;
  co_return fail(worst.fault, fmt::format("{}; no node was written", fmt::join(silent, "; ")),
                 domain_, "load again when every node answers");
}

// Every node is tried, so that as few as possible differ after a failure.
asio::awaitable<Switchover::RosterWritten> Switchover::write_rosters(RosterWrite write,
                                                                     RosterReads reads,
                                                                     std::string op_id) {
  write.op_id = op_id;
  RosterWritten done;
  const std::vector<RelayNode> nodes = relay()->nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::string id = nodes[i].id;
    const std::string key = sha256_hex(op_id + id).substr(0, 32), etag = reads.etags[i];
    auto written = co_await relay()->write_roster(id, domain_, write, etag, key);
    if (written) {
      done.took.push_back(id);
      done.digest = written->value.digest;
    } else {
      done.error = written.error();
      done.failed.push_back(fmt::format("{} ({})", id, done.error.text()));
    }
  }
  co_return done;
}

// {"roster": RosterWrite, "remove_missing": bool}: names and hashes; passwords never come here.
asio::awaitable<Result<Operation>> Switchover::roster_verb(Command command, Operation operation) {
  if (relay() == nullptr) {
    co_return refused(operation, refusal_of({Fault::usage, "the plan's relay takes no roster",
                                             domain_, "name one in [relay]"}));
  }
  const json arguments = command.arguments.is_object() ? command.arguments : json::object();
  const auto flag = arguments.find("remove_missing");
  const bool remove = flag != arguments.end() && flag->is_boolean() && flag->get<bool>();
  auto given = parse<RosterWrite>(json_text(arguments.value("roster", json())));
  if (!given) co_return refused(operation, refusal_of(given.error()));
  if (const auto fault = empty_fault(*given, domain_)) {
    co_return refused(operation, refusal_of(*fault));
  }
  const Turns::Turn one_at_a_time = co_await files_.take();
  // A plan that was given a moment ago is made known to the nodes first.
  if (!given->catch_all) given->catch_all = plan_->catch_all;
  co_await refresh_relay();
  auto reads = co_await read_all_rosters();
  if (!reads) co_return refused(operation, refusal_of(reads.error()));
  const RosterEffect effect = effect_of(*given, reads->found);
  if (const auto fault = removal_fault(*given, effect, domain_); fault && remove) {
    co_return refused(operation, refusal_of(*fault));
  }
  const RosterWrite write = remove ? *given : merged(*given, reads->found);
  const Roster whole = roster_of(write);
  for (const RosterFault& fault : check_roster(domain_, whole)) {
    co_return refused(
        operation, refusal_of({Fault::usage, fault.what, domain_ + ": " + fault.name, fault.mend}));
  }
  const RosterReads before = *reads;
  const std::string op_id = operation.id;
  const RosterWritten done = co_await write_rosters(write, before, op_id);
  const bool lost = done.error.fault == Fault::timed_out;
  if (done.took.empty() && !lost) co_return refused(operation, refusal_of(done.error));

  operation.detail = {{"digest", done.digest},
                      {"accounts", whole.accounts.size()},
                      {"aliases", whole.aliases.size()},
                      {"nodes", done.took},
                      {"extra",
                       {{"accounts", effect.extra_accounts},
                        {"aliases", effect.extra_aliases},
                        {"removed", remove}}},
                      {"on_default_password", effect.on_default_password}};
  std::string text =
      fmt::format("{}: {} accounts and {} aliases are at every node{}", domain_,
                  whole.accounts.size(), whole.aliases.size(), extras_text(effect, remove));
  if (!done.failed.empty()) {
    operation.status = lost ? "unknown" : "failed";
    operation.exit_code = 4;
    operation.detail["failed"] = done.failed;
    text = fmt::format(
        "{}: the nodes differ now: {} took the roster, not so {}; load the same "
        "files again when every node answers",
        domain_, done.took.empty() ? "none" : fmt::format("{}", fmt::join(done.took, ", ")),
        fmt::join(done.failed, ", "));
  }
  operation.detail["text"] = text;
  Extras extras;
  extras.wanted_roster = to_json(roster_of(*given));
  extras.note = HistoryEntry{parts_.clock.now(), command.author, "roster", text,
                             "digest " + done.digest.substr(0, 12)};
  auto kept = co_await keep_done(command, operation, extras);
  if (!kept) co_return tl::unexpected(kept.error());
  co_await read_rosters();
  publish();
  co_return operation;
}

}  // namespace mxswitch::orchestrator
