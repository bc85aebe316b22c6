// How rarely a resolver is asked that fails (PROPAGATION.md section 3, failing_retry).
#include <gtest/gtest.h>

#include "monitor/propagation/propagation.h"
#include "tests/fakes/served.h"

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");
const AuthorityAddress kServer{*DnsName::parse("ns1.shop.example"),
                               *Endpoint::parse("198.51.100.11")};
const Endpoint kResolver = *Endpoint::parse("9.9.9.9");
constexpr int kDay = 86400;

Time at(int s) { return Time(seconds(1'000'000 + s)); }

class FailingTest : public testing::Test {
 protected:
  FailingTest() : core_(input(), at(0)) {
    core_.set_endpoints({kServer}, at(0));
    serve(0, kOld);
    serve(100, kNew);
  }

  static PropagationInput input() {
    PropagationInput in;
    in.owner = *DnsName::parse("shop.example");
    in.expected = kNew;
    in.declared_old_ttl = seconds(300);
    probes::Resolver one;
    one.endpoint = kResolver;
    one.operator_name = "Quad9";
    in.resolvers = std::vector{one};
    return in;
  }

  void serve(int when, const MxSet& set) {
    core_.observe(served(kServer, input().owner, at(when), set, 300));
  }

  void sample(Time when, Outcome outcome, const MxSet& set = {}) {
    ResolverSample one;
    one.resolver = kResolver;
    one.sent_at = one.received_at = when;
    one.outcome = outcome;
    one.set = set;
    one.ttl = 300;
    core_.observe(one);
  }

  // What it is asked in a day from `from` on, when it fails whatever it is asked.
  int asked_in_a_day(int from, bool control_answers) {
    int asked = 0;
    for (int s = from; s < from + kDay; s += 30) {
      serve(s, kNew);
      for (const ProbeDue& probe : core_.wanted(at(s)).due) {
        if (probe.endpoint != kResolver) continue;
        core_.started(probe, at(s), at(s));
        asked += probe.kind == ProbeKind::control && !probe.sparing ? 2 : 1;
        if (probe.kind == ProbeKind::resolver)
          sample(at(s), Outcome::refused);
        else
          core_.observe(
              ControlSample{kResolver, at(s), at(s), control_answers, probe.sparing, false, false});
      }
    }
    return asked;
  }

  Propagation core_;
};

TEST_F(FailingTest, IsAskedLessAndLessWhetherItAnswersOtherNamesOrNot) {
  EXPECT_LE(asked_in_a_day(200, false), 50);
  EXPECT_LE(asked_in_a_day(200 + kDay, true), 300);
}

TEST_F(FailingTest, OneLastSeenOldIsAskedAtMostThreeHundredTimesADay) {
  sample(at(110), Outcome::answered, kOld);
  const int asked = asked_in_a_day(200, false);
  EXPECT_LE(asked, 300);
  EXPECT_GE(asked, 250) << "its copy is waited for";
}

TEST_F(FailingTest, WaitsDoubleAndOneQuestionATurnIsAsked) {
  int now = 200, last = 0;
  std::vector<int> waits;
  for (int i = 0; i < 6; ++i) {
    Wanted wanted = core_.wanted(at(now));
    while (wanted.due.empty() || wanted.due.front().endpoint != kResolver) {
      ++now;
      if (now % 30 == 0) serve(now, kNew);
      wanted = core_.wanted(at(now));
    }
    EXPECT_EQ(wanted.due.size(), 1u);
    core_.started(wanted.due.front(), at(now), at(now));
    if (i > 0) waits.push_back(now - last);
    last = now;
    sample(at(now), Outcome::timed_out);
  }
  EXPECT_EQ(waits, (std::vector{30, 30, 60, 120, 240}));
}

}  // namespace
}  // namespace mxswitch::monitor
