// What the nodes of the relay say together: routes, rosters, flow, dry runs, and drift.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "orchestrator/roster/difference.h"
#include "orchestrator/roster/graph.h"
#include "orchestrator/switchover/switchover.h"
#include "probes/base/json_text.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

// Recipients that count for the gate reach back this far (SWITCHOVER.md section 3).
constexpr Duration kFlowReach = std::chrono::hours(24 * 7);

// The mode that the relay should show while nothing is being written; none: any is right.
std::optional<Mode> settled_mode(const MachineState& s) {
  switch (s.state) {
    case State::forwarding:
    case State::propagating:
    case State::ready:
    case State::armed:
      return s.base;
    case State::verifying:
    case State::hosted:
      return Mode::hosted;
    case State::held:
      return Mode::hold;
    default:
      return std::nullopt;
  }
}

Mode expected_mode(const MachineState& s, const std::optional<Mode>& uniform) {
  if (s.state == State::blocked && uniform) return *uniform;
  const auto settled = settled_mode(s);
  if (settled) return *settled;
  return s.state == State::final_ || s.state == State::switching ? Mode::hosted : s.base;
}

std::optional<Mode> uniform_mode(const RelayFacts& facts) {
  std::optional<Mode> mode;
  for (const RelayNodeFacts& node : facts.nodes) {
    if (!node.mode || (mode && *mode != *node.mode)) return std::nullopt;
    mode = node.mode;
  }
  return mode;
}

bool says_the_same(const RelayNodeFacts& a, const RelayNodeFacts& b) {
  const auto all = [](const RelayNodeFacts& node) {
    const auto& [id, addresses, reachable, authenticated, error, mode, generation, in_force,
                 hop_faults, unknown_domains, dry_run, dry_run_back, dry_run_error] = node;
    return std::tie(id, addresses, reachable, authenticated, error, mode, generation, in_force,
                    hop_faults, unknown_domains, dry_run, dry_run_back, dry_run_error);
  };
  return all(a) == all(b);
}

// What a look at the nodes can change, its time aside.
bool says_the_same(const RelayFacts& a, const RelayFacts& b) {
  return a.expected == b.expected &&
         std::ranges::equal(a.nodes, b.nodes, [](const RelayNodeFacts& x, const RelayNodeFacts& y) {
           return says_the_same(x, y);
         });
}

// A new read keeps the last dry run: it ages by a time of its own.
void carry_over(RelayNodeFacts& node, const RelayFacts& before) {
  for (const RelayNodeFacts& old : before.nodes) {
    if (old.id != node.id) continue;
    node.dry_run = old.dry_run;
    node.dry_run_back = old.dry_run_back;
    node.dry_run_error = old.dry_run_error;
  }
}

}  // namespace

asio::awaitable<void> Switchover::refresh_relay() { co_await gather_relay(Depth::whole); }

asio::awaitable<void> Switchover::gather_relay(Depth depth) {
  if (!plan_ || relay() == nullptr) {
    if (plan_ && kept_.machine.state == State::draft) {
      const Event watch_only = RelayObserved{kept_.machine.base};
      co_await observe(watch_only);
    }
    co_return;
  }
  const std::uint64_t ground = ground_;
  const Looks::Look begun = looks_.begin();
  RelayLook look;
  const std::vector<RelayNode> nodes = relay()->nodes();
  for (const RelayNode& node : nodes) co_await read_node(node, depth, look);
  // Half of it may be from before a write, a rollback or another plan: the next look tells.
  if (ground != ground_ || !looks_.take(Fact::relay, begun)) co_return;
  RelayFacts& facts = look.facts;
  for (RelayNodeFacts& fact : facts.nodes) carry_over(fact, facts_.relay);
  facts.exchanges = facts_.relay.exchanges;
  facts.exchange_aliases = facts_.relay.exchange_aliases;
  facts.loops = facts_.relay.loops;
  facts.exchanges_error = facts_.relay.exchanges_error;
  facts.exchanges_at = facts_.relay.exchanges_at;
  facts.dry_run_at = facts_.relay.dry_run_at;
  facts.observed_at = parts_.clock.now();
  facts.expected = expected_mode(kept_.machine, uniform_mode(facts));
  if (!says_the_same(facts, facts_.relay)) fact_moved();
  facts_.relay = std::move(facts);
  node_domains_ = std::move(look.domains);
  co_await note_reachability(ground);
  co_await look_for_drift(ground);
  const bool never_read = facts_.roster.observed_at == Time{};
  if (depth == Depth::whole || never_read || rosters_read_ != roster_digests())
    co_await read_rosters();
  else
    facts_.roster.observed_at = parts_.clock.now();  // the digests say that it is the same
  if (depth == Depth::whole || parts_.clock.now() - flows_read_at_ >= intervals_.rest_flow)
    co_await read_flows();
  const auto uniform = uniform_mode(facts_.relay);
  const bool in_force = std::ranges::all_of(facts_.relay.nodes, &RelayNodeFacts::in_force);
  if (kept_.machine.state == State::draft && uniform && in_force) {
    Extras extras;
    for (const auto& [id, d] : node_domains_) extras.known_ops.push_back(d.op_id.value_or(""));
    extras.ground = ground;
    const Event event = RelayObserved{*uniform};
    (void)co_await apply(event, extras);
  }
}

