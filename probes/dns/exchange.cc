#include "probes/dns/exchange.h"

#include <algorithm>

namespace mxswitch::probes {
namespace {

// A channel costs 72 kB; idle ones are closed, the longest unused first.
constexpr std::size_t kMostChannels = 1024;
constexpr std::size_t kMostEncoded = 4096;
constexpr std::size_t kMostHabits = 16384;
// A server that was mended, or one that answered FORMERR once by chance, is soon asked in full.
constexpr Duration kRungHolds = std::chrono::hours(1);
// Datagrams of one turn of the loop that share a source port, and so a system call.
constexpr std::size_t kRun = 16;
// c-ares frees a query that nobody waits for any more at most this long after its time.
constexpr auto kSweep = std::chrono::milliseconds(250);

// All of a question but its name.
unsigned shape_bits(const QueryFlags& flags, const Question& question) {
  const unsigned bits = (flags.recursion_desired ? 1u : 0u) | (flags.checking_disabled ? 2u : 0u) |
                        (flags.dnssec_ok ? 4u : 0u) | (flags.edns ? 8u : 0u) |
                        (flags.authentic_data ? 16u : 0u) | (flags.nsid ? 32u : 0u);
  return static_cast<unsigned>(question.rr_class) << 22 |
         static_cast<unsigned>(question.type) << 6 | bits;
}

// Few different time-outs, so that a server needs few channels.
Duration channel_timeout(Duration deadline) {
  return std::chrono::ceil<std::chrono::seconds>(std::max(deadline, Duration(1)));
}

}  // namespace

Exchange::Exchange(asio::any_io_executor loop, const Clock& clock,
                   std::unique_ptr<Datagrams> datagrams)
    : loop_(loop), clock_(&clock), datagrams_(std::move(datagrams)), sweep_timer_(loop) {}

std::shared_ptr<Exchange> Exchange::make(asio::any_io_executor loop, const Clock& clock,
                                         std::unique_ptr<Datagrams> datagrams) {
  std::shared_ptr<Exchange> exchange(new Exchange(std::move(loop), clock, std::move(datagrams)));
  // The exchange owns the datagrams, so it is there whenever they call.
  exchange->datagrams_->on_receive([raw = exchange.get()](std::size_t socket, const Endpoint& from,
                                                          std::span<const std::uint8_t> datagram) {
    raw->receive(socket, from, datagram);
  });
  exchange->datagrams_->on_refused(
      [raw = exchange.get()](const Endpoint& to, std::span<const std::uint8_t> datagram) {
        raw->refused(to, datagram);
      });
  return exchange;
}

CaseHabit Exchange::habit(const Endpoint& server) const {
  const auto found = habits_.find(server);
  return found == habits_.end() ? CaseHabit::unknown : found->second;
}

void Exchange::learn(const Endpoint& server, CaseHabit habit) {
  if (habits_.size() >= kMostHabits) habits_.clear();
  habits_[server] = habit;
}

EdnsRung Exchange::edns_rung(const Endpoint& server) const {
  if (edns_.empty()) return EdnsRung::options;
  const auto found = edns_.find(server);
  const bool holds = found != edns_.end() && now() < found->second.until;
  return holds ? found->second.rung : EdnsRung::options;
}

void Exchange::learn(const Endpoint& server, EdnsRung rung) {
  if (edns_.size() >= kMostHabits) edns_.clear();
  edns_[server] = EdnsMemory{rung, now() + kRungHolds};
}

Result<MessageBytes> Exchange::encode(const Question& question, const QueryFlags& flags) {
  encode_key_ = question.name.wire();
  const unsigned bits = shape_bits(flags, question);
  for (unsigned shift = 0; shift < 32; shift += 8)
    encode_key_ += static_cast<char>(bits >> shift & 0xff);
  if (const auto found = encoded_.find(encode_key_); found != encoded_.end()) return found->second;
  auto bytes = encode_query(question, flags, 0);
  if (!bytes) return bytes;
  if (encoded_.size() >= kMostEncoded) encoded_.clear();
  encoded_[encode_key_] = *bytes;
  return bytes;
}

Result<std::shared_ptr<Attempt>> Exchange::start(const Query& query, const AttemptShape& shape) {
  auto message = encode(query.question, shape.flags);
  if (!message) return Failure(message.error());
  auto channel = channel_for({query.server, shape.tcp, channel_timeout(query.deadline)});
  if (!channel) return Failure(channel.error());
  const auto random_bits = [this] { return random_.next(); };
  const auto id = book_.reserve(query.server, random_bits);
  if (!id) {
    return fail(Fault::unavailable, "too many queries are in flight", query.server.text());
  }
  set_message_id(*message, *id);
  if (shape.random_case) randomise_case(*message, random_bits);
  auto attempt = std::make_shared<Attempt>(loop_);
  attempt->server = query.server;
  attempt->id = *id;
  attempt->name = query.question.name.wire();
  attempt->sent_at = now();
  flights_[{query.server, *id}] = Flight{attempt, *channel};
  ++counters_.sent;
  auto outcome = [this, attempt](int status, std::span<const std::uint8_t> bytes, bool over_tcp) {
    end(*attempt, status, bytes, over_tcp);
  };
  (*channel)->send(*message, std::move(outcome));
  sweep();
  return attempt;
}

Result<std::shared_ptr<AresChannel>> Exchange::channel_for(const ChannelKey& key) {
  auto found = channels_.find(key);
  if (found == channels_.end()) {
    if (channels_.size() >= kMostChannels && !make_room()) {
      return fail(Fault::unavailable, "too many servers are asked at once", key.server.text());
    }
    const auto send = [this, server = key.server](std::span<const std::uint8_t> datagram) {
      return send_datagram(server, datagram);
    };
    auto opened = AresChannel::open(loop_, key.server, key.tcp, key.timeout, send);
    if (!opened) return opened;
    found = channels_.emplace(key, Channel{*opened, 0}).first;
  }
  found->second.used = ++uses_;
  return found->second.ares;
}

bool Exchange::make_room() {
  auto oldest = channels_.end();
  for (auto it = channels_.begin(); it != channels_.end(); ++it) {
    if (it->second.ares->in_flight() != 0) continue;
    if (oldest == channels_.end() || it->second.used < oldest->second.used) oldest = it;
  }
  if (oldest == channels_.end()) return false;
  channels_.erase(oldest);
  return true;
}

bool Exchange::send_datagram(const Endpoint& server, std::span<const std::uint8_t> datagram) {
  const std::size_t sockets = datagrams_->count(server.address.is_v6());
  if (sockets == 0 || datagram.size() < kHeaderOctets) return false;
  if (datagrams_->waiting() % kRun == 0 || socket_ >= sockets)
    socket_ = random_.below(static_cast<std::uint32_t>(sockets));
  const std::size_t port = datagrams_->port_of(server.address.is_v6(), socket_);
  book_.note(server, message_id(datagram), port, question_octets(datagram));
  return datagrams_->send(socket_, server, datagram);
}

void Exchange::receive(std::size_t socket, const Endpoint& from,
                       std::span<const std::uint8_t> datagram) {
  auto match = book_.match(socket, from, datagram);
  const bool known = match.fit != QuestionBook::Fit::none;
  const auto flight = known ? flights_.find({from, message_id(datagram)}) : flights_.end();
  if (match.fit != QuestionBook::Fit::answers) ++counters_.dropped;
  if (flight == flights_.end()) return;
  const std::shared_ptr<Attempt> attempt = flight->second.attempt;
  if (match.fit == QuestionBook::Fit::changed_case) {
    if (!std::exchange(attempt->case_changed, true)) attempt->timer.cancel();
    return;
  }
  attempt->truncated = attempt->truncated || is_truncated(datagram);
  if (const auto channel = flight->second.channel.lock()) {
    channel->deliver(match.message());
  }
}

// As c-ares tells of a datagram that can't leave. Its own end of the query comes with its time.
void Exchange::refused(const Endpoint& to, std::span<const std::uint8_t> datagram) {
  const auto flight = flights_.find({to, message_id(datagram)});
  if (flight == flights_.end()) return;
  const std::shared_ptr<Attempt> attempt = flight->second.attempt;
  end(*attempt, ARES_ECONNREFUSED, {}, false);
}

void Exchange::end(Attempt& attempt, int status, std::span<const std::uint8_t> message,
                   bool over_tcp) {
  if (attempt.done) return;
  attempt.done = true;
  attempt.status = status;
  attempt.over_tcp = over_tcp;
  attempt.message.assign(message.begin(), message.end());
  restore_case(attempt.message, attempt.name);
  attempt.ended_at = now();
  attempt.timer.cancel();
  book_.release(attempt.server, attempt.id);
  flights_.erase({attempt.server, attempt.id});
}

void Exchange::count_end(bool answered) { ++(answered ? counters_.answered : counters_.timed_out); }

void Exchange::sweep() {
  if (sweeping_ || stopped_ || flights_.empty()) return;
  sweeping_ = true;
  sweep_timer_.expires_after(kSweep);
  sweep_timer_.async_wait([weak = weak_from_this()](std::error_code) {
    const auto self = weak.lock();
    if (!self) return;
    self->sweeping_ = false;
    for (const auto& [key, channel] : self->channels_) {
      if (channel.ares->in_flight() != 0) channel.ares->expire();
    }
    self->sweep();
  });
}

void Exchange::cancel_all() {
  ++cancellations_;
  for (const auto& [key, channel] : channels_) channel.ares->cancel();
}

void Exchange::stop() {
  stopped_ = true;
  cancel_all();
  sweep_timer_.cancel();
  channels_.clear();
  datagrams_.reset();
}

}  // namespace mxswitch::probes
