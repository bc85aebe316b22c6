#include "orchestrator/relay_agent/agent.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <future>
#include <thread>

#include "orchestrator/relay_agent/agent_parts.h"
#include "orchestrator/relay_agent/trail_store.h"
#include "probes/base/log.h"

namespace mxswitch::orchestrator {
namespace {

constexpr auto kTick = std::chrono::milliseconds(250);
constexpr auto kLoopCheck = std::chrono::minutes(5);
constexpr auto kPeerCheck = std::chrono::seconds(5);

// What fails here fails again at the next step, and shows at the API's next write.
asio::awaitable<void> store_step(monitor::Database& store,
                                 std::function<void(monitor::Transaction&)> work) {
  (void)co_await store.transact(std::move(work));
}

void log_doubts(const Doubts& before, const Doubts& now) {
  for (const auto& [domain, doubt] : now) {
    if (!before.contains(domain)) log(LogLevel::warning, domain + ": " + doubt.reason);
  }
}

// Counters, how far the log had been read for them, and whose lines count: stored in one
// transaction.
struct Counted {
  FlowCollector flow;
  MailTrail::Unsaved trail;
  std::string log;
  LogPosition position;
  bool empty() const { return flow.empty() && trail.empty(); }
  void store(monitor::Transaction& transaction) const {
    flow.store(transaction);
    save_trail(transaction, trail);
    if (!log.empty()) save_log_position(transaction, log, position);
  }
};

}  // namespace

struct Agent::Impl : std::enable_shared_from_this<Agent::Impl> {
  Impl(AgentOptions given, asio::any_io_executor executor, const Clock& time)
      : options(std::move(given)), loop(std::move(executor)), clock(time), timer(loop) {}

  Result<void> open();
  Result<void> open_accounts();
  void settle_accounts();
  Result<void> listen();
  void serve_http();
  asio::awaitable<void> run();
  asio::awaitable<void> compare();
  asio::awaitable<void> copy_from_peers();
  asio::awaitable<void> watch_peers();
  PeerPlace place_of(std::size_t index) const;
  void note_peer(std::size_t index, bool reachable);
  void tick();
  void check_loops();
  Counted collect();  // on the loop
  void store_flow();  // from an HTTP thread
  OldServerReply ask(NextHop hop, std::string address);
  void close();