asio::awaitable<void> Switchover::note_reachability(std::uint64_t ground) {
  std::vector<std::string> silent, dead, closed;
  for (const RelayNodeFacts& node : facts_.relay.nodes) {
    if (node.reachable && node.authenticated) continue;
    silent.push_back(node.error);
    (node.reachable ? closed : dead).push_back(node.id);
  }
  if (silent.empty()) {
    const Event readable = RelayReadable{};
    co_await observe_on(ground, readable);
  } else if (!writing() && kept_.machine.state != State::draft) {
    RelayUnreadable event;
    event.why = fmt::format("{}", fmt::join(silent, "; "));
    if (dead.empty()) {
      event.what = fmt::format("relay {} refuses our token", fmt::join(closed, ", "));
    } else {
      event.what = fmt::format("relay {} {} not answer", fmt::join(dead, ", "),
                               dead.size() == 1 ? "does" : "do");
      event.mail = "Postfix there defers mail (451) meanwhile";
    }
    co_await observe_on(ground, event);
  }
}

// A row whose operation is not ours, a mode that nobody asked for, or a generation that went
// back: somebody else writes, or the node does not tell the truth.
asio::awaitable<void> Switchover::look_for_drift(std::uint64_t ground) {
  const State state = kept_.machine.state;
  const bool in_doubt =
      state == State::draft || state == State::blocked || writing() || ground != ground_;
  const auto wanted = settled_mode(kept_.machine);
  const auto domains = node_domains_;
  for (const auto& [id, d] : domains) {
    std::int64_t& highest = generations_[id];
    const bool went_back = d.generation < highest;
    const std::int64_t before = highest;
    highest = state == State::blocked ? d.generation : std::max(highest, d.generation);
    if (in_doubt) continue;
    ForeignWrite event;
    event.node = id;
    if (!kept_.known_ops.contains(d.op_id.value_or(""))) {
      event.why = fmt::format("operation {} set {}, which is not ours", d.op_id.value_or("(none)"),
                              to_text(d.mode));
    } else if (wanted && d.mode != *wanted) {
      event.why = fmt::format("it is on {} and should be on {}", to_text(d.mode), to_text(*wanted));
    } else if (went_back) {
      event.why = fmt::format("its generation went back from {} to {}", before, d.generation);
    } else {
      continue;
    }
    co_await observe_on(ground, event);
    co_return;
  }
}

std::map<std::string, std::string> Switchover::roster_digests() const {
  std::map<std::string, std::string> digests;
  for (const auto& [node, d] : node_domains_) digests[node] = d.roster_digest;
  return digests;
}

asio::awaitable<void> Switchover::read_rosters() {
  const Looks::Look begun = looks_.begin();
  rosters_read_ = roster_digests();
  RosterFacts facts;
  std::vector<std::string> digests;
  std::optional<Roster> first;
  const std::vector<RelayNode> nodes = relay()->nodes();
  for (const RelayNode& node : nodes) {
    auto read = co_await relay()->read_roster(node.id, domain_);
    if (!read) {
      facts.error = read.error().text();
      continue;
    }
    digests.push_back(fmt::format("{} {}", node.id, read->value.digest.substr(0, 12)));
    if (!first) first = read->value;
    facts.nodes_differ = facts.nodes_differ || read->value.digest != first->digest;
  }
  if (!looks_.take(Fact::roster, begun)) co_return;
  facts.given = !kept_.wanted_roster.is_null();
  facts.flow_known = facts_.roster.flow_known;
  facts.uncovered = facts_.roster.uncovered;
  facts.refused = facts_.roster.refused;
  facts.flow_truncated = facts_.roster.flow_truncated;
  facts.differ_text = fmt::format("{}", fmt::join(digests, ", "));
  if (first) {
    facts.accounts = first->accounts.size();
    facts.aliases = first->aliases.size();
    facts.digest = first->digest;
    for (const RosterFault& fault : check_roster(domain_, *first)) {
      facts.broken_targets.push_back(fault.name + ": " + fault.what);
    }
    if (facts.given) {
      const auto wanted = parse<Roster>(json_text(kept_.wanted_roster));
      if (wanted) {
        const RosterDifference d = difference(*wanted, *first);
        facts.missing_accounts = d.missing_accounts;
        facts.extra_accounts = d.extra_accounts;
        facts.missing_aliases = d.missing_aliases;
        facts.missing_aliases.insert(facts.missing_aliases.end(), d.changed_aliases.begin(),
                                     d.changed_aliases.end());
        facts.extra_aliases = d.extra_aliases;
      }
    }
  }
  facts.observed_at = parts_.clock.now();
  // One that answers and whose roster could not be read is asked again at the next look.
  if (!facts.error.empty() && node_domains_.size() == nodes.size()) rosters_read_.clear();
  facts_.roster = std::move(facts);
  fact_moved();
}

