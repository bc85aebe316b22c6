// The one source of time. Cores never call it: time enters them as an argument.
//
// `Time` is a point on the process's own timeline: UTC at the anchor plus CLOCK_BOOTTIME since
// then. A jump of the wall clock therefore moves no bound, and a suspended machine still counts.
#pragma once

#include <chrono>
#include <string>

namespace mxswitch {

using Duration = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Duration>;
using std::chrono::seconds;

// What is stored beside a clock that must survive a restart (PROPAGATION.md 2 B, Time).
struct ClockReading {
  Time now;                   // on the process's timeline, of the same instant as boot_time
  Time wall;                  // CLOCK_REALTIME
  Duration boot_time;         // CLOCK_BOOTTIME
  std::string boot_id;        // of the running kernel
  bool synchronised = false;  // adjtimex says NTP holds the wall clock
  Duration error{0};          // its stated maximum error
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual ClockReading reading() const = 0;
};

class SystemClock final : public Clock {
 public:
  SystemClock();  // anchors the timeline at the wall clock of this moment
  Time now() const override;
  ClockReading reading() const override;

 private:
  Time at(Duration boot_time) const;

  Time anchor_wall_;
  Duration anchor_boot_;
};

// For tests and simulation: moves only when told to.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start) {}
  Time now() const override { return now_; }
  ClockReading reading() const override;
  void advance(Duration by) { now_ += by; }
  void set(Time to) { now_ = to; }

 private:
  Time now_;
};

}  // namespace mxswitch