  AgentOptions options;
  asio::any_io_executor loop;
  const Clock& clock;
  asio::steady_timer timer;
  std::unique_ptr<AccountFile> accounts;  // outlives what writes to it
  std::unique_ptr<monitor::Database> database;
  std::unique_ptr<AgentParts> parts;
  std::unique_ptr<HttpClient> client;
  std::unique_ptr<ControlApi> api;
  std::unique_ptr<HttpServer> http;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::jthread loop_checker, adopter;
  std::mutex peers_mutex;
  std::vector<PeerHealth> peers;
  std::set<std::string> heard;  // peers whose domains were read since the start
  bool copying = false, is_first_look = true;
  bool whole = false;  // a peer has said once that nothing is lacking in the store
  std::atomic<bool> closing{false};
  std::atomic<bool> log_readable{true};
  Time started_at{}, next_peers{}, next_loops{}, next_roll_up{};
};

Result<void> Agent::Impl::open() {
  started_at = clock.now();
  const std::string store =
      options.store.starts_with("sqlite:") ? options.store : "sqlite:" + options.store;
  auto opened = monitor::open_database(store, agent_migrations());
  if (!opened) return tl::unexpected(opened.error());
  database = std::move(*opened);
  parts = std::make_unique<AgentParts>(options, *database, clock, loop);
  if (auto loaded = parts->registry.load(); !loaded) return loaded;
  if (auto made = open_accounts(); !made) return made;
  const auto kept = database->transact_blocking([this](monitor::Transaction& transaction) {
    return std::tuple(load_probes(transaction), load_log_position(transaction, options.mail_log),
                      load_trail(transaction), is_whole(transaction));
  });
  if (!kept) return tl::unexpected(kept.error());
  parts->probes.restore(std::get<0>(*kept), clock.now());
  parts->log.go_on_from(std::get<1>(*kept));
  parts->trail.restore(std::get<2>(*kept));
  whole = std::get<3>(*kept);
  if (options.peers.empty() && !whole) {
    const Time now = clock.now();
    auto marked = database->transact_blocking(
        [now](monitor::Transaction& transaction) { mark_whole(transaction, now); });
    if (!marked) return marked;
  }
  for (const auto& peer : options.peers) peers.push_back({peer.node, false});
  if (!options.peers.empty()) client = make_http_client(loop);
  return {};
}

Result<void> Agent::Impl::open_accounts() {
  if (options.accounts.empty()) return {};
  auto opened = AccountFile::open(options.accounts, options.accounts_group, options.mail_store);
  if (!opened) return tl::unexpected(opened.error());
  accounts = std::move(*opened);
  return options.peers.empty() ? parts->registry.keep_accounts_in(*accounts) : Result<void>();
}

// After the peers were asked: an older or empty store must take no account away.
void Agent::Impl::settle_accounts() {
  if (!accounts) return;
  const auto lock = parts->registry.writing();
  const auto kept = parts->registry.keep_accounts_in(*accounts);
  if (!kept) log(LogLevel::error, "Dovecot's accounts: " + kept.error().text());
}

Result<void> Agent::Impl::listen() {
  // Without peers what is stored is all there is to know.
  parts->lookups.set_starting(!options.peers.empty());
  return parts->listen(options, loop, listeners);
}

OldServerReply Agent::Impl::ask(NextHop hop, std::string address) {
  auto promise = std::make_shared<std::promise<OldServerReply>>();
  auto answer = promise->get_future();
  std::vector<std::string> addresses{std::move(address)};
  asio::co_spawn(loop, parts->ask_old_server(hop, addresses, std::chrono::seconds(4)),
                 [promise](std::exception_ptr, std::vector<OldServerReply> replies) {
                   promise->set_value(replies.empty() ? OldServerReply{} : replies[0]);
                 });
  if (answer.wait_for(std::chrono::seconds(5)) == std::future_status::ready) return answer.get();
  return {0, "no answer within 5 s"};
}

void Agent::Impl::serve_http() {
  ControlParts control{
      parts->registry,
      parts->probes,
      parts->addresses,
      parts->queue,
      clock,
      [this](NextHop hop, std::string to) { return ask(std::move(hop), std::move(to)); },
      [this] { store_flow(); },
      [this] {
        const std::lock_guard lock(peers_mutex);
        return peers;
      },
      [this] { return log_readable.load() && !parts->registry.state()->in_doubt(clock.now()); }};
  api = std::make_unique<ControlApi>(options.control, std::move(control));
  http = std::make_unique<HttpServer>(options.http);
  api->add_routes(*http);
}

Counted Agent::Impl::collect() {
  if (!options.mail_log.empty()) log_readable = parts->read_log();
  return {parts->flow.take(), parts->trail.take_unsaved(), options.mail_log, parts->log.position()};
}

void Agent::Impl::store_flow() {
  auto promise = std::make_shared<std::promise<Counted>>();
  auto taken = promise->get_future();
  asio::post(loop, [self = shared_from_this(), promise] {
    if (!self->closing) promise->set_value(self->collect());
  });
  if (taken.wait_for(std::chrono::seconds(2)) != std::future_status::ready) return;
  const auto counted = taken.get();
  // Counters are evidence, not promises: a store that fails here shows in the answer that follows.
  (void)database->transact_blocking(
      [&counted](monitor::Transaction& transaction) { counted.store(transaction); });
}

void Agent::Impl::note_peer(std::size_t index, bool reachable) {
  const std::lock_guard lock(peers_mutex);
  peers[index].reachable = reachable;
}

asio::awaitable<void> Agent::Impl::watch_peers() {
  const auto self = shared_from_this();
  for (std::size_t i = 0; i < options.peers.size(); ++i) {
    const std::string peer = options.peers[i].api;
    const bool alive = co_await is_peer_alive(*client, peer, options.ca_file);
    note_peer(i, alive);
  }
  // What is in doubt may be cleared up, and a peer that was silent since the start may know more.
  const auto state = parts->registry.state();
  const bool has_doubts = !whole || !state->doubts.empty();
  if (has_doubts || heard.size() < options.peers.size()) co_await compare();
  co_await copy_from_peers();
}

asio::awaitable<void> Agent::Impl::compare() {
  const auto self = shared_from_this();
  std::vector<PeerRow> rows;
  std::vector<std::string> answered;
  for (std::size_t i = 0; i < options.peers.size(); ++i) {
    auto peer = place_of(i);
    auto domains = co_await read_peer(*client, peer);
    note_peer(i, domains.has_value());
    if (!domains) continue;
    answered.push_back(peer.node);
    heard.insert(peer.node);
    for (auto& row : *domains) rows.push_back({peer.node, std::move(row)});
  }
  const bool alone = heard.empty();
  const bool first = std::exchange(is_first_look, false);
  bool is_behind = false, was_lacking = false;
  parts->registry.judge_doubts([&](RelayState& state) {
    auto found = compare_with_peers(state, rows, started_at, first && alone);
    auto doubts = doubts_after(state.doubts, std::move(found), answered);
    log_doubts(state.doubts, doubts);
    for (const auto& each : doubts) is_behind = is_behind || each.second.kind == DoubtKind::behind;
    state.doubts = std::move(doubts);
    was_lacking = std::exchange(state.may_lack_all, alone && !whole);
  });
  if (first || (was_lacking && !alone)) settle_accounts();
  if (alone || is_behind || whole) co_return;
  whole = true;
  const Time now = clock.now();
  const std::function<void(monitor::Transaction&)> work = [now](monitor::Transaction& transaction) {
    mark_whole(transaction, now);
  };
  co_await store_step(*database, work);
}

PeerPlace Agent::Impl::place_of(std::size_t index) const {
  const AgentPeer& peer = options.peers[index];
  return {peer.node, peer.api, options.peer_token, options.ca_file};
}

asio::awaitable<void> Agent::Impl::copy_from_peers() {
  const auto self = shared_from_this();
  if (copying) co_return;
  copying = true;
  const auto state = parts->registry.state();
  std::vector<DomainRecord> copies;
  for (const auto& [domain, doubt] : state->doubts) {
    if (doubt.kind != DoubtKind::behind) continue;
    for (std::size_t i = 0; i < options.peers.size(); ++i) {
      auto peer = place_of(i);
      if (peer.node != doubt.node) continue;
      const std::string name = domain;
      auto copy = co_await read_copy(*client, peer, name);
      if (copy) copies.push_back(std::move(*copy));
    }
  }
  copying = false;
  if (copies.empty() || closing) co_return;
  if (adopter.joinable()) adopter.join();
  adopter = std::jthread([this, copies = std::move(copies)] {
    for (const DomainRecord& copy : copies) {
      const auto adopted = parts->registry.adopt(copy);
      log(adopted ? LogLevel::info : LogLevel::warning,
          copy.row.domain + (adopted ? ": taken over from a peer" : ": " + adopted.error().text()));
    }
  });
}

void Agent::Impl::check_loops() {
  if (loop_checker.joinable()) loop_checker.join();
  loop_checker = std::jthread([this] {
    auto loops = find_loops(parts->addresses, *parts->registry.state());
    parts->registry.set_loops({loops.begin(), loops.end()});
  });
}

void Agent::Impl::tick() {
  const Time now = clock.now();
  auto counted = collect();
  auto seen = parts->registry.take_unsaved();
  auto probes = parts->probes.take_unsaved(now);
  const bool roll_up = now >= next_roll_up;
  if (roll_up) next_roll_up = now + std::chrono::hours(1);
  if (counted.empty() && seen.empty() && probes.empty() && !roll_up) return;
  const auto work = [counted = std::move(counted), seen = std::move(seen),
                     probes = std::move(probes), roll_up, now](monitor::Transaction& transaction) {
    counted.store(transaction);
    for (const auto& record : seen) save_seen(transaction, record);
    for (const auto& kept : probes) save_probe(transaction, kept.domain, kept.probe);
    if (roll_up) roll_up_flow(transaction, now);
  };
  asio::co_spawn(loop, store_step(*database, work), asio::detached);
}

asio::awaitable<void> Agent::Impl::run() {
  const auto self = shared_from_this();
  if (!options.peers.empty()) co_await compare();
  check_loops();
  next_loops = clock.now() + kLoopCheck;
  next_peers = clock.now() + kPeerCheck;
  parts->lookups.set_starting(false);
  asio::co_spawn(loop, copy_from_peers(), asio::detached);
  asio::error_code code;
  while (!closing) {
    timer.expires_after(kTick);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, code));
    if (closing) co_return;
    tick();
    if (clock.now() >= next_loops) {
      next_loops = clock.now() + kLoopCheck;
      check_loops();
    }
    if (clock.now() >= next_peers && !options.peers.empty()) {
      next_peers = clock.now() + kPeerCheck;
      asio::co_spawn(loop, watch_peers(), asio::detached);
    }
  }
}

