#include "probes/dns/dns_name.h"

#include "tests/fuzz/fuzz.h"

using mxswitch::fuzz::as_text;
using mxswitch::fuzz::require;
using mxswitch::probes::DnsName;

namespace {

void check(const DnsName& name) {
  require(name.wire().size() >= 1 && name.wire().size() <= 255);
  const auto again = DnsName::parse(name.text());
  require(again && *again == name);
  require(name.is_within(name.parent()));
  const auto* wire = reinterpret_cast<const std::uint8_t*>(name.wire().data());
  require(DnsName::from_wire({wire, name.wire().size()}).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  if (const auto name = DnsName::parse(text)) check(*name);
  if (const auto name = DnsName::from_user(text)) check(*name);
  if (const auto name = DnsName::from_wire({data, size})) check(*name);
  return 0;
}
