// A relay in memory that keeps the contract's promises (generations, ETags, idempotency keys, dry
// runs) and breaks as relays break: silent nodes, lost answers, late queue managers, refusals,
// and somebody else at the controls.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "orchestrator/relay/relay_control.h"

namespace mxswitch::fakes {

using namespace orchestrator;

// Thrown at a chosen call: the process "dies" there.
struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

struct FakeNode {
  RelayDomain domain;
  bool known = true;  // the domain stands there
  Roster roster;
  Flow flow;
  Queue queue;
  bool silent = false;
  bool unauthorised = false;
  bool refuses_writes = false;
  bool refuses_hops = false;
  bool drops_rosters = false;  // it dies as a roster is written
  int lose_answers = 0;        // the next n writes are done, their answers lost
  int late = 0;                // the next n writes are durable, in force only after `settle()`
  std::map<std::string, Probe> probes;
  std::map<std::string, WriteResult> replays;
};

class FakeRelay : public RelayControl {
 public:
  explicit FakeRelay(int count, std::string domain = "shop.example") {
    for (int i = 1; i <= count; ++i) {
      RelayNode node;
      node.id = fmt::format("node-{}", i);
      node.api = fmt::format("http://192.0.2.{}:8025", i);
      node.addresses = {fmt::format("192.0.2.{}", i)};
      nodes_.push_back(node);
      FakeNode& fake = at(node.id);
      fake.domain.domain = domain;
      fake.domain.forward = "smtp:[198.51.100.9]:25";
      fake.domain.hosted = "lmtp:unix:private/dovecot-lmtp";
      fake.domain.op_id = "op-before";
      fake.domain.roster_digest = fake.roster.digest = "roster-1";
      fake.domain.in_force = {node.id, 1, Time{} + seconds(1)};
      fake.roster.accounts = {{"joe", false}, {"mary", false}};
      fake.roster.aliases = {{"sales", {"mary"}}};
    }
  }

  FakeNode& at(const std::string& node) { return fakes_[node]; }
  std::set<std::string> other_domains;  // known beside the one
  int hop_writes = 0;
  int route_writes = 0;  // real ones that reached a node
  int roster_reads = 0, flow_reads = 0;
  std::vector<std::string> log;
  int kill_at_call = -1;  // counts route writes and reads down; at 0 the process dies
  bool kill_after_effect = false;
  // What happens while a write's connection is being made: from the call until the request leaves.
  std::function<asio::awaitable<void>(std::string node)> connecting;
  // What happens while an answer to a read travels: "domain", "roster" or "flow".
  std::function<asio::awaitable<void>(std::string node, std::string what)> travelling;
  int withdrawn = 0;  // writes that were wanted no more by then
  ProbeResult probe_result = ProbeResult::delivered;
  ProbeResult forward_result = ProbeResult::accepted;

  // Somebody else sets the route, with an operation of their own.
  void foreign_write(const std::string& node, Mode mode) {
    FakeNode& fake = at(node);
    fake.domain.mode = mode;
    fake.domain.op_id = "op-foreign";
    ++fake.domain.generation;
    fake.domain.in_force = {node, fake.domain.generation, Time{} + seconds(1)};
  }
  // The queue managers are seen using what is written.
  void settle() {
    for (auto& [id, fake] : fakes_) fake.domain.in_force.generation = fake.domain.generation;
  }

  const std::vector<RelayNode>& nodes() const override { return nodes_; }

  asio::awaitable<Result<Health>> health(std::string node) override {
    Result<Health> result = Health{"ok", "1", node, {}, {}};
    if (at(node).silent) result = silence(node);
    co_return result;
  }

  asio::awaitable<Result<Tagged<RelayDomain>>> read_domain(std::string node,
                                                           std::string domain) override {
    maybe_die();
    const bool other = domain != at(node).domain.domain && !other_domains.contains(domain);
    if (other) co_return fail(Fault::not_found, "the domain is not known", node);
    auto result = read(node);
    if (travelling) co_await travelling(node, "domain");
    co_return result;
  }