void Agent::Impl::close() {
  if (closing.exchange(true)) return;
  if (http) http->stop();
  for (const auto& listener : listeners) listener->close();
  timer.cancel();
  if (loop_checker.joinable()) loop_checker.join();
  if (adopter.joinable()) adopter.join();
  if (!database) return;
  // The last counters and sightings.
  const Time now = clock.now();
  const auto counted = collect();
  const auto seen = parts->registry.take_unsaved();
  const auto probes = parts->probes.take_unsaved(now);
  (void)database->transact_blocking([&](monitor::Transaction& transaction) {
    counted.store(transaction);
    for (const auto& record : seen) save_seen(transaction, record);
    for (const auto& kept : probes) save_probe(transaction, kept.domain, kept.probe);
  });
}

Agent::Agent(AgentOptions options, asio::any_io_executor loop, const Clock& clock)
    : impl_(std::make_shared<Impl>(std::move(options), std::move(loop), clock)) {}

Agent::~Agent() { stop(); }

Result<void> Agent::start() {
  if (auto opened = impl_->open(); !opened) return opened;
  if (auto bound = impl_->listen(); !bound) return bound;
  impl_->serve_http();
  if (auto started = impl_->http->start(); !started) return started;
  asio::co_spawn(impl_->loop, impl_->run(), asio::detached);
  return {};
}

void Agent::stop() { impl_->close(); }

int Agent::api_port() const { return impl_->http->port(); }

}  // namespace mxswitch::orchestrator
