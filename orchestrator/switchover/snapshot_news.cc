#include "orchestrator/switchover/snapshot_news.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace mxswitch::orchestrator {
namespace {

using monitor::Condition;
using monitor::Forecast;
using monitor::PropagationReport;

enum class Kind {
  meant,
  age,
  // A time that is reckoned from the moment of the look, like "if the change came now": the same
  // as long as its distance from that moment is.
  moving,
};

template <class T>
struct Field {
  const T& value;
  Kind kind;
};
template <class T>
Field<T> meant(const T& value) {
  return {value, Kind::meant};
}
template <class T>
Field<T> age(const T& value) {
  return {value, Kind::age};
}
template <class T>
Field<T> moving(const T& value) {
  return {value, Kind::moving};
}

// ---- every field of every part ----

auto fields(const monitor::Reason& part) {
  const auto& [code, text, until] = part;
  return std::tuple(meant(code), meant(text), moving(until));
}

auto fields(const Condition& part) {
  const auto& [holds, reasons] = part;
  return std::tuple(meant(holds), meant(reasons));
}

auto fields(const monitor::AuthorityReport& part) {
  const auto& [server, endpoint, nsid, last_class, set, ttl, serial, authoritative, reach,
               new_rounds, new_since, last_at, rtt, note] = part;
  return std::tuple(meant(server), meant(endpoint), meant(nsid), meant(last_class), meant(set),
                    meant(ttl), meant(serial), meant(authoritative), meant(reach), age(new_rounds),
                    meant(new_since), age(last_at), age(rtt), meant(note));
}

auto fields(const monitor::Obligation& part) {
  const auto& [kind, set, endpoint, ended_at, ttl, until, evidence, what] = part;
  return std::tuple(meant(kind), meant(set), meant(endpoint), moving(ended_at), meant(ttl),
                    moving(until), meant(evidence), meant(what));
}

auto fields(const monitor::CacheReport& part) {
  const auto& [nsid, last_class, warm, expires_at, set, ttl, received_at] = part;
  return std::tuple(meant(nsid), meant(last_class), meant(warm), age(expires_at), meant(set),
                    age(ttl), age(received_at));
}

auto fields(const monitor::ResolverReport& part) {
  const auto& [endpoint, operator_name, name, place, country_code, latitude, longitude, anycast,
               split, last_class, set, expires_at, ttl, caches, new_samples, wanted_samples,
               failed_draws, e0, control_at, counted, warm, stretcher, violator, waived, excluded,
               last_at, rtt, reason, dot] = part;
  return std::tuple(meant(endpoint), meant(operator_name), meant(name), meant(place),
                    meant(country_code), meant(latitude), meant(longitude), meant(anycast),
                    meant(split), meant(last_class), meant(set), age(expires_at), age(ttl),
                    meant(caches), meant(new_samples), meant(wanted_samples), meant(failed_draws),
                    meant(e0), age(control_at), meant(counted), meant(warm), meant(stretcher),
                    meant(violator), meant(waived), meant(excluded), age(last_at), age(rtt),
                    meant(reason), meant(dot));
}

auto fields(const Forecast::Move& part) {
  const auto& [effect, code, text, until] = part;
  return std::tuple(meant(effect), meant(code), meant(text), moving(until));
}

auto fields(const Forecast& part) {
  const auto& [earliest, latest, waits_for, moves] = part;
  return std::tuple(moving(earliest), moving(latest), meant(waits_for), meant(moves));
}

auto fields(const monitor::Assumption& part) {
  const auto& [code, text] = part;
  return std::tuple(meant(code), meant(text));
}

auto fields(const monitor::SpfServerReport& part) {
  const auto& [from_authority, server, endpoint, at, verdict, record, why, current, expires_at] =
      part;
  return std::tuple(meant(from_authority), meant(server), meant(endpoint), age(at), meant(verdict),
                    meant(record), meant(why), meant(current), age(expires_at));
}

auto fields(const monitor::SpfTargetReport& part) {
  const auto& [name, why, resolvers, with_record, texts, converges_at] = part;
  return std::tuple(meant(name), meant(why), meant(resolvers), meant(with_record), meant(texts),
                    moving(converges_at));
}

auto fields(const monitor::SpfTextReport& part) {
  const auto& [verdict, required, why, servers, oldest_at, newest_at, resolvers, seeing, current,
               converges_at, views, targets] = part;
  return std::tuple(meant(verdict), meant(required), meant(why), meant(servers), age(oldest_at),
                    age(newest_at), meant(resolvers), meant(seeing), meant(current),
                    moving(converges_at), meant(views), meant(targets));
}

auto fields(const PropagationReport& part) {
  const auto& [owner, expected, old_sets, at, verdict, reasons, waivers, warnings, next_change_at,
               change_started_at, ready_from, a, b, c, d, forecast, assumptions,
               authorities_consistent, authorities, obligations, drain_started_at, strict_until,
               opens_at, stale_until, drain_assumed, stale_allowance, resolvers, counted, warm,
               cold, stale, operators, countries, by_class, split, stale_share_upper, queries_a_day,
               stretched, spf] = part;
  return std::tuple(
      meant(owner), meant(expected), meant(old_sets), age(at), meant(verdict), meant(reasons),
      meant(waivers), meant(warnings), age(next_change_at), meant(change_started_at),
      moving(ready_from), meant(a), meant(b), meant(c), meant(d), meant(forecast),
      meant(assumptions), meant(authorities_consistent), meant(authorities), meant(obligations),
      moving(drain_started_at), moving(strict_until), moving(opens_at), moving(stale_until),
      meant(drain_assumed), meant(stale_allowance), meant(resolvers), meant(counted), meant(warm),
      meant(cold), meant(stale), meant(operators), meant(countries), meant(by_class), meant(split),
      meant(stale_share_upper), age(queries_a_day), meant(stretched), meant(spf));
}

auto fields(const monitor::SpfCell& part) {
  const auto& [result, why, lookups, voids, trace] = part;
  return std::tuple(meant(result), meant(why), meant(lookups), meant(voids), age(trace));
}

auto fields(const monitor::SpfTermSeen& part) {
  const auto& [term, effect, why] = part;
  return std::tuple(meant(term), meant(effect), meant(why));
}

auto fields(const monitor::SpfServer& part) {
  const auto& [from_authority, name, endpoint, expires_at] = part;
  return std::tuple(meant(from_authority), meant(name), meant(endpoint), age(expires_at));
}

auto fields(const monitor::SpfRow& part) {
  const auto& [servers, authorities, resolvers, state, evaluated, record, texts, cells, terms,
               faults] = part;
  return std::tuple(meant(servers), meant(authorities), meant(resolvers), meant(state),
                    meant(evaluated), meant(record), meant(texts), meant(cells), meant(terms),
                    meant(faults));
}

auto fields(const monitor::SpfMatrix& part) {
  const auto& [owner, sends_nothing, state, why, switched, senders, rows, errors, warnings,
               unknowns, authorities, resolvers, silent, texts, results, converges_at, views,
               observed_at] = part;
  return std::tuple(meant(owner), meant(sends_nothing), meant(state), meant(why), meant(switched),
                    meant(senders), meant(rows), meant(errors), meant(warnings), meant(unknowns),
                    meant(authorities), meant(resolvers), meant(silent), meant(texts),
                    meant(results), moving(converges_at), meant(views), age(observed_at));
}

auto fields(const GateResult& part) {
  const auto& [id, verdict, turn, why, evidence, observed_at, valid_for, overridable, overridden,
               earliest] = part;
  // "last observed 16 min ago, ...": of a stale gate the sentence itself holds an age.
  const Kind sentence = verdict == GateVerdict::stale ? Kind::age : Kind::meant;
  return std::tuple(meant(id), meant(verdict), meant(turn), Field<std::string>{why, sentence},
                    meant(evidence), age(observed_at), meant(valid_for), meant(overridable),
                    meant(overridden), moving(earliest));
}

auto fields(const RelayNodeView& part) {
  const auto& [id, reachable, mode, generation, in_force, route_seen_at, accepted, forwarded,
               hosted, rejected, queued, error, observed_at] = part;
  return std::tuple(meant(id), meant(reachable), meant(mode), meant(generation), meant(in_force),
                    age(route_seen_at), meant(accepted), meant(forwarded), meant(hosted),
                    meant(rejected), meant(queued), meant(error), age(observed_at));
}

auto fields(const RelayView& part) {
  const auto& [name, driver, desired, observed, generation, nodes] = part;
  return std::tuple(meant(name), meant(driver), meant(desired), meant(observed), meant(generation),
                    meant(nodes));
}

auto fields(const HistoryEntry& part) {
  const auto& [at, who, what, why, evidence] = part;
  return std::tuple(meant(at), meant(who), meant(what), meant(why), meant(evidence));
}

auto fields(const Override& part) {
  const auto& [gate, reason, author, digest, at, expires_at] = part;
  return std::tuple(meant(gate), meant(reason), meant(author), meant(digest), meant(at),
                    meant(expires_at));
}

auto fields(const Waiver& part) {
  const auto& [resolver, reason, author, at, until, owner] = part;
  return std::tuple(meant(resolver), meant(reason), meant(author), meant(at), meant(until),
                    meant(owner));
}

auto fields(const RosterView& part) {
  const auto& [missing_accounts, missing_aliases, extra_accounts, extra_aliases, uncovered, digest,
               accounts_file, aliases_file] = part;
  return std::tuple(meant(missing_accounts), meant(missing_aliases), meant(extra_accounts),
                    meant(extra_aliases), meant(uncovered), meant(digest), meant(accounts_file),
                    meant(aliases_file));
}

auto fields(const ContactView& part) {
  const auto& [channel, address, acknowledged, last_delivery_ok, last_delivery_at] = part;
  return std::tuple(meant(channel), meant(address), meant(acknowledged), meant(last_delivery_ok),
                    age(last_delivery_at));
}

auto fields(const StandingFault& part) {
  const auto& [gate, cause, meanwhile, turn, dns_done_at] = part;
  return std::tuple(meant(gate), meant(cause), meant(meanwhile), meant(turn), meant(dns_done_at));
}

auto fields(const FreezeView& part) {
  const auto& [author, reason, since, by_rollback, text] = part;
  return std::tuple(meant(author), meant(reason), meant(since), meant(by_rollback), meant(text));
}

auto fields(const Snapshot& part) {
  const auto& [domain, generation, state, state_since, at, sequence, report, other_owners, spf,
               other_spf, gates, blocked_by, waiting_for, turn, fault, next_change_at, relay,
               plan_digest, frozen, freeze, operation, overrides, waivers, approvals, roster,
               contact, history] = part;
  return std::tuple(meant(domain), meant(generation), meant(state), meant(state_since), age(at),
                    age(sequence), meant(report), meant(other_owners), meant(spf), meant(other_spf),
                    meant(gates), meant(blocked_by), meant(waiting_for), meant(turn), meant(fault),
                    moving(next_change_at), meant(relay), meant(plan_digest), meant(frozen),
                    meant(freeze), meant(operation), meant(overrides), meant(waivers),
                    meant(approvals), meant(roster), meant(contact), meant(history));
}

// ---- the comparison ----

template <class T>
concept Compound = requires(const T& part) {
  fields(part);
};

class Comparison {
 public:
  Comparison(Time before, Time after) : before_(before), after_(after) {}