  asio::awaitable<Result<Tagged<RelayDomain>>> write_domain(std::string node, std::string domain,
                                                            DomainWrite write, std::string,
                                                            std::string,
                                                            StillWanted still_wanted) override {
    const bool wanted = co_await leaves(node, still_wanted);
    if (!wanted) co_return fail(Fault::stale, "it is wanted no more", node);
    FakeNode& fake = at(node);
    if (fake.refuses_hops) co_return fail(Fault::usage, "that host is a node of the relay", node);
    if (!fake.silent) {
      ++hop_writes;
      fake.known = true;
      fake.domain.domain = domain;
      fake.domain.forward = write.forward;
      fake.domain.hosted = write.hosted;
      fake.domain.op_id = write.op_id;
      if (write.mode) fake.domain.mode = *write.mode;
    }
    co_return read(node);
  }

  asio::awaitable<WriteResult> write_route(std::string node, std::string, RouteWrite write,
                                           std::string etag, std::string key, bool dry_run,
                                           StillWanted still_wanted) override {
    const bool wanted = co_await leaves(node, still_wanted);
    if (!wanted) {
      WriteResult withdrawn_result;
      withdrawn_result.outcome = WriteOutcome::withdrawn;
      withdrawn_result.error = Error{Fault::stale, "it is wanted no more", node, {}};
      co_return withdrawn_result;
    }
    if (!dry_run && !kill_after_effect) maybe_die();
    WriteResult result = perform(node, write, etag, key, dry_run);
    if (!dry_run && kill_after_effect) maybe_die();
    co_return result;
  }

  asio::awaitable<Result<Tagged<Roster>>> read_roster(std::string node, std::string) override {
    ++roster_reads;
    Result<Tagged<Roster>> result = Tagged<Roster>{at(node).roster, at(node).roster.digest};
    if (at(node).silent) result = silence(node);
    if (travelling) co_await travelling(node, "roster");
    co_return result;
  }
  asio::awaitable<Result<Tagged<Roster>>> write_roster(std::string node, std::string,
                                                       RosterWrite write, std::string etag,
                                                       std::string) override {
    Result<Tagged<Roster>> result = silence(node);
    FakeNode& fake = at(node);
    if (etag != fake.roster.digest) co_return fail(Fault::stale, "the ETag is stale", node);
    if (!fake.silent && !fake.drops_rosters) {
      fake.roster.accounts.clear();
      for (const AccountWrite& a : write.accounts) {
        fake.roster.accounts.push_back({a.name, a.must_change_password});
      }
      fake.roster.aliases = write.aliases;
      fake.roster.catch_all = write.catch_all;
      fake.roster.digest = fmt::format("roster-{}", write.accounts.size());
      fake.domain.roster_digest = fake.roster.digest;
      result = Tagged<Roster>{fake.roster, fake.roster.digest};
    }
    co_return result;
  }
  asio::awaitable<Result<Flow>> read_flow(std::string node, std::string, Time) override {
    ++flow_reads;
    Result<Flow> result = at(node).flow;
    if (at(node).silent) result = silence(node);
    if (travelling) co_await travelling(node, "flow");
    co_return result;
  }
  asio::awaitable<Result<Probe>> make_probe(std::string node, std::string domain,
                                            ProbeWrite write) override {
    Result<Probe> result = silence(node);
    FakeNode& fake = at(node);
    if (!fake.silent) {
      Probe probe;
      probe.id = fmt::format("probe-{}-{}", node, fake.probes.size());
      probe.kind = write.kind;
      probe.node = node;
      probe.address = fmt::format("{}@{}", probe.id, domain);
      probe.result = write.kind == ProbeKind::forward ? forward_result : probe_result;
      fake.probes[probe.id] = probe;
      result = probe;
    }
    co_return result;
  }
  asio::awaitable<Result<Probe>> read_probe(std::string node, std::string,
                                            std::string id) override {
    Result<Probe> result = at(node).probes[id];
    if (at(node).silent) result = silence(node);
    co_return result;
  }
  asio::awaitable<Result<Queue>> read_queue(std::string node, std::string) override {
    Result<Queue> result = at(node).queue;
    if (at(node).silent) result = silence(node);
    co_return result;
  }

