// How old another owner's answer may be (ProbeDue::fresh_since).
#include <gtest/gtest.h>

#include <algorithm>

#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor {
namespace {

const AuthorityAddress kServer{*DnsName::parse("ns1.shop.example"),
                               *Endpoint::parse("198.51.100.11")};
const AuthorityAddress kExchangeServer{*DnsName::parse("ns1.filter.example"),
                                       *Endpoint::parse("198.51.100.21")};
const DnsName kExchange = *DnsName::parse("mx1.filter.example");

Time at(int s) { return Time(seconds(1'000'000 + s)); }

class FreshSinceTest : public testing::Test {
 protected:
  FreshSinceTest() : core_(input(), at(0)) {
    ListedCompanion one;
    one.name = kExchange;
    one.endpoints = {kExchangeServer};
    core_.set_chain(*DnsName::parse("shop.example"), {one}, at(0));
    core_.set_endpoints({kServer}, at(0));
  }
  static PropagationInput input() {
    PropagationInput made;
    made.owner = *DnsName::parse("shop.example");
    made.expected = *MxSet::parse("10 mx1.filter.example");
    return made;
  }
  void mx(const char* set, int when) {
    AuthoritySample sample;
    sample.server = kServer.server;
    sample.endpoint = kServer.endpoint;
    sample.sent_at = sample.received_at = at(when);
    sample.outcome = Outcome::answered;
    sample.authoritative = true;
    sample.set = *MxSet::parse(set);
    sample.ttl = 300;
    core_.observe(sample);
  }
  void address(int when, const std::string& data = "192.0.2.1") {
    CompanionSample sample;
    sample.name = kExchange;
    sample.server = kExchangeServer.server;
    sample.endpoint = kExchangeServer.endpoint;
    sample.sent_at = sample.received_at = at(when);
    sample.outcome = Outcome::answered;
    sample.authoritative = true;
    sample.data = data;
    sample.ttl = 300;
    core_.observe(sample);
  }
  std::optional<Time> fresh_since(int now) {
    for (const ProbeDue& probe : core_.wanted(at(now)).due)
      if (probe.kind == ProbeKind::companion) return probe.fresh_since;
    return std::nullopt;
  }

  Propagation core_;
};

TEST_F(FreshSinceTest, IsHalfOfAuthorityPollAtMost) {
  EXPECT_EQ(fresh_since(0), at(-15));
  address(0);
  EXPECT_FALSE(fresh_since(100)) << "not wanted yet";
  EXPECT_EQ(fresh_since(2000), at(1985));
}

TEST_F(FreshSinceTest, IsLaterThanTheOwnersOwnAnswer) {
  mx("10 mail.shop.example", 0);
  mx("10 mx1.filter.example", 300);
  address(390);
  address(1200);
  EXPECT_EQ(fresh_since(1230), at(1215));
  address(1229);  // it came by another way meanwhile
  EXPECT_FALSE(fresh_since(1240));
  const auto report = core_.report(at(1240));
  address(1229, "192.0.2.9");
  EXPECT_EQ(core_.report(at(1240)).obligations.size(), report.obligations.size())
      << "the same moment again says nothing";
}

TEST_F(FreshSinceTest, IsNotBeforeTheChangeBegan) {
  mx("10 mail.shop.example", 0);
  address(0);
  mx("10 mx1.filter.example", 300);
  EXPECT_EQ(fresh_since(302), at(300));
  EXPECT_EQ(fresh_since(320), at(305));
}

}  // namespace
}  // namespace mxswitch::monitor
