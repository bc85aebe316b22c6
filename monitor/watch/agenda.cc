#include "monitor/watch/agenda.h"

#include <algorithm>
#include <utility>

#include "monitor/history/rows.h"
#include "monitor/watch/observations.h"

namespace mxswitch::monitor {
namespace {

// The NS sets of a zone move rarely, and a walk costs tens of queries.
constexpr Duration kWalkEvery = seconds(300);
constexpr Duration kWalkIdle = seconds(1800);  // before any sign of a change, at most
constexpr int kWalkIdlePolls = 6;
constexpr Duration kWalkRetry = seconds(10);  // doubling
constexpr Duration kWalkRetryMost = std::chrono::hours(1);
// What repeats earlier evidence may be lost: the restart asks again.
constexpr Duration kSaveRepeats = seconds(60);
constexpr Duration kSaveIdle = std::chrono::hours(24);
constexpr Duration kSaveRetry = seconds(1);
constexpr Duration kShortestSleep{10};  // bounds the loop when a core asks to be woken in the past
constexpr std::size_t kMostUnsaved = 20'000;
// Owners that share answers want the next ones at the same time: the loop has other things to do.
constexpr std::size_t kMostAtOnce = 256;

Duration walk_pause(const Propagation& core, Time now) {
  if (core.active(now)) return kWalkEvery;
  return std::clamp(core.input().policy.authority_poll_before * kWalkIdlePolls, kWalkEvery,
                    kWalkIdle);
}

// A walk that failed or left out a name server goes on soon, and a zone where each does so less and
// less often.
Duration retry_pause(const Watched& entry) {
  Duration pause = kWalkRetry;
  for (int i = 1; i < entry.short_walks && pause < kWalkRetryMost; ++i) pause *= 2;
  return std::min(pause, kWalkRetryMost);
}

}  // namespace

void write_save(Transaction& transaction, const Save& save) {
  for (const Save::Owner& owner : save.owners) {
    const std::string name = owner.entry->core.input().owner.text();
    write_history(transaction, name, owner.rows, owner.head);
    write_saved_state(transaction, name, owner.state);
  }
}

std::shared_ptr<Watched> Agenda::add(WatchedOwner owner, Propagation core, Time now,
                                     Opening opening) {
  if (const auto known = find(owner.input.owner)) {
    replace(known, std::move(owner), now);
    return known;
  }
  if (free_.empty()) {
    free_.push_back(static_cast<OwnerNumber>(owners_.size()));
    owners_.emplace_back();
  }
  const auto entry = std::make_shared<Watched>(owner, std::move(core));
  entry->number = free_.back();
  free_.pop_back();
  owners_[entry->number] = entry;
  numbers_.emplace(owner.input.owner, entry->number);
  entry->open(std::move(opening), lists_, now);
  entry->walk_at = now;
  touched(entry, now);
  return entry;
}

void Agenda::replace(const std::shared_ptr<Watched>& entry, WatchedOwner owner, Time now) {
  entry->replace(std::move(owner), lists_, now);
  touched(entry, now);
}

std::optional<Save> Agenda::remove(const DnsName& owner, const ClockReading& clock) {
  const auto entry = find(owner);
  if (!entry) return std::nullopt;
  numbers_.erase(owner);
  owners_[entry->number].reset();
  free_.push_back(entry->number);
  scheduler_.erase(entry->number);
  saves_.erase(entry->number);
  entry->history.left(clock.now);
  Save last;
  last.owners.push_back(rows_of(entry, clock));
  last.owners.back().state["left"] = true;  // later heartbeats are not of this owner
  return last;
}

std::shared_ptr<Watched> Agenda::find(const DnsName& owner) const {
  const auto found = numbers_.find(owner);
  return found == numbers_.end() ? nullptr : owners_[found->second];
}

bool Agenda::watches(const std::shared_ptr<Watched>& entry) const {
  return owners_[entry->number] == entry;
}

std::vector<Task> Agenda::take_due(Time now) {
  std::vector<Task> tasks;
  looked_at_.clear();
  if (unsaved_ >= kMostUnsaved) return tasks;
  hand_out(now, tasks);
  for (const OwnerNumber owner : scheduler_.take_due(now, kMostAtOnce))
    look_at(owners_[owner], now, tasks);
  return tasks;
}

std::optional<Time> Agenda::next_wakeup() const {
  if (unsaved_ >= kMostUnsaved) return std::nullopt;  // saved() brings the next
  return deliveries_.empty() ? scheduler_.next() : Time();
}

void Agenda::look_at(const std::shared_ptr<Watched>& entry, Time now, std::vector<Task>& tasks) {
  ++entry->looks;
  looked_at_.push_back(entry);
  if (!entry->walking && entry->walk_at <= now) {
    entry->walking = true;
    tasks.push_back({entry, Walk{}, now});
  }
  entry->follow_verdict(now);
  if (entry->history.urgent() != entry->counted_rows) plan_save(entry, now);
  Wanted wanted = entry->core.wanted(now);
  for (ProbeDue& probe : wanted.due) start(entry, std::move(probe), now, tasks);
  look_at_txt(entry, now, tasks);

  Time wake = wanted.next.value_or(Time::max());
  if (!entry->walking) wake = std::min(wake, entry->walk_at);
  if (entry->txt) wake = std::min(wake, entry->txt->next().value_or(Time::max()));
  if (entry->spf) wake = std::min(wake, entry->spf->next().value_or(Time::max()));
  if (wake != Time::max()) scheduler_.set(entry->number, std::max(wake, now + kShortestSleep));
}

void Agenda::start(const std::shared_ptr<Watched>& entry, ProbeDue probe, Time now,
                   std::vector<Task>& tasks) {
  if (probe.kind == ProbeKind::companion)
    return share(companions_, entry, std::move(probe), now, tasks);
  if (probe.kind == ProbeKind::control)
    return share(controls_, entry, std::move(probe), now, tasks);
  // What a resolver calls itself is asked once for all owners, and that question takes the slot.
  const bool shared = probe.kind == ProbeKind::identity;
  const Time at = shared ? now : slot(*entry, probe.endpoint, rate_of(*entry, probe), now);
  entry->core.started(probe, now, at);
  tasks.push_back({entry, std::move(probe), at});
}

template <class Sample>
void Agenda::share(SharedAnswers<Sample>& shared, const std::shared_ptr<Watched>& entry,
                   ProbeDue probe, Time now, std::vector<Task>& tasks) {
  auto found = shared.want(probe, entry, now);
  if (auto* sample = std::get_if<Sample>(&found)) {
    entry->core.started(probe, now, now);
    tasks.push_back({entry, SharedSample(std::move(*sample)), now});
    return;
  }
  if (const auto* joined = std::get_if<typename SharedAnswers<Sample>::Joined>(&found)) {
    entry->core.started(probe, now, joined->leaves_at);
    return entry->note_wait(probe.endpoint, joined->leaves_at, now);
  }
  const Time at = slot(*entry, probe.endpoint, rate_of(*entry, probe), now);
  shared.asked(probe, at, now);
  entry->core.started(probe, now, at);
  tasks.push_back({entry, std::move(probe), at});
}

void Agenda::answered(const std::shared_ptr<Watched>& entry, const CompanionSample& sample,
                      Time now) {
  Delivery delivery{sample, companions_.answered(sample, now)};
  delivery.to.push_back({entry, sample.server, sample.sent_at});
  deliveries_.push_back(std::move(delivery));
}

void Agenda::answered(const std::shared_ptr<Watched>& entry, const ControlSample& sample,
                      Time now) {
  Delivery delivery{sample, controls_.answered(sample, now)};
  delivery.to.push_back({entry, {}, sample.sent_at});
  deliveries_.push_back(std::move(delivery));
}

void Agenda::hand_out(Time now, std::vector<Task>& tasks) {
  while (!deliveries_.empty() && tasks.size() < kMostAtOnce) {
    Delivery& delivery = deliveries_.front();
    AnswerWaiter& waiter = delivery.to.back();
    SharedSample sample = delivery.sample;
    std::visit([&](auto& one) { name_server(one, waiter.server); }, sample);
    tasks.push_back({std::move(waiter.owner), std::move(sample), now});
    delivery.to.pop_back();
    if (delivery.to.empty()) deliveries_.pop_front();
  }
}

void Agenda::look_at_txt(const std::shared_ptr<Watched>& entry, Time now,
                         std::vector<Task>& tasks) {
  if (!entry->txt) return;
  const Propagation& core = entry->core;
  const auto strict_until = core.change_started() ? core.strict_until(now) : std::nullopt;
  TxtPhase phase = core.active(now) ? TxtPhase::draining : TxtPhase::before;
  if (strict_until && now >= *strict_until) phase = TxtPhase::near;
  entry->txt->follow(phase, core.change_started() || core.input().policy.seed, now);
  for (TxtServer& server : entry->txt->take_due(now)) {
    const probes::Rate& rate = server.from_authority ? rates_.authority : rates_.resolver;
    const Time at = slot(*entry, server.endpoint, rate, now);
    tasks.push_back({entry, std::move(server), at});
  }
  if (!entry->spf) return;
  // Each of its queries waits for its own slot.
  for (SpfRound& round : entry->spf->take_due(now)) tasks.push_back({entry, std::move(round), now});
}

Time Agenda::slot(Watched& entry, const Endpoint& server, const probes::Rate& rate, Time now) {
  const Time at = pacer_.reserve(server, rate, now);
  entry.note_wait(server, at, now);
  return at;
}

probes::Rate Agenda::rate_of(const Watched& entry, const ProbeDue& probe) const {
  if (probe.kind == ProbeKind::authority || probe.kind == ProbeKind::companion)
    return rates_.authority;
  const probes::Resolver* resolver = entry.core.input().resolvers.find(probe.endpoint);
  return resolver && resolver->tier == probes::Tier::isp ? rates_.isp : rates_.resolver;
}

void Agenda::touched(const std::shared_ptr<Watched>& entry, Time now) {
  if (!watches(entry)) return;  // removed while it was being asked for
  entry->dirty = true;
  scheduler_.set(entry->number, now);
  plan_save(entry, now);
}

void Agenda::walked(const std::shared_ptr<Watched>& entry, WalkResult result, Time now) {
  entry->walking = false;
  const bool fell_short = result.endpoints.empty() || !result.limits.left_out.empty();
  entry->short_walks = fell_short ? entry->short_walks + 1 : 0;
  entry->walk_at = now + (fell_short ? retry_pause(*entry) : walk_pause(entry->core, now));
  entry->take(std::move(result), now);
  touched(entry, now);
}

void Agenda::plan_save(const std::shared_ptr<Watched>& entry, Time now) {
  const std::size_t urgent = entry->history.urgent();
  unsaved_ += urgent - entry->counted_rows;
  entry->counted_rows = urgent;
  if (entry->saving) return;  // saved() plans the next one
  const bool must = entry->revision() != entry->saved_revision || urgent > 0;
  const Duration repeats = entry->core.change_started() ? kSaveRepeats : kSaveIdle;
  const Time at = must ? now : std::max(now, entry->saved_at.value_or(now) + repeats);
  saves_.set(entry->number, at);
}

Save::Owner Agenda::rows_of(const std::shared_ptr<Watched>& entry, const ClockReading& clock) {
  const PropagationReport report = entry->core.report(clock.now);
  entry->history.follow(report);
  unsaved_ -= entry->counted_rows;
  entry->counted_rows = 0;
  return {entry, entry->state(clock), entry->history.take(), entry->history.head(report)};
}

std::optional<Save> Agenda::take_save(const ClockReading& clock, std::size_t most) {
  Save save;
  for (const OwnerNumber owner : saves_.take_due(clock.now, most)) {
    const auto& entry = owners_[owner];
    entry->saving = true;
    entry->dirty = false;
    entry->saved_revision = entry->revision();
    save.owners.push_back(rows_of(entry, clock));
  }
  if (save.owners.empty()) return std::nullopt;
  return save;
}

void Agenda::saved(Save save, bool durable, Time now) {
  for (Save::Owner& owner : save.owners) {
    Watched& entry = *owner.entry;
    entry.saving = false;
    if (!watches(owner.entry)) continue;
    if (durable) {
      entry.saved_at = now;
      if (entry.dirty) plan_save(owner.entry, now);
      continue;
    }
    // Nothing is dropped: the rows go back in front, and the next save takes them along.
    entry.saved_revision.reset();
    entry.history.put_back(std::move(owner.rows));
    plan_save(owner.entry, now);
    saves_.set(entry.number, now + kSaveRetry);
  }
}

}  // namespace mxswitch::monitor
