#include "orchestrator/relay/contract/contract.h"

#include "tests/fuzz/fuzz.h"

using namespace mxswitch::orchestrator;
using mxswitch::fuzz::require;

namespace {

// What was taken is written so that the other side takes it, and means the same there.
template <class T>
void check(std::string_view text) {
  const auto value = parse<T>(text);
  if (!value) {
    require(value.error().fault == mxswitch::Fault::malformed);
    return;
  }
  const std::string written = encode(to_json(*value));
  const auto again = parse<T>(written);
  require(again && encode(to_json(*again)) == written);
}

constexpr void (*kChecks[])(std::string_view) = {
    check<RelayDomain>, check<DomainWrite>,  check<RouteWrite>, check<Roster>,
    check<RosterWrite>, check<AccountWrite>, check<AliasWrite>, check<Flow>,
    check<ProbeWrite>,  check<Probe>,        check<Queue>,      check<Health>};

}  // namespace

// The first byte, "a" to "l", says which type the rest is read as.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = mxswitch::fuzz::as_text({data, size});
  kChecks[static_cast<unsigned char>(text[0] - 'a') % std::size(kChecks)](text.substr(1));
  return 0;
}
