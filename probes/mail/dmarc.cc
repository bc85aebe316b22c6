#include "probes/mail/dmarc.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "probes/mail/tag_list.h"

namespace mxswitch::probes {
namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

constexpr std::array<std::string_view, 3> kPolicies = {"none", "quarantine", "reject"};

std::size_t strictness(const std::string& policy) {  // of no policy: beyond the last
  return static_cast<std::size_t>(std::ranges::find(kPolicies, policy) - kPolicies.begin());
}

bool is_policy(const std::string& text) { return strictness(text) < kPolicies.size(); }

// A tag that can't be read is passed over and its default holds (section 6.3).
int percent_of(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 0 && value <= 100 ? value : 100;
}

class RecordReader {
 public:
  explicit RecordReader(LooseTags tags) : tags_(std::move(tags)) {}

  Result<DmarcRecord> read() {
    DmarcRecord record;
    record.policy = strictest("p");
    if (record.policy.empty()) {
      const std::string written = values("p").empty() ? "" : values("p").front();
      const std::vector<std::string> reports = values("rua");
      if (std::ranges::all_of(reports, &std::string::empty))
        return fail(Fault::malformed, fmt::format("p=\"{}\" is no policy", written.substr(0, 40)));
      record.policy = "none";
      record.assumed_none = true;
    } else {
      record.subdomain_policy = strictest("sp");
      note_unread_policies("p");
      note_unread_policies("sp");
    }
    record.strict_dkim = std::ranges::count(values("adkim"), "s") > 0;
    record.strict_spf = std::ranges::count(values("aspf"), "s") > 0;
    if (const auto percents = values("pct"); !percents.empty())
      record.percent = percent_of(percents.front());
    note_doubles();
    record.passed_over = std::move(tags_.passed_over);
    return record;
  }

 private:
  std::vector<std::string> values(std::string_view name) const {
    std::vector<std::string> found;
    for (const Tag& tag : tags_.tags)
      if (tag.name == name) found.push_back(lower_case(tag.value));
    return found;
  }

  // Of the policies that stand under this name; empty: none does.
  std::string strictest(std::string_view name) const {
    std::string best;
    for (const std::string& value : values(name))
      if (is_policy(value) && (best.empty() || strictness(value) > strictness(best))) best = value;
    return best;
  }

  void note_unread_policies(std::string_view name) {
    for (const std::string& value : values(name))
      if (!is_policy(value)) note(fmt::format("{}=\"{}\" is no policy", name, value.substr(0, 40)));
  }

  void note_doubles() {
    for (const char* name : {"v", "p", "sp", "adkim", "aspf", "pct", "rua", "ruf", "fo"})
      if (values(name).size() > 1) note(fmt::format("{} stands twice", name));
  }

  void note(std::string fault) { tags_.passed_over.push_back(std::move(fault)); }

  LooseTags tags_;
};

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
  return RecordReader(read_loosely(text)).read();
}

}  // namespace mxswitch::probes
