// roster check, roster load: accounts and aliases from the provider's two files.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <thread>

#include "deploy/mxswitch/client.h"
#include "deploy/mxswitch/domain_option.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/verbs.h"
#include "orchestrator/roster/address.h"
#include "orchestrator/roster/files.h"
#include "orchestrator/roster/graph.h"
#include "orchestrator/roster/hashing.h"
#include "probes/base/secrets.h"
#include "probes/base/time_text.h"
#include "probes/dns/dns_name.h"

namespace mxswitch {
namespace {

using orchestrator::RosterFiles;

struct RosterFlags {
  ServerFlags server;
  std::string domain, accounts, aliases, catch_all;
  std::string default_password_file;
  std::vector<std::string> reset;
  bool remove_missing = false, as_json = false;
};

constexpr std::chrono::hours kDefaultPasswordLife{30 * 24};

// Prints every fault; nothing of a file with one is used.
tl::expected<RosterFiles, int> read_files(const RosterFlags& flags) {
  if (const auto domain = probes::DnsName::from_user(flags.domain); !domain) {
    return tl::unexpected(report_error(
        {Fault::usage, domain.error().what, "\"" + flags.domain + "\"", domain.error().mend}));
  }
  std::optional<std::string> catch_all;
  if (!flags.catch_all.empty()) catch_all = flags.catch_all;
  auto files =
      orchestrator::load_roster_files(flags.accounts, flags.aliases, flags.domain, catch_all);
  if (files) return std::move(*files);
  for (const Error& error : files.error()) report_error(error);
  return tl::unexpected(static_cast<int>(ExitCode::usage));
}

// The files of the plan in force, where none is named.
Result<void> take_plans_files(RosterFlags& flags) {
  if (!flags.accounts.empty() || !flags.aliases.empty()) return {};
  const auto shown = Client(flags.server).json("/api/v1/switchovers/" + flags.domain);
  if (!shown) return tl::unexpected(shown.error());
  const auto files =
      shown->value("roster", nlohmann::json::object()).value("files", nlohmann::json::object());
  flags.accounts = files.value("accounts", "");
  flags.aliases = files.value("aliases", "");
  if (!flags.accounts.empty() || !flags.aliases.empty()) return {};
  return fail(Fault::usage, "the plan names no roster files", flags.domain,
              "name them: --accounts FILE --aliases FILE");
}

std::vector<std::string> names_without_password(const RosterFiles& files) {
  std::vector<std::string> names;
  for (const auto& account : files.accounts) {
    if (!account.password) names.push_back(account.name);
  }
  return names;
}

int run_check(const RosterFlags& flags) {
  const auto files = read_files(flags);
  if (!files) return files.error();
  const auto unset = names_without_password(*files);
  fmt::print("{}: {} accounts, {} aliases{}; {} without a password\n", flags.domain,
             files->accounts.size(), files->aliases.size(),
             files->catch_all ? ", catch-all " + *files->catch_all : std::string(), unset.size());
  return 0;
}

Result<std::string> default_password(const RosterFlags& flags) {
  if (flags.default_password_file.empty()) return random_password();
  return read_secret_file(flags.default_password_file);
}

// Those named by --reset get the password of the file (or the default one) again.
Result<void> mark_resets(orchestrator::RosterWrite& write, const RosterFlags& flags) {
  for (const std::string& given : flags.reset) {
    const auto name = orchestrator::normalise_local_part(given);
    if (!name) return tl::unexpected(name.error());
    const auto found = std::ranges::find(write.accounts, *name, &orchestrator::AccountWrite::name);
    if (found == write.accounts.end()) {
      return fail(Fault::usage, fmt::format("--reset {}: no account of the file", given),
                  flags.accounts, "only a name that the file holds can be reset");
    }
    found->reset_password = true;
  }
  return {};
}

// The one moment in which the random password can be told: the server has its hash alone. Only
// accounts that start with it are named; at all others it opens nothing.
void tell_password(nlohmann::json& operation, const std::string& password, Time expires_at,
                   bool as_json) {
  const auto detail = operation.find("detail");
  if (detail == operation.end() || !detail->is_object()) return;
  const auto names = detail->value("on_default_password", std::vector<std::string>());
  if (names.empty()) return;
  if (as_json) {
    operation["default_password"] = {
        {"password", password}, {"accounts", names}, {"expires_at", format_time(expires_at)}};
    return;
  }
  constexpr std::size_t kShown = 10;
  const std::vector<std::string> first(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShown)));
  fmt::print(
      "{} new or reset account{} without a password of {} own ({}{}) start{} with this one, which "
      "is shown "
      "only now,\nmust be changed first, and expires in 30 days: {}\n",
      names.size(), names.size() == 1 ? "" : "s", names.size() == 1 ? "its" : "their",
      fmt::join(first, ", "), names.size() > kShown ? ", ..." : "", names.size() == 1 ? "s" : "",
      password);
}

