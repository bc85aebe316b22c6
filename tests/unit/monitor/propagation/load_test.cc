// What watching one owner costs, in each phase.
#include "monitor/propagation/load.h"

#include <gtest/gtest.h>

#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");
const AuthorityAddress kServer{*DnsName::parse("ns1.shop.example"),
                               *Endpoint::parse("198.51.100.11")};

Time at(int s) { return Time(seconds(1'000'000 + s)); }

Propagation watched() {
  PropagationInput input;
  input.owner = *DnsName::parse("shop.example");
  input.expected = kNew;
  input.resolvers = std::vector<probes::Resolver>(1);
  Propagation core(input, at(0));
  core.set_endpoints({kServer}, at(0));
  return core;
}

void answer(Propagation& core, int when, const MxSet& set) {
  AuthoritySample sample;
  sample.server = kServer.server;
  sample.endpoint = kServer.endpoint;
  sample.sent_at = sample.received_at = at(when);
  sample.outcome = Outcome::answered;
  sample.authoritative = true;
  sample.set = set;
  sample.ttl = 3600;
  core.observe(sample);
}

TEST(Load, BeforeTheChangeOnlyAuthoritiesCost) {
  Propagation core = watched();
  EXPECT_EQ(core.report(at(0)).queries_a_day, 0) << "nothing was asked yet";
  answer(core, 0, kOld);
  EXPECT_DOUBLE_EQ(core.report(at(10)).queries_a_day, 86400.0 / 300);
}

TEST(Load, ASignOfTheChangeMakesPollsFrequent) {
  Propagation core = watched();
  answer(core, 0, kOld);
  answer(core, 300, kNew);
  EXPECT_DOUBLE_EQ(core.report(at(301)).queries_a_day, 86400.0 / 30);
}

TEST(Load, NobodyIsAskedMoreThanOnceASecond) {
  EXPECT_DOUBLE_EQ(times_a_day(Duration(1)), 86400);
  EXPECT_DOUBLE_EQ(times_a_day(seconds(86400)), 1);
}

}  // namespace
}  // namespace mxswitch::monitor
