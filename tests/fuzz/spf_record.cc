// The SPF record: any TXT of any domain (RFC 7208 section 4.6.1).
#include "probes/spf/network.h"
#include "probes/spf/record.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace mxswitch::probes;
using namespace mxswitch::probes::spf;
using mxswitch::fuzz::require;

void use(const Directive& directive) {
  require(directive.prefix_v4 <= 32 && directive.prefix_v6 <= 128);
  require(!to_text(directive.mechanism).empty());
  const unsigned prefix = directive.network.is_v6() ? directive.prefix_v6 : directive.prefix_v4;
  require(in_network(directive.network, directive.network, prefix));
  const IpAddress other =
      directive.network.is_v6() ? IpAddress::v4({192, 0, 2, 1}) : IpAddress::v6({0x20, 1, 0xd});
  require(!in_network(other, directive.network, prefix));
  if (directive.domain) expand(*directive.domain, MacroFacts());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = mxswitch::fuzz::as_text({data, size});
  const auto record = parse_record(text);
  if (!record || !is_record(text)) return 0;
  std::size_t ends = 0;
  for (const Directive& directive : record->directives) {
    use(directive);
    ends += directive.mechanism == Mechanism::all ? 1 : 0;
  }
  require(record->has_all() == (ends > 0));
  // What holds for the whole holds for each term.
  for (const std::string& term : terms_of(*record))
    require(parse_record("v=spf1 " + term).has_value());
  return 0;
}
