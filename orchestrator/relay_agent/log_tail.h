// Follows Postfix's log file through rotation. Reads what is there and returns; the caller asks
// again. Where it stood is a value, so that a restart goes on from there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace mxswitch::orchestrator {

struct LogPosition {
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;
};

class LogTail {
 public:
  // Without a position it begins at the end of the file that is there now.
  LogTail(std::string path, LogPosition position) : path_(std::move(path)), position_(position) {}

  // Hands over whole lines, at most 4 MiB of them; false when the file can't be read.
  bool read(const std::function<void(std::string_view line)>& take);
  LogPosition position() const { return position_; }
  void go_on_from(LogPosition position) { position_ = position; }  // before the first read()
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  LogPosition position_;
  bool begun_ = false;
};

}  // namespace mxswitch::orchestrator
