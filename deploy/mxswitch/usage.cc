#include "deploy/mxswitch/usage.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "probes/base/toml_reader.h"

namespace mxswitch {
namespace {

// The verb that the line leads to, and where its own words begin.
struct Reached {
  explicit Reached(CLI::App& program) : app(&program) {}

  CLI::App* app;
  int next = 1;
  std::string words;  // "plan init"

  void follow(int argc, const char* const* argv) {
    for (; next < argc; ++next) {
      const auto below =
          app->get_subcommands([&](CLI::App* verb) { return verb->get_name() == argv[next]; });
      if (below.empty()) return;
      app = below.front();
      words += (words.empty() ? "" : " ") + std::string(argv[next]);
    }
  }
  std::string help() const {
    return words.empty() ? "mxswitch --help" : "mxswitch " + words + " --help";
  }
};

std::string say(const std::string& what, const std::string& word,
                const std::vector<std::string>& known, const Reached& where) {
  const auto guess = nearest(word, known);
  return fmt::format("unknown {} \"{}\"; {}see {}", what, word.substr(0, 80),
                     guess ? fmt::format("did you mean \"{}\"? ", *guess) : std::string(),
                     where.help());
}

}  // namespace

std::string first_commands() {
  return "mxswitch moves a domain's mail to a hosted server and loses no message.\n"
         "\n"
         "Type first, in this order:\n"
         "  mxswitch check DOMAIN --expect-mx \"10 MX\"   look once; needs no set-up\n"
         "  mxswitch serve --config mxswitch.toml       run watch, page and API\n"
         "  mxswitch plan init DOMAIN                   write a plan, question by question\n"
         "  mxswitch plan apply DOMAIN.toml             hand it over; then change the MX\n"
         "  mxswitch status DOMAIN                      why you wait, for whom, until when\n"
         "\n"
         "Every command: mxswitch --help. One of them: mxswitch COMMAND --help.\n";
}

std::optional<std::string> unknown_verb(CLI::App& app, int argc, const char* const* argv) {
  Reached where(app);
  where.follow(argc, argv);
  const auto verbs = where.app->get_subcommands([](CLI::App*) { return true; });
  if (verbs.empty() || where.next >= argc || argv[where.next][0] == '-') return std::nullopt;
  std::vector<std::string> known;
  for (const CLI::App* verb : verbs) known.push_back(verb->get_name());
  return say("verb", argv[where.next], known, where);
}

std::optional<std::string> unknown_option(CLI::App& app, int argc, const char* const* argv) {
  Reached where(app);
  where.follow(argc, argv);
  std::vector<std::string> known;
  for (const CLI::Option* option : where.app->get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (int i = where.next; i < argc; ++i) {
    const std::string given(argv[i]);
    if (given == "--") break;
    const std::string name = given.substr(0, given.find('='));
    const bool takes = std::find(known.begin(), known.end(), name) != known.end();
    if (given.starts_with("--") && !takes) return say("option", name, known, where);
  }
  return std::nullopt;
}

}  // namespace mxswitch
