#include "probes/mail/mta_sts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mxswitch::probes {
namespace {

constexpr std::size_t kMostPatterns = 1000;

std::string lower_case(std::string_view text) {
  std::string made(text);
  for (char& c : made)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return made;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string without_final_dot(std::string name) {
  if (name.ends_with('.')) name.pop_back();
  return name;
}

Result<Duration> parse_age(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < 0)
    return fail(Fault::malformed, fmt::format("max_age \"{}\" is no number", text.substr(0, 40)));
  return std::min<Duration>(seconds(std::min<std::int64_t>(value, 1'000'000'000)), kLongestMaxAge);
}

// Fields in any order; of mode, version and max_age the first holds, unknown ones are passed over.
class PolicyReader {
 public:
  Result<MtaStsPolicy> read(std::string_view body) {
    while (!body.empty()) {
      const auto end = std::min(body.find('\n'), body.size());
      take(trimmed(body.substr(0, end)));
      body.remove_prefix(std::min(end + 1, body.size()));
    }
    if (version_ != "STSv1") return fail(Fault::malformed, "version is not STSv1");
    if (policy_.mode != "enforce" && policy_.mode != "testing" && policy_.mode != "none")
      return fail(Fault::malformed, fmt::format("mode \"{}\" is none", policy_.mode.substr(0, 40)));
    const auto age = parse_age(max_age_);
    if (!age) return Failure(age.error());
    policy_.max_age = *age;
    if (policy_.mode != "none" && policy_.mx.empty())
      return fail(Fault::malformed, "it names no mx");
    return std::move(policy_);
  }

 private:
  void take(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == line.npos) return;
    const std::string_view name = trimmed(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "version" && version_.empty()) version_ = value;
    if (name == "mode" && policy_.mode.empty()) policy_.mode = value;
    if (name == "max_age" && max_age_.empty()) max_age_ = value;
    if (name == "mx" && policy_.mx.size() < kMostPatterns)
      policy_.mx.push_back(without_final_dot(lower_case(value)));
  }

  std::string version_, max_age_;
  MtaStsPolicy policy_;
};

}  // namespace

std::optional<std::string> mta_sts_record(const std::vector<std::string>& texts) {
  const auto found = std::ranges::find_if(
      texts, [](const std::string& text) { return text.starts_with("v=STSv1"); });
  if (found == texts.end()) return std::nullopt;
  return *found;
}

Result<MtaStsPolicy> parse_mta_sts_policy(std::string_view body) {
  return PolicyReader().read(body);
}

bool allows_exchange(const MtaStsPolicy& policy, const std::string& exchange) {
  const std::string host = without_final_dot(lower_case(exchange));
  return std::ranges::any_of(policy.mx, [&](const std::string& pattern) {
    if (!pattern.starts_with("*.")) return pattern == host;
    const auto dot = host.find('.');
    return dot != host.npos && dot > 0 && host.substr(dot) == pattern.substr(1);
  });
}

}  // namespace mxswitch::probes
