// JSON as it leaves for a file, a store, a terminal or the network. The one place that writes it:
// nlohmann's dump() throws at octets that are no UTF-8, and such come from outside everywhere (TXT
// records, SMTP replies, NSIDs, log lines, arguments).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mxswitch {

// `indent` below 0: one line. Octets that are no UTF-8 become U+FFFD.
std::string json_text(const nlohmann::json& value, int indent = -1);
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

}  // namespace mxswitch
