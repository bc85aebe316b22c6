// What the companions mean for conditions A and B.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "monitor/propagation/authorities.h"
#include "monitor/propagation/companions.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using probes::RrType;

constexpr int kSettledShare = 10;  // an agreed RRset is asked for this much less often
constexpr Duration kRarest = seconds(1800);
constexpr Duration kLameEvery = seconds(300);
constexpr Duration kPoolWindow = std::chrono::hours(1);

bool is_wanted(const Companion& one, const PropagationInput& input) {
  return !one.is_address() || input.expected.has_exchange(one.name);
}

std::vector<std::string> split(const std::string& data) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < data.size();) {
    const std::size_t end = std::min(data.find(", ", at), data.size());
    parts.push_back(data.substr(at, end - at));
    at = end + 2;
  }
  return parts;
}

// Each address that its servers gave in the last hour.
std::set<std::string> pool_of(const Companion& one, Time now) {
  std::set<std::string> pool;
  for (const CompanionServer& server : one.servers)
    for (const CompanionVersion& version : server.versions)
      if (now - version.last_at <= kPoolWindow || !version.ended_at)
        for (std::string& address : split(version.data)) pool.insert(std::move(address));
  return pool;
}

std::string shown(const std::string& data) { return data.empty() ? "nothing" : data; }

// Where the endpoints of one companion stand.
struct Agreement {
  std::vector<const CompanionServer*> judged, silent, unasked;
  const CompanionServer* one = nullptr;    // serves what the first that answered does
  const CompanionServer* other = nullptr;  // and this one something else
  bool settled() const { return one && !other; }
};

Agreement agreement_of(const Companion& companion, const PropagationInput& input) {
  Agreement found;
  for (const CompanionServer& server : companion.servers) {
    if (!is_judged(server, input)) continue;
    found.judged.push_back(&server);
    if (server.failed_polls >= kRounds) found.silent.push_back(&server);
    const CompanionVersion* current = server.current();
    if (!current && server.failed_polls < kRounds) found.unasked.push_back(&server);
    if (!current) continue;
    if (!found.one)
      found.one = &server;
    else if (!found.other && current->data != found.one->current()->data)
      found.other = &server;
  }
  return found;
}

Obligation::Kind kind_of(RrType type) {
  switch (type) {
    case RrType::cname:
      return Obligation::Kind::alias;
    case RrType::ds:
      return Obligation::Kind::ds;
    case RrType::dnskey:
      return Obligation::Kind::dnskey;
    default:
      return Obligation::Kind::address;
  }
}

// The obligations of one companion.
class Holding {
 public:
  Holding(const PropagationInput& input, const Companion& companion, Time now,
          std::vector<Obligation>& into)
      : input_(input), companion_(companion), now_(now), into_(into) {}

  void collect() {
    const Agreement agreement = agreement_of(companion_, input_);
    if (companion_.listed && agreement.settled()) agreed_ = &agreement.one->current()->data;
    if (companion_.rotates(now_)) pool_ = pool_of(companion_, now_);
    for (const CompanionServer& server : companion_.servers)
      for (const CompanionVersion& version : server.versions) add(server, version);
  }

 private:
  bool harmless(const CompanionVersion& version) const {
    if (agreed_ && version.data == *agreed_) return true;
    if (pool_.empty()) return false;
    const auto parts = split(version.data);
    return std::all_of(parts.begin(), parts.end(),
                       [&](const std::string& part) { return pool_.contains(part); });
  }

  void add(const CompanionServer& server, const CompanionVersion& version) {
    if (harmless(version)) return;
    const bool gone = !version.ended_at && server.left_at;
    const bool open = !version.ended_at && !gone;
    if (open && !server.spoken_for_since && !is_judged(server, input_)) return;
    Obligation made;
    made.kind = kind_of(companion_.type);
    made.what = fmt::format("{} {}", companion_.label(), shown(version.data));
    made.endpoint = server.label();
    made.ttl = seconds(version.ttl);
    made.ended_at = gone ? server.left_at : version.ended_at;
    if (open && server.spoken_for_since) made.ended_at = ended_elsewhere(server);
    const Policy& policy = input_.policy;
    if (made.ended_at)
      made.until = *made.ended_at + policy.authority_spread + policy.clock_error + made.ttl +
                   (gone && companion_.listed ? companion_.ns_ttl : seconds(0));
    made.evidence = evidence(server, version, made.ended_at, gone);
    into_.push_back(std::move(made));
    if (version.from_beginning && server.began) add_before_watch(server, version);
  }

