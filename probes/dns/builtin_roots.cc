#include <array>

#include "probes/dns/delegation.h"
#include "probes/dns/file_text.h"
#include "probes/dns/root_hints.h"

namespace mxswitch::probes {
namespace {

// IANA's named.root, a to m.
constexpr std::array<std::string_view, 13> kRootsV4 = {
    "198.41.0.4",   "170.247.170.2", "192.33.4.12",   "199.7.91.13",   "192.203.230.10",
    "192.5.5.241",  "192.112.36.4",  "198.97.190.53", "192.36.148.17", "192.58.128.30",
    "193.0.14.129", "199.7.83.42",   "202.12.27.33"};
constexpr std::array<std::string_view, 13> kRootsV6 = {
    "2001:503:ba3e::2:30", "2801:1b8:10::b",     "2001:500:2::c",    "2001:500:2d::d",
    "2001:500:a8::e",      "2001:500:2f::f",     "2001:500:12::d0d", "2001:500:1::53",
    "2001:7fe::53",        "2001:503:c27::2:30", "2001:7fd::1",      "2001:500:9f::42",
    "2001:dc3::35"};

}  // namespace

std::vector<Endpoint> builtin_roots() {
  std::vector<Endpoint> roots;
  const auto add = [&roots](std::string_view text) {
    roots.push_back(Endpoint{IpAddress::parse(text).value(), 53});
  };
  for (const std::string_view text : kRootsV4) add(text);
  for (const std::string_view text : kRootsV6) add(text);
  return roots;
}

Result<std::vector<Endpoint>> load_root_hints(const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) return Failure(text.error());
  return parse_root_hints(*text, path);
}

}  // namespace mxswitch::probes
