#include "monitor/propagation/obligations.h"

#include <fmt/format.h>

#include <algorithm>

#include "monitor/propagation/before_watch.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using Kind = Obligation::Kind;
using Reach = AuthorityReport::Reach;

// RFC 1912 2.2 advises at most 4 weeks; taken where the zone's own EXPIRE was never seen.
constexpr seconds kUnknownExpire{2419200};

// The pieces of section 2 B in the order of that page.
class Collection {
 public:
  Collection(const DrainFacts& facts, Time now) : facts_(facts), now_(now) {
    margin_ = facts.input.policy.authority_spread + facts.input.policy.clock_error;
  }

  Owed run() {
    collect_served();
    collect_first_seen_new();
    collect_never_heard();
    collect_unseen();
    collect_copies_in_view();
    collect_before_watch();
    collect_companions();
    return std::move(owed_);
  }

 private:
  const MxSet& expected() const { return facts_.input.expected; }

  void add(Kind kind, const MxSet& set, std::string endpoint, std::optional<Time> ended,
           seconds ttl, std::string evidence, Duration extra = Duration(0)) {
    Obligation obligation;
    obligation.kind = kind;
    obligation.set = set;
    obligation.endpoint = std::move(endpoint);
    obligation.ended_at = ended;
    obligation.ttl = ttl;
    obligation.evidence = std::move(evidence);
    if (ended) obligation.until = *ended + margin_ + extra + ttl;
    owed_.obligations.push_back(std::move(obligation));
  }

  void assume() { owed_.assumed = true; }

  const AuthorityState* state_of(const AuthorityAddress& address) const {
    for (const AuthorityState& state : facts_.authorities.all())
      if (state.address == address) return &state;
    return nullptr;
  }

  std::optional<Time> first_new_elsewhere(const AuthorityAddress& address) const {
    std::optional<Time> first;
    for (const AuthorityState& state : facts_.authorities.all())
      if (state.address != address && state.new_since)
        first = std::min(first.value_or(*state.new_since), *state.new_since);
    return first;
  }

  void collect_served() {
    for (const Version& version : facts_.versions.all()) {
      if (version.set == expected()) continue;
      const AuthorityState* state = state_of(version.address);
      if (version.retired_at && !version.ended_at)
        add_retired(version);
      else if (version.ended_at || !state)
        add_ended(version);
      else
        add_open(version, *state);
    }
  }

  void add_ended(const Version& version) {
    const Time ended = version.ended_at.value_or(version.last_at);
    add(version.set.empty() ? Kind::absent : Kind::authority, version.set, label(version), ended,
        seconds(version.ttl),
        fmt::format("{} served {} until {} with TTL {} s", label(version), set_text(version.set),
                    format_moment(ended, now_), version.ttl));
  }

  // The owner became an alias, or its chain ends elsewhere now.
  void add_retired(const Version& version) {
    const auto aliased = facts_.companions ? facts_.companions->aliased_since() : Time();
    std::optional<Time> ended;
    if (aliased) ended = std::max(*aliased, *version.retired_at);
    add(version.set.empty() ? Kind::absent : Kind::authority, version.set, label(version), ended,
        seconds(version.ttl),
        fmt::format(
            "{} served {} with TTL {} s until the MX came to stand at another name{}",
            label(version), set_text(version.set), version.ttl,
            ended ? " at " + format_moment(*ended, now_) : ", which not every server says yet"));
  }

  // The same server's addresses that can be asked say when it changed: not before they were taken
  // to speak for this one, whose own last answer was earlier.
  void add_spoken_for(const Version& version, const AuthorityState& state) {
    Time ended = *state.spoken_for_since;
    bool changed = false, old = false;
    for (const AuthorityState& other : facts_.authorities.all()) {
      if (other.address.server != state.address.server || other.family_dead) continue;
      changed = changed || other.new_since;
      old = old || !other.new_since;
      if (other.new_since) ended = std::max(ended, *other.new_since);
    }
    const bool over = changed && !old;
    if (over) assume();
    add(version.set.empty() ? Kind::absent : Kind::authority, version.set, label(version),
        over ? std::optional(ended) : std::nullopt, seconds(version.ttl),
        fmt::format("{} served {} with TTL {} s when it last answered, at {}; since its address "
                    "family died here, its other addresses speak for it{}",
                    label(version), set_text(version.set), version.ttl,
                    format_moment(version.last_at, now_),
                    over ? ", and they left it by " + format_moment(ended, now_) : ""));
  }

