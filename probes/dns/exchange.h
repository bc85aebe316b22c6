// The state behind the transport: channels, questions in flight, and what is known of servers.
// Coroutines hold it by shared pointer, so it outlives the transport as long as one needs it.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "probes/dns/ares_channel.h"
#include "probes/dns/attempt_plan.h"
#include "probes/dns/datagrams.h"
#include "probes/dns/flight_key.h"
#include "probes/dns/question_book.h"
#include "probes/dns/random_pool.h"
#include "probes/dns/transport.h"

namespace mxswitch::probes {

// One query on the wire, shared by the coroutine that waits and the callbacks that end it.
struct Attempt {
  explicit Attempt(const asio::any_io_executor& loop) : timer(loop) {}

  Endpoint server;
  std::uint16_t id = 0;
  std::string name;           // of the question, in wire form as it was given
  bool case_changed = false;  // an answer came that fits but for the case of the name
  bool truncated = false;     // it came over UDP, cut short: c-ares asks by TCP
  bool done = false;
  bool over_tcp = false;
  int status = 0;
  MessageBytes message;
  Time sent_at{}, ended_at{};
  asio::steady_timer timer;  // cancelled when there is news
};

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  static std::shared_ptr<Exchange> make(asio::any_io_executor loop, const Clock& clock,
                                        std::unique_ptr<Datagrams> datagrams);

  const asio::any_io_executor& loop() const { return loop_; }
  bool stopped() const { return stopped_; }
  std::uint64_t cancellations() const { return cancellations_; }
  Time now() const { return clock_->now(); }

  CaseHabit habit(const Endpoint& server) const;
  void learn(const Endpoint& server, CaseHabit habit);
  // How much EDNS the server bore when it was found out last, for an hour.
  EdnsRung edns_rung(const Endpoint& server) const;
  void learn(const Endpoint& server, EdnsRung rung);

  // Sends one query. Fails when it can't leave; the attempt ends by `done`, at the latest soon
  // after `timeout`, but a caller may walk away from it at any time.
  Result<std::shared_ptr<Attempt>> start(const Query& query, const AttemptShape& shape);
  void count_end(bool answered);

  TransportCounters counters() const { return counters_; }
  void cancel_all();
  void stop();

 private:
  struct ChannelKey {
    Endpoint server;
    bool tcp = false;
    Duration timeout{0};
    auto operator<=>(const ChannelKey&) const = default;
  };
  struct Channel {
    std::shared_ptr<AresChannel> ares;
    std::uint64_t used = 0;
  };
  struct EdnsMemory {
    EdnsRung rung = EdnsRung::options;
    Time until{};
  };
  struct Flight {
    std::shared_ptr<Attempt> attempt;
    std::weak_ptr<AresChannel> channel;
  };

  Exchange(asio::any_io_executor loop, const Clock& clock, std::unique_ptr<Datagrams> datagrams);
  Result<std::shared_ptr<AresChannel>> channel_for(const ChannelKey& key);
  bool make_room();
  Result<MessageBytes> encode(const Question& question, const QueryFlags& flags);
  bool send_datagram(const Endpoint& server, std::span<const std::uint8_t> datagram);
  void receive(std::size_t socket, const Endpoint& from, std::span<const std::uint8_t> datagram);
  void refused(const Endpoint& to, std::span<const std::uint8_t> datagram);
  void end(Attempt& attempt, int status, std::span<const std::uint8_t> message, bool over_tcp);
  void sweep();

  asio::any_io_executor loop_;
  const Clock* clock_;
  std::unique_ptr<Datagrams> datagrams_;
  QuestionBook book_;
  RandomPool random_;
  std::unordered_map<FlightKey, Flight, FlightHash> flights_;
  std::map<ChannelKey, Channel> channels_;
  std::unordered_map<std::string, MessageBytes> encoded_;  // by name, type and flags
  std::string encode_key_;                                 // its room is used again and again
  std::unordered_map<Endpoint, CaseHabit, EndpointHash> habits_;
  std::unordered_map<Endpoint, EdnsMemory, EndpointHash> edns_;  // of those that bear less
  TransportCounters counters_;
  std::uint64_t uses_ = 0, cancellations_ = 0;
  std::size_t socket_ = 0;  // the one that was drawn last
  bool stopped_ = false, sweeping_ = false;
  asio::steady_timer sweep_timer_;
};

// Asks until there is an answer, the plan has no further attempt, or the deadline has come.
asio::awaitable<Reply> ask_by_attempts(std::shared_ptr<Exchange> exchange, Query query);

}  // namespace mxswitch::probes
