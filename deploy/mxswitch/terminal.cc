#include "deploy/mxswitch/terminal.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace mxswitch {

void add_terminal_flags(CLI::App& verb, TerminalFlags& flags) {
  verb.add_flag("--json", flags.json, "print JSON");
  verb.add_flag("--ascii", flags.ascii, "print US-ASCII only");
}

dashboards::TextOptions text_options(const TerminalFlags& flags, bool whole) {
  dashboards::TextOptions options;
  options.ascii = flags.ascii;
  if (::isatty(STDOUT_FILENO) == 0) {
    options.width = 160;
    return options;
  }
  const char* no_colour = std::getenv("NO_COLOR");
  options.colour = no_colour == nullptr || *no_colour == '\0';
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.width = size.ws_col;
    if (!whole) options.height = size.ws_row;
  }
  return options;
}

std::function<void(int, int)> progress_line(std::string verb) {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [verb = std::move(verb)](int done, int all) {
    fmt::print(stderr, "\r{} {} of {}", verb, done, all);
    if (done == all) fmt::print(stderr, "\r\033[K");
  };
}

}  // namespace mxswitch
