#include "orchestrator/relay_agent/log_tail.h"

#include <sys/stat.h>

#include <fstream>

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kChunk = 4u << 20;
constexpr std::size_t kLongestLine = 64u << 10;

}  // namespace

bool LogTail::read(const std::function<void(std::string_view line)>& take) {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) return false;
  const auto inode = static_cast<std::uint64_t>(status.st_ino);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const bool first = !begun_;
  begun_ = true;
  if (first && position_.inode == 0) {
    position_ = {inode, size};
    return true;
  }
  // Rotated or cut: the new file begins at its beginning.
  if (inode != position_.inode || size < position_.offset) position_ = {inode, 0};
  if (size == position_.offset) return true;
  std::ifstream file(path_, std::ios::binary);
  if (!file) return false;
  file.seekg(static_cast<std::streamoff>(position_.offset));
  std::string text(std::min<std::uint64_t>(size - position_.offset, kChunk), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != text.npos; end = text.find('\n', begin)) {
    take(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  // What has no end after this much is no line of a mail log.
  if (begin == 0 && text.size() > kLongestLine) begin = text.size();
  position_.offset += begin;
  return true;
}

}  // namespace mxswitch::orchestrator