asio::awaitable<void> Switchover::read_flows() {
  const Time now = parts_.clock.now();
  Time since = now - kFlowReach;
  if (!facts_.reports.empty() && facts_.reports.front()->change_started_at) {
    since = std::max(since, *facts_.reports.front()->change_started_at);
  }
  const Looks::Look begun = looks_.begin();
  FlowFacts flow;
  std::set<std::string> uncovered, refused;
  bool known = true, truncated = false;
  const std::vector<RelayNode> nodes = relay()->nodes();
  for (const RelayNode& node : nodes) {
    auto read = co_await relay()->read_flow(node.id, domain_, since);
    RelayNodeView& view = node_views_[node.id];
    if (!read) {
      known = false;
      continue;
    }
    flow.accepted += view.accepted = read->accepted;
    flow.forwarded += view.forwarded = read->forwarded;
    flow.hosted += view.hosted = read->hosted;
    view.rejected = read->rejected;
    truncated = truncated || read->truncated;
    if (read->last_accepted_at &&
        (!flow.last_message_at || *read->last_accepted_at > *flow.last_message_at)) {
      flow.last_message_at = read->last_accepted_at;
    }
    for (const FlowRecipient& r : read->recipients) {
      if (!r.covered && r.old_accepted > 0) uncovered.insert(r.address);
      if (r.old_rejected > 0 && r.old_accepted == 0) refused.insert(r.address);
    }
    auto queue = co_await relay()->read_queue(node.id, domain_);
    if (queue) view.queued = queue->messages;
  }
  if (!looks_.take(Fact::flow, begun)) co_return;
  facts_.flow.accepted = flow.accepted;
  facts_.flow.forwarded = flow.forwarded;
  facts_.flow.hosted = flow.hosted;
  // The rest are the probes', which may have arrived meanwhile.
  facts_.flow.last_message_at = std::max(facts_.flow.last_message_at, flow.last_message_at);
  flows_read_at_ = now;
  fact_moved();
  facts_.roster.flow_known = known;
  facts_.roster.flow_truncated = truncated;
  facts_.roster.uncovered.assign(uncovered.begin(), uncovered.end());
  facts_.roster.refused.assign(refused.begin(), refused.end());
}

// Would every node take the write to hosted, and the one back? Nothing is changed by asking.
asio::awaitable<void> Switchover::refresh_dry_runs() {
  if (!plan_ || relay() == nullptr || writing()) co_return;
  if (facts_.relay.nodes.empty()) co_await refresh_relay();
  const Looks::Look begun = looks_.begin();
  const Mode base = kept_.machine.base;
  const StillWanted any;  // nothing is changed by asking
  const std::vector<RelayNode> nodes = relay()->nodes();
  std::map<std::string, RelayNodeFacts> answers;
  for (const RelayNode& node : nodes) {
    RelayNodeFacts& answer = answers[node.id];
    auto read = co_await relay()->read_domain(node.id, domain_);
    if (!read) {
      answer.dry_run_error = read.error().text();
      continue;
    }
    WriteIntent there;
    there.op_id = random_uuid();
    there.reason = "dry run";
    there.roster_digest = facts_.roster.digest;
    DryRun results[2] = {DryRun::refused, DryRun::refused};
    std::string error;
    const Mode modes[2] = {Mode::hosted, base};
    for (int i = 0; i < 2; ++i) {
      const RouteWrite write = route_write(there, modes[i]);
      const std::string key = write_key(there, node.id, modes[i]);
      auto result =
          co_await relay()->write_route(node.id, domain_, write, read->etag, key, true, any);
      const bool taken = result.outcome == WriteOutcome::in_force;
      results[i] = taken ? DryRun::accepted : DryRun::refused;
      if (!taken && error.empty()) {
        error = result.error ? result.error->text() : "it was not answered with 200";
      }
    }
    answer.dry_run = results[0];
    answer.dry_run_back = results[1];
    answer.dry_run_error = error;
  }
  if (!looks_.take(Fact::dry_run, begun)) co_return;
  for (RelayNodeFacts& fact : facts_.relay.nodes) {
    // An answer from before is not made younger by a node that is silent now.
    const RelayNodeFacts& answer = answers[fact.id];
    fact.dry_run = answer.dry_run;
    fact.dry_run_back = answer.dry_run_back;
    fact.dry_run_error = answer.dry_run_error;
  }
  facts_.relay.dry_run_at = parts_.clock.now();
  fact_moved();
}

}  // namespace mxswitch::orchestrator
