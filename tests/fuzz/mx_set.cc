#include "probes/dns/rrset.h"
#include "tests/fuzz/fuzz.h"

using mxswitch::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mxswitch::probes::MxSet;
  const auto set = MxSet::parse(mxswitch::fuzz::as_text({data, size}));
  if (!set) return 0;
  require(!set->empty());
  const auto again = MxSet::parse(set->text());
  require(again && *again == *set);
  return 0;
}