  // One that the plan ignores binds nothing, dark or not: a warning says what it served.
  void add_open(const Version& version, const AuthorityState& state) {
    if (state.spoken_for_since) return add_spoken_for(version, state);
    if (ignored_reason(state.address, facts_.input.ignored_authorities)) return;
    const Reach reach = state.reach(now_);
    const bool dark = reach == Reach::unknown || reach == Reach::unreachable;
    if (state.left_at && (dark || facts_.input.ns_drain_by_ttl))
      return add_departed(version, state, dark);
    const auto changed = first_new_elsewhere(version.address);
    if (reach == Reach::unreachable && changed) return add_unreachable(version, state, *changed);
    add(version.set.empty() ? Kind::absent : Kind::authority, version.set, label(version), {},
        seconds(version.ttl),
        fmt::format("{} served {} with TTL {} s when it last answered, at {}", label(version),
                    set_text(version.set), version.ttl, format_moment(version.last_at, now_)));
  }

  // Caches follow their NS records to it until those expire, and while it answered it could renew
  // them from its own zone: the time runs from when it fell silent. `ns_drain = "ttl"` lets it run
  // from the end of its delegation, though it still answers.
  void add_departed(const Version& version, const AuthorityState& state, bool dark) {
    const bool known = state.left_ns_ttl > seconds(0);
    const seconds ns_ttl = known ? state.left_ns_ttl : kUnknownOldTtl;
    if (!known || facts_.input.ns_drain_by_ttl) assume();
    const bool silence_counts = dark && !facts_.input.ns_drain_by_ttl;
    const Time from =
        silence_counts ? std::max(*state.left_at, *state.last_answer_at) : *state.left_at;
    add(Kind::ns_move, version.set, label(version), from, seconds(version.ttl),
        fmt::format("{} is no longer delegated since {} and {}; NS records lead to it for {}{}",
                    label(version), format_moment(*state.left_at, now_),
                    dark ? "dark" : "its answers are let pass (ns_drain = \"ttl\")",
                    format_duration(ns_ttl), known ? "" : " (assumed)"),
        ns_ttl);
  }

  // A secondary that can't reach its primary stops serving after EXPIRE (RFC 1035 4.3.5).
  void add_unreachable(const Version& version, const AuthorityState& state, Time changed) {
    const bool known = state.soa_expire != 0;
    const seconds expire = known ? seconds(state.soa_expire) : kUnknownExpire;
    if (!known) assume();
    add(Kind::unreachable, version.set, label(version), changed, seconds(version.ttl),
        fmt::format("{} can't be reached since {}; as a secondary it serves {} for at most its "
                    "EXPIRE of {}{} after the change",
                    label(version), format_moment(*state.unknown_since, now_),
                    set_text(version.set), format_duration(expire), known ? "" : " (assumed)"),
        expire);
  }

  // Endpoints whose very first answer was new: what they served before was not seen.
  void collect_first_seen_new() {
    if (changes_addresses_only()) return;
    std::optional<Time> latest;
    for (const AuthorityState& state : facts_.authorities.all()) {
      if (!state.first_answer_at || state.first_set != expected()) continue;
      if (const Version* like = largest_seen()) {
        const seconds kept = kept_before(like->set, facts_.versions, facts_.input);
        if (kept > seconds(like->ttl)) assume();
        add(Kind::authority, like->set, state.label(), state.first_answer_at, kept,
            fmt::format("{} was first asked at {}, after its change; taken to have served what "
                        "{} did, with TTL {} s",
                        state.label(), format_moment(*state.first_answer_at, now_), label(*like),
                        kept.count()));
      } else {
        latest = std::max(latest.value_or(*state.first_answer_at), *state.first_answer_at);
      }
    }
    const bool moved = std::any_of(facts_.versions.all().begin(), facts_.versions.all().end(),
                                   [](const Version& v) { return v.retired_at.has_value(); });
    if (latest && !moved) add_without_baseline(*latest);
  }

