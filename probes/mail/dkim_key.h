// The DKIM key record (RFC 6376 section 3.6.1, RFC 8301, RFC 8463): may a verifier use what a
// selector publishes? Pure; any bytes may come.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/base/result.h"

namespace mxswitch::probes {

struct DkimKey {
  std::string key_type = "rsa";       // k: "rsa" or "ed25519"
  std::string data;                   // p, without white space; empty: revoked
  int bits = 0;                       // of an RSA key's modulus; 256 of an Ed25519 key
  bool testing = false;               // t=y: verifiers treat mail as if it were not signed
  std::vector<std::string> hashes;    // h; empty: any
  std::vector<std::string> services;  // s; empty: all

  bool revoked() const { return data.empty(); }
};

inline constexpr int kLeastRsaBits = 1024;  // RFC 8301 section 3.2: verifiers refuse less
inline constexpr int kGoodRsaBits = 2048;   // what signers should use

// Fails with `malformed`: another version, an unknown type of key, no p, or a p that is no key.
Result<DkimKey> parse_dkim_key(std::string_view text);

// Why no verifier would take a signature of this key; empty: they would.
std::string dkim_key_fault(const DkimKey& key);
std::vector<std::string> dkim_key_warnings(const DkimKey& key);

// "s1._domainkey.shop.example"; none: `selector` is none (section 3.1).
std::optional<std::string> dkim_key_name(const std::string& selector, const std::string& domain);

std::string plain_base64(std::string_view text);  // without white space

}  // namespace mxswitch::probes
