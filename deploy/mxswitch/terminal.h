// How a verb writes to a terminal, or to what is none.
#pragma once

#include <functional>
#include <string>

#include "dashboards/views/text.h"

namespace CLI {
class App;
}

namespace mxswitch {

struct TerminalFlags {
  bool json = false, ascii = false;
};

void add_terminal_flags(CLI::App& verb, TerminalFlags& flags);

// Width, height and colour of the terminal on standard output; NO_COLOR is obeyed.
dashboards::TextOptions text_options(const TerminalFlags& flags, bool whole = true);

// Rewrites one line on standard error ("asked 12 of 60"), if that is a terminal; erases it at
// the end.
std::function<void(int, int)> progress_line(std::string verb);

}  // namespace mxswitch