  News found() const { return found_; }

  template <class T>
  void compare(const T& a, const T& b) {
    if constexpr (Compound<T>)
      compare_fields(fields(a), fields(b));
    else if (!(a == b))
      found_ = News::meaning;
  }
  template <class T>
  void compare(const std::vector<T>& a, const std::vector<T>& b) {
    if (a.size() != b.size()) return note(News::meaning);
    for (std::size_t i = 0; i < a.size() && found_ != News::meaning; ++i) compare(a[i], b[i]);
  }
  template <class T>
  void compare(const std::optional<T>& a, const std::optional<T>& b) {
    if (a.has_value() != b.has_value()) return note(News::meaning);
    if (a) compare(*a, *b);
  }
  // Times in a gate's evidence say when something was seen, or repeat a bound of the report.
  void compare(const nlohmann::json& a, const nlohmann::json& b) {
    if (a == b) return;
    if (a.type() != b.type() || a.size() != b.size() || !a.is_structured())
      return note(News::meaning);
    if (a.is_array()) {
      for (std::size_t i = 0; i < a.size(); ++i) compare(a[i], b[i]);
      return;
    }
    for (const auto& [key, value] : a.items()) {
      const auto other = b.find(key);
      if (other == b.end()) return note(News::meaning);
      if (is_time(key))
        note(value == *other ? News::none : News::ages);
      else
        compare(value, *other);
    }
  }

