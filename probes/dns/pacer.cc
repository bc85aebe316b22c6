#include "probes/dns/pacer.h"

#include <algorithm>
#include <cmath>

namespace mxswitch::probes {
namespace {

double seconds_between(Time from, Time to) {
  return std::chrono::duration<double>(to - from).count();
}

constexpr std::size_t kRemembered = 8192;
constexpr auto kIdle = std::chrono::minutes(1);
constexpr double kSlowest = 1e-3;  // a rate of zero would wait for ever

}  // namespace

Time Pacer::reserve(const Endpoint& server, const Rate& rate, Time now) {
  if (buckets_.size() >= kRemembered) forget_idle(now);
  const Duration wait = delay(server, rate, now);
  auto [found, fresh] = buckets_.try_emplace(server, Bucket{rate.burst, now});
  Bucket& bucket = found->second;
  const double refill = std::max(0.0, seconds_between(bucket.filled_at, now)) * rate.per_second;
  // Below zero: tokens that are promised to queries which still wait for their moment.
  bucket.tokens = std::min(rate.burst, bucket.tokens + refill) - 1;
  bucket.filled_at = std::max(bucket.filled_at, now);
  return now + wait;
}

Duration Pacer::delay(const Endpoint& server, const Rate& rate, Time now) const {
  const auto found = buckets_.find(server);
  if (found == buckets_.end()) return Duration(0);
  const double refill =
      std::max(0.0, seconds_between(found->second.filled_at, now)) * rate.per_second;
  const double missing = 1 - std::min(rate.burst, found->second.tokens + refill);
  if (missing <= 0) return Duration(0);
  return Duration(static_cast<Duration::rep>(
      std::ceil(missing * 1000 / std::max(rate.per_second, kSlowest) - 1e-6)));
}

// A bucket that nobody touched for a minute is taken as full again.
void Pacer::forget_idle(Time now) {
  std::erase_if(buckets_,
                [now](const auto& entry) { return entry.second.filled_at + kIdle < now; });
}

}  // namespace mxswitch::probes
