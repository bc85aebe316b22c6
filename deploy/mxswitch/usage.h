// Names what was mistyped on the command line, and the nearest known word. CLI11 by itself says
// only what it misses: a subcommand, a required option.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace mxswitch {

// For a line without a verb: what to type first, a line each.
std::string first_commands();
// The first word where a verb belongs that is none; before the line is parsed.
std::optional<std::string> unknown_verb(CLI::App& app, int argc, const char* const* argv);
// The first --option that its verb does not take; after parsing failed.
std::optional<std::string> unknown_option(CLI::App& app, int argc, const char* const* argv);

}  // namespace mxswitch
