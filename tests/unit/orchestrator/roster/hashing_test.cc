#include "orchestrator/roster/hashing.h"

#include <gtest/gtest.h>

namespace mxswitch::orchestrator {
namespace {

TEST(Hashing, MakesWhatItAndDovecotCanVerify) {
  const auto hash = hash_password("joes-password");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
  EXPECT_TRUE(is_known_hash(*hash));
  EXPECT_TRUE(verify_password(*hash, "joes-password"));
  EXPECT_FALSE(verify_password(*hash, "joes-passwore"));
  EXPECT_FALSE(verify_password(*hash, ""));
  EXPECT_NE(*hash_password("joes-password"), *hash);
}

TEST(Hashing, VerifiesTheSchemesOfCrypt) {
  // Made with `doveadm pw -s SCHEME -p joes-password`.
  const char* const hashes[] = {
      "{BLF-CRYPT}$2y$05$TkfsnDUdLdW1YC8IdPwojeFrF1Pxa758C1SRe0pbOmmJHjzGejToe",
      ("{SHA512-CRYPT}$6$zQlP2sCrkobJg2pg$C8BKthJ5znHqv/IrM7gOXK/"
       "Sx7iBVTI0mJZTtQWLBSUrjNlxBu36Shd3XYk9CptiEgxbDxEeP2OPcD1SipjsA."),
      "{SHA256-CRYPT}$5$baTcVZJqLnp.XUlx$X5UHkswI2c/XaD3XuL2yX//mfY5EkGKHv4oJAjNz8h8",
  };
  for (const char* hash : hashes) {
    SCOPED_TRACE(hash);
    EXPECT_TRUE(verify_password(hash, "joes-password"));
    EXPECT_FALSE(verify_password(hash, "joes-passwore"));
    EXPECT_FALSE(verify_password(hash, std::string("joes-password\0x", 15)));
  }
}

TEST(Hashing, RefusesWhatItDoesNotKnowOrWhatWouldCostTooMuch) {
  const char* const hashes[] = {
      "",
      "{PLAIN}secret",
      "secret",
      "{ARGON2ID}",
      "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ",
      "{ARGON2ID}$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA",
      "{ARGON2ID}$argon2id$v=19$m=19456,t=4000,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA",
      "{BLF-CRYPT}$2y$31$abcdefghijklmnopqrstuuSVnHtOmP1u9XyLFfRoOIoFYzDZ5MvXK",
      "{SHA512-CRYPT}$6$rounds=999999999$abc$def",
      "{BLF-CRYPT}$6$rounds=5000$abc$def",
  };
  for (const char* hash : hashes) {
    SCOPED_TRACE(hash);
    EXPECT_FALSE(verify_password(hash, "secret"));
  }
  EXPECT_FALSE(is_known_hash("{SHA512-CRYPT}$6$abc$def\nuser:"));
  EXPECT_FALSE(is_known_hash("{SHA512-CRYPT}$6$" + std::string(600, 'a')));
}

TEST(Hashing, GivesTheDefaultPasswordToNamesAlone) {
  RosterFiles files;
  files.accounts = {{"joe", "joes-password"}, {"newbie", {}}, {"other", {}}};
  files.aliases = {{"info", {"joe"}}};
  const Time expiry{std::chrono::hours(24)};
  const auto write = make_roster_write(files, "default-pw", expiry, 2);
  ASSERT_TRUE(write) << write.error().text();
  ASSERT_EQ(write->accounts.size(), 3u);
  EXPECT_TRUE(verify_password(*write->accounts[0].password_hash, "joes-password"));
  EXPECT_FALSE(write->accounts[0].must_change_password);
  EXPECT_FALSE(write->accounts[0].initial_expires_at);
  EXPECT_TRUE(verify_password(*write->accounts[1].password_hash, "default-pw"));
  EXPECT_TRUE(write->accounts[1].must_change_password);
  EXPECT_EQ(write->accounts[1].initial_expires_at, expiry);
  EXPECT_EQ(write->accounts[2].password_hash, write->accounts[1].password_hash);
  EXPECT_EQ(write->aliases, files.aliases);
}

}  // namespace
}  // namespace mxswitch::orchestrator
