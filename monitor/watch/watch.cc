#include "monitor/watch/watch.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "monitor/watch/look.h"
#include "monitor/watch/scheduler.h"
#include "monitor/watch/watched.h"
#include "probes/base/secrets.h"

namespace mxswitch::monitor {
namespace {

// The NS sets of a zone move rarely, and a walk costs tens of queries.
constexpr seconds kEnumerateEvery{300};
constexpr seconds kEnumerateRetry{10};
constexpr seconds kSaveEvery{1};
// Bounds the loop when a core asks to be woken in the past.
constexpr Duration kShortestSleep{10};
// Of one try at an authority; three make a poll.
constexpr Duration kAuthorityTry = seconds(2);
constexpr const char* kNoWalk =
    "the authorities were given, not found: other servers and DNSSEC were not looked for";

}  // namespace

struct Watch::Impl : std::enable_shared_from_this<Watch::Impl> {
  Impl(asio::any_io_executor executor, const Clock& the_clock, probes::Transport& the_transport,
       Database* the_database, WatchOptions the_options)
      : loop(std::move(executor)),
        clock(the_clock),
        transport(the_transport),
        database(the_database),
        options(std::move(the_options)),
        timer(loop) {}

  using Entry = std::shared_ptr<Watched>;

  template <class F>
  void spawn(F coroutine) {
    asio::co_spawn(loop, std::move(coroutine), asio::detached);
  }

  // ---- the one timer ----

  void arm() {
    const auto next = scheduler.next();
    if (stopped || !next) return;
    const Duration pause = std::max(*next - clock.now(), kShortestSleep);
    timer.expires_after(pause);
    timer.async_wait([self = weak_from_this()](const std::error_code& cancelled) {
      const auto impl = self.lock();
      if (impl && !cancelled) impl->on_timer();
    });
  }

  void on_timer() {
    for (const DnsName& owner : scheduler.take_due(clock.now())) {
      const auto found = owners.find(owner);
      if (found != owners.end()) start_due(found->second);
    }
    arm();
  }

  // Starts whatever the owner wants now and notes when it wants more.
  void start_due(const Entry& entry) {
    if (stopped) return;
    const Time now = clock.now();
    if (!entry->enumerating && entry->enumerate_at <= now) {
      entry->enumerating = true;
      spawn(enumerate(entry));
    }
    for (const ProbeDue& probe : entry->core.due(now)) {
      entry->core.started(probe, now);
      spawn(run_probe(entry, probe));
    }
    start_due_txt(entry, now);
    if (entry->dirty && !entry->saving && entry->save_at <= now) start_save(entry);
    schedule(*entry, now);
  }

  void start_due_txt(const Entry& entry, Time now) {
    if (!entry->setup.ask_txt) return;
    const bool seeded = entry->setup.input.policy.seed;
    entry->txt.allow_resolvers(seeded || entry->core.report(now).change_started_at.has_value());
    for (const TxtServer& server : entry->txt.take_due(now)) spawn(run_txt(entry, server));
  }

  void schedule(const Watched& entry, Time now) {
    Time wake = entry.enumerating ? Time::max() : entry.enumerate_at;
    if (const auto core = entry.core.next_wakeup(now)) wake = std::min(wake, *core);
    if (entry.setup.ask_txt) {
      if (const auto txt = entry.txt.next()) wake = std::min(wake, *txt);
    }
    if (entry.dirty && !entry.saving) wake = std::min(wake, entry.save_at);
    if (wake == Time::max()) return;
    scheduler.set(entry.setup.input.owner, std::max(wake, now + kShortestSleep));
  }

  void changed(const Entry& entry) {
    entry->dirty = true;
    start_due(entry);
    arm();
    if (listener && !stopped) listener(entry->setup.input.owner);
  }

  // ---- what is asked ----

  probes::Rate rate_of(const Entry& entry, const ProbeDue& probe) const {
    if (probe.kind == ProbeKind::authority) return options.authority_rate;
    for (const auto& resolver : entry->setup.input.resolvers) {
      if (resolver.endpoint == probe.endpoint && resolver.tier == probes::Tier::isp) {
        return options.isp_rate;
      }
    }
    return options.resolver_rate;
  }

