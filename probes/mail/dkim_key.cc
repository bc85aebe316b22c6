#include "probes/mail/dkim_key.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "probes/dns/dns_name.h"
#include "probes/mail/tag_list.h"

namespace mxswitch::probes {
namespace {

constexpr std::size_t kEd25519Octets = 32;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeKey>;

Result<std::vector<std::uint8_t>> decode_base64(const std::string& text) {
  if (text.size() % 4 != 0) return fail(Fault::malformed, "p is no base64: its length is odd");
  std::vector<std::uint8_t> octets(text.size() / 4 * 3);
  const int made =
      EVP_DecodeBlock(octets.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (made < 0) return fail(Fault::malformed, "p is no base64");
  const auto padding = static_cast<std::size_t>(
      std::count(text.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, text.size())),
                 text.end(), '='));
  octets.resize(static_cast<std::size_t>(made) - padding);
  return octets;
}

// SubjectPublicKeyInfo as everybody publishes it, or the bare RSAPublicKey of the RFC's text.
Result<int> rsa_bits(const std::vector<std::uint8_t>& octets) {
  const auto length = static_cast<long>(octets.size());
  const unsigned char* data = octets.data();
  KeyHandle key(d2i_PUBKEY(nullptr, &data, length));
  if (!key) {
    data = octets.data();
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &data, length));
  }
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA)
    return fail(Fault::malformed, "p holds no RSA key");
  return EVP_PKEY_bits(key.get());
}

Result<void> read_data(DkimKey& key) {
  if (key.revoked()) return {};
  const auto octets = decode_base64(key.data);
  if (!octets) return Failure(octets.error());
  if (key.key_type == "ed25519") {
    if (octets->size() != kEd25519Octets)
      return fail(Fault::malformed, fmt::format("p holds {} octets, an Ed25519 key has {}",
                                                octets->size(), kEd25519Octets));
    key.bits = 256;
    return {};
  }
  const auto bits = rsa_bits(*octets);
  if (!bits) return Failure(bits.error());
  key.bits = *bits;
  return {};
}

bool holds(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

Result<DkimKey> parse_dkim_key(std::string_view text) {
  const auto tags = parse_tag_list(text);
  if (!tags) return Failure(tags.error());
  DkimKey key;
  for (std::size_t i = 0; i < tags->size(); ++i) {
    const Tag& tag = (*tags)[i];
    if (tag.name == "v" && (i > 0 || tag.value != "DKIM1"))
      return fail(Fault::malformed, "v must stand first and be DKIM1");
    if (tag.name == "k") key.key_type = tag.value;
    if (tag.name == "h") key.hashes = split_colons(tag.value);
    if (tag.name == "s") key.services = split_colons(tag.value);
    if (tag.name == "t") key.testing = holds(split_colons(tag.value), "y");
  }
  if (key.key_type != "rsa" && key.key_type != "ed25519")
    return fail(Fault::malformed, fmt::format("k={} is no known type of key", key.key_type));
  const std::string* data = find_tag(*tags, "p");
  if (!data) return fail(Fault::malformed, "there is no p");
  key.data = plain_base64(*data);
  if (auto read = read_data(key); !read) return Failure(read.error());
  return key;
}

std::string dkim_key_fault(const DkimKey& key) {
  if (key.revoked()) return "the key is revoked (p is empty)";
  if (key.key_type == "rsa" && key.bits < kLeastRsaBits)
    return fmt::format("an RSA key of {} bits is refused, {} are the least", key.bits,
                       kLeastRsaBits);
  if (!key.hashes.empty() && !holds(key.hashes, "sha256"))
    return "h leaves out sha256, which every signature uses";
  if (!key.services.empty() && !holds(key.services, "*") && !holds(key.services, "email"))
    return "s leaves out email";
  return "";
}

std::vector<std::string> dkim_key_warnings(const DkimKey& key) {
  std::vector<std::string> warnings;
  if (key.testing)
    warnings.push_back("t=y says that the key is tried out: verifiers take mail as not signed");
  if (key.key_type == "rsa" && key.bits >= kLeastRsaBits && key.bits < kGoodRsaBits)
    warnings.push_back(
        fmt::format("the RSA key has {} bits, {} are advised", key.bits, kGoodRsaBits));
  return warnings;
}

std::optional<std::string> dkim_key_name(const std::string& selector, const std::string& domain) {
  if (selector.empty() || selector.find_first_of(" \\\"") != std::string::npos) return std::nullopt;
  std::string text = selector + "._domainkey." + domain;
  return DnsName::parse(text) ? std::optional(text) : std::nullopt;
}

std::string plain_base64(std::string_view text) {
  std::string made;
  std::copy_if(text.begin(), text.end(), std::back_inserter(made),
               [](char c) { return c != ' ' && c != '\t' && c != '\r' && c != '\n'; });
  return made;
}

}  // namespace mxswitch::probes
