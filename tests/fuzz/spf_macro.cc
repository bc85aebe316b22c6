// Macro strings with facts that come from outside too: the first line is the macro string, the
// rest the sender (RFC 7208 section 7).
#include "probes/spf/macro.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxswitch::probes::spf;
  using mxswitch::probes::IpAddress;
  const std::string_view text = mxswitch::fuzz::as_text({data, size});
  const std::size_t end = std::min(text.find('\n'), text.size());
  MacroFacts facts;
  facts.local_part = facts.helo = std::string(text.substr(std::min(end + 1, text.size())));
  facts.sender_domain = facts.domain = facts.local_part;
  for (const MacroUse use : {MacroUse::name, MacroUse::modifier, MacroUse::explanation}) {
    const auto parsed = parse_macro_string(text.substr(0, end), use);
    if (!parsed) continue;
    mxswitch::fuzz::require(!parsed->has_macro('t') || use != MacroUse::name);
    for (const IpAddress& ip : {IpAddress::v4({192, 0, 2, 1}), IpAddress::v6({0x20, 1, 0xd})}) {
      facts.ip = ip;
      const std::string expanded = expand(*parsed, facts);
      mxswitch::fuzz::require(expanded.size() <= 65536);
      const std::string name = shorten_name(expanded);
      const std::size_t longest = name.ends_with('.') ? 254 : 253;  // a final dot is no octet of it
      mxswitch::fuzz::require(name.size() <= longest || name.find('.') == std::string::npos);
      mxswitch::fuzz::require(expanded.ends_with(name));
    }
  }
  return 0;
}
