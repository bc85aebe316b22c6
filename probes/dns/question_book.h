// Which questions are in flight, and which datagram answers one: only a datagram whose peer,
// port, QR, id and question (byte for byte, so also its 0x20 case) fit. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>

#include "probes/dns/flight_key.h"
#include "probes/dns/query_bytes.h"

namespace mxswitch::probes {

class QuestionBook {
 public:
  // An id that no other query in flight to this peer has; nothing when too many are. `random`
  // must not be guessable.
  std::optional<std::uint16_t> reserve(const Endpoint& peer,
                                       const std::function<std::uint32_t()>& random);
  // The datagram that left by `socket` carried this question.
  void note(const Endpoint& peer, std::uint16_t id, std::size_t socket,
            std::span<const std::uint8_t> question);
  void release(const Endpoint& peer, std::uint16_t id);

  enum class Fit {
    none,          // a stranger's, a late or a second one
    changed_case,  // all fits but the case of the name
    answers,
  };
  struct Match {
    Fit fit = Fit::none;
    // The datagram, which must outlive the view; an error without a question (some servers answer
    // so what they can't read) has the noted one put back.
    std::span<const std::uint8_t> message() const { return mended.empty() ? as_it_came : mended; }
    std::span<const std::uint8_t> as_it_came;
    MessageBytes mended;
  };
  Match match(std::size_t socket, const Endpoint& from, std::span<const std::uint8_t> datagram);

  std::size_t in_flight() const { return noted_.size(); }

 private:
  struct Noted {
    bool sent = false, answered = false;
    std::size_t socket = 0;
    MessageBytes question;
  };
  std::unordered_map<FlightKey, Noted, FlightHash> noted_;
  std::unordered_map<Endpoint, std::size_t, EndpointHash> by_peer_;
};

}  // namespace mxswitch::probes
