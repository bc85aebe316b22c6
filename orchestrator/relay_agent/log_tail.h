// Follows Postfix's log file through rotation. Reads what is there and returns; the caller asks
// again, a few times a second. Where it stood is a value, so that a restart goes on from there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace mxswitch::orchestrator {

struct LogPosition {
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;
};

class LogTail {
 public:
  using Take = std::function<void(std::string_view line)>;

  // Without a position it begins at the end of the file that is there now.
  LogTail(std::string path, LogPosition position) : path_(std::move(path)), position_(position) {}
  ~LogTail();
  LogTail(const LogTail&) = delete;
  LogTail& operator=(const LogTail&) = delete;

  // Hands over whole lines, at most 4 MiB of them; false when the file can't be read. What stands
  // between a place inside of a line and its end is no line. A file that was renamed is read to
  // its end before the new one, and for as long after that as its writer may not know.
  bool read(const Take& take);
  LogPosition position() const { return position_; }
  void go_on_from(LogPosition position) { position_ = position; }  // before the first read()
  const std::string& path() const { return path_; }

 private:
  void open(std::uint64_t inode_at_path, std::uint64_t size_at_path);
  void move_on();

  std::string path_;
  LogPosition position_;
  int file_ = -1;
  int renamed_ = -1;
  std::uint64_t renamed_offset_ = 0;
  int renamed_reads_ = 0;  // left
};

}  // namespace mxswitch::orchestrator
