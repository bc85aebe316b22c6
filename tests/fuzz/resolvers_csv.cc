#include "probes/dns/resolver_catalogue.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxswitch::probes;
  const auto list = parse_resolvers(mxswitch::fuzz::as_text({data, size}), "r.csv");
  if (list) {
    mxswitch::fuzz::require(!list->empty());
  } else {
    mxswitch::fuzz::require(list.error().where.starts_with("r.csv"));
  }
  return 0;
}
