// Keeps in the database what a restart of the watch needs, and gives it back. Used from the loop's
// thread; the work is done on the database's.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <optional>

#include "monitor/database/database.h"
#include "monitor/history/rows.h"
#include "monitor/propagation/propagation.h"
#include "monitor/watch/agenda.h"
#include "probes/base/clock.h"

namespace mxswitch::monitor {

class Keeper {
 public:
  // `database` may be null: nothing is then kept. Both must outlive this and what is under way.
  Keeper(const Clock& clock, Database* database) : clock_(clock), database_(database) {}

  bool keeps() const { return database_ != nullptr; }

  // An owner as an earlier process left it; blank, if none did. Fails when what is kept can't be
  // read.
  struct Restored {
    Propagation core;
    Opening opening;
  };
  asio::awaitable<Result<Restored>> restored(PropagationInput input);

  // One transaction: all of it, and until when the watch was alive. False: nothing of it is kept.
  asio::awaitable<bool> keep(std::shared_ptr<const Save> save);
  // Of an owner that is watched no longer.
  asio::awaitable<void> keep_last(Save save);

 private:
  struct Kept {
    std::optional<nlohmann::json> state, beat;
    std::optional<KeptHistory> history;
  };
  Result<Restored> restore(PropagationInput input, Kept kept) const;

  const Clock& clock_;
  Database* database_;
  // Of the process before this one: read once, before the first beat of our own.
  std::optional<std::optional<nlohmann::json>> last_beat_;
};

}  // namespace mxswitch::monitor
