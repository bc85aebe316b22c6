// What READY is foretold from. Whole worlds stand in tests/scenarios.
#include "monitor/propagation/forecast.h"

#include <gtest/gtest.h>

#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor {
namespace {

using Effect = Forecast::Move::Effect;

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");

Time at(int s) { return Time(seconds(1'000'000 + s)); }

// Two servers, two resolvers, TTL 100 s, spread 10 s, delta 5 s, K = 5 at 5 s, settle 30 s.
class ForecastTest : public testing::Test {
 protected:
  ForecastTest() : core_(input(), at(0)) { core_.set_endpoints({address(1), address(2)}, at(0)); }

  static PropagationInput input() {
    PropagationInput in;
    in.owner = *DnsName::parse("shop.example");
    in.expected = kNew;
    in.policy.authority_spread = seconds(10);
    in.policy.clock_error = seconds(0);
    in.policy.delta = seconds(5);
    in.policy.floor = seconds(20);
    in.policy.history_ttl = seconds(0);
    in.policy.failing_retry = seconds(5);
    in.policy.k = 5;
    in.policy.sample_spacing = seconds(5);
    in.policy.settle = seconds(30);
    in.policy.min_operators = 2;
    in.policy.violator_after = seconds(600);
    std::vector<probes::Resolver> resolvers;
    for (const char* ip : {"8.8.8.8", "9.9.9.9"}) {
      probes::Resolver resolver;
      resolver.endpoint = *Endpoint::parse(ip);
      resolver.operator_name = std::string("Operator of ") + ip;
      resolvers.push_back(resolver);
    }
    in.resolvers = resolvers;
    return in;
  }

  static AuthorityAddress address(int number) {
    return {*DnsName::parse("ns" + std::to_string(number) + ".shop.example"),
            *Endpoint::parse("198.51.100." + std::to_string(number))};
  }

  void serve(int number, int when, const MxSet& set) {
    AuthoritySample sample;
    sample.server = address(number).server;
    sample.endpoint = address(number).endpoint;
    sample.sent_at = sample.received_at = at(when);
    sample.outcome = Outcome::answered;
    sample.authoritative = true;
    sample.set = set;
    sample.ttl = 100;
    core_.observe(sample);
  }

  void answer(const char* ip, int when, const MxSet& set, std::uint32_t ttl) {
    ResolverSample sample;
    sample.resolver = *Endpoint::parse(ip);
    sample.sent_at = sample.received_at = at(when);
    sample.outcome = Outcome::answered;
    sample.set = set;
    sample.ttl = ttl;
    core_.observe(sample);
  }

  void control(int when) {
    for (const auto& resolver : core_.input().resolvers)
      core_.observe(ControlSample{resolver.endpoint, at(when), at(when), true, false, false});
  }

  // Everybody changed: old until 100, the bound at 100 + 10 + 100 + 5 = 215.
  void change() {
    for (int when : {0, 90}) {
      serve(1, when, kOld);
      serve(2, when, kOld);
    }
    for (int when : {100, 110, 120}) {
      serve(1, when, kNew);
      serve(2, when, kNew);
    }
  }

  Forecast forecast(int when) const { return core_.report(at(when)).forecast; }

  static const Forecast::Move* move(const Forecast& forecast, const std::string& code) {
    for (const auto& one : forecast.moves)
      if (one.code == code) return &one;
    return nullptr;
  }

