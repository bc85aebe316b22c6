// What the programs of `tests/bench/run spf` have in common: the cases, and CPU seconds.
#pragma once

#include <sys/resource.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace mxswitch::bench {

struct SpfCase {
  std::string ip, sender, helo;  // an empty sender is the null sender
};

inline std::vector<SpfCase> read_cases(const char* path) {
  std::vector<SpfCase> cases;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    SpfCase made;
    std::istringstream(line) >> made.ip >> made.sender >> made.helo;
    if (made.sender == "-") made.sender.clear();
    cases.push_back(made);
  }
  return cases;
}

// User and system time of this process.
inline double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace mxswitch::bench
