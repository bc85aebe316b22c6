#include "orchestrator/relay_agent/netstring.h"

#include <algorithm>

#include "orchestrator/roster/address.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kLengthDigits = 5;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string to_netstring(std::string_view payload) {
  return std::to_string(payload.size()) + ":" + std::string(payload) + ",";
}

Result<std::optional<std::string>> take_netstring(std::string& buffer) {
  std::size_t digits = 0;
  std::size_t length = 0;
  while (digits < buffer.size() && is_digit(buffer[digits])) {
    length = length * 10 + static_cast<std::size_t>(buffer[digits] - '0');
    if (++digits > kLengthDigits) return fail(Fault::malformed, "a netstring's length is too long");
  }
  if (length > kNetstringLimit) return fail(Fault::malformed, "a netstring is too long");
  if (digits == buffer.size()) return std::optional<std::string>();
  if (digits == 0 || buffer[digits] != ':') {
    return fail(Fault::malformed, "a netstring begins with its length and a colon");
  }
  if (digits > 1 && buffer[0] == '0') {
    return fail(Fault::malformed, "a netstring's length begins with 0");
  }
  const std::size_t end = digits + 1 + length;
  if (buffer.size() <= end) return std::optional<std::string>();
  if (buffer[end] != ',') return fail(Fault::malformed, "a netstring ends with a comma");
  std::string payload = buffer.substr(digits + 1, length);
  buffer.erase(0, end + 1);
  return std::optional<std::string>(std::move(payload));
}

Result<SocketmapRequest> parse_socketmap(std::string_view payload) {
  const auto space = payload.find(' ');
  if (space == payload.npos || space == 0) {
    return fail(Fault::malformed, "a socketmap request is a map's name, a space and a key");
  }
  if (std::ranges::any_of(payload, is_control)) {
    return fail(Fault::malformed, "a socketmap request holds a control character");
  }
  return SocketmapRequest{std::string(payload.substr(0, space)),
                          std::string(payload.substr(space + 1))};
}

std::string to_socketmap(const LookupReply& reply) {
  switch (reply.status) {
    case LookupStatus::ok:
      return "OK " + reply.value;
    case LookupStatus::temporary:
      return "TEMP " + reply.value;
    case LookupStatus::not_found:
      break;
  }
  return "NOTFOUND ";
}

std::optional<AddressKey> split_address(std::string_view key) {
  const auto at = key.rfind('@');
  if (at == key.npos || at == 0 || at + 1 == key.size()) return std::nullopt;
  return AddressKey{std::string(key.substr(0, at)), lower_case(key.substr(at + 1))};
}

}  // namespace mxswitch::orchestrator
