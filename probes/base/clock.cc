#include "probes/base/clock.h"

#include <sys/timex.h>
#include <time.h>

#include <fstream>

namespace mxswitch {
namespace {

Duration read_clock(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return std::chrono::duration_cast<Duration>(seconds(t.tv_sec) +
                                              std::chrono::nanoseconds(t.tv_nsec));
}

std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace

SystemClock::SystemClock()
    : anchor_wall_(read_clock(CLOCK_REALTIME)), anchor_boot_(read_clock(CLOCK_BOOTTIME)) {}

Time SystemClock::now() const { return at(read_clock(CLOCK_BOOTTIME)); }

Time SystemClock::at(Duration boot_time) const { return anchor_wall_ + (boot_time - anchor_boot_); }

ClockReading SystemClock::reading() const {
  timex state{};
  const int status = adjtimex(&state);
  ClockReading reading;
  reading.wall = Time(read_clock(CLOCK_REALTIME));
  reading.boot_time = read_clock(CLOCK_BOOTTIME);
  reading.now = at(reading.boot_time);
  static const std::string boot_id = read_boot_id();  // a process lives in one boot
  reading.boot_id = boot_id;
  reading.synchronised = status != -1 && status != TIME_ERROR;
  reading.error = Duration(state.maxerror / 1000);  // the kernel states microseconds
  return reading;
}

ClockReading ManualClock::reading() const {
  return {now_, now_, now_.time_since_epoch(), "manual", true, Duration(0)};
}

}  // namespace mxswitch
