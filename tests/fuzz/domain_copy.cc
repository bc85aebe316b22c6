// A peer's copy of a domain: what is taken is written so that it is taken again and means the same.
#include "orchestrator/relay_agent/record_codec.h"
#include "probes/base/json_text.h"
#include "tests/fuzz/fuzz.h"

using namespace mxswitch::orchestrator;
using mxswitch::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = parse_record(mxswitch::fuzz::as_text({data, size}));
  if (!record) {
    require(record.error().fault == mxswitch::Fault::malformed);
    return 0;
  }
  const std::string written = mxswitch::json_text(to_json(*record));
  const auto again = parse_record(written);
  require(again && mxswitch::json_text(to_json(*again)) == written);
  return 0;
}