  // The plan says that the set stays, and another address of an exchange was seen: that is the
  // change, and the watch saw it. Not so where the plan dates one that the watch can't have seen.
  bool changes_addresses_only() const {
    const PropagationInput& input = facts_.input;
    if (input.declared_old != expected() || !facts_.companions) return false;
    if (input.changed_at && *input.changed_at < watched_since()) return false;
    return addresses_changed_since(input, *facts_.companions,
                                   input.changed_at.value_or(Time::min()), now_);
  }

  Time watched_since() const {
    Time first = Time::max();
    for (const Version& version : facts_.versions.all()) first = std::min(first, version.first_at);
    return first;
  }

  const Version* largest_seen() const {
    const Version* largest = nullptr;
    for (const Version& version : facts_.versions.all())
      if (version.set != expected() && (!largest || version.ttl > largest->ttl)) largest = &version;
    return largest;
  }

  void add_without_baseline(Time seen_new_at) {
    const PropagationInput& input = facts_.input;
    if (!input.judges_drain) return;
    const seconds ttl = input.declared_old_ttl.value_or(kUnknownOldTtl);
    const auto declared = declared_change(seen_new_at);
    const bool disproved = declared && is_disproved(*declared + ttl);
    const bool dated = declared && !disproved;
    const Time changed = dated ? *declared : seen_new_at;
    const bool whole = dated && input.declared_old_ttl;
    note_copies(changed + ttl);
    assume();
    add(whole ? Kind::declared : Kind::assumed, input.declared_old.value_or(MxSet()), {}, changed,
        ttl,
        fmt::format("the watch began after the change: {} at {}, {} {} s{}",
                    dated ? "declared" : "seen new", format_moment(changed, now_),
                    input.declared_old_ttl ? "declared old TTL" : "assumed old TTL", ttl.count(),
                    disproved ? fmt::format("; {} hold the old set longer than the declared time "
                                            "of the change allows",
                                            labels_of(facts_.copies.old))
                              : std::string()));
  }

  // When the last server had the change that the plan dates: a secondary learns of it within
  // REFRESH, or RETRY after that (RFC 1035 3.3.13).
  std::optional<Time> declared_change(Time seen_new_at) const {
    const auto changed_at = facts_.input.changed_at;
    if (!changed_at || *changed_at >= seen_new_at) return std::nullopt;
    std::optional<seconds> lag;
    for (const AuthorityState& state : facts_.authorities.all())
      if (state.soa_expire != 0)
        lag = std::max(lag.value_or(seconds(0)),
                       seconds(state.soa_refresh) + seconds(state.soa_retry));
    return lag ? std::min(seen_new_at, *changed_at + *lag) : seen_new_at;
  }

  bool is_disproved(Time until) const {
    std::vector<HeldCopy> later;
    for (const HeldCopy& held : facts_.copies.old)
      if (held.copy.expires_at() > until + facts_.input.policy.delta) later.push_back(held);
    return at_two_operators(later);
  }

  // Only what outlasts the rest is worth a line: an endpoint that was watched for longer than H
  // owes nothing more.
  void collect_before_watch() {
    if (!facts_.input.judges_drain) return;
    const Version* last = nullptr;
    seconds longest{0};
    for (const Version& version : facts_.versions.all()) {
      if (!version.from_beginning || version.set == expected() || version.set.empty()) continue;
      const seconds kept = kept_before(version.set, facts_.versions, facts_.input);
      note_copies(version.first_at + kept);
      if (last && version.first_at + kept <= last->first_at + longest) continue;
      last = &version;
      longest = kept;
    }
    if (!last || longest <= seconds(last->ttl) || is_outlasted(last->first_at + margin_ + longest))
      return;
    const bool declared = facts_.input.declared_old_ttl == longest;
    assume();
    add(declared ? Kind::declared : Kind::assumed, last->set, {}, last->first_at, longest,
        declared
            ? fmt::format("the plan declares an old TTL of {}, lowered before the watch began at "
                          "{}",
                          format_duration(longest), format_moment(last->first_at, now_))
            : fmt::format("nobody said whether the TTL was lowered before the watch began at {}: "
                          "copies from before it may live {} (history_ttl)",
                          format_moment(last->first_at, now_), format_duration(longest)));
  }

