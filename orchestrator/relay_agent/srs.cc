#include "orchestrator/relay_agent/srs.h"

#include <algorithm>
#include <charconv>

#include "orchestrator/roster/address.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::string_view kFirst = "srs0=";
constexpr std::string_view kLater = "srs1=";
constexpr std::size_t kHash = 10;  // hexadecimal digits: 40 bits
constexpr std::int64_t kDays = 1000;
constexpr std::int64_t kLifetimeDays = 21;

// atext and dots of RFC 5322: what needs quotes is not rewritten.
bool is_plain(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~.";
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != kMarks.npos;
}

bool is_host(std::string_view domain) {
  return !domain.empty() && std::ranges::all_of(domain, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

std::int64_t day_of(Time t) {
  return std::chrono::duration_cast<std::chrono::days>(t.time_since_epoch()).count() % kDays;
}

// Takes the text before the next "=" off `rest`.
std::string_view next_part(std::string_view& rest) {
  const auto equals = rest.find('=');
  if (equals == rest.npos) return {};
  const auto part = rest.substr(0, equals);
  rest.remove_prefix(equals + 1);
  return part;
}

}  // namespace

SenderRewriting::SenderRewriting(std::string domain, std::string secret)
    : domain_(lower_case(domain)), secret_(sha256_hex("sender rewriting:" + secret)) {}

std::string SenderRewriting::hash(std::string_view text) const {
  // The secret stands on both sides, so the text can't be prolonged.
  return sha256_hex(secret_ + ":" + std::string(text) + ":" + secret_).substr(0, kHash);
}

std::optional<std::string> SenderRewriting::rewrite(std::string_view local_part,
                                                    std::string_view domain, Time now) const {
  const std::string local = lower_case(local_part);
  const std::string from = lower_case(domain);
  if (domain_.empty() || local.empty() || from == domain_ || !is_host(from)) return std::nullopt;
  if (!std::ranges::all_of(local, is_plain)) return std::nullopt;
  // The first forwarder's own hash stays inside; bounces go straight back to it.
  if (local.starts_with(kFirst)) {
    const std::string rest = from + "=" + local.substr(kFirst.size() - 1);
    return std::string(kLater) + hash(rest) + "=" + rest + "@" + domain_;
  }
  const std::string rest = std::to_string(day_of(now)) + "=" + from + "=" + local;
  return std::string(kFirst) + hash(rest) + "=" + rest + "@" + domain_;
}

std::optional<std::string> SenderRewriting::restore(std::string_view local_part, Time now) const {
  const std::string local = lower_case(local_part);
  const bool later = local.starts_with(kLater);
  if (domain_.empty() || (!later && !local.starts_with(kFirst))) return std::nullopt;
  std::string_view rest = std::string_view(local).substr(kFirst.size());
  const auto given = next_part(rest);
  if (!equal_in_constant_time(given, hash(rest))) return std::nullopt;
  if (later) {
    const auto host = next_part(rest);
    return "srs0" + std::string(rest) + "@" + std::string(host);
  }
  const auto digits = next_part(rest);
  std::int64_t day = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), day);
  if ((day_of(now) - day + kDays) % kDays > kLifetimeDays) return std::nullopt;
  const auto host = next_part(rest);
  return std::string(rest) + "@" + std::string(host);
}

}  // namespace mxswitch::orchestrator
