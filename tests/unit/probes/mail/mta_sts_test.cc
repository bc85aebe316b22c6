#include "probes/mail/mta_sts.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

TEST(MtaSts, ReadsAPolicy) {
  const auto policy = parse_mta_sts_policy(
      "version: STSv1\r\nmode: enforce\r\nmx: Mail.Shop.Example.\nmx: *.filter.example\n"
      "new: thing\nmax_age: 604800\nmode: none\n");
  ASSERT_TRUE(policy) << policy.error().text();
  EXPECT_EQ(policy->mode, "enforce");
  EXPECT_EQ(policy->max_age, seconds(604'800));
  for (const char* host : {"mail.shop.example", "MX1.filter.example", "mx1.filter.example."})
    EXPECT_TRUE(allows_exchange(*policy, host)) << host;
  for (const char* host : {"shop.example", "filter.example", "a.b.filter.example",
                           ".filter.example", "xfilter.example", "mail.shop.example.evil"})
    EXPECT_FALSE(allows_exchange(*policy, host)) << host;
}

TEST(MtaSts, AnAgeIsAYearAtMost) {
  const auto policy = parse_mta_sts_policy("version:STSv1\nmode:none\nmax_age:999999999999");
  ASSERT_TRUE(policy) << policy.error().text();
  EXPECT_EQ(policy->max_age, kLongestMaxAge);
}

TEST(MtaSts, RefusesWhatNoSenderCouldUse) {
  for (const char* body :
       {"", "\xff\xfe", "version: STSv2\nmode: none\nmax_age: 1", "mode: none\nmax_age: 1",
        "version: STSv1\nmode: maybe\nmax_age: 1", "version: STSv1\nmode: none",
        "version: STSv1\nmode: none\nmax_age: x", "version: STSv1\nmode: none\nmax_age: -1",
        "version: STSv1\nmode: enforce\nmax_age: 1", "<html>version: STSv1</html>"})
    EXPECT_FALSE(parse_mta_sts_policy(body)) << body;
}

TEST(MtaSts, FindsItsRecord) {
  EXPECT_EQ(mta_sts_record({"other", "v=STSv1; id=1;"}), "v=STSv1; id=1;");
  EXPECT_FALSE(mta_sts_record({"other", "v=STSv", ""}));
}

}  // namespace
}  // namespace mxswitch::probes
