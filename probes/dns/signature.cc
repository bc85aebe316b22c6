#include "probes/dns/signature.h"

namespace mxswitch::probes {
namespace {

// Of an RRSIG's RDATA: where the fields stand (RFC 4034 section 3.1).
constexpr std::size_t kCovered = 0, kExpiration = 8, kInception = 12, kFixed = 18;

std::uint32_t integer(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + size; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Dates are seconds modulo 2^32, within 68 years of now (section 3.1.5).
Time date(std::uint32_t told, Time now) {
  const auto today = std::chrono::floor<seconds>(now);
  const auto away = static_cast<std::int32_t>(
      told - static_cast<std::uint32_t>(today.time_since_epoch().count()));
  return today + seconds(away);
}

bool is_better(const SignatureSpan& one, const SignatureSpan& other, Time now) {
  if (one.holds_at(now) != other.holds_at(now)) return one.holds_at(now);
  return one.expiration > other.expiration;
}

}  // namespace

std::optional<SignatureSpan> signature_over(const Answer& answer, const Question& question,
                                            Time now) {
  std::optional<SignatureSpan> best;
  for (const Record& record : answer.answer) {
    const auto* raw = std::get_if<RawData>(&record.data);
    if (record.type != RrType::rrsig || record.owner != question.name || !raw ||
        raw->bytes.size() < kFixed ||
        integer(raw->bytes, kCovered, 2) != static_cast<std::uint32_t>(question.type))
      continue;
    const SignatureSpan span{date(integer(raw->bytes, kInception, 4), now),
                             date(integer(raw->bytes, kExpiration, 4), now)};
    if (!best || is_better(span, *best, now)) best = span;
  }
  return best;
}

}  // namespace mxswitch::probes