  asio::awaitable<void> pace(Endpoint server, probes::Rate rate) {
    const Time now = clock.now();
    const Time at = pacer.reserve(server, rate, now);
    if (at <= now) co_return;
    asio::steady_timer pause(loop, at - now);
    co_await pause.async_wait(asio::use_awaitable);
  }

  asio::awaitable<void> run_probe(Entry entry, ProbeDue probe) {
    const auto self = shared_from_this();
    const probes::Rate rate = rate_of(entry, probe);
    co_await pace(probe.endpoint, rate);
    if (stopped) co_return;
    if (probe.kind == ProbeKind::authority) {
      co_await run_authority(entry, probe);
    } else if (probe.kind == ProbeKind::control) {
      co_await run_control(entry, probe);
    } else {
      const Policy& policy = entry->setup.input.policy;
      const ResolverSample sample = co_await ask_resolver(transport, entry->setup.input.owner,
                                                          probe.endpoint, policy.query_deadline);
      if (!stopped) entry->take(sample);
    }
    if (!stopped) changed(entry);
  }

  asio::awaitable<void> run_authority(Entry entry, ProbeDue probe) {
    AuthorityAsk ask;
    ask.owner = entry->setup.input.owner;
    ask.server = probe.server;
    ask.endpoint = probe.endpoint;
    ask.with_soa = entry->wants_soa(probe.endpoint);
    ask.deadline = kAuthorityTry;
    const AuthoritySample sample = co_await ask_authority(transport, ask);
    if (!stopped) entry->take(sample);
  }

  asio::awaitable<void> run_control(Entry entry, ProbeDue probe) {
    std::string label = "mxswitch-" + random_hex(8);
    const Duration deadline = entry->setup.input.policy.query_deadline;
    const ControlSample sample =
        co_await ask_control(transport, probe.endpoint, std::move(label), deadline);
    if (!stopped) entry->core.observe(sample);
  }

  asio::awaitable<void> run_txt(Entry entry, TxtServer server) {
    const auto self = shared_from_this();
    const probes::Rate rate =
        server.from_authority ? options.authority_rate : options.resolver_rate;
    co_await pace(server.endpoint, rate);
    if (stopped) co_return;
    TxtAsk ask;
    ask.owner = entry->setup.input.owner;
    ask.server = server.name;
    ask.endpoint = server.endpoint;
    ask.from_authority = server.from_authority;
    ask.deadline = entry->setup.input.policy.query_deadline;
    const TxtSample sample = co_await ask_txt(transport, ask);
    if (stopped) co_return;
    entry->txt.observe(sample);
    changed(entry);
  }

  // ---- who is asked ----

  asio::awaitable<void> enumerate(Entry entry) {
    const auto self = shared_from_this();
    std::string fault;
    std::vector<std::string> warnings;
    seconds ns_ttl{0};
    bool signed_zone = false;
    std::vector<AuthorityAddress> endpoints = options.fixed_authorities;
    if (!endpoints.empty()) {
      warnings.push_back(kNoWalk);
    } else {
      const auto found =
          co_await probes::find_delegation(transport, entry->setup.input.owner, options.delegation);
      if (found) {
        endpoints = addresses_of(*found);
        warnings = warnings_of(*found);
        ns_ttl = seconds(std::max(found->parent_ns_ttl, found->child_ns_ttl));
        signed_zone = found->signed_zone;
      } else {
        fault = found.error().text();
      }
    }
    if (stopped) co_return;
    const Time now = clock.now();
    entry->enumerating = false;
    entry->enumerate_at = now + (endpoints.empty() ? kEnumerateRetry : kEnumerateEvery);
    if (endpoints.empty()) {
      entry->core.enumeration_failed(fault.empty() ? "no name server has an address" : fault, now);
    } else {
      entry->endpoints = endpoints;
      entry->core.set_endpoints(std::move(endpoints), now, std::move(warnings), ns_ttl,
                                signed_zone);
    }
    entry->txt.set_servers(entry->txt_servers(), now);
    changed(entry);
  }

  // ---- what is kept ----