  // What was fetched before the watch began, under a longer TTL. `old_ttl` speaks for the links.
  void add_before_watch(const CompanionServer& server, const CompanionVersion& version) {
    const Policy& policy = input_.policy;
    const bool declared = companion_.type == RrType::cname && input_.declared_old_ttl;
    const seconds kept = declared ? *input_.declared_old_ttl
                                  : std::chrono::duration_cast<seconds>(policy.history_ttl);
    if (!input_.judges_drain || version.data.empty() || kept <= seconds(version.ttl)) return;
    const Time until = *server.began + policy.authority_spread + policy.clock_error + kept;
    if (into_.back().until && *into_.back().until >= until) return;
    Obligation made = into_.back();
    made.kind = declared ? Obligation::Kind::declared : Obligation::Kind::assumed;
    made.ended_at = server.began;
    made.ttl = kept;
    made.until = until;
    made.evidence = fmt::format(
        "{}: copies of {} for {} from before the watch began at {} may live {}",
        declared ? "the plan declares the old TTL" : "nobody said whether the TTL was lowered",
        shown(version.data), companion_.label(), format_moment(*server.began, now_),
        format_duration(kept));
    into_.push_back(std::move(made));
  }

  // By the server's addresses that can be asked, once they serve what all agree on; not before
  // they spoke for this one.
  std::optional<Time> ended_elsewhere(const CompanionServer& silent) const {
    if (!agreed_) return std::nullopt;
    Time ended = *silent.spoken_for_since;
    for (const CompanionServer& other : companion_.servers)
      if (other.address.server == silent.address.server && is_judged(other, input_))
        if (const CompanionVersion* current = other.current())
          ended = std::max(ended, current->first_at);
    return ended;
  }

  std::string evidence(const CompanionServer& server, const CompanionVersion& version,
                       std::optional<Time> ended, bool gone) const {
    if (!ended)
      return fmt::format("{} serves {} for {} with TTL {} s, and others do not", server.label(),
                         shown(version.data), companion_.label(), version.ttl);
    return fmt::format("{} served {} for {} until {}{} with TTL {} s", server.label(),
                       shown(version.data), companion_.label(), format_moment(*ended, now_),
                       gone ? ", when it was no longer led to," : "", version.ttl);
  }

  const PropagationInput& input_;
  const Companion& companion_;
  Time now_;
  std::vector<Obligation>& into_;
  const std::string* agreed_ = nullptr;
  std::set<std::string> pool_;
};

// Condition A.
class Judgement {
 public:
  Judgement(const PropagationInput& input, const Companions& companions, Time now, Duration age)
      : input_(input), companions_(companions), now_(now), age_(age) {
    condition_.holds = Holds::yes;
  }

  Condition run() {
    for (const Companion& companion : companions_.all())
      if (companion.listed && is_wanted(companion, input_)) judge(companion);
    if (!companions_.all().empty())
      for (const probes::Mx& mx : input_.expected.records()) judge_exchange(mx.exchange);
    return std::move(condition_);
  }

 private:
  void add(Holds holds, std::string code, std::string text) {
    if (condition_.holds != Holds::no) condition_.holds = holds;
    condition_.reasons.push_back({std::move(code), std::move(text), {}});
  }

  void judge(const Companion& companion) {
    if (!companion.fault.empty()) return add_fault(companion);
    const Agreement found = agreement_of(companion, input_);
    if (found.judged.empty())
      add(Holds::unknown, "companion-none",
          fmt::format("no server of {} could be judged", companion.label()));
    if (!found.unasked.empty())
      add(Holds::unknown, "companion-not-asked",
          fmt::format("{} was not asked for {} yet{}", found.unasked.front()->label(),
                      companion.label(), more(found.unasked.size())));
    if (!found.silent.empty())
      add(Holds::unknown, "companion-silent",
          fmt::format("{} does not answer for {}{}", found.silent.front()->label(),
                      companion.label(), more(found.silent.size())));
    for (const CompanionServer* server : found.judged)
      if (server->aliased)
        return add(Holds::no, "exchange-cname",
                   fmt::format("{} is an alias at {}: an exchange must have addresses of its own "
                               "(RFC 2181 10.3)",
                               companion.name.text(), server->label()));
    judge_agreement(companion, found);
  }

  void judge_agreement(const Companion& companion, const Agreement& found) {
    if (found.other && !companion.rotates(now_))
      return add(Holds::no, "companion-disagree",
                 fmt::format("{} serves {} for {}, {} serves {}", found.one->label(),
                             shown(found.one->current()->data), companion.label(),
                             found.other->label(), shown(found.other->current()->data)));
    for (const CompanionServer* server : found.judged) {
      const CompanionVersion* current = server->current();
      if (!current || server->failed_polls >= kRounds || now_ - current->last_at <= age_) continue;
      return add(Holds::unknown, "companion-aged",
                 fmt::format("{} answered for {} last at {}", server->label(), companion.label(),
                             format_moment(current->last_at, now_)));
    }
  }

  void add_fault(const Companion& companion) {
    if (companion.is_address()) return;  // judge_exchange says it once for both families
    add(Holds::unknown, "companion-unresolved",
        fmt::format("the servers of {} were not found: {}", companion.label(), companion.fault));
  }

