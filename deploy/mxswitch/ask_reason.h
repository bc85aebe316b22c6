// The reason of a decision. At a terminal a missing one is asked for, so that a command from an
// alert or from the page can be typed as it stands.
#pragma once

#include <iosfwd>
#include <string>

#include "probes/base/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace mxswitch {

CLI::Option* add_reason(CLI::App& verb, std::string& reason);

// `given`, or the line that is typed. Fails with `usage` where nobody can be asked, or says
// nothing.
Result<std::string> reason_of(const std::string& given, const std::string& domain);
Result<std::string> reason_of(const std::string& given, const std::string& domain, bool terminal,
                              std::istream& in, std::ostream& out);

}  // namespace mxswitch
