#include "probes/dns/pacer.h"

#include <algorithm>
#include <cmath>

namespace mxswitch::probes {
namespace {

double seconds_between(Time from, Time to) {
  return std::chrono::duration<double>(to - from).count();
}

constexpr std::size_t kRemembered = 8192;
constexpr double kSlowest = 1e-3;  // a rate of zero would wait for ever

// In which this many tokens come.
Duration time_of(double tokens, const Rate& rate) {
  return Duration(static_cast<Duration::rep>(
      std::ceil(tokens * 1000 / std::max(rate.per_second, kSlowest) - 1e-6)));
}

}  // namespace

Pacer::Pacer() : sweep_at_(kRemembered) {}

Time Pacer::reserve(const Endpoint& server, const Rate& rate, Time now) {
  if (buckets_.size() >= sweep_at_) forget_full(now);
  const Duration wait = delay(server, rate, now);
  auto [found, fresh] = buckets_.try_emplace(server, Bucket{rate.burst, now, now});
  Bucket& bucket = found->second;
  const double refill = std::max(0.0, seconds_between(bucket.filled_at, now)) * rate.per_second;
  // Below zero: tokens that are promised to queries which still wait for their moment.
  bucket.tokens = std::min(rate.burst, bucket.tokens + refill) - 1;
  bucket.filled_at = std::max(bucket.filled_at, now);
  bucket.full_at = bucket.filled_at + time_of(rate.burst - bucket.tokens, rate);
  return now + wait;
}

Duration Pacer::delay(const Endpoint& server, const Rate& rate, Time now) const {
  const auto found = buckets_.find(server);
  if (found == buckets_.end()) return Duration(0);
  const double refill =
      std::max(0.0, seconds_between(found->second.filled_at, now)) * rate.per_second;
  const double missing = 1 - std::min(rate.burst, found->second.tokens + refill);
  if (missing <= 0) return Duration(0);
  return time_of(missing, rate);
}

// The next sweep waits until the rest has doubled, so that its cost a query stays constant.
void Pacer::forget_full(Time now) {
  std::erase_if(buckets_, [now](const auto& entry) { return entry.second.full_at <= now; });
  sweep_at_ = std::max(kRemembered, 2 * buckets_.size());
}

}  // namespace mxswitch::probes
