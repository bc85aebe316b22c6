#include "monitor/watch/keeper.h"

#include <fmt/format.h>

#include "monitor/watch/observations.h"

namespace mxswitch::monitor {
namespace {

Result<History> open_history(KeptHistory kept, const DnsName& owner) {
  try {
    return History::restore(kept.head, std::move(kept.open));
  } catch (const std::exception& error) {
    return fail(Fault::malformed,
                fmt::format("what was observed earlier can't be read: {}", error.what()),
                owner.text(), "restore the database from a copy");
  }
}

}  // namespace

asio::awaitable<Result<Keeper::Restored>> Keeper::restored(PropagationInput input) {
  if (database_ == nullptr) co_return Restored{Propagation(std::move(input), clock_.now()), {}};
  const std::string owner = input.owner.text();
  auto step = [owner](Transaction& transaction) {
    return Kept{read_saved_state(transaction, owner), read_heartbeat(transaction),
                read_history(transaction, owner)};
  };
  auto kept = co_await database_->transact(std::move(step));
  if (!kept) co_return tl::unexpected(kept.error());
  if (!last_beat_) last_beat_ = kept->beat;
  co_return restore(std::move(input), std::move(*kept));
}

Result<Keeper::Restored> Keeper::restore(PropagationInput input, Kept kept) const {
  const ClockReading clock = clock_.reading();
  Opening opening;
  if (kept.history) {
    auto history = open_history(std::move(*kept.history), input.owner);
    if (!history) return tl::unexpected(history.error());
    opening.history = std::move(*history);
  }
  if (!kept.state) return Restored{Propagation(std::move(input), clock.now), std::move(opening)};
  opening.spf = spf_from_state(*kept.state, input, clock);
  const auto until = kept.state->value("left", false) ? std::nullopt : *last_beat_;
  auto core = Propagation::restore(std::move(input), *kept.state, clock, until);
  if (!core) return tl::unexpected(core.error());
  opening.with_state = true;
  opening.clocks = {{"saved", kept.state->at("clock")},
                    {"clock", heartbeat_json(clock)},
                    {"watched_until", until ? *until : nlohmann::json()}};
  return Restored{std::move(*core), std::move(opening)};
}

asio::awaitable<bool> Keeper::keep(std::shared_ptr<const Save> save) {
  const nlohmann::json beat = heartbeat_json(clock_.reading());
  auto step = [save, beat](Transaction& transaction) {
    write_save(transaction, *save);
    write_heartbeat(transaction, beat);
  };
  const auto kept = co_await database_->transact(std::move(step));
  co_return kept.has_value();
}

asio::awaitable<void> Keeper::keep_last(Save save) {
  auto step = [save = std::move(save)](Transaction& transaction) { write_save(transaction, save); };
  co_await database_->transact(std::move(step));
}

}  // namespace mxswitch::monitor
