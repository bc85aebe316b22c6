#include "orchestrator/plan/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "orchestrator/plan/plan_template.h"

namespace mxswitch::orchestrator {
namespace {

std::string digest_of(const std::string& toml, const DigestContext& context = {}) {
  const auto plan = parse_plan(toml, "shop.toml");
  if (!plan) return plan.error().text();
  return plan_digest(*plan, context);
}

std::string with(const std::string& more) {
  return "domain = \"shop.example\"\n[mx]\nnew = \"10 a.example, 20 b.example\"\n" + more;
}

TEST(PlanDigest, DoesNotDependOnHowTheFileIsWritten) {
  const auto digest = digest_of(with("[spf]\nrequire = [\"mx\", \"a\"]\n[policy]\nk = 23"));
  EXPECT_EQ(digest.size(), 64u);
  EXPECT_EQ(digest_of("# again\ndomain = \"SHOP.example.\"\n[spf]\nrequire = [\"A\", \"mx\"]\n"
                      "[mx]\nnew = [\"20 B.example\", \"10 A.example.\"]\n"),
            digest);
}

TEST(PlanDigest, ChangesWithEverySetting) {
  const std::vector<std::string> settings = {
      "",
      "old = \"10 c.example\"",
      "old_ttl = \"1h\"",
      "changed_at = 2026-11-22T14:32:10Z",
      "[authority]\nns_drain = \"ttl\"",
      "[authority]\nignore = [{server = \"a\", reason = \"b\"}]",
      "[spf]",
      "[spf]\nall = \"-all\"",
      "[spf]\nsenders_old = [\"192.0.2.1\"]",
      "[spf]\nsenders_new = [\"192.0.2.1\"]",
      "[outbound]\ndkim_selectors = [\"s1\"]",
      "[relay]\nname = \"filter\"",
      "[relay]\nforward = \"smtp:[a.example]:25\"",
      "[relay]\nhosted = \"smtp:[a.example]:25\"",
      "[relay]\nprobe_recipient = \"joe\"",
      "[relay]\nold_server_exempts = true",
      "[roster]\naccounts = \"a\"",
      "[roster]\ncatch_all = \"mary\"",
      "[roster]\nignore = [\"joe\"]",
      "[contact]\nexternal = [\"a@b.example\"]",
      "[policy]\nfloor = \"1s\"",
      "[policy]\nseed = true",
      "[policy]\nquiet = true",
      "[policy]\nwindow = \"22:00-05:00\"",
      "[policy]\napprovers = 1",
      "[policy]\nunknown_grace = \"0s\"",
      "[policy]\nprobe_from = \"smtp://a.example:587\"",
  };
  std::set<std::string> digests;
  for (const auto& setting : settings) {
    const auto digest = digest_of(with(setting));
    EXPECT_EQ(digest.size(), 64u) << digest;
    EXPECT_TRUE(digests.insert(digest).second) << setting;
  }
}

TEST(PlanDigest, CoversTheRelayTheGenerationAndTheRoster) {
  const std::set<std::string> digests = {
      digest_of(with("")),
      digest_of(with(""), {{{"a", "smtp:[x]:25"}}, 1, std::nullopt}),
      digest_of(with(""), {{}, 2, std::nullopt}),
      digest_of(with(""), {{}, 1, "roster"}),
      digest_of(with(""), {{}, 1, ""}),
  };
  EXPECT_EQ(digests.size(), 5u);
}

TEST(PlanDigest, IsNamedByAPrefixOfEightOrMore) {
  const std::string digest = digest_of(with(""));
  EXPECT_TRUE(matches_digest(digest, digest));
  EXPECT_TRUE(matches_digest(digest.substr(0, 8), digest));
  EXPECT_FALSE(matches_digest(digest.substr(0, 7), digest));
  EXPECT_FALSE(matches_digest("", digest));
  EXPECT_FALSE(matches_digest(digest + "0", digest));
  EXPECT_TRUE(matches_digest("ABCDEF01", "abcdef01234"));
  EXPECT_FALSE(matches_digest("abcdef02", "abcdef01234"));
  EXPECT_FALSE(matches_digest("abcdefg1", "abcdefg1234"));
}

PlanAnswers answers() {
  PlanAnswers given;
  given.domain = "shop.example";
  given.new_mx = "10 mx1.filter.example";
  return given;
}

TEST(PlanTemplate, ParsesAgain) {
  auto given = answers();
  auto plan = parse_plan(write_plan_template(given), "shop.toml");
  ASSERT_TRUE(plan) << plan.error().text() << "\n" << write_plan_template(given);
  EXPECT_EQ(plan_digest(*plan, {}),
            digest_of("domain = \"shop.example\"\n[mx]\nnew = \"10 mx1.filter.example\"\n"));

  given.old_mx = "10 mail.shop.example";
  given.old_ttl = seconds(3600);
  given.relay = "filter";
  given.forward = "smtp:[mail.shop.example]:25";
  given.hosted = "lmtp:unix:private/dovecot-lmtp";
  given.accounts = "a \"quoted\"\\name.txt";
  given.aliases = "aliases.txt";
  given.contacts = {"a@b.example", "https://c.example/d"};
  given.lab_policy = true;
  plan = parse_plan(write_plan_template(given), "shop.toml");
  ASSERT_TRUE(plan) << plan.error().text() << "\n" << write_plan_template(given);
  EXPECT_EQ(plan->old_mx->text(), given.old_mx);
  EXPECT_EQ(plan->old_ttl, given.old_ttl);
  EXPECT_EQ(plan->relay.name, given.relay);
  EXPECT_EQ(plan->relay.forward, given.forward);
  EXPECT_EQ(plan->relay.hosted, given.hosted);
  EXPECT_EQ(plan->roster.accounts, given.accounts);
  EXPECT_EQ(plan->contact_external, given.contacts);
  EXPECT_EQ(plan->policy.k, 7);
  EXPECT_EQ(plan->policy.settle, seconds(10));
}

// A person takes a comment out and expects a plan that loads.
TEST(PlanTemplate, ParsesWithEveryCommentTakenOut) {
  const auto text = write_plan_template(answers());
  std::string all;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = text.find('\n', begin);
    auto line = text.substr(begin, end - begin);
    const bool is_setting =
        line.starts_with("# [") || (line.starts_with("# ") && line.find(" = ") != line.npos);
    all += (is_setting ? line.substr(2) : line) + "\n";
    begin = end + 1;
  }
  const auto plan = parse_plan(all, "shop.toml");
  ASSERT_TRUE(plan) << plan.error().text() << "\n" << all;
  EXPECT_TRUE(plan->spf);
  EXPECT_EQ(plan->relay.forward, "smtp:[mail.old.example]:25");
  EXPECT_TRUE(plan->window);
}

TEST(PlanTemplate, LetsNoAnswerBreakOut) {
  auto given = answers();
  given.domain = "shop.example\"\nevil = \"x";
  const auto plan = parse_plan(write_plan_template(given), "shop.toml");
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().what, testing::HasSubstr("is not a domain name"));
}

}  // namespace
}  // namespace mxswitch::orchestrator
