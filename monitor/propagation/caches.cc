#include "monitor/propagation/caches.h"

#include <algorithm>
#include <cstdlib>

namespace mxswitch::monitor {
namespace {

constexpr std::size_t kMostCaches = 16;      // kept for one address
constexpr Duration kSameFetch = seconds(2);  // TTLs are whole seconds, answers travel
constexpr std::uint32_t kWarmAge = 5;        // seconds: older than our own probe's fetch

bool prefers(const Cache& a, const Cache& b, const Classifier& classes) {
  const AnswerClass x = classes.of(a.set), y = classes.of(b.set);
  if (x != y) return worse(x, y) == x;
  return a.expires_at < b.expires_at;
}

}  // namespace

Cache* Caches::same_fetch(const ResolverSample& sample, Time expires_at) {
  for (Cache& cache : all_) {
    const Duration apart = cache.expires_at > expires_at ? cache.expires_at - expires_at
                                                         : expires_at - cache.expires_at;
    if (cache.nsid == sample.nsid && cache.set == sample.set && apart <= kSameFetch) return &cache;
  }
  return nullptr;
}

// The worst of those that expired takes the new answer: which one it was can't be seen, and the
// samples that follow (K) find one that was not it.
Cache* Caches::refetched(const ResolverSample& sample, const Classifier& classes) {
  Cache* found = nullptr;
  for (Cache& cache : all_) {
    const Duration prefetch = Duration(seconds(cache.ttl)) / 10;
    if (cache.nsid != sample.nsid || sample.received_at < cache.expires_at - prefetch) continue;
    if (!found || prefers(cache, *found, classes)) found = &cache;
  }
  return found;
}

Cache* Caches::indistinct(const ResolverSample& sample, const TtlOf& ttl_of) {
  const auto given = ttl_of(sample.set);
  const bool fresh = sample.ttl == 0 || (given && sample.ttl + 1 >= *given);
  for (Cache& cache : all_)
    if (cache.nsid == sample.nsid && cache.set == sample.set && (fresh || cache.ttl == sample.ttl))
      return &cache;
  return nullptr;
}

Cache& Caches::another(const ResolverSample& sample, const Classifier& classes) {
  if (all_.size() >= kMostCaches) {
    // The least telling one makes room: the best class, cold before warm, the oldest.
    const auto least =
        std::min_element(all_.begin(), all_.end(), [&](const Cache& a, const Cache& b) {
          const AnswerClass x = classes.of(a.set), y = classes.of(b.set);
          if (x != y) return worse(x, y) == y;
          if (a.warm != b.warm) return b.warm;
          return a.received_at < b.received_at;
        });
    all_.erase(least);
  }
  Cache& cache = all_.emplace_back();
  cache.nsid = sample.nsid;
  return cache;
}

Cache& Caches::note(const ResolverSample& sample, const Classifier& classes, const TtlOf& ttl_of) {
  const Time expires_at = sample.received_at + seconds(sample.ttl);
  Cache* found = same_fetch(sample, expires_at);
  const bool same = found != nullptr;
  if (!found) found = refetched(sample, classes);
  if (!found) found = indistinct(sample, ttl_of);
  const bool first = !found;
  if (first) found = &another(sample, classes);

  const auto given = ttl_of(sample.set);
  const bool is_new = classes.of(sample.set) == AnswerClass::new_;
  if (!is_new || (first && given && sample.ttl + kWarmAge < *given)) found->warm = true;
  // A whole-second TTL makes E waver: the earliest reading of one fetch is nearest to the truth.
  found->expires_at = same ? std::min(found->expires_at, expires_at) : expires_at;
  found->set = sample.set;
  found->ttl = sample.ttl;
  found->received_at = sample.received_at;
  return *found;
}

}  // namespace mxswitch::monitor
