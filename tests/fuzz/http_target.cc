#include "probes/base/http_rules.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mxswitch::fuzz::require;
  const auto target = mxswitch::parse_target(std::string(mxswitch::fuzz::as_text({data, size})));
  if (!target) return 0;
  require(!target->host.empty() && target->port > 0 && target->port < 65536);
  require(target->path.starts_with('/') && target->path.find('#') == std::string::npos);
  for (const char c : target->host + target->path) require(c > 0x20 && c < 0x7f);
  // Errors show the origin, so it must stay free of users and paths, and lead to the same place.
  require(target->origin.find('@') == std::string::npos);
  const auto again = mxswitch::parse_target(target->origin);
  require(again && again->host == target->host && again->port == target->port);
  return 0;
}
