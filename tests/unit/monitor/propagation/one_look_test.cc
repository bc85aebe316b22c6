#include "monitor/propagation/one_look.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");

AuthoritySample authority(const MxSet& set, Outcome outcome = Outcome::answered) {
  AuthoritySample sample;
  sample.server = *DnsName::parse("ns1.shop.example");
  sample.endpoint = *Endpoint::parse("198.51.100.11");
  sample.outcome = outcome;
  sample.authoritative = true;
  sample.set = set;
  return sample;
}

ResolverSample resolver(int number, const MxSet& set, Outcome outcome = Outcome::answered) {
  ResolverSample sample;
  sample.resolver = *Endpoint::parse("203.0.113." + std::to_string(number));
  sample.outcome = outcome;
  sample.set = set;
  return sample;
}

TEST(OneLook, IsAllNewOnlyWhenEveryAnswerIs) {
  const OneLook look = one_look(kNew, {kOld}, {authority(kNew)}, {resolver(1, kNew)});
  EXPECT_EQ(look.look, Look::all_new);
  EXPECT_TRUE(look.reasons.empty());
  EXPECT_FALSE(look.drain.empty());
}

TEST(OneLook, NamesWhoAnswersSomethingElse) {
  const OneLook look =
      one_look(kNew, {kOld}, {authority(kNew)}, {resolver(1, kNew), resolver(2, kOld)});
  EXPECT_EQ(look.look, Look::not_yet);
  ASSERT_EQ(look.reasons.size(), 1u);
  EXPECT_EQ(look.reasons[0].code, "resolver-old");
  EXPECT_EQ(look.reasons[0].text, "203.0.113.2 answers 10 mail.shop.example");
}

TEST(OneLook, AnAliasIsInconclusive) {
  ResolverSample aliased = resolver(1, kNew);
  aliased.through_cname = true;
  const OneLook look = one_look(kNew, {kOld}, {authority(kNew)}, {aliased});
  EXPECT_EQ(look.look, Look::inconclusive);
  ASSERT_EQ(look.reasons.size(), 1u);
  EXPECT_EQ(look.reasons[0].code, "cname-not-covered");
}

TEST(OneLook, SeesASplitResolver) {
  const OneLook look =
      one_look(kNew, {kOld}, {authority(kNew)}, {resolver(1, kNew), resolver(1, kOld)});
  EXPECT_EQ(look.look, Look::not_yet);
  EXPECT_EQ(look.resolvers.split, 1);
  EXPECT_EQ(look.reasons[0].text, "203.0.113.1 also answers 10 mail.shop.example");
}

TEST(OneLook, IsInconclusiveWhenAnAuthorityIsSilentOrTooManyResolversFail) {
  const auto quiet = authority({}, Outcome::timed_out);
  EXPECT_EQ(one_look(kNew, {}, {quiet}, {resolver(1, kNew)}).look, Look::inconclusive);
  std::vector<ResolverSample> samples;
  for (int i = 1; i <= 8; ++i) samples.push_back(resolver(i, kNew));
  samples.push_back(resolver(9, {}, Outcome::refused));
  samples.push_back(resolver(10, {}, Outcome::refused));
  EXPECT_EQ(one_look(kNew, {}, {authority(kNew)}, samples).look, Look::all_new);
  samples.push_back(resolver(11, {}, Outcome::servfail));
  EXPECT_EQ(one_look(kNew, {}, {authority(kNew)}, samples).look, Look::inconclusive);
  EXPECT_EQ(one_look(kNew, {}, {}, {}).look, Look::inconclusive);
}

TEST(OneLook, DoesNotTrustAnAnswerWithoutAuthority) {
  auto lame = authority(kOld);
  lame.authoritative = false;
  EXPECT_EQ(one_look(kNew, {kOld}, {lame}, {resolver(1, kNew)}).look, Look::inconclusive);
}

}  // namespace
}  // namespace mxswitch::monitor
