#include "probes/mail/dmarc.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "probes/mail/tag_list.h"

namespace mxswitch::probes {
namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool is_policy(const std::string& text) {
  return text == "none" || text == "quarantine" || text == "reject";
}

// A tag that can't be read is passed over and its default holds (section 6.3).
int percent_of(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 0 && value <= 100 ? value : 100;
}

}  // namespace

bool is_dmarc(std::string_view text) {
  const std::size_t end = std::min(text.find(';'), text.size());
  std::string version;
  for (const char c : text.substr(0, end))
    if (c != ' ' && c != '\t') version += c;
  return version == "v=DMARC1";
}

Result<DmarcRecord> parse_dmarc(std::string_view text) {
  if (!is_dmarc(text)) return fail(Fault::malformed, "v must stand first and be DMARC1");
  const auto tags = parse_tag_list(text);
  if (!tags) return Failure(tags.error());
  DmarcRecord record;
  const auto value = [&](const char* name) {
    const std::string* found = find_tag(*tags, name);
    return found ? lower_case(*found) : std::string();
  };
  record.policy = value("p");
  record.subdomain_policy = value("sp");
  const bool sp_broken = find_tag(*tags, "sp") && !is_policy(record.subdomain_policy);
  if (!is_policy(record.policy) || sp_broken) {
    const char* broken = sp_broken ? "sp" : "p";
    if (value("rua").empty())
      return fail(Fault::malformed,
                  fmt::format("{}=\"{}\" is no policy", broken, value(broken).substr(0, 40)));
    record.policy = "none";
    record.subdomain_policy.clear();
    record.assumed_none = true;
  }
  record.strict_dkim = value("adkim") == "s";
  record.strict_spf = value("aspf") == "s";
  if (const std::string* percent = find_tag(*tags, "pct")) record.percent = percent_of(*percent);
  return record;
}

}  // namespace mxswitch::probes
