// What a resolver calls itself: CHAOS TXT `id.server.` (RFC 4892). Those that give no NSID are
// asked, once for all owners in some hours. Used from the loop's thread only.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <map>
#include <optional>

#include "monitor/propagation/observation.h"
#include "probes/base/clock.h"
#include "probes/dns/transport.h"

namespace mxswitch::monitor {

// One question. Never fails: a refusal is an answer without a name.
asio::awaitable<IdentitySample> ask_identity(probes::Transport& transport, Endpoint resolver);

// What ask_identity said, for all who ask within some hours; silence is believed for minutes.
class Identities {
 public:
  static constexpr Duration kFresh = std::chrono::hours(2);
  static constexpr Duration kSilent = std::chrono::minutes(10);

  // `clock` must outlive this.
  Identities(const asio::any_io_executor& loop, const Clock& clock) : loop_(loop), clock_(clock) {}

  // Received now, whenever it was asked. `transport` keeps the courtesy limits; it and this must
  // outlive the answer.
  asio::awaitable<IdentitySample> of(probes::Transport& transport, Endpoint resolver);

 private:
  struct Known {
    explicit Known(const asio::any_io_executor& loop)
        : ended(loop, asio::steady_timer::time_point::max()) {}
    IdentitySample sample;
    std::optional<Time> ended_at;
    bool under_way = false;
    asio::steady_timer ended;  // cancelled when the question under way ends
  };
  bool is_fresh(const Known& known) const;

  asio::any_io_executor loop_;
  const Clock& clock_;
  std::map<Endpoint, Known> known_;
};

}  // namespace mxswitch::monitor
