// The SPF record: any TXT of any domain (RFC 7208 section 4.6.1).
#include "probes/spf/record.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxswitch::probes::spf;
  const auto record = parse_record(mxswitch::fuzz::as_text({data, size}));
  if (!record) return 0;
  for (const Directive& directive : record->directives)
    mxswitch::fuzz::require(directive.prefix_v4 <= 32 && directive.prefix_v6 <= 128);
  return 0;
}
