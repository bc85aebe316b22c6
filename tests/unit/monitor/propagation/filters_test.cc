// Resolvers that keep the name from their users: excluded while they are few (PROPAGATION.md 2 C).
#include <gtest/gtest.h>

#include "monitor/propagation/propagation.h"
#include "tests/fakes/served.h"

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");
constexpr int kResolvers = 11;

Time at(int s) { return Time(seconds(1'000'000 + s)); }

class Filters : public testing::Test {
 protected:
  Filters() : core_(input(), at(0)) {
    core_.set_endpoints({server_}, at(0));
    serve(0, kOld);
    serve(100, kNew);
    for (int i = 0; i < kResolvers; ++i)
      core_.observe(ControlSample{address(i), at(200), at(200), true, false, false, false});
  }

  static Endpoint address(int number) {
    return *Endpoint::parse("192.0.2." + std::to_string(number + 1));
  }
  static PropagationInput input() {
    PropagationInput in;
    in.owner = *DnsName::parse("shop.example");
    in.expected = kNew;
    std::vector<probes::Resolver> all;
    for (int i = 0; i < kResolvers; ++i) {
      all.emplace_back().endpoint = address(i);
      all.back().operator_name = "operator " + std::to_string(i);
    }
    in.resolvers = std::move(all);
    return in;
  }
  void serve(int when, const MxSet& set) {
    core_.observe(served(server_, input().owner, at(when), set, 300));
  }
  void says(int number, int when, Outcome outcome, const MxSet& set = {}, bool marked = false) {
    ResolverSample sample;
    sample.resolver = address(number);
    sample.sent_at = sample.received_at = at(when);
    sample.outcome = outcome;
    sample.set = set;
    sample.ttl = 60;
    sample.filter_marked = marked;
    core_.observe(sample);
  }
  bool excluded(int number) const {
    const auto report = core_.report(at(300));
    const auto& row = report.resolvers.at(static_cast<std::size_t>(number));
    EXPECT_EQ(row.excluded, row.reason.find("filter") != std::string::npos);
    return row.excluded;
  }

  const AuthorityAddress server_{*DnsName::parse("ns1.shop.example"),
                                 *Endpoint::parse("198.51.100.11")};
  Propagation core_;
};

TEST_F(Filters, AreExcludedByNameForThisNameAlone) {
  says(0, 210, Outcome::nxdomain);
  says(1, 210, Outcome::refused, {}, true);
  for (int i = 2; i < kResolvers; ++i) says(i, 210, Outcome::answered, kNew);
  EXPECT_TRUE(excluded(0));
  EXPECT_TRUE(excluded(1));
  EXPECT_FALSE(excluded(2));
  const auto report = core_.report(at(300));
  EXPECT_EQ(report.counted, kResolvers - 2);
  EXPECT_EQ(report.stale, 0);
}

TEST_F(Filters, AreNoneWhenAFifthSaysSo) {
  for (int i = 0; i < 3; ++i) says(i, 210, Outcome::nxdomain);
  EXPECT_FALSE(excluded(0));
}

TEST_F(Filters, AreNoneThatHeldTheOldSetOnce) {
  says(0, 205, Outcome::answered, kOld);
  says(0, 270, Outcome::nxdomain);
  EXPECT_FALSE(excluded(0)) << "its negative answer may be one that loses mail";
}

TEST_F(Filters, AreNoneWhereThereWasNoMxBefore) {
  serve(150, {});
  serve(160, kNew);
  says(0, 210, Outcome::nxdomain);
  EXPECT_FALSE(excluded(0)) << "an old negative answer";
}

TEST_F(Filters, AreNoneThatLieAboutOtherNamesToo) {
  core_.observe(ControlSample{address(0), at(205), at(205), true, false, true, false});
  says(0, 210, Outcome::nxdomain);
  const auto report = core_.report(at(300));
  EXPECT_NE(report.resolvers[0].reason.find("lies"), std::string::npos);
}

}  // namespace
}  // namespace mxswitch::monitor
