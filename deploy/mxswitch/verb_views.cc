// status, gates, history: what is known, as the daemon renders it.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "deploy/mxswitch/client.h"
#include "deploy/mxswitch/domain_option.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verbs.h"
#include "probes/base/json_text.h"

namespace mxswitch {
namespace {

struct ViewFlags {
  ServerFlags server;
  std::string domain;
  bool as_json = false, ascii = false, explain = false, all = false;
};

// The daemon renders; it is told what this terminal can show.
std::string terminal_query(const ViewFlags& flags, Extent extent) {
  TerminalFlags terminal;
  terminal.ascii = flags.ascii;
  const auto options = text_options(terminal, flags.all ? Extent::whole : extent);
  return fmt::format("?width={}&height={}&ascii={}&colour={}", options.width, options.height,
                     options.ascii ? 1 : 0, options.colour ? 1 : 0);
}

int show(const ViewFlags& flags, const std::string& path, Extent extent) {
  const Client client(flags.server);
  if (flags.as_json) {
    const auto body = client.json(path);
    if (!body) return report_error(body.error());
    fmt::print("{}\n", json_text(*body, 2));
    return 0;
  }
  const auto text = client.text(path + terminal_query(flags, extent));
  if (!text) return report_error(text.error());
  fmt::print("{}", *text);
  return 0;
}

CLI::App* add_view(CLI::App& app, Chosen& chosen, const char* name, const char* help,
                   const std::string& suffix, bool domain_required) {
  auto flags = std::make_shared<ViewFlags>();
  CLI::App* verb = app.add_subcommand(name, help);
  auto* domain = add_domain(*verb, flags->domain, "the domain being moved");
  if (domain_required) domain->required();
  verb->add_flag("--json", flags->as_json, "print JSON");
  verb->add_flag("--ascii", flags->ascii, "print US-ASCII only");
  if (suffix.empty()) {
    verb->add_flag("--explain", flags->explain,
                   "every condition, obligation, cache and assumption with its evidence")
        ->needs(domain);
    verb->add_flag("--all", flags->all, "all lines, also those that the terminal has no room for");
  }
  add_server_flags(*verb, flags->server);
  verb->footer(std::string("Example: mxswitch ") + name + " shop.example");
  verb->callback([flags, &chosen, suffix] {
    chosen.run = [flags, suffix] {
      const std::string domain_part = flags->domain.empty() ? "" : "/" + flags->domain;
      const std::string part = flags->explain ? "/explain" : suffix;
      return show(*flags, "/api/v1/switchovers" + domain_part + part,
                  part.empty() ? Extent::screen : Extent::whole);
    };
  });
  return verb;
}

}  // namespace

void add_views(CLI::App& app, Chosen& chosen) {
  add_view(app, chosen, "status", "state, reason for waiting, gates and evidence", "", false);
  add_view(app, chosen, "gates", "each gate with its verdict and reason", "/gates", true);
  add_view(app, chosen, "history", "who did what, when and why", "/history", true);
}

}  // namespace mxswitch
