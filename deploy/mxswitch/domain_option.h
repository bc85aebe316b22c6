// The positional `domain` of the verbs: people write U-labels, capitals and a final dot, the
// server knows one name.
#pragma once

#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace mxswitch {

// `domain` gets A-labels in lower case without a final dot. What is no domain name is a usage
// error.
CLI::Option* add_domain(CLI::App& verb, std::string& domain, const std::string& help);

}  // namespace mxswitch
