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

// Does what is shown end where the terminal does, or does all of it come, to be scrolled?
enum class Extent { screen, whole };

// Width, height and colour of the terminal on standard output; COLUMNS, LINES and NO_COLOR are
// obeyed. The last line is left to the prompt. What is no terminal has no end and no colour.
dashboards::TextOptions text_options(const TerminalFlags& flags, Extent extent);

// Text of others to standard output: printable, and at a terminal it goes on under itself, `margin`
// further in; in a pipe each of its lines stays one.
void print_text(std::string_view text, std::string_view margin = {});
// Bytes of others for a line of words of ours; its line breaks stay.
std::string printable_lines(std::string_view text);

// Rewrites one line on standard error ("asked 12 of 60"), if that is a terminal; erases it at
// the end.
std::function<void(int, int)> progress_line(std::string verb);

}  // namespace mxswitch
