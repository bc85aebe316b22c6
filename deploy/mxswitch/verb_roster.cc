// roster check, roster load: accounts and aliases from the provider's two files.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <thread>

#include "deploy/mxswitch/client.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/verbs.h"
#include "orchestrator/roster/files.h"
#include "orchestrator/roster/graph.h"
#include "orchestrator/roster/hashing.h"
#include "probes/base/secrets.h"

namespace mxswitch {
namespace {

using orchestrator::RosterFiles;

struct RosterFlags {
  ServerFlags server;
  std::string domain, accounts, aliases, catch_all;
  std::string default_password_file;
  bool as_json = false;
};

constexpr std::chrono::hours kDefaultPasswordLife{30 * 24};

// Prints every fault; nothing of a file with one is used.
tl::expected<RosterFiles, int> read_files(const RosterFlags& flags) {
  std::optional<std::string> catch_all;
  if (!flags.catch_all.empty()) catch_all = flags.catch_all;
  auto files =
      orchestrator::load_roster_files(flags.accounts, flags.aliases, flags.domain, catch_all);
  if (files) return std::move(*files);
  for (const Error& error : files.error()) fmt::print(stderr, "mxswitch: {}\n", error.text());
  return tl::unexpected(static_cast<int>(ExitCode::usage));
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

// The passwords are hashed here: what leaves this process are hashes.
int run_load(const RosterFlags& flags) {
  const auto files = read_files(flags);
  if (!files) return files.error();
  const auto password = default_password(flags);
  if (!password) return report_error(password.error());
  const SystemClock clock;
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  const auto write = orchestrator::make_roster_write(*files, *password,
                                                     clock.now() + kDefaultPasswordLife, threads);
  if (!write) return report_error(write.error());

  ClientCommand command{flags.domain, "roster", {}, {}};
  command.arguments = {{"roster", orchestrator::to_json(*write)}};
  const int code = run_command(Client(flags.server), command, flags.as_json);
  const auto unset = names_without_password(*files);
  const bool random = flags.default_password_file.empty();
  if (code == 0 && !unset.empty() && random && !flags.as_json) {
    fmt::print(
        "{} accounts have no password of their own. If they are new they start with this "
        "one, which is shown only now,\nmust be changed first, and expires in 30 days: {}\n",
        unset.size(), *password);
  }
  return code;
}

std::shared_ptr<RosterFlags> add_file_flags(CLI::App& verb) {
  auto flags = std::make_shared<RosterFlags>();
  verb.add_option("domain", flags->domain, "the domain the names belong to")->required();
  verb.add_option("--accounts", flags->accounts, "file: one \"name password\" a line")->required();
  verb.add_option("--aliases", flags->aliases, "file: one \"name: target, target\" a line");
  verb.add_option("--catch-all", flags->catch_all, "who gets mail for names that are neither");
  return flags;
}

}  // namespace

void add_roster(CLI::App& app, Chosen& chosen) {
  CLI::App* roster = app.add_subcommand("roster", "check or load accounts and aliases");
  roster->require_subcommand(1);

  CLI::App* check =
      roster->add_subcommand("check", "read the files, say every fault, send nothing");
  auto check_flags = add_file_flags(*check);
  check->footer(
      "Example: mxswitch roster check shop.example --accounts accounts --aliases aliases");
  check->callback(
      [check_flags, &chosen] { chosen.run = [check_flags] { return run_check(*check_flags); }; });

  CLI::App* load = roster->add_subcommand(
      "load", "make the relay's roster equal to the files; changed passwords stay");
  auto load_flags = add_file_flags(*load);
  load->add_option("--default-password-file", load_flags->default_password_file,
                   "for new accounts without one (else random, shown once)");
  load->add_flag("--json", load_flags->as_json, "print the operation as JSON");
  add_server_flags(*load, load_flags->server);
  load->footer("Example: mxswitch roster load shop.example --accounts accounts --aliases aliases");
  load->callback(
      [load_flags, &chosen] { chosen.run = [load_flags] { return run_load(*load_flags); }; });
}

}  // namespace mxswitch
