#include "monitor/watch/watch.h"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "monitor/watch/ask.h"
#include "monitor/watch/ask_dot.h"
#include "monitor/watch/ask_each.h"
#include "monitor/watch/enumerate.h"
#include "monitor/watch/identity.h"
#include "monitor/watch/interception.h"
#include "monitor/watch/keeper.h"
#include "monitor/watch/observations.h"
#include "monitor/watch/spf_evaluate.h"
#include "monitor/watch/spf_views.h"
#include "probes/base/secrets.h"

namespace mxswitch::monitor {
namespace {

// Of one try at an authority; three make a poll.
constexpr Duration kAuthorityTry = seconds(2);
constexpr Duration kLookPatience = seconds(10);  // of look_again
constexpr Duration kHeartbeat = seconds(10);
constexpr std::size_t kFamilyControls = 3;  // of each address family
constexpr const char* kNoWalk =
    "the authorities were given, not found: other servers, DNSSEC, CNAMEs and the exchanges' "
    "addresses were not looked for";

using Entry = std::shared_ptr<Watched>;

// What a walk may ask of one owner: after the first, no zone makes more than a query in two
// seconds, whoever its servers are.
class OwnerTransport final : public probes::Transport {
 public:
  OwnerTransport(asio::any_io_executor loop, const Clock& clock, probes::Transport& below,
                 Watched& owner)
      : loop_(std::move(loop)), clock_(clock), below_(below), owner_(owner) {}

  asio::awaitable<probes::Reply> ask(probes::Query query) override {
    const Time now = clock_.now();
    const Time at = owner_.walk_slot(now);
    if (at > now) {
      asio::steady_timer turn(loop_, at - now);
      co_await turn.async_wait(asio::use_awaitable);
    }
    co_return co_await below_.ask(std::move(query));
  }

 private:
  asio::any_io_executor loop_;
  const Clock& clock_;
  probes::Transport& below_;
  Watched& owner_;
};

// Servers of the root are many, far apart and well kept: all silent, it is the family.
std::vector<Endpoint> family_controls(const std::vector<Endpoint>& roots) {
  std::vector<Endpoint> controls;
  for (const bool v6 : {false, true}) {
    std::size_t taken = 0;
    for (const Endpoint& root : roots)
      if (root.address.is_v6() == v6 && taken++ < kFamilyControls) controls.push_back(root);
  }
  return controls;
}

WatchCounts::Kind kind_of(const Task& task) {
  if (std::holds_alternative<Walk>(task.what)) return WatchCounts::walk;
  if (std::holds_alternative<TxtServer>(task.what)) return WatchCounts::txt;
  if (std::holds_alternative<SpfRound>(task.what)) return WatchCounts::spf;
  switch (std::get<ProbeDue>(task.what).kind) {
    case ProbeKind::authority:
    case ProbeKind::companion:
      return WatchCounts::authority;
    case ProbeKind::seed:
      return WatchCounts::seed;
    case ProbeKind::resolver:
    case ProbeKind::dot:
      return WatchCounts::resolver;
    case ProbeKind::control:
    case ProbeKind::identity:
      return WatchCounts::control;
  }
  return WatchCounts::resolver;
}

}  // namespace

struct Watch::Impl : std::enable_shared_from_this<Watch::Impl> {
  Impl(asio::any_io_executor executor, const Clock& the_clock, probes::Transport& the_transport,
       Database* the_database, WatchOptions the_options)
      : loop(std::move(executor)),
        clock(the_clock),
        transport(the_transport),
        keeper(the_clock, the_database),
        options(std::move(the_options)),
        agenda(options.rates),
        views(loop, clock, transport, agenda.pacer(), options.rates, options.delegation),
        interception(loop, clock, transport),
        identities(loop, clock),
        timer(loop) {}

  template <class F>
  void spawn(F coroutine) {
    asio::co_spawn(loop, std::move(coroutine), asio::detached);
  }

  // ---- the one timer ----

  void arm() {
    auto next = agenda.next_wakeup();
    if (const auto save = next_save(); save && (!next || *save < *next)) next = save;
    if (stopped || !next) return;
    timer.expires_after(std::max(*next - clock.now(), Duration(0)));
    timer.async_wait([self = weak_from_this()](const std::error_code& cancelled) {
      const auto impl = self.lock();
      if (impl && !cancelled) impl->run_due();
    });
  }

  std::optional<Time> next_save() const {
    if (saving) return std::nullopt;
    const auto save = agenda.next_save();
    if (!keeper.keeps() || agenda.size() == 0) return save;
    return std::min(save.value_or(heartbeat_at), heartbeat_at);
  }

