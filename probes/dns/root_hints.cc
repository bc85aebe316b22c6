#include "probes/dns/root_hints.h"

#include <algorithm>
#include <array>

#include "probes/dns/delegation.h"
#include "probes/dns/file_text.h"

namespace mxswitch::probes {
namespace {

constexpr std::size_t kMostLines = 10'000;
constexpr std::string_view kBlanks = " \t\r";

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

std::vector<std::string_view> words_of(std::string_view line) {
  line = line.substr(0, line.find(';'));
  std::vector<std::string_view> words;
  for (auto at = line.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const auto end = std::min(line.find_first_of(kBlanks, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(kBlanks, end);
  }
  return words;
}

bool is_ttl_or_class(std::string_view word) {
  return word == "IN" || word == "in" ||
         std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string upper(std::string_view word) {
  std::string text(word.substr(0, 20));
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// One line's record into `roots`; what is wrong with it, or nothing.
std::string read_line(std::string_view line, std::vector<Endpoint>& roots) {
  auto words = words_of(line);
  if (words.empty() || words[0] == "$TTL") return {};
  if (words[0].starts_with('$')) return "this directive can't stand in root hints";
  const bool has_owner = kBlanks.find(line.front()) == std::string_view::npos;
  if (has_owner && !DnsName::parse(words[0])) return "the owner is no domain name";
  auto next = words.begin() + (has_owner ? 1 : 0);
  while (next != words.end() && is_ttl_or_class(*next)) ++next;
  if (words.end() - next != 2) return "this is no NS, A or AAAA record";
  const std::string type = upper(next[0]);
  if (type == "NS") return DnsName::parse(next[1]) ? "" : "the server is no domain name";
  if (type != "A" && type != "AAAA") return "this is no NS, A or AAAA record";
  const auto address = IpAddress::parse(next[1]);
  if (!address || address->is_v6() != (type == "AAAA")) return "the address does not fit the type";
  const Endpoint root{*address, 53};
  if (std::find(roots.begin(), roots.end(), root) == roots.end()) roots.push_back(root);
  return {};
}

}  // namespace

Result<std::vector<Endpoint>> parse_root_hints(std::string_view text,
                                               const std::string& file_name) {
  std::vector<Endpoint> roots;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string where = file_name + ":" + std::to_string(++number);
    if (number > kMostLines) return fail(Fault::usage, "more than 10000 lines", where);
    const std::string wrong = read_line(text.substr(at, end - at), roots);
    if (!wrong.empty()) {
      return fail(Fault::usage, wrong, where,
                  "write lines like \"a.root-servers.net. 3600000 IN A 198.41.0.4\"");
    }
    at = end + 1;
  }
  if (roots.empty()) return fail(Fault::usage, "no address of a root server is listed", file_name);
  return roots;
}

std::vector<Endpoint> builtin_roots(bool with_v6) {
  std::vector<Endpoint> roots;
  const auto add = [&roots](std::string_view text) {
    roots.push_back(Endpoint{IpAddress::parse(text).value(), 53});
  };
  for (const std::string_view text : kRootsV4) add(text);
  if (with_v6) std::for_each(kRootsV6.begin(), kRootsV6.end(), add);
  return roots;
}

Result<std::vector<Endpoint>> load_root_hints(const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) return Failure(text.error());
  return parse_root_hints(*text, path);
}

}  // namespace mxswitch::probes