  Propagation core_;
};

TEST_F(ForecastTest, BeforeTheDrainTheEarliestIsAsIfItBeganNow) {
  serve(1, 0, kOld);
  serve(2, 0, kOld);
  serve(1, 50, kNew);
  const Forecast forecast = this->forecast(60);
  EXPECT_EQ(forecast.earliest, at(60 + 10 + 100 + 5 + 30));
  EXPECT_FALSE(forecast.latest) << "nobody knows when the other server follows";
  EXPECT_EQ(forecast.waits_for.code, "authority-old");
  EXPECT_NE(forecast.waits_for.text.find("ns2.shop.example"), std::string::npos);
  ASSERT_TRUE(move(forecast, "not-begun"));
  EXPECT_EQ(move(forecast, "not-begun")->effect, Effect::later);
}

TEST_F(ForecastTest, OnceTheClockRunsItIsTheBoundAndTheSettleTime) {
  change();
  const Forecast forecast = this->forecast(130);
  EXPECT_EQ(forecast.earliest, at(215 + 30)) << "5 samples, 5 s apart, fit into 30 s";
  EXPECT_EQ(forecast.latest, at(215 + 30));
  EXPECT_EQ(forecast.waits_for.code, "caches");
  ASSERT_TRUE(move(forecast, "rollback"));
  EXPECT_NE(move(forecast, "rollback")->text.find("2 min 25 s after the last one"),
            std::string::npos)
      << move(forecast, "rollback")->text;
  ASSERT_TRUE(move(forecast, "samples"));
  EXPECT_NE(move(forecast, "samples")
                ->text.find("5 samples at each of 2 resolvers, 5 s apart, "
                            "take 20 s, inside the settle time of 30 s"),
            std::string::npos)
      << move(forecast, "samples")->text;
}

TEST_F(ForecastTest, ACopyThatOutlivesTheBoundDecides) {
  change();
  answer("8.8.8.8", 130, kOld, 70);   // expires before the bound
  answer("9.9.9.9", 130, kOld, 200);  // a stretcher: until 330
  const Forecast forecast = this->forecast(131);
  EXPECT_EQ(forecast.earliest, at(331 + 20)) << "its expiry, then 5 samples there";
  EXPECT_EQ(forecast.latest, at(331 + 30 + 1 + 20)) << "one more stale answer, TTL 30";
  EXPECT_EQ(forecast.waits_for.code, "stretcher");
  ASSERT_TRUE(move(forecast, "stretcher"));
  EXPECT_EQ(move(forecast, "stretcher")->until, at(330));
}

TEST_F(ForecastTest, WhileSamplingItCountsWhatIsMissing) {
  change();
  control(210);
  for (int when : {215, 220, 225, 230}) answer("8.8.8.8", when, kNew, 90);
  answer("9.9.9.9", 238, kNew, 90);
  const Forecast forecast = this->forecast(240);
  EXPECT_EQ(forecast.earliest, at(240 + 15)) << "four samples are missing at 9.9.9.9";
  EXPECT_EQ(forecast.waits_for.code, "samples");
}

TEST_F(ForecastTest, ALossyResolverTakesLongerAtTheLatest) {
  change();
  control(210);
  for (int when : {215, 220}) answer("8.8.8.8", when, kNew, 90);
  ResolverSample lost;
  lost.resolver = *Endpoint::parse("8.8.8.8");
  lost.sent_at = at(225);
  lost.received_at = at(231);
  core_.observe(lost);
  for (int when : {215, 220, 225, 230, 235}) answer("9.9.9.9", when, kNew, 90);
  const Forecast forecast = this->forecast(236);
  EXPECT_EQ(forecast.earliest, at(236 + 10));
  EXPECT_EQ(forecast.latest, at(236 + 10 + 11)) << "one of three was lost: one more, with its wait";
}

TEST_F(ForecastTest, ReadyHasNoForecast) {
  change();
  control(210);
  for (int when : {215, 220, 225, 230, 235})
    for (const char* ip : {"8.8.8.8", "9.9.9.9"}) answer(ip, when, kNew, 90);
  for (int when : {130, 160, 190, 220, 240, 246}) {
    serve(1, when, kNew);
    serve(2, when, kNew);
  }
  ASSERT_TRUE(core_.report(at(247)).ready());
  const Forecast forecast = this->forecast(247);
  EXPECT_FALSE(forecast.earliest);
  EXPECT_TRUE(forecast.moves.empty());
  EXPECT_EQ(forecast.waits_for.code, "");
}

TEST_F(ForecastTest, TooFewOperatorsHaveNoKnownEnd) {
  PropagationInput in = input();
  in.policy.min_operators = 3;
  core_.replace_input(in, at(0));
  change();
  control(210);
  answer("8.8.8.8", 220, kNew, 90);
  answer("9.9.9.9", 220, kNew, 90);
  const Forecast forecast = this->forecast(221);
  EXPECT_FALSE(forecast.latest);
  EXPECT_EQ(forecast.waits_for.code, "operators");
}

TEST_F(ForecastTest, AViolatorHasNoEndAndTheWaiverIsNamed) {
  change();
  answer("9.9.9.9", 130, kOld, 50);
  for (int when : {400, 700, 1000}) {
    serve(1, when, kNew);
    serve(2, when, kNew);
  }
  control(1000);
  answer("9.9.9.9", 1000, kOld, 50);
  answer("8.8.8.8", 1000, kNew, 50);
  const Forecast forecast = this->forecast(1001);
  EXPECT_FALSE(forecast.latest);
  EXPECT_EQ(forecast.waits_for.code, "violator");
  ASSERT_TRUE(move(forecast, "waive"));
  EXPECT_EQ(move(forecast, "waive")->effect, Effect::earlier);
}

TEST_F(ForecastTest, AWatchThatBeganLateNamesTheDeclarationThatWouldHelp) {
  for (int when : {0, 10, 20}) {
    serve(1, when, kNew);
    serve(2, when, kNew);
  }
  const PropagationReport report = core_.report(at(30));
  EXPECT_TRUE(move(report.forecast, "declare"));
  ASSERT_FALSE(report.assumptions.empty());
  EXPECT_EQ(report.assumptions.front().code, "old-ttl");
}

}  // namespace
}  // namespace mxswitch::monitor