 private:
  static bool is_time(std::string_view key) {
    return key.ends_with("_at") || key.ends_with("until");
  }

  void note(News news) { found_ = std::max(found_, news); }

  template <class Tuple>
  void compare_fields(const Tuple& a, const Tuple& b) {
    std::apply(
        [&](const auto&... x) {
          std::apply([&](const auto&... y) { (compare_field(x, y), ...); }, b);
        },
        a);
  }

  template <class T>
  void compare_field(const Field<T>& a, const Field<T>& b) {
    if (found_ == News::meaning) return;
    if (b.kind == Kind::meant)
      compare(a.value, b.value);
    else if (!same(a.value, b.value))
      note(b.kind == Kind::moving && !moved_along(a.value, b.value) ? News::meaning : News::ages);
  }

  template <class T>
  bool same(const T& a, const T& b) const {
    Comparison within(before_, after_);
    within.compare(a, b);
    return within.found() == News::none;
  }

  bool moved_along(const std::optional<Time>& a, const std::optional<Time>& b) const {
    return a && b && *a - before_ == *b - after_;
  }
  template <class T>
  static bool moved_along(const T&, const T&) {
    return false;
  }

  Time before_, after_;
  News found_ = News::none;
};

}  // namespace

News news_between(const Snapshot& before, const Snapshot& after) {
  Comparison comparison(before.report.at, after.report.at);
  comparison.compare(before, after);
  return comparison.found();
}

}  // namespace mxswitch::orchestrator
