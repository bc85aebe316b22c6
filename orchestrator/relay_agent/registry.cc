#include "orchestrator/relay_agent/registry.h"

#include "orchestrator/relay_agent/peers.h"
#include "probes/base/log.h"

namespace mxswitch::orchestrator {

std::shared_ptr<const RelayState> Registry::state() const {
  const std::lock_guard lock(swapping_);
  return state_;
}

template <class F>
void Registry::change(F&& with) {
  const std::lock_guard lock(swapping_);
  auto next = std::make_shared<RelayState>(*state_);
  with(*next);
  state_ = std::move(next);
}

Result<void> Registry::load() {
  const Time now = clock_.now();
  auto records = database_.transact_blocking([now](monitor::Transaction& transaction) {
    forget_answers(transaction, now - std::chrono::days(7));
    forget_probes(transaction, now - std::chrono::days(7));
    return load_domains(transaction);
  });
  if (!records) return tl::unexpected(records.error());
  auto next = std::make_shared<RelayState>();
  for (DomainRecord& record : *records) {
    const std::string domain = record.row.domain;
    auto state = make_domain_state(std::move(record));
    if (!state) return tl::unexpected(state.error());
    next->domains.emplace(domain, std::move(*state));
  }
  const std::lock_guard lock(swapping_);
  state_ = std::move(next);
  return {};
}

void Registry::publish(const std::string& domain, std::shared_ptr<DomainState> state) {
  change([&](RelayState& next) {
    if (state) {
      // Seen in use between the writer's reading and now: a roster write must not forget it.
      const auto* before = next.find(domain);
      if (before && before->record.row.generation == state->record.row.generation) {
        state->record.row.in_force = before->record.row.in_force;
        state->record.open = before->record.open;
      }
      next.domains[domain] = std::move(state);
    } else {
      next.domains.erase(domain);
      next.loops.erase(domain);
    }
  });
}

Result<void> Registry::keep_accounts_in(AccountFile& file) {
  if (auto in_line = file.bring_in_line(*state()); !in_line) return in_line;
  accounts_ = &file;
  return {};
}

Result<void> Registry::store(const std::function<void(monitor::Transaction&)>& step,
                             const std::function<Result<void>(AccountFile&)>& accounts) {
  auto stored = database_.transact_blocking([&](monitor::Transaction& transaction) {
    step(transaction);
    if (!accounts_) return;
    if (auto told = accounts(*accounts_); !told) throw monitor::StepRefused(told.error());
  });
  if (stored || !accounts_) return stored;
  // The store's commit may have failed after the file's. Should this fail too, the next start
  // mends.
  if (const auto back = accounts_->bring_in_line(*state()); !back) {
    log(LogLevel::error, "Dovecot's accounts are ahead of the store: " + back.error().text());
  }
  return stored;
}

Result<void> Registry::save(const DomainRecord& record, bool with_roster,
                            const std::optional<KeptAnswer>& answer) {
  auto state = make_domain_state(record);
  if (!state) return tl::unexpected(state.error());
  const Time now = clock_.now();
  const auto step = [&](monitor::Transaction& transaction) {
    save_domain(transaction, record);
    if (with_roster) save_roster(transaction, record);
    if (answer) keep_answer(transaction, *answer, now);
  };
  const auto stored = store(
      step, [&](AccountFile& file) { return with_roster ? file.put(record) : Result<void>(); });
  if (!stored) return stored;
  publish(record.row.domain, std::move(*state));
  return {};
}

Result<void> Registry::erase(const std::string& domain, const std::optional<KeptAnswer>& answer) {
  const Time now = clock_.now();
  const auto step = [&](monitor::Transaction& transaction) {
    erase_domain(transaction, domain);
    if (answer) keep_answer(transaction, *answer, now);
  };
  const auto stored = store(step, [&](AccountFile& file) { return file.erase(domain); });
  if (!stored) return stored;
  publish(domain, nullptr);
  return {};
}

Result<std::optional<KeptAnswer>> Registry::answer(const std::string& key) {
  return database_.transact_blocking(
      [&](monitor::Transaction& transaction) { return find_answer(transaction, key); });
}

Result<void> Registry::keep(const KeptAnswer& answer) {
  const Time now = clock_.now();
  return database_.transact_blocking(
      [&](monitor::Transaction& transaction) { keep_answer(transaction, answer, now); });
}

void Registry::note_seen(const std::string& domain, std::int64_t generation, Time at) {
  change([&](RelayState& next) {
    const auto found = next.domains.find(domain);
    if (found == next.domains.end() || found->second->record.row.generation != generation) return;
    auto state = std::make_shared<DomainState>(*found->second);
    state->record.row.in_force.route_seen_at = at;
    state->record.open = state->record.row.mode == Mode::split;
    found->second = std::move(state);
    unsaved_.insert(domain);
  });
  seen_.notify_all();
}

std::vector<DomainRecord> Registry::take_unsaved() {
  const std::lock_guard lock(swapping_);
  std::vector<DomainRecord> records;
  for (const auto& domain : unsaved_) {
    if (const auto* state = state_->find(domain)) records.push_back(state->record);
  }
  unsaved_.clear();
  return records;
}

bool Registry::wait_seen(const std::string& domain, std::int64_t generation, Duration at_most) {
  std::unique_lock lock(swapping_);
  return seen_.wait_for(lock, at_most, [&] {
    const auto* state = state_->find(domain);
    return state && state->record.row.generation == generation &&
           state->record.row.in_force.route_seen_at;
  });
}

void Registry::set_loops(std::map<std::string, std::string, std::less<>> loops) {
  change([&](RelayState& next) { next.loops = std::move(loops); });
}

void Registry::judge_doubts(const Judge& judge) { change(judge); }

void Registry::release(const std::string& domain) {
  change([&](RelayState& next) {
    next.loops.erase(domain);
    next.doubts.erase(domain);
  });
}

Result<void> Registry::adopt(DomainRecord copy) {
  const auto lock = writing();
  const auto now_held = state();
  const std::string domain = copy.row.domain;
  const auto* own = now_held->find(domain);
  if (!now_held->doubts.contains(domain) || !is_later(copy.row, own ? &own->record.row : nullptr)) {
    return {};
  }
  if (own) {
    copy.version = own->record.version + 1;
    copy.roster_version = own->record.roster_version + 1;
    if (RosterIndex(copy.roster).empty()) {  // a route alone: names are never taken away so
      copy.roster = own->record.roster;
      copy.credentials = own->record.credentials;
    }
  }
  if (auto saved = save(copy, true, {}); !saved) return saved;
  release(domain);
  return {};
}

}  // namespace mxswitch::orchestrator
