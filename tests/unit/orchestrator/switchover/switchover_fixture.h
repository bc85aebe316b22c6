// A whole switchover over fakes: virtual time, a database in memory, a relay that breaks on
// demand. "Restarting" drops the Switchover and makes another on the same database.
#pragma once

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>
#include <future>

#include "monitor/alerts/outbox.h"
#include "orchestrator/switchover/switchover.h"
#include "probes/base/time_text.h"
#include "tests/fakes/fake_relay.h"

namespace mxswitch::orchestrator {

class FakeReports : public ReportSource {
 public:
  explicit FakeReports(const Clock& clock) : clock_(clock) {}
  bool changed = true, ready = true, known = true;
  int watched = 0;
  std::optional<std::uint64_t> told;  // the stamp of all reports
  mutable int reports = 0;            // that were made
  std::vector<std::string> waived;

  monitor::SpfSeen spf;
  std::map<std::string, monitor::SpfSeen> spf_of;  // of owners that see something else
  std::map<std::string, std::optional<monitor::SpfMove>> moves;
  std::vector<monitor::TxtSample> at_resolvers;
  int resolvers_asked = 0;

  Duration validity{0};             // that the watch was last given
  std::vector<std::string> silent;  // at look_again
  int looks = 0;

  asio::awaitable<std::vector<std::string>> look_again(probes::DnsName) override {
    ++looks;
    co_return silent;
  }
  asio::awaitable<Result<void>> watch(monitor::PropagationInput input,
                                      std::optional<monitor::SpfMove> move) override {
    ++watched;
    validity = input.policy.validity;
    moves[input.owner.text()] = std::move(move);
    co_return Result<void>();
  }
  void forget(const probes::DnsName&) override {}
  std::optional<std::uint64_t> stamp(const probes::DnsName&) const override { return told; }
  std::optional<monitor::PropagationReport> report(const probes::DnsName& owner) const override {
    if (!known) return std::nullopt;
    ++reports;
    using monitor::Holds;
    monitor::PropagationReport r;
    r.owner = owner;
    r.at = clock_.now();
    r.verdict = ready ? monitor::Verdict::ready : monitor::Verdict::hold;
    r.a.holds = r.b.holds = r.d.holds = Holds::yes;
    r.c.holds = ready ? Holds::yes : Holds::no;
    if (!ready) r.c.reasons = {{"caches", "isp-a is old", std::nullopt}};
    if (changed) r.change_started_at = clock_.now() - std::chrono::hours(2);
    r.strict_until = r.ready_from = clock_.now() - seconds(60);
    return r;
  }
  monitor::SpfSeen spf_seen(const probes::DnsName& owner) const override {
    const auto other = spf_of.find(owner.text());
    return other == spf_of.end() ? spf : other->second;
  }
  asio::awaitable<std::vector<monitor::TxtSample>> ask_resolvers(probes::DnsName,
                                                                 probes::DnsName) override {
    ++resolvers_asked;
    co_return at_resolvers;
  }
  Result<void> waive(const probes::DnsName& owner, const std::string& resolver, std::string,
                     std::optional<Time>) override {
    waived.push_back(owner.text() + " " + resolver);
    return {};
  }
  void unwaive(const probes::DnsName& owner, const std::string& resolver) override {
    std::erase(waived, owner.text() + " " + resolver);
  }

 private:
  const Clock& clock_;
};

class FakeOutside : public Outside {
 public:
  bool mailbox = true;
  std::vector<std::string> sent;
  std::map<std::string, std::vector<std::string>> hosts;  // addresses other than the usual ones
  std::map<std::string, std::string> aliases;
  std::string unanswered;
  std::string contact_host = "mail.outside.example";
  int addresses_asked = 0;
  asio::awaitable<Result<std::vector<std::string>>> addresses(std::string host) override {
    ++addresses_asked;
    const auto set = hosts.find(host);
    if (set != hosts.end()) co_return set->second;
    if (unanswered == host) co_return fail(Fault::unavailable, "no authority answered", host);
    std::vector<std::string> found = {"203.0.113.77"};
    if (host.ends_with(".filter.example")) {
      found = {host.starts_with("mx1") ? "192.0.2.1" : "192.0.2.2"};
    }
    co_return found;
  }
  asio::awaitable<Result<std::optional<std::string>>> alias_of(std::string host) override {
    std::optional<std::string> target;
    if (aliases.contains(host)) target = aliases[host];
    co_return target;
  }
  asio::awaitable<Result<std::vector<std::string>>> mail_hosts(std::string domain) override {
    if (unanswered == domain) co_return fail(Fault::unavailable, "no authority answered", domain);
    co_return std::vector<std::string>{contact_host};
  }
  std::map<std::string, std::vector<std::string>> texts;
  std::vector<std::string> texts_asked;
  asio::awaitable<Result<std::vector<std::string>>> txt(std::string name) override {
    texts_asked.push_back(name);
    const auto found = texts.find(name);
    std::vector<std::string> answer;
    if (found != texts.end()) answer = found->second;
    co_return answer;
  }
  asio::awaitable<Result<bool>> has_tlsa(std::string) override { co_return false; }
  std::map<std::string, std::string> policies;  // MTA-STS, by domain
  int policies_asked = 0;
  asio::awaitable<Result<std::string>> mta_sts_policy(std::string domain) override {
    ++policies_asked;
    const auto found = policies.find(domain);
    if (found == policies.end()) co_return fail(Fault::unavailable, "nothing answers", domain);
    co_return found->second;
  }
  asio::awaitable<Result<void>> send_probe(std::string server, std::string recipient) override {
    sent.push_back(server + " " + recipient);
    co_return Result<void>();
  }
  asio::awaitable<Result<std::optional<std::int64_t>>> size_limit(std::string) override {
    co_return std::optional<std::int64_t>(10'000'000);
  }
  asio::awaitable<Result<bool>> in_mailbox(std::string, std::string) override { co_return mailbox; }
};

inline const char* kPlan = R"(
domain = "shop.example"
[mx]
new = "10 mx1.filter.example, 20 mx2.filter.example"
[relay]
name = "soak"
forward = "smtp:[198.51.100.9]:25"
hosted = "lmtp:unix:private/dovecot-lmtp"
old_server_exempts = true
[contact]
external = ["ops@outside.example"]
[policy]
quiet = true
unknown_grace = "0s"
)";