  bool is_outlasted(Time until) const {
    return std::all_of(owed_.obligations.begin(), owed_.obligations.end(),
                       [](const Obligation& o) { return o.until.has_value(); }) &&
           std::any_of(owed_.obligations.begin(), owed_.obligations.end(),
                       [&](const Obligation& o) { return *o.until >= until; });
  }

  void note_copies(Time until) {
    owed_.copies_until = std::max(owed_.copies_until.value_or(until), until);
  }

  // Evidence overrules what is declared.
  void collect_copies_in_view() {
    const auto u = latest_end();
    if (!u || !facts_.input.judges_drain) return;
    const auto copies = beyond_declared(facts_.copies.longer, facts_.input, watched_since());
    if (!at_two_operators(copies)) return;
    const seconds kept = kept_in_view(copies, *u, facts_.input.policy);
    owed_.copies_seen = true;
    note_copies(*u + kept);
    add(Kind::copies, copies.front().copy.set, {}, u, kept,
        fmt::format("{} show copies of {} that outlive every TTL seen since the watch began: "
                    "others may live {} from {}",
                    labels_of(copies), set_text(copies.front().copy.set), format_duration(kept),
                    format_moment(*u, now_)));
  }

  std::optional<Time> latest_end() const {
    std::optional<Time> latest;
    for (const Obligation& obligation : owed_.obligations)
      if (is_of_mx(obligation) && obligation.ended_at)
        latest = std::max(latest.value_or(*obligation.ended_at), *obligation.ended_at);
    return latest;
  }

  // Servers that left the delegation before the watch began, and that were never heard: until the
  // NS records that lead to one have expired, caches may fetch from it what it served.
  void collect_never_heard() {
    if (!facts_.input.judges_drain || facts_.versions.all().empty()) return;
    for (const DnsName& name : facts_.input.formerly) {
      if (ignored_reason({name, {}}, facts_.input.ignored_authorities)) continue;
      if (const auto left_at = never_heard_since(name)) add_never_heard(name, *left_at);
    }
  }

  // None while one of its addresses is still being asked, and once one was heard.
  std::optional<Time> never_heard_since(const DnsName& name) const {
    Time since = watched_since();
    for (const AuthorityState& state : facts_.authorities.all()) {
      if (state.address.server != name) continue;
      const Reach reach = state.reach(now_);
      const bool dark = reach == Reach::unknown || reach == Reach::unreachable;
      if (state.first_answer_at || !dark) return std::nullopt;
      since = std::max(since, state.left_at.value_or(since));
    }
    return since;
  }

  void add_never_heard(const DnsName& name, Time left_at) {
    const Version* like = largest_seen();
    const MxSet set = like ? like->set : facts_.input.declared_old.value_or(MxSet());
    assume();
    add(Kind::ns_move, set, name.text(), left_at, kept_before(set, facts_.versions, facts_.input),
        fmt::format("{} left the delegation before the watch began at {} (formerly) and was never "
                    "heard; NS records lead to it for {} (assumed)",
                    name.text(), format_moment(left_at, now_), format_duration(kUnknownOldTtl)),
        kUnknownOldTtl);
  }

  void collect_unseen() {
    for (const UnseenAuthority& unseen : facts_.unseen)
      if (unseen.set != expected())
        add(Kind::authority, unseen.set, "an authority that is not listed", unseen.fetched_at,
            seconds(unseen.ttl),
            fmt::format("{} fetched {} at {}, after every known server had left it: a server that "
                        "nobody listed still serves it, or they never let go",
                        unseen.shown_by, set_text(unseen.set),
                        format_moment(unseen.fetched_at, now_)));
  }

  void collect_companions() {
    if (!facts_.companions) return;
    for (Obligation& one : companion_obligations(facts_.input, *facts_.companions, now_))
      owed_.obligations.push_back(std::move(one));
  }
  static std::string label(const Version& version) {
    return fmt::format("{} ({})", version.address.server.text(), version.address.endpoint.text());
  }
  const DrainFacts& facts_;
  Time now_;
  Duration margin_{0};
  Owed owed_;
};

}  // namespace

Owed collect_obligations(const DrainFacts& facts, Time now) { return Collection(facts, now).run(); }

bool is_of_mx(const Obligation& obligation) {
  return obligation.what.empty() || obligation.kind == Kind::alias;
}

}  // namespace mxswitch::monitor