  // What was learnt is handed to the database before anything is asked on the strength of it. Its
  // commit is not waited for: a probe repeated after a crash does no harm, and what writes to a
  // relay waits for its own commit (orchestrator/switchover).
  void run_due() {
    if (stopped) return;
    const Time now = clock.now();
    if (!saving) {
      auto save = agenda.take_save(clock.reading());
      if (save || (keeper.keeps() && heartbeat_at <= now))
        start_save(std::move(save).value_or(Save()));
    }
    auto tasks = agenda.take_due(now);
    for (const Entry& entry : agenda.take_looked_at())
      if (listener) listener(entry->core.input().owner);
    for (Task& task : tasks) {
      if (const auto* sample = std::get_if<SharedSample>(&task.what))
        take(task.entry, *sample, now);
      else
        spawn(run(std::move(task)));
    }
    arm();
  }

  // The touched entry is due again: the timer looks at it.
  void take(const Entry& entry, const SharedSample& sample, Time now) {
    entry->take(sample);
    agenda.touched(entry, now);
    wake_lookers();
  }

  void changed(const Entry& entry) {
    agenda.touched(entry, clock.now());
    run_due();
    wake_lookers();
  }

  // Whoever waits in look_again.
  void wake_lookers() {
    for (const auto& looker : lookers) looker->cancel();
  }

