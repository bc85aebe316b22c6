// Tells the caches behind one resolver address apart, by NSID and by the lineage of expiry times
// (PROPAGATION.md 2 C, Cache identity).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/classify.h"

namespace mxswitch::monitor {

// What the authorities gave with a set, where that is known.
using TtlOf = std::function<std::optional<std::uint32_t>(const MxSet&)>;

struct Cache {
  std::string nsid;
  MxSet set;  // its last answer; empty: absent
  std::uint32_t ttl = 0;
  Time received_at{}, expires_at{};
  bool warm = false;  // could have held the old set
};

class Caches {
 public:
  // The cache that this conclusive answer came from. A lineage goes on when its E has passed and
  // a new E follows; a second cache is one whose unexpired answer overlaps. Fresh answers and
  // constant TTLs are not told apart.
  Cache& note(const ResolverSample& sample, const Classifier& classes, const TtlOf& ttl_of);

  const std::vector<Cache>& all() const { return all_; }
  std::vector<Cache>& all() { return all_; }

 private:
  Cache* same_fetch(const ResolverSample& sample, Time expires_at);
  Cache* refetched(const ResolverSample& sample, const Classifier& classes);
  Cache* indistinct(const ResolverSample& sample, const TtlOf& ttl_of);
  Cache& another(const ResolverSample& sample, const Classifier& classes);
  std::vector<Cache> all_;
};

}  // namespace mxswitch::monitor
