// Netstrings and the requests of Postfix's socketmap protocol (socketmap_table(5)): "MAP KEY" in,
// "OK value", "NOTFOUND " or "TEMP reason" out. Pure and bounded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/relay_agent/routing.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

inline constexpr std::size_t kNetstringLimit = 2048;  // an address has at most 320 octets

std::string to_netstring(std::string_view payload);

// Takes the first whole netstring off `buffer`. None: more bytes are needed. Fails with
// `malformed` for what is no netstring or a longer one; the connection is then of no more use.
Result<std::optional<std::string>> take_netstring(std::string& buffer);

struct SocketmapRequest {
  std::string map, key;
};

// A request without a space, or with control characters, is `malformed`.
Result<SocketmapRequest> parse_socketmap(std::string_view payload);
std::string to_socketmap(const LookupReply& reply);  // without the netstring's frame

struct AddressKey {
  std::string local_part;  // as it came
  std::string domain;      // lower case
};

// "joe@shop.example"; nothing for a key that is no whole address ("shop.example", "@shop.example").
std::optional<AddressKey> split_address(std::string_view key);

}  // namespace mxswitch::orchestrator
