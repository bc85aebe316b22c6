#include "deploy/mxswitch/terminal.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "dashboards/views/escape.h"
#include "dashboards/views/text_canvas.h"

namespace mxswitch {

void add_terminal_flags(CLI::App& verb, TerminalFlags& flags) {
  verb.add_flag("--json", flags.json, "print JSON");
  verb.add_flag("--ascii", flags.ascii, "print US-ASCII only");
}

namespace {

// What a terminal has that does not say how large it is.
constexpr std::size_t kUsualWidth = 80, kUsualHeight = 24;

std::optional<std::size_t> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  std::size_t number = 0;
  const char* end = text + std::strlen(text);
  const auto parsed = std::from_chars(text, end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number == 0) return std::nullopt;
  return std::min<std::size_t>(number, 9999);
}

std::size_t size_of(const char* variable, std::size_t told, std::size_t usual) {
  if (const auto set = number_in(variable)) return *set;
  return told > 0 ? told : usual;
}

}  // namespace

dashboards::TextOptions text_options(const TerminalFlags& flags, Extent extent) {
  dashboards::TextOptions options;
  options.ascii = flags.ascii;
  if (::isatty(STDOUT_FILENO) == 0) return options;
  const char* no_colour = std::getenv("NO_COLOR");
  options.colour = no_colour == nullptr || *no_colour == '\0';
  winsize told{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &told) != 0) told = {};
  options.width = size_of("COLUMNS", told.ws_col, kUsualWidth);
  const std::size_t height = size_of("LINES", told.ws_row, kUsualHeight);
  if (extent == Extent::screen) options.height = std::max<std::size_t>(1, height - 1);
  return options;
}

void print_text(std::string_view text, std::string_view margin) {
  dashboards::Canvas canvas(text_options({}, Extent::whole));
  const std::string hang = std::string(margin) + "  ";
  while (true) {
    const auto end = text.find('\n');
    canvas.hanging(std::string(margin), hang, {{std::string(text.substr(0, end))}});
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  fmt::print("{}", canvas.text());
}

std::string printable_lines(std::string_view text) {
  std::string out;
  while (true) {
    const auto end = text.find('\n');
    out += dashboards::printable(text.substr(0, end));
    if (end == text.npos) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

std::function<void(int, int)> progress_line(std::string verb) {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [verb = std::move(verb)](int done, int all) {
    fmt::print(stderr, "\r{} {} of {}", verb, done, all);
    if (done == all) fmt::print(stderr, "\r\033[K");
  };
}

}  // namespace mxswitch
