#include "deploy/mxswitch/ask_reason.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

namespace mxswitch {

CLI::Option* add_reason(CLI::App& verb, std::string& reason) {
  return verb.add_option("--reason", reason,
                         "kept in the history and sent with the alert; asked for at a terminal");
}

Result<std::string> reason_of(const std::string& given, const std::string& domain, bool terminal,
                              std::istream& in, std::ostream& out) {
  std::string reason = given;
  if (reason.empty() && terminal) {
    out << "Reason (kept in the history): " << std::flush;
    std::getline(in, reason);
  }
  if (!reason.empty()) return reason;
  return fail(Fault::usage, "a reason is required", domain, "add --reason \"...\"");
}

Result<std::string> reason_of(const std::string& given, const std::string& domain) {
  const bool terminal = ::isatty(STDIN_FILENO) != 0;
  return reason_of(given, domain, terminal, std::cin, std::cerr);
}

}  // namespace mxswitch
