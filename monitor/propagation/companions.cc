#include "monitor/propagation/companions.h"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/propagation/authorities.h"
#include "monitor/propagation/classify.h"

namespace mxswitch::monitor {
namespace {

// An authority that counts its TTL down, or a large pool, would else make a version a poll.
constexpr std::size_t kMostVersions = 16;
constexpr std::size_t kReturns = 4;  // more than a rollback and its repetition make
constexpr Duration kRotationWindow = std::chrono::hours(1);

const ListedCompanion* find_listed(const std::vector<ListedCompanion>& listed,
                                   const Companion& one) {
  const auto found = std::find_if(listed.begin(), listed.end(), [&](const ListedCompanion& l) {
    return l.name == one.name && l.type == one.type;
  });
  return found == listed.end() ? nullptr : &*found;
}

bool list_servers(Companion& one, const ListedCompanion& listed, Time now) {
  bool changed = false;
  for (CompanionServer& server : one.servers) {
    const bool stays = std::find(listed.endpoints.begin(), listed.endpoints.end(),
                                 server.address) != listed.endpoints.end();
    changed = changed || stays == server.left_at.has_value();
    if (stays)
      server.left_at.reset();
    else if (!server.left_at)
      server.left_at = now;
  }
  for (const AuthorityAddress& address : listed.endpoints) {
    const bool known = std::any_of(one.servers.begin(), one.servers.end(),
                                   [&](const auto& server) { return server.address == address; });
    if (known) continue;
    one.servers.emplace_back().address = address;
    changed = true;
  }
  return changed;
}

bool unlist(Companion& one, Time now) {
  if (!one.listed) return false;
  one.listed = false;
  one.fault.clear();
  for (CompanionServer& server : one.servers)
    if (!server.left_at) server.left_at = now;
  return true;
}

bool relist(Companion& one, const ListedCompanion& listed, Time now) {
  const bool changed = !one.listed || one.fault != listed.fault;
  one.listed = true;
  one.fault = listed.fault;
  one.nonexistent = listed.nonexistent;
  // A walk that failed takes no server away.
  if (listed.endpoints.empty()) return changed;
  // What leads to a server that leaves is the longer of the two.
  one.ns_ttl = std::max(one.ns_ttl, listed.ns_ttl);
  return list_servers(one, listed, now) || changed;
}

bool holds(std::string_view set, std::string_view address) {
  const std::string padded = fmt::format(", {},", set);
  return padded.find(fmt::format(" {},", address)) != std::string::npos;
}

template <class F>
void for_each_address(std::string_view set, F f) {
  while (!set.empty()) {
    const auto end = std::min(set.find(", "), set.size());
    f(set.substr(0, end));
    set.remove_prefix(std::min(end + 2, set.size()));
  }
}

// An address that had been left out is there again.
bool brings_back(const CompanionServer& server, const std::string& data) {
  const CompanionVersion* before = server.current();
  if (!before || before->data == data) return false;
  bool back = false;
  for_each_address(data, [&](std::string_view address) {
    if (holds(before->data, address)) return;
    back = back || std::any_of(server.versions.begin(), server.versions.end(),
                               [&](const auto& v) { return holds(v.data, address); });
  });
  return back;
}

void forget_dominated(CompanionServer& server) {
  if (server.versions.size() <= kMostVersions) return;
  const auto expiry = [](const CompanionVersion& v) {
    return v.ended_at ? *v.ended_at + seconds(v.ttl) : Time::max();
  };
  server.versions.erase(
      std::min_element(server.versions.begin(), server.versions.end(),
                       [&](const auto& a, const auto& b) { return expiry(a) < expiry(b); }));
}

bool note_answer(CompanionServer& server, const CompanionSample& sample) {
  const CompanionVersion* before = server.current();
  const bool pooled = server.returns.size() == kReturns;
  server.rounds = pooled || (before && before->data == sample.data) ? server.rounds + 1 : 1;
  if (brings_back(server, sample.data)) {
    server.returns.push_back(sample.received_at);
    if (server.returns.size() > kReturns) server.returns.erase(server.returns.begin());
  }
  CompanionVersion* found = nullptr;
  bool changed = server.failed_polls >= kRounds || server.aliased != sample.aliased;
  for (CompanionVersion& version : server.versions) {
    if (version.data == sample.data && version.ttl == sample.ttl) {
      found = &version;
    } else if (!version.ended_at) {
      version.ended_at = sample.received_at;
      changed = true;
    }
  }
  if (!found) {
    found = &server.versions.emplace_back();
    *found = {sample.data, sample.ttl, sample.received_at, sample.received_at, sample.received_at};
  }
  if (found->ended_at) {
    // Since when it is served without a break.
    found->first_at = sample.received_at;
    found->ended_at.reset();
    changed = true;
  }
  found->last_at = sample.received_at;
  if (!server.began) {
    server.began = sample.received_at;
    found->from_beginning = true;
  }
  server.failed_polls = 0;
  server.lame_before = false;
  server.aliased = sample.aliased;
  forget_dominated(server);
  return changed;
}

bool note_failure(CompanionServer& server, bool before_change) {
  ++server.failed_polls;
  server.rounds = 0;
  if (server.failed_polls == kRounds && server.versions.empty() && before_change)
    server.lame_before = true;
  return server.failed_polls == kRounds;
}

}  // namespace

const CompanionVersion* CompanionServer::current() const {
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [](const auto& version) { return !version.ended_at; });
  return found == versions.end() ? nullptr : &*found;
}