  asio::awaitable<std::vector<std::string>> look_again(Entry entry) {
    const auto self = shared_from_this();
    const Time from = clock.now();
    entry->core.look_again(from);
    const auto looker = std::make_shared<asio::steady_timer>(loop);
    lookers.push_back(looker);
    changed(entry);
    while (!stopped && clock.now() < from + kLookPatience &&
           !entry->core.unanswered_since(from, clock.now()).empty()) {
      looker->expires_after(from + kLookPatience - clock.now());
      std::error_code woken;
      co_await looker->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    std::erase(lookers, looker);
    co_return entry->core.unanswered_since(from, clock.now());
  }

  // ---- what is asked ----

  asio::awaitable<void> run(Task task) {
    const auto self = shared_from_this();
    const Time now = clock.now();
    if (task.at > now) {
      asio::steady_timer pause(loop, task.at - now);
      co_await pause.async_wait(asio::use_awaitable);
    }
    if (stopped) co_return;
    counter.note_probe(kind_of(task), task.at - now);
    if (std::holds_alternative<Walk>(task.what)) co_return co_await walk(task.entry);
    if (const auto* server = std::get_if<TxtServer>(&task.what)) {
      co_await run_txt(task.entry, *server);
    } else if (const auto* round = std::get_if<SpfRound>(&task.what)) {
      co_await run_spf(task.entry, *round);
    } else {
      co_await run_probe(task.entry, std::get<ProbeDue>(task.what));
    }
    if (!stopped) changed(task.entry);
  }

  asio::awaitable<void> run_probe(Entry entry, ProbeDue probe) {
    if (probe.kind == ProbeKind::authority) co_return co_await run_authority(entry, probe);
    if (probe.kind == ProbeKind::companion) co_return co_await run_companion(entry, probe);
    if (probe.kind == ProbeKind::control) co_return co_await run_control(entry, probe);
    if (probe.kind == ProbeKind::dot) co_return co_await run_dot(entry, probe);
    if (probe.kind == ProbeKind::identity) co_return co_await run_identity(entry, probe);
    const DnsName owner = entry->core.input().owner;
    const Duration deadline = entry->core.input().policy.query_deadline;
    const ResolverSample sample =
        co_await ask_resolver(transport, owner, probe.endpoint, deadline, probe.sparing);
    if (!stopped) entry->take(sample);
  }

  asio::awaitable<void> run_authority(Entry entry, ProbeDue probe) {
    AuthorityAsk ask;
    ask.owner = probe.name;
    ask.server = probe.server;
    ask.endpoint = probe.endpoint;
    ask.with_soa = entry->wants_soa(probe.endpoint);
    ask.with_signatures = entry->core.signed_zone();
    ask.deadline = kAuthorityTry;
    const AuthoritySample sample = co_await ask_authority(transport, ask);
    if (!stopped) entry->take(sample);
  }

  asio::awaitable<void> run_companion(Entry entry, ProbeDue probe) {
    CompanionAsk ask;
    ask.name = probe.name;
    ask.type = probe.type;
    ask.server = probe.server;
    ask.endpoint = probe.endpoint;
    ask.deadline = kAuthorityTry;
    const CompanionSample sample = co_await ask_companion(transport, ask);
    if (!stopped) agenda.answered(entry, sample, clock.now());
  }

  asio::awaitable<void> run_control(Entry entry, ProbeDue probe) {
    // A server of the root is asked for `. SOA` alone: what it says of other names is a referral.
    const auto& roots = entry->core.input().family_controls;
    const bool of_family = std::find(roots.begin(), roots.end(), probe.endpoint) != roots.end();
    const bool root_alone = of_family || probe.sparing;
    std::string label = root_alone ? std::string() : "mxswitch-" + random_hex(8);
    const Duration deadline = entry->core.input().policy.query_deadline;
    ControlSample sample =
        co_await ask_control(transport, probe.endpoint, std::move(label), deadline);
    if (!of_family) sample.intercepted = co_await interception.seen();
    if (!stopped) agenda.answered(entry, sample, clock.now());
  }

  asio::awaitable<void> run_dot(Entry entry, ProbeDue probe) {
    const probes::Resolver* known = entry->core.input().resolvers.find(probe.endpoint);
    if (known == nullptr || options.dot == nullptr) co_return;
    probes::Resolver resolver = *known;
    const DnsName owner = entry->core.input().owner;
    const Duration deadline = entry->core.input().policy.query_deadline;
    const DotSample sample = co_await ask_dot(*options.dot, owner, std::move(resolver), deadline);
    if (!stopped) entry->take(sample);
  }

  asio::awaitable<void> run_identity(Entry entry, ProbeDue probe) {
    probes::Transport& paced = views.paced(is_isp(*entry, probe.endpoint));
    const IdentitySample sample = co_await identities.of(paced, probe.endpoint);
    if (!stopped) entry->take(sample);
  }

  asio::awaitable<void> run_txt(Entry entry, TxtServer server) {
    TxtAsk ask;
    ask.owner = server.asked;
    const bool at_chain = server.from_authority && server.asked == entry->core.input().owner;
    if (at_chain) ask.owner = entry->core.mx_name();  // those servers hold the end of the chain
    ask.server = server.name;
    ask.endpoint = server.endpoint;
    ask.from_authority = server.from_authority;
    ask.deadline = entry->core.input().policy.query_deadline;
    TxtSample sample = co_await ask_txt(transport, ask);
    sample.name = server.asked;
    if (!stopped) entry->take(sample);
  }

  bool is_isp(const Watched& entry, const Endpoint& endpoint) const {
    const probes::Resolver* resolver = entry.core.input().resolvers.find(endpoint);
    return resolver && resolver->tier == probes::Tier::isp;
  }

  asio::awaitable<void> run_spf(Entry entry, SpfRound round) {
    if (!entry->spf) co_return;
    SpfMove move = entry->spf->move();
    const auto view = round.from_authority
                          ? views.authorities()
                          : views.resolver(round.resolver, is_isp(*entry, round.resolver));
    SpfEvaluation made = co_await evaluate_spf(view, clock, std::move(move), round);
    if (!stopped) entry->take(round, std::move(made));
  }

  std::vector<TxtQuestion> questions_of(const Entry& entry, const DnsName& name) {
    std::vector<TxtQuestion> questions;
    for (const probes::Resolver& resolver : entry->core.input().resolvers) {
      TxtQuestion question;
      question.transport = &views.paced(resolver.tier == probes::Tier::isp);
      question.ask.owner = name;
      question.ask.server = resolver.operator_name;
      question.ask.endpoint = resolver.endpoint;
      question.ask.deadline = entry->core.input().policy.query_deadline;
      questions.push_back(std::move(question));
    }
    return questions;
  }

  asio::awaitable<void> walk(Entry entry) {
    WalkResult result;
    result.endpoints = options.fixed_authorities;
    if (!result.endpoints.empty()) {
      result.warnings.push_back(kNoWalk);
      result.limits = unrouted_families(result.endpoints, options.delegation);
    } else {
      EnumerateRequest request;
      request.owner = entry->core.input().owner;
      request.expected = entry->core.input().expected;
      request.delegation = options.delegation;
      request.formerly = entry->core.input().formerly;
      request.random_label = "mxswitch-" + random_hex(8);
      request.memory = &entry->walk_memory;
      entry->walk_memory.begin(clock.now());
      OwnerTransport paced(loop, clock, views.paced_authorities(), *entry);
      result = co_await enumerate(paced, std::move(request));
    }
    if (stopped) co_return;
    agenda.walked(entry, std::move(result), clock.now());
    changed(entry);
  }

  // ---- what is kept ----

  void start_save(Save save) {
    if (!keeper.keeps()) return agenda.saved(std::move(save), true, clock.now());
    saving = true;
    heartbeat_at = clock.now() + kHeartbeat;
    spawn(keep(std::make_shared<Save>(std::move(save))));
  }

  asio::awaitable<void> keep(std::shared_ptr<Save> save) {
    const auto self = shared_from_this();
    const Time begun = clock.now();
    const bool kept = co_await keeper.keep(save);
    counter.note_commit(clock.now() - begun, kept);
    saving = false;
    agenda.saved(std::move(*save), kept, clock.now());
    run_due();
  }

  asio::awaitable<void> keep_last(Save save) {
    const auto self = shared_from_this();
    co_await keeper.keep_last(std::move(save));
  }

  asio::any_io_executor loop;
  const Clock& clock;
  probes::Transport& transport;
  Keeper keeper;
  WatchOptions options;
  Agenda agenda;
  SpfViews views;
  Interception interception;
  Identities identities;
  asio::steady_timer timer;
  std::function<void(const DnsName&)> listener;
  WatchCounter counter;
  std::vector<std::shared_ptr<asio::steady_timer>> lookers;
  bool saving = false, stopped = false;
  Time heartbeat_at{};
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
  owner.input.family_controls = family_controls(impl->options.delegation.roots);
  owner.input.compares_dot = impl->options.dot != nullptr;
  if (const auto known = impl->agenda.find(owner.input.owner)) {
    impl->agenda.replace(known, std::move(owner), impl->clock.now());
    impl->changed(known);
    co_return Result<void>();
  }
  auto found = co_await impl->keeper.restored(owner.input);
  if (!found) co_return tl::unexpected(found.error());
  impl->agenda.add(owner, std::move(found->core), impl->clock.now(), std::move(found->opening));
  impl->run_due();
  co_return Result<void>();
}

void Watch::remove(const DnsName& owner) {
  const auto& impl = impl_;
  auto last = impl->agenda.remove(owner, impl->clock.reading());
  if (last && impl->keeper.keeps()) impl->spawn(impl->keep_last(std::move(*last)));
}

std::optional<PropagationReport> Watch::report(const DnsName& owner) const {
  const auto found = impl_->agenda.find(owner);
  if (!found) return std::nullopt;
  const Time now = impl_->clock.now();
  PropagationReport report = found->core.report(now);
  found->add_to(report, now);
  return report;
}

asio::awaitable<std::vector<std::string>> Watch::look_again(DnsName owner) {
  const auto impl = impl_;
  const auto found = impl->agenda.find(owner);
  if (!found) co_return std::vector<std::string>();
  co_return co_await impl->look_again(found);
}

std::optional<std::uint64_t> Watch::stamp(const DnsName& owner) const {
  const auto found = impl_->agenda.find(owner);
  return found ? std::optional(found->looks) : std::nullopt;
}

std::optional<Time> Watch::next_look() const { return impl_->agenda.next_wakeup(); }

WatchCounts Watch::counts() const { return impl_->counter.read(); }

SpfSeen Watch::spf_seen(const DnsName& owner) const {
  const auto found = impl_->agenda.find(owner);
  SpfSeen seen;
  if (!found || !found->txt) return seen;
  seen.samples = found->txt->samples();
  std::erase_if(seen.samples, [&](const TxtSample& sample) { return sample.name != owner; });
  seen.unasked = found->txt->unasked();
  if (found->spf) seen.evaluations = found->spf->evaluations();
  return seen;
}

asio::awaitable<std::vector<TxtSample>> Watch::ask_resolvers(DnsName owner, DnsName name) {
  const auto impl = impl_;
  const auto found = impl->agenda.find(owner);
  if (!found) co_return std::vector<TxtSample>();
  std::vector<TxtQuestion> questions = impl->questions_of(found, name);
  co_return co_await ask_each(std::move(questions));
}

Result<void> Watch::waive(const DnsName& owner, const Endpoint& resolver, std::string reason,
                          std::optional<Time> until) {
  const auto found = impl_->agenda.find(owner);
  if (!found) return fail(Fault::not_found, "nobody watches this domain", owner.text());
  auto waived = found->waive(resolver, std::move(reason), until, impl_->clock.now());
  if (waived) impl_->changed(found);
  return waived;
}

void Watch::unwaive(const DnsName& owner, const Endpoint& resolver) {
  const auto found = impl_->agenda.find(owner);
  if (!found) return;
  found->unwaive(resolver, impl_->clock.now());
  impl_->changed(found);
}

void Watch::stop() {
  impl_->stopped = true;
  impl_->timer.cancel();
  impl_->wake_lookers();
}

}  // namespace mxswitch::monitor