  void start_save(const Entry& entry) {
    entry->dirty = false;
    entry->save_at = clock.now() + kSaveEvery;
    if (database == nullptr) {
      entry->unsaved.clear();
      return;
    }
    entry->saving = true;
    spawn(save(entry));
  }

  asio::awaitable<void> save(Entry entry) {
    const auto self = shared_from_this();
    const std::string owner = entry->setup.input.owner.text();
    auto state = entry->core.save(clock.now(), clock.reading());
    std::vector<Transition> transitions;
    transitions.swap(entry->unsaved);
    auto step = [owner, transitions, state = std::move(state)](Transaction& transaction) {
      for (const Transition& transition : transitions) write_transition(transaction, transition);
      write_saved_state(transaction, owner, state);
    };
    const auto saved = co_await database->transact(std::move(step));
    entry->saving = false;
    if (saved || stopped) co_return;
    // Nothing is dropped: the rows go back in front, and the next save takes them along.
    entry->dirty = true;
    entry->unsaved.insert(entry->unsaved.begin(), transitions.begin(), transitions.end());
  }

  asio::awaitable<Result<Propagation>> restored(PropagationInput input) {
    const Time now = clock.now();
    if (database != nullptr) {
      const std::string owner = input.owner.text();
      auto step = [owner](Transaction& transaction) {
        return read_saved_state(transaction, owner);
      };
      const auto saved = co_await database->transact(std::move(step));
      if (!saved) co_return tl::unexpected(saved.error());
      if (*saved) co_return Propagation::restore(std::move(input), **saved, now, clock.reading());
    }
    co_return Propagation(std::move(input), now);
  }

  asio::any_io_executor loop;
  const Clock& clock;
  probes::Transport& transport;
  Database* database;
  WatchOptions options;
  probes::Pacer pacer;
  Scheduler scheduler;
  asio::steady_timer timer;
  std::map<DnsName, Entry> owners;
  std::function<void(const DnsName&)> listener;
  bool stopped = false;
};

Watch::Watch(asio::any_io_executor loop, const Clock& clock, probes::Transport& transport,
             Database* database, WatchOptions options)
    : impl_(std::make_shared<Impl>(std::move(loop), clock, transport, database,
                                   std::move(options))) {}

Watch::~Watch() { stop(); }

void Watch::on_change(std::function<void(const DnsName&)> listener) {
  impl_->listener = std::move(listener);
}

asio::awaitable<Result<void>> Watch::add(WatchedOwner owner) {
  const auto impl = impl_;
  const auto known = impl->owners.find(owner.input.owner);
  if (known != impl->owners.end()) {
    known->second->setup = owner;
    known->second->core.replace_input(owner.input, impl->clock.now());
    impl->changed(known->second);
    co_return Result<void>();
  }
  auto core = co_await impl->restored(owner.input);
  if (!core) co_return tl::unexpected(core.error());
  auto entry = std::make_shared<Watched>(std::move(owner), std::move(*core));
  impl->owners[entry->setup.input.owner] = entry;
  impl->start_due(entry);
  impl->arm();
  co_return Result<void>();
}

void Watch::remove(const DnsName& owner) {
  impl_->owners.erase(owner);
  impl_->scheduler.erase(owner);
}

std::optional<PropagationReport> Watch::report(const DnsName& owner) const {
  const auto found = impl_->owners.find(owner);
  if (found == impl_->owners.end()) return std::nullopt;
  return found->second->core.report(impl_->clock.now());
}

std::vector<TxtSample> Watch::txt_samples(const DnsName& owner) const {
  const auto found = impl_->owners.find(owner);
  return found == impl_->owners.end() ? std::vector<TxtSample>() : found->second->txt.samples();
}

Result<void> Watch::waive(const DnsName& owner, const Endpoint& resolver, std::string reason,
                          std::optional<Time> until) {
  const auto found = impl_->owners.find(owner);
  if (found == impl_->owners.end()) {
    return fail(Fault::not_found, "nobody watches this domain", owner.text());
  }
  auto waived = found->second->core.waive(resolver, std::move(reason), until, impl_->clock.now());
  if (waived) impl_->changed(found->second);
  return waived;
}

void Watch::stop() {
  impl_->stopped = true;
  impl_->timer.cancel();
}

}  // namespace mxswitch::monitor
