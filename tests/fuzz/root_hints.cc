#include "probes/dns/root_hints.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto roots = mxswitch::probes::parse_root_hints(mxswitch::fuzz::as_text({data, size}), "h");
  mxswitch::fuzz::require(roots ? !roots->empty() : roots.error().where.starts_with("h"));
  return 0;
}