std::string CompanionServer::label() const {
  return fmt::format("{} ({})", address.server.text(), address.endpoint.text());
}

std::string Companion::label() const {
  return fmt::format("{} {}", name.text(), probes::to_text(type));
}

bool Companion::rotates(Time now) const {
  return is_address() && std::any_of(servers.begin(), servers.end(), [&](const auto& server) {
           return server.returns.size() == kReturns &&
                  now - server.returns.front() <= kRotationWindow;
         });
}

bool Companions::enumerate(const std::vector<ListedCompanion>& listed, Time now) {
  bool changed = false;
  for (Companion& one : all_) {
    const ListedCompanion* found = find_listed(listed, one);
    changed = (found ? relist(one, *found, now) : unlist(one, now)) || changed;
  }
  for (const ListedCompanion& one : listed) {
    const bool known = std::any_of(all_.begin(), all_.end(), [&](const Companion& c) {
      return c.name == one.name && c.type == one.type;
    });
    if (known) continue;
    Companion& made = all_.emplace_back();
    made.name = one.name;
    made.type = one.type;
    relist(made, one, now);
    changed = true;
  }
  // Without a version there is no obligation to keep.
  std::erase_if(all_, [](const Companion& one) {
    return !one.listed && std::all_of(one.servers.begin(), one.servers.end(),
                                      [](const auto& s) { return s.versions.empty(); });
  });
  return changed;
}

bool Companions::observe(const CompanionSample& sample, bool before_change) {
  for (Companion& one : all_) {
    if (one.name != sample.name || one.type != sample.type) continue;
    for (CompanionServer& server : one.servers) {
      if (server.address != AuthorityAddress{sample.server, sample.endpoint}) continue;
      // The same answer by two ways is one.
      if (server.polled_at && sample.received_at <= *server.polled_at) return false;
      server.polled_at = sample.received_at;
      return is_conclusive(sample.outcome) && sample.authoritative
                 ? note_answer(server, sample)
                 : note_failure(server, before_change);
    }
  }
  return false;
}

void Companions::restart(Time now) {
  for (Companion& one : all_) {
    for (CompanionServer& server : one.servers) {
      if (server.left_at) server.left_at = now;
      if (server.spoken_for_since) server.spoken_for_since = now;
      server.returns.clear();
      server.rounds = 0;
      if (server.began) server.began = now;
      for (CompanionVersion& version : server.versions)
        if (version.ended_at) version.ended_at = now;
    }
  }
}

bool Companions::has_alias() const {
  return std::any_of(all_.begin(), all_.end(),
                     [](const auto& one) { return one.type == probes::RrType::cname; });
}

std::optional<Time> Companions::aliased_since() const {
  Time since{};
  for (const Companion& one : all_) {
    if (one.type != probes::RrType::cname || !one.listed) continue;
    const CompanionVersion* first = nullptr;
    for (const CompanionServer& server : one.servers) {
      if (server.left_at || server.spoken_for_since || (server.lame_before && !server.family_dead))
        continue;
      const CompanionVersion* current = server.current();
      if (!current || (first && first->data != current->data)) return std::nullopt;
      if (!first) first = current;
      since = std::max(since, current->first_at);
    }
    if (!first || first->data.empty()) return std::nullopt;
  }
  return since;
}

std::optional<std::uint32_t> Companions::alias_ttl() const {
  std::optional<std::uint32_t> least;
  for (const Companion& one : all_) {
    if (one.type != probes::RrType::cname || !one.listed) continue;
    std::uint32_t largest = 0;
    for (const CompanionServer& server : one.servers)
      for (const CompanionVersion& version : server.versions)
        largest = std::max(largest, version.ttl);
    least = std::min(least.value_or(largest), largest);
  }
  return least;
}

}  // namespace mxswitch::monitor