  void judge_exchange(const DnsName& exchange) {
    if (exchange.is_root() || probes::IpAddress::parse(exchange.text())) return;
    bool known = false, empty = true, answered = true;
    for (const Companion& one : companions_.all()) {
      if (one.name != exchange || !one.is_address() || !one.listed) continue;
      known = true;
      if (!one.fault.empty()) {
        if (one.type == RrType::a)
          add(one.nonexistent ? Holds::no : Holds::unknown, "exchange-unresolved",
              fmt::format("the servers of {} were not found: {}", exchange.text(), one.fault));
        return;
      }
      const Agreement found = agreement_of(one, input_);
      answered = answered && found.one;
      empty = empty && found.one && found.one->current()->data.empty() && !found.other;
    }
    if (!known)
      add(Holds::unknown, "exchange-not-asked",
          fmt::format("the servers of {} were not looked up yet", exchange.text()));
    else if (answered && empty)
      add(Holds::no, "exchange-no-address", fmt::format("{} has no address", exchange.text()));
  }

  static std::string more(std::size_t count) {
    return count > 1 ? fmt::format(", nor {} more", count - 1) : std::string();
  }

  const PropagationInput& input_;
  const Companions& companions_;
  Time now_;
  Duration age_;
  Condition condition_;
};

Duration settled_interval(const Policy& policy, Duration poll, bool active) {
  if (!active) return std::min(kRarest, policy.authority_poll_before * 6);
  return std::max(poll, policy.authority_poll * kSettledShare);
}

}  // namespace

bool is_judged(const CompanionServer& server, const PropagationInput& input) {
  return !server.left_at && !server.spoken_for_since &&
         (!server.lame_before || server.family_dead) &&
         !ignored_reason(server.address, input.ignored_authorities);
}

std::vector<Obligation> companion_obligations(const PropagationInput& input,
                                              const Companions& companions, Time now) {
  std::vector<Obligation> all;
  for (const Companion& companion : companions.all())
    if (is_wanted(companion, input)) Holding(input, companion, now, all).collect();
  return all;
}

std::optional<Time> companions_changed_at(const Companions& companions, Time now) {
  std::optional<Time> latest;
  for (const Companion& companion : companions.all()) {
    if (!companion.listed || companion.rotates(now)) continue;
    for (const CompanionServer& server : companion.servers) {
      const CompanionVersion* current = server.current();
      if (!current || server.left_at) continue;
      for (const CompanionVersion& version : server.versions)
        if (version.data != current->data && version.ended_at)
          latest = std::max(latest.value_or(*version.ended_at), *version.ended_at);
    }
  }
  return latest;
}

bool addresses_changed_since(const PropagationInput& input, const Companions& companions,
                             Time since, Time now) {
  const auto left_other = [&](const CompanionServer& server) {
    const CompanionVersion* current = server.current();
    return current && std::any_of(server.versions.begin(), server.versions.end(), [&](auto& v) {
             return v.data != current->data && v.ended_at && *v.ended_at >= since;
           });
  };
  return std::any_of(companions.all().begin(), companions.all().end(), [&](const Companion& one) {
    return one.is_address() && is_wanted(one, input) && !one.rotates(now) &&
           std::any_of(one.servers.begin(), one.servers.end(), left_other);
  });
}

Condition judge_companions(const PropagationInput& input, const Companions& companions,
                           Duration poll, bool active, Time now) {
  const Duration age =
      std::max(input.policy.validity, settled_interval(input.policy, poll, active) * kRounds);
  return Judgement(input, companions, now, age).run();
}

bool companions_answered_since(const PropagationInput& input, const Companions& companions,
                               Time since) {
  for (const Companion& companion : companions.all()) {
    if (!companion.listed || !is_wanted(companion, input)) continue;
    for (const CompanionServer& server : companion.servers) {
      const CompanionVersion* current = server.current();
      if (is_judged(server, input) && (!current || current->last_at < since)) return false;
    }
  }
  return true;
}

std::vector<std::string> companion_warnings(const PropagationInput& input,
                                            const Companions& companions, Time now) {
  std::vector<std::string> warnings;
  for (const Companion& companion : companions.all()) {
    if (!companion.listed || !is_wanted(companion, input)) continue;
    if (companion.rotates(now))
      warnings.push_back(
          fmt::format("{} changes from answer to answer: each of its {} addresses "
                      "seen in the last hour is assumed to be in service",
                      companion.label(), pool_of(companion, now).size()));
    for (const CompanionServer& server : companion.servers)
      if (server.lame_before && !server.left_at)
        warnings.push_back(fmt::format("{} does not answer for {} and did not before the change",
                                       server.label(), companion.label()));
  }
  return warnings;
}

Time next_companion_poll(const CompanionServer& server, const Policy& policy, Duration poll,
                         bool active, Time now) {
  if (!server.polled_at) return now;
  if (server.lame_before || server.spoken_for_since)
    return *server.polled_at + std::max(poll, kLameEvery);
  if (server.failed_polls > 0) return *server.polled_at + std::min(poll, policy.authority_poll);
  if (active && server.rounds < kRounds)
    return *server.polled_at + std::min(poll, policy.authority_poll);
  return *server.polled_at + settled_interval(policy, poll, active);
}

}  // namespace mxswitch::monitor
