// When each watched owner wants to be looked at next: a heap of wake-ups, one timer above it. Pure.
// Owners go by small numbers that the caller gives out, so that a wake-up is moved in O(log n)
// without comparing a name or allocating.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "probes/base/clock.h"

namespace mxswitch::monitor {

using OwnerNumber = std::uint32_t;

class Scheduler {
 public:
  // Replaces the owner's wake-up. O(log n), as erase and each one taken.
  void set(OwnerNumber owner, Time at);
  void erase(OwnerNumber owner);
  std::optional<Time> next() const;
  // Takes out the owners whose time has come, earliest first, at most `most` of them.
  std::vector<OwnerNumber> take_due(Time now, std::size_t most = SIZE_MAX);

 private:
  struct WakeUp {
    Time at;
    OwnerNumber owner;
    bool operator<(const WakeUp& other) const {
      return at != other.at ? at < other.at : owner < other.owner;
    }
  };
  void place(std::size_t position, WakeUp wake_up);
  void rise(std::size_t position, WakeUp wake_up);
  void sink(std::size_t position, WakeUp wake_up);
  void remove_at(std::size_t position);

  std::vector<WakeUp> heap_;
  std::vector<std::uint32_t> positions_;  // of each owner in the heap, plus one; 0: it has none
};

}  // namespace mxswitch::monitor
