#include "probes/base/secrets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace mxswitch {
namespace {

constexpr std::size_t kLongestSecretFile = 4096;

void require_sodium() {
  // Without a source of random bytes every token would be guessable: better not to run at all.
  if (sodium_init() < 0) std::abort();
}

std::string hex(const unsigned char* bytes, std::size_t count) {
  std::string text;
  text.reserve(count * 2);
  for (std::size_t i = 0; i < count; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

class File {
 public:
  explicit File(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

Failure cannot_read(const std::string& path, int code) {
  return fail(code == ENOENT ? Fault::not_found : Fault::usage,
              fmt::format("cannot read the secret file: {}", std::strerror(code)), path,
              "make it readable for this user alone (chmod 600)");
}

Result<void> require_private(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) {
    return fail(Fault::usage, "the secret is not a regular file", path,
                "name a file that holds the secret on its first line");
  }
  if ((status.st_mode & 077) != 0) {
    return fail(Fault::usage,
                fmt::format("the secret file has mode {:04o}, so others can read or change it",
                            status.st_mode & 07777),
                path, fmt::format("run: chmod 600 {}", path));
  }
  return {};
}

Result<std::string> read_all(const File& file, const std::string& path) {
  std::string content(kLongestSecretFile + 1, '\0');
  std::size_t length = 0;
  while (length < content.size()) {
    const ssize_t got = ::read(file.fd(), content.data() + length, content.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(path, errno);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  content.resize(length);
  if (length > kLongestSecretFile) {
    return fail(Fault::usage, "the secret file is longer than 4096 bytes", path,
                "put only the secret on its first line");
  }
  return content;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return hex(digest.data(), digest.size());
}

std::string random_hex(std::size_t bytes) {
  require_sodium();
  std::string raw(bytes, '\0');
  randombytes_buf(raw.data(), raw.size());
  return hex(reinterpret_cast<const unsigned char*>(raw.data()), raw.size());
}

std::string random_uuid() {
  require_sodium();
  std::array<unsigned char, 16> raw{};
  randombytes_buf(raw.data(), raw.size());
  raw[6] = static_cast<unsigned char>((raw[6] & 0x0f) | 0x40);  // version 4
  raw[8] = static_cast<unsigned char>((raw[8] & 0x3f) | 0x80);  // variant of RFC 9562
  std::string text = hex(raw.data(), raw.size());
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) text.insert(dash, 1, '-');
  return text;
}

std::string random_password() {
  // 32 letters and digits without the look-alikes 0 o, 1 l: 16 of them carry 80 bits.
  constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kAlphabet.size() == 32);
  require_sodium();
  std::string password;
  for (int i = 0; i < 16; ++i) password += kAlphabet[randombytes_uniform(kAlphabet.size())];
  return password;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  // Digests of equal length are compared, so the time tells nothing of the lengths either.
  std::array<unsigned char, SHA256_DIGEST_LENGTH> left{}, right{};
  SHA256(reinterpret_cast<const unsigned char*>(a.data()), a.size(), left.data());
  SHA256(reinterpret_cast<const unsigned char*>(b.data()), b.size(), right.data());
  return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

Result<std::string> read_secret_file(const std::string& path) {
  const File file(path);
  struct stat status {};
  if (file.fd() < 0 || ::fstat(file.fd(), &status) != 0) return cannot_read(path, errno);
  if (auto allowed = require_private(path, status); !allowed) {
    return Failure(std::move(allowed).error());
  }
  auto content = read_all(file, path);
  if (!content) return content;
  std::string line = content->substr(0, content->find('\n'));
  if (line.ends_with('\r')) line.pop_back();
  sodium_memzero(content->data(), content->size());
  if (line.empty()) {
    return fail(Fault::usage, "the first line of the secret file is empty", path,
                "put the secret on its first line");
  }
  return line;
}

}  // namespace mxswitch
