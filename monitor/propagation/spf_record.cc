// The grammar of an SPF record, as far as its text alone is compared (RFC 7208 4.5, 4.6.1).
#include <algorithm>

#include "monitor/propagation/spf_text.h"

namespace mxswitch::monitor {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string normal_term(std::string_view term) {
  std::string out = lower(term);
  if (!out.empty() && out.front() == '+') out.erase(0, 1);
  if (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

std::vector<std::string> terms_of(std::string_view record) {
  std::vector<std::string> terms;
  std::size_t begin = 0;
  while (begin < record.size()) {
    const std::size_t end = std::min(record.find(' ', begin), record.size());
    if (end > begin) terms.push_back(normal_term(record.substr(begin, end - begin)));
    begin = end + 1;
  }
  return terms;
}

}  // namespace

bool is_spf_record(std::string_view text) {
  constexpr std::string_view kVersion = "v=spf1";
  return lower(text.substr(0, kVersion.size())) == kVersion &&
         (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

bool spf_has_term(std::string_view record, std::string_view term) {
  if (!is_spf_record(record)) return false;
  const std::vector<std::string> terms = terms_of(record);
  return std::find(terms.begin() + 1, terms.end(), normal_term(term)) != terms.end();
}

std::vector<DnsName> include_targets(const std::vector<std::string>& required) {
  constexpr std::string_view kInclude = "include:";
  std::vector<DnsName> targets;
  for (const std::string& term : required) {
    const std::string plain = normal_term(term);
    if (!plain.starts_with(kInclude) || plain.find('%') != std::string::npos) continue;
    const auto name = DnsName::parse(plain.substr(kInclude.size()));
    if (name && std::find(targets.begin(), targets.end(), *name) == targets.end())
      targets.push_back(*name);
  }
  return targets;
}

}  // namespace mxswitch::monitor
