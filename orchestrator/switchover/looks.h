// Which of several looks at the same thing counts. They overlap: a command has one made while the
// timer's is under way, and a plan may be replaced in the middle of one. Of two the one that began
// later saw the newer truth, whichever ends first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace mxswitch::orchestrator {

enum class Fact { relay, roster, flow, dry_run, outside, outbound, contact, next_hops, old_server };
inline constexpr std::size_t kFacts = 9;

class Looks {
 public:
  using Look = std::uint64_t;

  Look begin() { return ++begun_; }
  // False: a later one was taken, or all were forgotten; what this one saw is dropped.
  bool take(Fact fact, Look look) {
    Look& newest = taken_[static_cast<std::size_t>(fact)];
    if (look < newest) return false;
    newest = look;
    return true;
  }
  // What is under way now was begun for another plan.
  void forget() { taken_.fill(++begun_); }

 private:
  Look begun_ = 0;
  std::array<Look, kFacts> taken_{};
};

}  // namespace mxswitch::orchestrator
