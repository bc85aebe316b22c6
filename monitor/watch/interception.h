// Whether somebody on the way answers DNS in the place of those who are asked (PROPAGATION.md 2 D):
// nobody serves DNS at 192.0.2.53, an address for documentation (RFC 5737), so whoever answers in
// its name answers for every resolver too, and all of them count as one. Used from the loop's
// thread only.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <optional>

#include "probes/base/clock.h"
#include "probes/dns/transport.h"

namespace mxswitch::monitor {

// True: something answered, be it an error. Silence takes 2 s.
asio::awaitable<bool> ask_nobody(probes::Transport& transport);

// What ask_nobody said, for all who ask within some minutes.
class Interception {
 public:
  static constexpr Duration kFresh = std::chrono::minutes(5);

  // References must outlive this and every seen() under way.
  Interception(const asio::any_io_executor& loop, const Clock& clock, probes::Transport& transport);

  asio::awaitable<bool> seen();

 private:
  bool is_fresh() const { return ended_at_ && clock_.now() - *ended_at_ < kFresh; }

  const Clock& clock_;
  probes::Transport& transport_;
  asio::steady_timer ended_;  // cancelled when the question under way ends
  std::optional<Time> ended_at_;
  bool under_way_ = false, seen_ = false;
};

}  // namespace mxswitch::monitor