 private:
  static Failure silence(const std::string& node) {
    return fail(Fault::unavailable, "connection refused", node, "start mxswitch-relay there");
  }
  static std::string tag(const FakeNode& fake) {
    return fmt::format("\"{}\"", fake.domain.generation);
  }

  // As the driver does it: asked when the connection stands.
  asio::awaitable<bool> leaves(std::string node, StillWanted still_wanted) {
    if (connecting) co_await connecting(node);
    const bool wanted = !still_wanted || still_wanted();
    if (!wanted) ++withdrawn;
    co_return wanted;
  }

  void maybe_die() {
    if (kill_at_call >= 0 && kill_at_call-- == 0) throw Killed();
  }

  Result<Tagged<RelayDomain>> read(const std::string& node) {
    FakeNode& fake = at(node);
    if (fake.silent) return silence(node);
    if (fake.unauthorised) return fail(Fault::forbidden, "the token was refused", node);
    if (!fake.known) return fail(Fault::not_found, "the domain is not known", node);
    return Tagged<RelayDomain>{fake.domain, tag(fake)};
  }

  static WriteResult refused(Fault fault, std::string what) {
    WriteResult result;
    result.outcome = WriteOutcome::refused;
    result.error = Error{fault, std::move(what), {}, {}};
    return result;
  }

  WriteResult perform(const std::string& node, const RouteWrite& write, const std::string& etag,
                      const std::string& key, bool dry_run) {
    FakeNode& fake = at(node);
    if (fake.silent) {
      WriteResult result;
      result.outcome = WriteOutcome::unreachable;
      result.error = silence(node).value();
      return result;
    }
    if (fake.refuses_writes) return refused(Fault::conflict, "the roster is empty");
    const auto replay = fake.replays.find(key);
    if (!dry_run && replay != fake.replays.end()) return replay->second;
    if (etag != tag(fake)) return refused(Fault::stale, "the ETag is stale");
    const bool needs_roster = write.mode == Mode::hosted || write.mode == Mode::split;
    if (needs_roster && write.roster_digest != fake.roster.digest) {
      return refused(Fault::stale, "another roster is in force");
    }
    WriteResult result;
    result.outcome = WriteOutcome::in_force;
    if (dry_run) {
      result.domain = fake.domain;
      return result;
    }
    apply(node, fake, write, result);
    fake.replays[key] = result;
    if (fake.lose_answers > 0) {
      --fake.lose_answers;
      return lost();
    }
    return result;
  }

  static WriteResult lost() {
    WriteResult result;
    result.outcome = WriteOutcome::unknown;
    result.error = Error{Fault::timed_out, "no answer", {}, {}};
    return result;
  }

  void apply(const std::string& node, FakeNode& fake, const RouteWrite& write,
             WriteResult& result) {
    ++route_writes;
    log.push_back(fmt::format("{} {} {}", node, to_text(write.mode), write.op_id));
    fake.domain.mode = write.mode;
    fake.domain.unknown = write.unknown;
    fake.domain.op_id = write.op_id;
    ++fake.domain.generation;
    if (fake.late > 0) {
      --fake.late;
      result.outcome = WriteOutcome::durable;
    } else {
      fake.domain.in_force = {node, fake.domain.generation, Time{} + seconds(1)};
    }
    result.domain = fake.domain;
  }

  std::vector<RelayNode> nodes_;
  std::map<std::string, FakeNode> fakes_;
};

}  // namespace mxswitch::fakes
