#include "probes/mail/dkim_key.h"

#include <gtest/gtest.h>

#include "tests/fakes/dkim_keys.h"

namespace mxswitch::probes {
namespace {

std::string with(const char* key, const std::string& tags = "v=DKIM1; k=rsa; ") {
  return tags + "p=" + key;
}

TEST(DkimKey, ReadsKeysOfBothTypesAndBothForms) {
  const auto rsa = parse_dkim_key(with(fakes::kRsa2048));
  ASSERT_TRUE(rsa) << rsa.error().text();
  EXPECT_EQ(rsa->bits, 2048);
  EXPECT_EQ(dkim_key_fault(*rsa), "");
  EXPECT_TRUE(dkim_key_warnings(*rsa).empty());
  EXPECT_EQ(parse_dkim_key(with(fakes::kBareRsa2048, ""))->bits, 2048) << "without v and k";
  const auto ed = parse_dkim_key(with(fakes::kEd25519, "v=DKIM1; k=ed25519; "));
  ASSERT_TRUE(ed) << ed.error().text();
  EXPECT_EQ(dkim_key_fault(*ed), "");
}

TEST(DkimKey, FoldedKeysAreJoined) {
  std::string folded = with(fakes::kRsa2048);
  folded.insert(80, "\r\n\t ");
  ASSERT_TRUE(parse_dkim_key(folded));
  EXPECT_EQ(parse_dkim_key(folded)->data, fakes::kRsa2048);
}

TEST(DkimKey, SaysWhyNoVerifierWouldTakeIt) {
  struct Case {
    std::string text;
    const char* fault;
  };
  const Case cases[] = {
      {"v=DKIM1; p=", "the key is revoked (p is empty)"},
      {with(fakes::kRsa512), "an RSA key of 512 bits is refused, 1024 are the least"},
      {with(fakes::kRsa2048, "h=sha1; "), "h leaves out sha256, which every signature uses"},
      {with(fakes::kRsa2048, "h = sha1 : sha256; "), ""},
      {with(fakes::kRsa2048, "s=tlsrpt; "), "s leaves out email"},
      {with(fakes::kRsa2048, "s=*; "), ""},
  };
  for (const Case& c : cases) {
    const auto key = parse_dkim_key(c.text);
    ASSERT_TRUE(key) << c.text << key.error().text();
    EXPECT_EQ(dkim_key_fault(*key), c.fault) << c.text;
  }
}

TEST(DkimKey, WarnsOfTestsAndSmallKeys) {
  EXPECT_EQ(dkim_key_warnings(*parse_dkim_key(with(fakes::kRsa1024, "t=s:y; "))).size(), 2u);
  EXPECT_TRUE(dkim_key_warnings(*parse_dkim_key(with(fakes::kRsa2048, "t=s; "))).empty());
}

TEST(DkimKey, RefusesWhatIsNone) {
  struct Case {
    std::string text;
    const char* what;
  };
  const Case cases[] = {
      {"", "\"\" has no \"=\""},
      {"k=rsa; v=DKIM1; p=", "v must stand first and be DKIM1"},
      {"v=DKIM2; p=", "v must stand first and be DKIM1"},
      {"v=DKIM1; k=dsa; p=AAAA", "k=dsa is no known type of key"},
      {"v=DKIM1; k=rsa", "there is no p"},
      {"v=DKIM1; p=AAA", "p is no base64: its length is odd"},
      {"v=DKIM1; p=A*AA", "p is no base64"},
      {"v=DKIM1; p=AA==", "p holds no RSA key"},
      {"v=DKIM1; p=AAAA", "p holds no RSA key"},
      {"v=DKIM1; k=ed25519; p=AAAA", "p holds 3 octets, an Ed25519 key has 32"},
      {"v=DKIM1; p=A; p=B", "tag p stands twice"},
      {"v=DKIM1; 1=2", "\"1\" is no name of a tag"},
      {"v=DKIM1;; p=", "\"\" has no \"=\""},
      {"v=DKIM1; n=\x01", "tag n holds what is no visible character"},
      {std::string(9000, 'a'), "over 8192 octets"},
  };
  for (const Case& c : cases) {
    const auto key = parse_dkim_key(c.text);
    ASSERT_FALSE(key) << c.text;
    EXPECT_EQ(key.error().what, c.what) << c.text.substr(0, 80);
  }
}

TEST(DkimKey, StandsBelowItsSelector) {
  EXPECT_EQ(dkim_key_name("s1", "shop.example"), "s1._domainkey.shop.example");
  EXPECT_EQ(dkim_key_name("2026.eu", "shop.example"), "2026.eu._domainkey.shop.example");
  for (const char* none : {"", "a b", "a..b", ".", "a\\b"})
    EXPECT_FALSE(dkim_key_name(none, "shop.example")) << none;
}

}  // namespace
}  // namespace mxswitch::probes
