#include "monitor/propagation/one_look.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "monitor/propagation/look_exchanges.h"
#include "monitor/propagation/look_group.h"
#include "monitor/propagation/resolvers.h"
#include "monitor/propagation/signatures.h"
#include "monitor/propagation/signs.h"

namespace mxswitch::monitor {
namespace {

// Of the resolvers that count, so many may fail (2 D).
constexpr int kMostFailedShare = 5;  // a fifth

using Servers = std::map<std::pair<DnsName, Endpoint>, Shown>;
using Resolvers = std::map<Endpoint, Shown>;

std::string label_of(const AuthoritySample& sample) {
  if (sample.server.is_root()) return sample.endpoint.text();
  return fmt::format("{} ({})", sample.server.text(), sample.endpoint.text());
}

std::string failure_of(const std::string& told, Outcome outcome) {
  if (!told.empty()) return told;
  switch (outcome) {
    case Outcome::timed_out:
      return "no answer";
    case Outcome::refused:
      return "REFUSED";
    case Outcome::servfail:
      return "SERVFAIL";
    default:
      return "no usable answer";
  }
}

Servers read_authorities(const LookSeen& seen, const Classifier& classes) {
  Servers servers;
  const bool signed_somewhere =
      std::any_of(seen.authorities.begin(), seen.authorities.end(),
                  [](const AuthoritySample& sample) { return sample.signature.has_value(); });
  for (const AuthoritySample& sample : seen.authorities) {
    Shown& shown = servers[{sample.server, sample.endpoint}];
    shown.label = label_of(sample);
    const bool ends_at_alias = sample.through_cname && sample.outcome != Outcome::answered;
    shown.aliased = shown.aliased || sample.through_cname;
    if (is_conclusive(sample.outcome) && sample.authoritative) {
      // What stands at the end of an alias, another server knows.
      if (!ends_at_alias)
        shown.note(classes.of(sample.outcome, sample.set), sample.set, sample.ttl);
      shown.nxdomain = sample.outcome == Outcome::nxdomain;
      if (sample.outcome == Outcome::answered)
        shown.signature_fault = signature_fault(
            sample.signature, signed_somewhere && !sample.signature, sample.received_at);
      continue;
    }
    shown.lame = is_conclusive(sample.outcome) || sample.outcome == Outcome::refused;
    shown.failure = is_conclusive(sample.outcome) ? "answers without AA"
                                                  : failure_of(sample.failure, sample.outcome);
  }
  return servers;
}

Resolvers read_resolvers(const LookSeen& seen, const Classifier& classes) {
  Resolvers resolvers;
  for (const ResolverSample& sample : seen.samples) {
    Shown& shown = resolvers[sample.resolver];
    const probes::Resolver* listed = seen.resolvers.find(sample.resolver);
    shown.label = listed ? resolver_label(*listed) : sample.resolver.text();
    shown.aliased = shown.aliased || sample.through_cname;
    if (!is_conclusive(sample.outcome)) {
      shown.failure = failure_of(sample.failure, sample.outcome);
      continue;
    }
    shown.note(classes.of(sample.outcome, sample.set), sample.set, sample.ttl);
    shown.nxdomain = sample.outcome == Outcome::nxdomain;
  }
  return resolvers;
}

template <class Key>
LookCounts count(const std::map<Key, Shown>& all) {
  LookCounts counts;
  for (const auto& [key, shown] : all) {
    ++counts.asked;
    counts.split += shown.is_split() ? 1 : 0;
    ++counts.by_class[shown.is_split() ? AnswerClass::mixed : shown.worst()];
  }
  return counts;
}

std::string absent_words(const Shown& shown) {
  return shown.nxdomain ? "that the name does not exist (NXDOMAIN), so senders find no server"
                        : "that there is no MX, so senders fall back to the domain's own address";
}

// "serves X" of authorities, "answers X" of resolvers.
Saying saying_of(const Shown& shown, std::string_view kind, std::string_view verb) {
  const AnswerClass found = shown.worst();
  std::string rest;
  switch (found) {
    case AnswerClass::new_:
      rest = "the expected set";
      break;
    case AnswerClass::old:
      rest = "the old set " + set_text(shown.other);
      break;
    case AnswerClass::mixed:
      rest = "a mix of old and new: " + set_text(shown.other);
      break;
    default:
      rest = "another set: " + set_text(shown.other);
  }
  if (shown.is_split()) rest = "the expected set and also " + set_text(shown.other);
  Saying saying{found == AnswerClass::new_ ? Weight::good : Weight::blocks,
                fmt::format("{}-{}", kind, to_text(found)), fmt::format("{}s {}", verb, rest),
                fmt::format("{} {}", verb, rest), ""};
  if (found == AnswerClass::absent && !shown.is_split()) {
    saying.one = "says " + absent_words(shown);
    saying.many = "say " + absent_words(shown);
  }
  return saying;
}

Saying failed(Weight weight, std::string code, const std::string& how) {
  return {weight, std::move(code), "failed, " + how, "failed, " + how, ""};
}

// An address that this host can't reach is spoken for by the same server's other family.
bool is_spoken_for(const Servers& servers, const DnsName& server, bool v6) {
  return !server.is_root() && std::any_of(servers.begin(), servers.end(), [&](const auto& other) {
    return other.first.first == server && other.first.second.address.is_v6() != v6 &&
           !other.second.classes.empty();
  });
}

std::vector<LookFact> authority_facts(const LookSeen& seen, const Servers& servers) {
  LookGroups groups("authority", "authorities");
  for (const auto& [key, shown] : servers) {
    const bool v6 = key.second.address.is_v6();
    if (shown.classes.empty() && (v6 ? seen.limits.no_v6 : seen.limits.no_v4)) {
      const std::string family = key.second.address.family();
      if (is_spoken_for(servers, key.first, v6))
        groups.add({Weight::note, "address-family",
                    "is judged by its other address: this host has no " + family,
                    "are judged by their other addresses: this host has no " + family, ""},
                   shown.label);
      else
        groups.add(
            {Weight::open, "address-family", "has only " + family + ", and this host has none",
             "have only " + family + ", and this host has none", ""},
            shown.label);
      continue;
    }
    if (!shown.classes.empty()) {
      Saying saying = saying_of(shown, "authority", "serve");
      saying.of_ttl = "TTL";
      groups.add(saying, shown.label, shown.ttl);
      if (!shown.signature_fault.empty())
        groups.add({Weight::blocks, kSignature, "serves its set " + shown.signature_fault,
                    "serve their set " + shown.signature_fault, ""},
                   shown.label);
    } else if (shown.lame) {
      const std::string how =
          fmt::format(" lame ({}), so what the zone is there is not known", shown.failure);
      groups.add({Weight::open, "authority-lame", "is" + how, "are" + how, ""}, shown.label);
    } else if (!shown.failure.empty()) {
      groups.add(failed(Weight::open, "authority-failed", shown.failure), shown.label);
    }
  }
  return groups.facts(static_cast<int>(servers.size()));
}

LookFact lone(Weight weight, std::string code, std::string text) {
  return {weight, std::move(code), std::move(text), {}};
}

// How a resolver came to be left out; it decides nothing.
std::map<Endpoint, Saying> excluded(const LookSeen& seen) {
  std::map<Endpoint, Saying> out;
  for (const ControlSample& control : seen.controls)
    if (control.lies)
      out.insert_or_assign(
          control.resolver,
          Saying{Weight::note, "resolver-lies",
                 "is not counted: it has an answer for a name that nobody made",
                 "are not counted: they have an answer for a name that nobody made", ""});
  // A few that keep the name from their users say so themselves; many would be no coincidence.
  const auto filters = std::count_if(seen.samples.begin(), seen.samples.end(),
                                     [](const auto& sample) { return sample.filter_marked; });
  if (filters * kMostFailedShare >= static_cast<std::ptrdiff_t>(seen.samples.size())) return out;
  for (const ResolverSample& sample : seen.samples)
    if (sample.filter_marked)
      out.try_emplace(sample.resolver,
                      Saying{Weight::note, "resolver-filters",
                             "is not counted: a filter that keeps this name from its users",
                             "are not counted: filters that keep this name from their users", ""});
  return out;
}

std::vector<LookFact> resolver_facts(const LookSeen& seen, Resolvers& resolvers,
                                     LookCounts& counts) {
  LookGroups answers("resolver", "resolvers"), failures = answers, left_out = answers;
  const int asked = static_cast<int>(resolvers.size());
  for (const auto& [endpoint, saying] : excluded(seen)) {
    const auto found = resolvers.find(endpoint);
    if (found == resolvers.end()) continue;
    left_out.add(saying, found->second.label);
    resolvers.erase(found);
  }
  counts = count(resolvers);
  counts.excluded = asked - counts.asked;
  counts.asked = asked;

  const int failures_seen = counts.of(AnswerClass::failed);
  const bool too_many = failures_seen * kMostFailedShare > counts.counted();
  for (const auto& [endpoint, shown] : resolvers) {
    if (shown.classes.empty()) {
      failures.add(failed(too_many ? Weight::open : Weight::note, "resolver-failed", shown.failure),
                   shown.label);
      continue;
    }
    Saying saying = saying_of(shown, "resolver", "answer");
    saying.of_ttl = "for up to";
    answers.add(saying, shown.label, shown.ttl);
  }
  std::vector<LookFact> facts = answers.facts(counts.counted());
  if (too_many && failures_seen < counts.counted())
    facts.push_back(
        lone(Weight::open, "resolvers-fail",
             fmt::format("{} of {} resolvers gave no usable answer; over a fifth is too "
                         "many to tell",
                         failures_seen, counts.counted())));
  for (auto& more : {failures.facts(counts.counted()), left_out.facts(asked)})
    facts.insert(facts.end(), more.begin(), more.end());
  return facts;
}

template <class Key>
bool any_aliased(const std::map<Key, Shown>& all) {
  return std::any_of(all.begin(), all.end(), [](const auto& one) { return one.second.aliased; });
}

// Caches hold the alias by itself, with a TTL of its own and its own earlier values.
std::optional<LookFact> alias_fact(const LookSeen& seen, bool aliased) {
  const bool elsewhere = !seen.mx_name.is_root() && seen.mx_name != seen.owner;
  if (!aliased && !elsewhere) return std::nullopt;
  return lone(Weight::open, kAliasNotCovered,
              fmt::format("{} is an alias (CNAME){}: caches keep the alias by itself, and one look "
                          "can't judge that; `mxswitch watch` follows it",
                          seen.owner.text(), elsewhere ? " of " + seen.mx_name.text() : ""));
}

void add_missing(const LookSeen& seen, const LookCounts& counts, std::vector<LookFact>& facts) {
  if (!seen.fault.empty())
    facts.push_back(lone(Weight::open, "no-authority", seen.fault));
  else if (seen.authorities.empty())
    facts.push_back(lone(Weight::open, "no-authority", "no authoritative server was asked"));
  for (const WalkLimits::LeftOut& one : seen.limits.left_out)
    facts.push_back(lone(Weight::open, "authority-left-out",
                         fmt::format("name server {} of {} was not looked at: the walk's bound on "
                                     "work was reached",
                                     one.server.text(), one.zone.text())));
  if (seen.samples.empty())
    facts.push_back(lone(Weight::open, "no-resolver", "no resolver was asked"));
  else if (counts.counted() == 0)
    facts.push_back(lone(Weight::open, "no-resolver", "no resolver that was asked counts"));
  if (seen.intercepted) facts.push_back(lone(Weight::open, "intercepted", kInterceptedWords));
}

std::vector<std::string> not_looked_at(const LookSeen& seen) {
  std::vector<std::string> all = {
      "drain: not judged by one look, which can't tell when caches that were not asked let go of "
      "the old record; `mxswitch watch` judges it"};
  if (!seen.walked)
    all.push_back(
        "the delegation, the addresses of the exchanges and signatures (DNSSEC): --authority names "
        "the servers, so no walk was made");
  all.push_back("resolvers over TLS, names below the owner");
  if (seen.walked) all.back() += "; of signatures (DNSSEC) the dates alone";
  return all;
}

Look look_of(const std::vector<LookFact>& facts) {
  const auto any = [&](Weight weight) {
    return std::any_of(facts.begin(), facts.end(),
                       [weight](const LookFact& fact) { return fact.weight == weight; });
  };
  // Behind an alias stand zones that one look does not cover: it can't say "not yet" for them
  // either.
  const bool aliased = std::any_of(facts.begin(), facts.end(), [](const LookFact& fact) {
    return fact.code == kAliasNotCovered;
  });
  if (aliased) return Look::inconclusive;
  if (any(Weight::blocks)) return Look::not_yet;
  return any(Weight::open) ? Look::inconclusive : Look::all_new;
}

}  // namespace

std::string LookFact::sentence() const {
  return who.empty() ? text : fmt::format("{}: {}", text, fmt::join(who, ", "));
}

int LookCounts::of(AnswerClass c) const {
  const auto found = by_class.find(c);
  return found == by_class.end() ? 0 : found->second;
}

std::vector<Reason> OneLook::reasons() const {
  std::vector<Reason> all;
  for (const LookFact& fact : facts)
    if (fact.weight == Weight::blocks || fact.weight == Weight::open)
      all.push_back({fact.code, fact.sentence(), {}});
  return all;
}

OneLook one_look(const LookSeen& seen) {
  const Classifier classes(seen.expected, seen.old_sets);
  const Servers servers = read_authorities(seen, classes);
  Resolvers resolvers = read_resolvers(seen, classes);
  const bool aliased = any_aliased(servers) || any_aliased(resolvers);

  OneLook result;
  result.authorities = count(servers);
  const auto add = [&](std::vector<LookFact> more) {
    result.facts.insert(result.facts.end(), more.begin(), more.end());
  };
  if (const auto alias = alias_fact(seen, aliased)) result.facts.push_back(*alias);
  add(authority_facts(seen, servers));
  add(exchange_facts(seen));
  add(resolver_facts(seen, resolvers, result.resolvers));
  add_missing(seen, result.resolvers, result.facts);
  std::stable_sort(result.facts.begin(), result.facts.end(),
                   [](const LookFact& a, const LookFact& b) { return a.weight < b.weight; });
  result.look = look_of(result.facts);
  result.not_looked_at = not_looked_at(seen);
  return result;
}

}  // namespace mxswitch::monitor
