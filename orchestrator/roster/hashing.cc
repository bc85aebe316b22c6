#include "orchestrator/roster/hashing.h"

#include <crypt.h>
#include <sodium.h>

#include <array>
#include <atomic>
#include <charconv>
#include <memory>
#include <thread>

#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

// The smallest pair that current advice for stored passwords allows: it keeps a thousand accounts
// at well under a minute, and a log-in storm from exhausting the mailbox server's memory.
constexpr std::size_t kMemory = 19u << 20;
constexpr unsigned long long kPasses = 2;

constexpr unsigned kMostMemoryKib = 256u << 10;
constexpr unsigned kMostPasses = 16;
constexpr unsigned kMostBlowfishCost = 14;
constexpr std::size_t kMostHash = 512;
constexpr std::string_view kArgon = "{ARGON2ID}";

std::optional<unsigned> number_after(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == text.npos) return std::nullopt;
  unsigned value = 0;
  const char* begin = text.data() + at + key.size();
  const auto [end, code] = std::from_chars(begin, text.data() + text.size(), value);
  if (code != std::errc() || end == begin) return std::nullopt;
  return value;
}

// A stored hash names its own cost: one from outside must not make us spend without limit.
bool is_bounded_argon(std::string_view hash) {
  const auto memory = number_after(hash, "$m="), passes = number_after(hash, ",t=");
  return hash.starts_with("$argon2id$") && hash.size() < crypto_pwhash_STRBYTES && memory &&
         passes && *memory <= kMostMemoryKib && *passes <= kMostPasses;
}

bool is_bounded_crypt(std::string_view scheme, std::string_view hash) {
  if (scheme == "{BLF-CRYPT}") {
    return hash.starts_with("$2") && hash.size() == 60 &&
           number_after(hash, hash.substr(0, 4)).value_or(99) <= kMostBlowfishCost;
  }
  const bool known = (scheme == "{SHA512-CRYPT}" && hash.starts_with("$6$")) ||
                     (scheme == "{SHA256-CRYPT}" && hash.starts_with("$5$"));
  return known && number_after(hash, "rounds=").value_or(5000) <= 1'000'000;
}

std::pair<std::string_view, std::string_view> split_scheme(std::string_view hash) {
  const auto end = hash.find('}');
  if (!hash.starts_with('{') || end == hash.npos) return {};
  return {hash.substr(0, end + 1), hash.substr(end + 1)};
}

bool verify_crypt(const std::string& hash, const std::string& password) {
  const auto scratch = std::make_unique<crypt_data>();
  const char* made = crypt_rn(password.c_str(), hash.c_str(), scratch.get(), sizeof(crypt_data));
  return made != nullptr && equal_in_constant_time(made, hash);
}

// Works through all lines on several threads; the index is the only thing they share.
Result<void> hash_all(const RosterFiles& files, std::vector<AccountWrite>& out, unsigned threads) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&] {
    for (std::size_t i = next++; i < files.accounts.size() && !failed; i = next++) {
      if (!files.accounts[i].password) continue;
      auto hash = hash_password(*files.accounts[i].password);
      if (!hash) {
        failed = true;
        return;
      }
      out[i].password_hash = std::move(*hash);
    }
  };
  {
    std::vector<std::jthread> pool;
    for (unsigned i = 1; i < std::max(threads, 1u); ++i) pool.emplace_back(work);
    work();
  }
  if (failed) return fail(Fault::unavailable, "not enough memory to hash the passwords");
  return {};
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  if (sodium_init() < 0) return fail(Fault::internal, "libsodium does not start");
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str(text.data(), password.data(), password.size(), kPasses, kMemory) != 0) {
    return fail(Fault::unavailable, "not enough memory to hash a password");
  }
  return std::string(kArgon) + text.data();
}

bool is_known_hash(std::string_view hash) {
  if (hash.size() > kMostHash) return false;
  for (const char c : hash) {
    if (c <= ' ' || c > '~' || c == ':') return false;
  }
  const auto [scheme, rest] = split_scheme(hash);
  return scheme == kArgon ? is_bounded_argon(rest) : is_bounded_crypt(scheme, rest);
}

bool verify_password(std::string_view hash, std::string_view password) {
  if (!is_known_hash(hash) || sodium_init() < 0) return false;
  const auto [scheme, rest] = split_scheme(hash);
  const std::string stored(rest);
  if (scheme != kArgon) {
    // crypt takes C strings: what follows a NUL would not count.
    return password.find(static_cast<char>(0)) == password.npos &&
           verify_crypt(stored, std::string(password));
  }
  return crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()) == 0;
}

Result<RosterWrite> make_roster_write(const RosterFiles& files, std::string_view default_password,
                                      Time default_expires_at, unsigned threads) {
  RosterWrite write;
  write.aliases = files.aliases;
  write.catch_all = files.catch_all;
  write.accounts.resize(files.accounts.size());
  std::optional<std::string> default_hash;
  for (std::size_t i = 0; i < files.accounts.size(); ++i) {
    AccountWrite& account = write.accounts[i];
    account.name = files.accounts[i].name;
    account.must_change_password = !files.accounts[i].password;
    if (!account.must_change_password) continue;
    if (!default_hash) {
      auto hash = hash_password(default_password);
      if (!hash) return Failure(hash.error());
      default_hash = std::move(*hash);
    }
    account.password_hash = default_hash;
    account.initial_expires_at = default_expires_at;
  }
  if (auto hashed = hash_all(files, write.accounts, threads); !hashed) {
    return Failure(hashed.error());
  }
  return write;
}

}  // namespace mxswitch::orchestrator
