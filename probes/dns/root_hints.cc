#include "probes/dns/root_hints.h"

#include <algorithm>

#include "probes/dns/dns_name.h"

namespace mxswitch::probes {
namespace {

constexpr std::size_t kMostLines = 10'000;
constexpr std::string_view kBlanks = " \t\r";

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

}  // namespace mxswitch::probes
