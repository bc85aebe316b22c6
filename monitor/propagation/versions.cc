#include <algorithm>

#include "monitor/propagation/drain.h"

namespace mxswitch::monitor {
namespace {

// An authority that counts its TTL down would else make a version a second.
constexpr std::size_t kMostVersions = 64;

bool same_version(const Version& version, const AuthoritySample& sample) {
  return version.set == sample.set && version.ttl == sample.ttl;
}

bool end_if_gone(Version& version, const AuthoritySample& sample, Duration spread) {
  const bool same_site = version.nsid == sample.nsid || version.nsid.empty() || sample.nsid.empty();
  const bool gone = same_site || sample.received_at - version.last_at >= spread;
  if (gone) version.ended_at = sample.received_at;
  return gone;
}

template <class Matches>
std::optional<std::uint32_t> largest(const std::vector<Version>& all, Matches matches) {
  std::optional<std::uint32_t> ttl;
  for (const Version& version : all)
    if (matches(version)) ttl = std::max(ttl.value_or(0), version.ttl);
  return ttl;
}

}  // namespace

bool Versions::served(const AuthoritySample& sample, Duration spread) {
  const AuthorityAddress address{sample.server, sample.endpoint};
  Version* found = nullptr;
  bool changed = false, first = true;
  for (Version& version : all_) {
    if (version.address != address || version.retired_at) continue;
    first = false;
    if (same_version(version, sample) && version.nsid == sample.nsid)
      found = &version;
    else if (!version.ended_at && !same_version(version, sample))
      changed = end_if_gone(version, sample, spread) || changed;
  }
  if (!found || found->ended_at) changed = true;
  if (!found) {
    found = &all_.emplace_back();
    *found = {address, sample.nsid, sample.set, sample.ttl, 0, sample.received_at, {}, {}, {}};
    found->from_beginning = first;
  }
  found->last_at = sample.received_at;
  found->ended_at.reset();
  if (sample.soa_expire != 0) found->soa_expire = sample.soa_expire;
  forget_dominated(address);
  return changed;
}

void Versions::restart(Time now) {
  for (Version& version : all_) {
    if (version.ended_at) version.ended_at = now;
    if (version.retired_at) version.retired_at = now;
    if (version.from_beginning) version.first_at = now;
  }
}

void Versions::retire(Time now) {
  for (Version& version : all_)
    if (!version.retired_at) version.retired_at = now;
}

// Drops the ended version whose copies expire first: the bound of the others covers it.
void Versions::forget_dominated(const AuthorityAddress& address) {
  const auto count = static_cast<std::size_t>(std::count_if(
      all_.begin(), all_.end(), [&](const Version& v) { return v.address == address; }));
  if (count <= kMostVersions) return;
  const auto expiry = [](const Version& v) { return *v.ended_at + seconds(v.ttl); };
  auto first = all_.end();
  for (auto it = all_.begin(); it != all_.end(); ++it) {
    if (it->address != address || !it->ended_at) continue;
    if (first == all_.end() || expiry(*it) < expiry(*first)) first = it;
  }
  if (first != all_.end()) all_.erase(first);
}

std::optional<std::uint32_t> Versions::largest_ttl(const MxSet& set) const {
  return largest(all_, [&](const Version& v) { return v.set == set; });
}

std::optional<std::uint32_t> Versions::largest_ttl_other_than(const MxSet& set) const {
  return largest(all_, [&](const Version& v) { return v.set != set; });
}

}  // namespace mxswitch::monitor
