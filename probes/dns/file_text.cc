#include "probes/dns/file_text.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace mxswitch::probes {
namespace {

constexpr std::size_t kMaxFile = 4u << 20;

}  // namespace

Result<std::string> read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return fail(Fault::usage, std::string("can't open the file: ") + std::strerror(errno), path);
  std::string text(kMaxFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail(Fault::usage, "can't read the file", path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFile) return fail(Fault::usage, "the file is over 4 MiB", path);
  return text;
}

}  // namespace mxswitch::probes
