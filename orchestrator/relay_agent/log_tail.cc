#include "orchestrator/relay_agent/log_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kChunk = 4u << 20;
constexpr std::size_t kLongestLine = 64u << 10;
constexpr int kReadsOfRenamed = 240;  // a minute

void close_file(int& file) {
  if (file >= 0) ::close(std::exchange(file, -1));
}

int open_file(const std::string& path) { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }

// The file of this inode beside `path`, as rotation leaves it ("mail.log.1"); empty: none.
std::string find_renamed(const std::string& path, std::uint64_t inode) {
  const std::filesystem::path name(path);
  std::error_code error;
  for (std::filesystem::directory_iterator it(name.parent_path(), error), end; !error && it != end;
       it.increment(error)) {
    struct stat status {};
    const bool is_kin = it->path().filename().string().starts_with(name.filename().string());
    if (is_kin && ::stat(it->path().c_str(), &status) == 0 && status.st_ino == inode) {
      return it->path().string();
    }
  }
  return {};
}

bool is_begin_of_line(int file, std::uint64_t offset) {
  char before = 0;
  return offset == 0 ||
         (::pread(file, &before, 1, static_cast<off_t>(offset - 1)) == 1 && before == '\n');
}

// Whole lines from `offset`, which moves on; true when nothing more is there.
bool drain(int file, std::uint64_t& offset, const LogTail::Take& take) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return true;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size < offset) offset = 0;  // cut
  std::string text(std::min<std::uint64_t>(size - offset, kChunk), '\0');
  const auto got = ::pread(file, text.data(), text.size(), static_cast<off_t>(offset));
  if (got <= 0) return true;
  text.resize(static_cast<std::size_t>(got));
  bool whole = is_begin_of_line(file, offset);
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != text.npos; end = text.find('\n', begin)) {
    if (std::exchange(whole, true)) take(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  // What has no end after this much is no line of a mail log.
  if (begin == 0 && text.size() > kLongestLine) begin = text.size();
  offset += begin;
  return begin == 0 || offset == size;
}

}  // namespace

LogTail::~LogTail() {
  close_file(file_);
  close_file(renamed_);
}

void LogTail::open(std::uint64_t inode_at_path, std::uint64_t size_at_path) {
  if (position_.inode == 0) position_ = {inode_at_path, size_at_path};
  if (position_.inode != inode_at_path) {
    // Rotated while nobody read: the rest of the old file first, where it still is.
    const auto renamed = find_renamed(path_, position_.inode);
    if (!renamed.empty()) file_ = open_file(renamed);
    if (file_ >= 0) return;
    position_ = {inode_at_path, 0};
  }
  file_ = open_file(path_);
}

void LogTail::move_on() {
  const int next = open_file(path_);
  if (next < 0) return;
  close_file(renamed_);
  renamed_ = std::exchange(file_, next);
  renamed_offset_ = position_.offset;
  renamed_reads_ = kReadsOfRenamed;
  struct stat status {};
  position_ = {::fstat(file_, &status) == 0 ? static_cast<std::uint64_t>(status.st_ino) : 0, 0};
}

bool LogTail::read(const Take& take) {
  struct stat status {};
  const bool is_there = ::stat(path_.c_str(), &status) == 0;
  const auto inode = static_cast<std::uint64_t>(status.st_ino);
  if (is_there && file_ < 0) open(inode, static_cast<std::uint64_t>(status.st_size));
  if (file_ < 0) return false;
  if (renamed_ >= 0) {
    drain(renamed_, renamed_offset_, take);
    if (--renamed_reads_ == 0) close_file(renamed_);
  }
  const bool done = drain(file_, position_.offset, take);
  if (is_there && done && inode != position_.inode) {
    move_on();
    drain(file_, position_.offset, take);
  }
  return is_there;
}

}  // namespace mxswitch::orchestrator