// The passwords are hashed here: what leaves this process are hashes.
int run_load(RosterFlags flags) {
  if (const auto taken = take_plans_files(flags); !taken) return report_error(taken.error());
  const auto files = read_files(flags);
  if (!files) return files.error();
  const auto password = default_password(flags);
  if (!password) return report_error(password.error());
  const SystemClock clock;
  const Time expires_at = clock.now() + kDefaultPasswordLife;
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  auto write = orchestrator::make_roster_write(*files, *password, expires_at, threads);
  if (!write) return report_error(write.error());
  if (const auto marked = mark_resets(*write, flags); !marked) return report_error(marked.error());

  ClientCommand command{flags.domain, "roster", {}, {}};
  command.arguments = {{"roster", orchestrator::to_json(*write)},
                       {"remove_missing", flags.remove_missing}};
  auto operation = carry_out(Client(flags.server), command, false);
  if (!operation) return report_error(operation.error());
  const bool random = flags.default_password_file.empty();
  if (random && flags.as_json) tell_password(*operation, *password, expires_at, true);
  const int code = show_operation(*operation, flags.as_json);
  if (random && !flags.as_json) tell_password(*operation, *password, expires_at, false);
  return code;
}

std::shared_ptr<RosterFlags> add_file_flags(CLI::App& verb) {
  auto flags = std::make_shared<RosterFlags>();
  add_domain(verb, flags->domain, "the domain the names belong to")->required();
  verb.add_option("--accounts", flags->accounts, "file: one \"name password\" a line");
  verb.add_option("--aliases", flags->aliases, "file: one \"name: target, target\" a line");
  verb.add_option("--catch-all", flags->catch_all, "who gets mail for names that are neither");
  return flags;
}

}  // namespace

void add_roster(CLI::App& app, Chosen& chosen) {
  CLI::App* roster = app.add_subcommand("roster", "check or load accounts and aliases");
  roster->require_subcommand(1);
  roster->footer(
      "Example: mxswitch roster check shop.example --accounts accounts --aliases aliases");

  CLI::App* check =
      roster->add_subcommand("check", "read the files, say every fault, send nothing");
  auto check_flags = add_file_flags(*check);
  check->footer(
      "Example: mxswitch roster check shop.example --accounts accounts --aliases aliases");
  check->get_option("--accounts")->required();
  check->callback(
      [check_flags, &chosen] { chosen.run = [check_flags] { return run_check(*check_flags); }; });

  CLI::App* load = roster->add_subcommand(
      "load", "add and change what the files name (default: the plan's); changed passwords stay");
  auto load_flags = add_file_flags(*load);
  load->add_option("--default-password-file", load_flags->default_password_file,
                   "for new accounts without one (else random, shown once)");
  load->add_flag("--remove-missing", load_flags->remove_missing,
                 "remove the accounts and aliases that the files do not name");
  load->add_option("--reset", load_flags->reset,
                   "give this account the file's password again (or the default one)");
  load->add_flag("--json", load_flags->as_json, "print the operation as JSON");
  add_server_flags(*load, load_flags->server);
  load->footer("Example: mxswitch roster load shop.example --accounts accounts --aliases aliases");
  load->callback(
      [load_flags, &chosen] { chosen.run = [load_flags] { return run_load(*load_flags); }; });
}

}  // namespace mxswitch
