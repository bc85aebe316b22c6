// The mechanisms of RFC 7208 section 5, each as its own step of an evaluation.
#include <fmt/format.h>

#include <algorithm>

#include "probes/spf/evaluation.h"
#include "probes/spf/network.h"

namespace mxswitch::probes::spf {
namespace {

Match matched(bool yes) { return {yes ? Match::Kind::yes : Match::Kind::no, {}}; }

// 4.3.2.1.in-addr.arpa, or the nibbles under ip6.arpa.
std::string reverse_name(const IpAddress& ip) {
  std::string name;
  if (ip.is_v6()) {
    for (auto octet = ip.bytes().rbegin(); octet != ip.bytes().rend(); ++octet)
      name += fmt::format("{:x}.{:x}.", *octet & 15, *octet >> 4);
    return name + "ip6.arpa";
  }
  for (std::size_t i = 4; i-- > 0;) name += fmt::format("{}.", ip.bytes()[i]);
  return name + "in-addr.arpa";
}

}  // namespace

bool Evaluation::holds(const Lookup& lookup, unsigned prefix_v4, unsigned prefix_v6) const {
  const unsigned prefix = request_.ip.is_v6() ? prefix_v6 : prefix_v4;
  return std::any_of(lookup.records.begin(), lookup.records.end(), [&](const RecordData& data) {
    const auto* address = std::get_if<IpAddress>(&data);
    return address && in_network(request_.ip, *address, prefix);
  });
}

bool Evaluation::asks_nothing(const Directive& directive) const {
  return directive.mechanism == Mechanism::all || directive.mechanism == Mechanism::ip4 ||
         directive.mechanism == Mechanism::ip6;
}

bool Evaluation::matches_at_once(const Directive& directive) const {
  const bool v4 = directive.mechanism == Mechanism::ip4;
  return directive.mechanism == Mechanism::all ||
         in_network(request_.ip, directive.network, v4 ? directive.prefix_v4 : directive.prefix_v6);
}

asio::awaitable<Match> Evaluation::match(const Directive& directive, std::string domain,
                                         TraceTerm& trace) {
  if (++lookups_ > kMostLookups)
    co_return Match{Match::Kind::permerror, fmt::format("over {} terms that ask", kMostLookups)};
  std::string target = domain;
  if (directive.domain) {
    target = co_await expanded(*directive.domain, std::move(domain), trace);
    target = shorten_name(std::move(target));
  }
  if (directive.mechanism == Mechanism::include)
    co_return co_await match_include(std::move(target), trace);

  found_nothing_ = false;
  Match found = co_await match_lookups(std::move(target), directive, trace);
  // Of ptr too, which forgives failures otherwise.
  if (stopped_) co_return Match{Match::Kind::temperror, budget_.why()};

  // Section 4.6.4 counts terms that found nothing, not packets; a match does not undo it.
  if (found_nothing_ && ++voids_ > kMostVoids && found.kind != Match::Kind::temperror)
    co_return Match{Match::Kind::permerror,
                    fmt::format("over {} terms whose lookups found nothing", kMostVoids)};
  co_return found;
}

asio::awaitable<Match> Evaluation::match_lookups(std::string target, const Directive& directive,
                                                 TraceTerm& trace) {
  switch (directive.mechanism) {
    case Mechanism::a:
      co_return co_await match_addresses(std::move(target), directive, trace);
    case Mechanism::mx:
      co_return co_await match_exchanges(std::move(target), directive, trace);
    case Mechanism::ptr:
      co_return co_await match_pointer(std::move(target), trace);
    default:
      co_return co_await match_exists(std::move(target), trace);
  }
}

// Section 5.2.
asio::awaitable<Match> Evaluation::match_include(std::string target, TraceTerm& trace) {
  const Verdict verdict = co_await check(target, trace);
  switch (verdict.result) {
    case SpfResult::pass:
      co_return matched(true);
    case SpfResult::temperror:
      co_return Match{Match::Kind::temperror, verdict.why};
    case SpfResult::permerror:
    case SpfResult::none:
      co_return Match{Match::Kind::permerror, verdict.why};
    default:
      co_return matched(false);
  }
}

// Section 5.3.
asio::awaitable<Match> Evaluation::match_addresses(std::string target, const Directive& directive,
                                                   TraceTerm& trace) {
  const Lookup lookup = co_await ask(std::move(target), address_type(), trace);
  if (lookup.outcome == Lookup::Outcome::failed)
    co_return Match{Match::Kind::temperror, why_failed(lookup)};
  co_return matched(holds(lookup, directive.prefix_v4, directive.prefix_v6));
}

// Section 5.4; more than 10 exchanges are a permerror (4.6.4).
asio::awaitable<Match> Evaluation::match_exchanges(std::string target, const Directive& directive,
                                                   TraceTerm& trace) {
  const Lookup lookup = co_await ask(std::move(target), RrType::mx, trace);
  if (lookup.outcome == Lookup::Outcome::failed)
    co_return Match{Match::Kind::temperror, why_failed(lookup)};
  if (lookup.records.size() > static_cast<std::size_t>(kMostNames))
    co_return Match{Match::Kind::permerror,
                    fmt::format("{} has over {} exchanges", lookup.name, kMostNames)};
  for (const RecordData& data : lookup.records) {
    const auto* exchange = std::get_if<Mx>(&data);
    if (!exchange || exchange->exchange.is_root()) continue;  // null MX (RFC 7505)
    std::string host = octets_of(exchange->exchange);
    const Lookup addresses = co_await ask(std::move(host), address_type(), trace);
    if (addresses.outcome == Lookup::Outcome::failed)
      co_return Match{Match::Kind::temperror, why_failed(addresses)};
    if (holds(addresses, directive.prefix_v4, directive.prefix_v6)) co_return matched(true);
  }
  co_return matched(false);
}

// Section 5.5: no failure of a lookup is more than a missing match.
asio::awaitable<Match> Evaluation::match_pointer(std::string target, TraceTerm& trace) {
  const auto wanted = name_of(target);
  if (!wanted) co_return matched(false);
  const std::vector<DnsName> names = co_await validated_names(trace);
  co_return matched(std::any_of(names.begin(), names.end(),
                                [&](const DnsName& name) { return name.is_within(*wanted); }));
}

// Section 5.7: type A also for an IPv6 client.
asio::awaitable<Match> Evaluation::match_exists(std::string target, TraceTerm& trace) {
  const Lookup lookup = co_await ask(std::move(target), RrType::a, trace);
  if (lookup.outcome == Lookup::Outcome::failed)
    co_return Match{Match::Kind::temperror, why_failed(lookup)};
  co_return matched(lookup.outcome == Lookup::Outcome::found);
}

asio::awaitable<std::vector<DnsName>> Evaluation::validated_names(TraceTerm& trace) {
  std::vector<DnsName> validated;
  std::string reverse = reverse_name(request_.ip);
  const Lookup pointers = co_await ask(std::move(reverse), RrType::ptr, trace);
  int looked_at = 0;
  for (const RecordData& data : pointers.records) {
    const auto* name = std::get_if<DnsName>(&data);
    if (!name) continue;
    if (++looked_at > kMostNames) break;  // the rest is ignored (4.6.4)
    std::string host = octets_of(*name);
    const Lookup addresses = co_await ask(std::move(host), address_type(), trace);
    if (holds(addresses, 32, 128)) validated.push_back(*name);
  }
  co_return validated;
}

// Section 7.3, "p": <domain> itself, else a name below it, else any; else "unknown".
asio::awaitable<std::string> Evaluation::validated_name(std::string domain, TraceTerm& trace) {
  const std::vector<DnsName> names = co_await validated_names(trace);
  if (names.empty()) co_return "unknown";
  const auto wanted = name_of(domain);
  if (!wanted) co_return octets_of(names.front());
  const auto rank = [&](const DnsName& name) {
    return name == *wanted ? 0 : name.is_within(*wanted) ? 1 : 2;
  };
  const auto best =
      std::min_element(names.begin(), names.end(),
                       [&](const DnsName& a, const DnsName& b) { return rank(a) < rank(b); });
  co_return octets_of(*best);
}

asio::awaitable<std::string> Evaluation::expanded(const MacroString& string, std::string domain,
                                                  TraceTerm& trace) {
  if (const std::string* literal = string.literal()) co_return *literal;
  MacroFacts known;
  known.ip = request_.ip;
  known.local_part = local_part_;
  known.sender_domain = sender_domain_;
  known.domain = domain;
  known.helo = request_.helo;
  known.receiver = request_.receiver;
  known.now = request_.now;
  if (string.has_macro('p'))
    known.validated_name = co_await validated_name(std::move(domain), trace);
  co_return expand(string, known);
}

}  // namespace mxswitch::probes::spf