class World {
 public:
  explicit World(int nodes = 2) : relay(nodes) {
    std::vector<monitor::Migration> migrations = journal_migrations();
    for (const monitor::Migration& m : monitor::alert_migrations()) migrations.push_back(m);
    database = std::move(*monitor::open_database("sqlite::memory:", migrations));
    restart();
  }

  SwitchoverParts parts() {
    SwitchoverParts p{io.get_executor(),    clock, *database, board, reports, outside,
                      plan_view_reader({}), {},    {},        {},    {},      {}};
    p.relay = [this](const std::string&) { return &relay; };
    p.driver = [](const std::string&) { return std::string("native"); };
    p.alert_queued = [this] { ++alerts_queued; };
    return p;
  }

  void restart() {
    switchover.reset();
    switchover = std::make_shared<Switchover>(parts(), "shop.example");
    const auto loaded = run(switchover->load());
    if (!loaded) throw std::runtime_error(loaded.error().text());
  }

  template <class T>
  T run(asio::awaitable<T> work) {
    auto future = asio::co_spawn(io, std::move(work), asio::use_future);
    io.restart();
    io.run();
    return future.get();
  }

  Operation command(const std::string& verb, nlohmann::json arguments, std::string key = {},
                    std::string author = "jo") {
    Command c;
    c.domain = "shop.example";
    c.verb = verb;
    c.arguments = std::move(arguments);
    c.author = std::move(author);
    c.idempotency_key = std::move(key);
    auto done = run(switchover->execute(c));
    if (!done) throw std::runtime_error(done.error().text());
    return *done;
  }
  Operation operation(const std::string& id) {
    return database
        ->transact_blocking([id](monitor::Transaction& tx) { return find_operation(tx, id); })
        .value()
        .value()
        .operation;
  }

  void acknowledge() {
    acknowledged = true;
    const Time now = clock.now();
    const auto work = [now](monitor::Transaction& tx) {
      const std::string token =
          monitor::make_acknowledge_token(tx, "shop.example", "ops@outside.example", now);
      monitor::acknowledge(tx, token, now);
      monitor::record_delivery(tx, "shop.example", "ops@outside.example", std::nullopt, now);
    };
    if (!database->transact_blocking(work)) throw std::runtime_error("acknowledge");
  }

  void gather() {
    if (acknowledged) acknowledge();  // as the sender proves it again and again
    run(switchover->refresh_relay());
    run(switchover->refresh_outside());
    run(switchover->refresh_dry_runs());
    run(switchover->refresh_old_server());
    run(switchover->refresh_flow_probes());
    run(switchover->refresh_contacts());
  }
  void tick() { run(switchover->tick()); }
  void ticks(int n) {
    for (int i = 0; i < n; ++i) {
      clock.advance(seconds(5));
      tick();
    }
  }

  void to_ready() {
    command("plan", {{"plan", kPlan}, {"name", "shop.toml"}});
    acknowledge();
    gather();
    ticks(3);
  }
  std::string digest() { return switchover->machine().digest; }
  Operation order_switch(std::string key = {}) {
    return command("switch", {{"reason", "moving day"}, {"plan", digest()}}, std::move(key));
  }
  void to_hosted() {
    to_ready();
    order_switch();
    ticks(4);
  }

  State state() { return switchover->machine().state; }
  SnapshotPtr shot() { return board.find("shop.example"); }
  Mode mode(const std::string& node) { return relay.at(node).domain.mode; }
  std::int64_t count(const std::string& sql) {
    return database
        ->transact_blocking([sql](monitor::Transaction& tx) { return tx.query(sql)[0].integer(0); })
        .value();
  }

  asio::io_context io;
  ManualClock clock{*parse_time("2026-11-22T12:00:00Z")};
  std::unique_ptr<monitor::Database> database;
  SnapshotBoard board;
  FakeReports reports{clock};
  FakeOutside outside;
  fakes::FakeRelay relay;
  std::shared_ptr<Switchover> switchover;
  int alerts_queued = 0;
  bool acknowledged = false;
};

}  // namespace mxswitch::orchestrator
