// What the watch saw of SPF and what is published for DKIM reach their gates and the snapshot.
#include <gtest/gtest.h>

#include "tests/fakes/dkim_keys.h"
#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

using probes::spf::SpfResult;

const char* kRecord = "v=spf1 ip4:192.0.2.25 include:spf.filter.example ~all";

std::string plan_with(const std::string& more) { return std::string(kPlan) + more; }

class SpfFactsTest : public testing::Test {
 protected:
  // One authority and one resolver, at which every sender passes that should.
  void see_good_spf() {
    const auto ip = [](const char* text) { return *probes::IpAddress::parse(text); };
    const auto senders = monitor::matrix_senders({ip("192.0.2.25")}, {ip("198.51.100.7")});
    for (const bool authority : {true, false}) {
      monitor::TxtSample sample;
      sample.from_authority = authority;
      sample.server = authority ? "ns1" : "Quad9";
      sample.endpoint = *probes::Endpoint::parse(authority ? "198.51.100.1" : "9.9.9.9");
      sample.received_at = world.clock.now();
      sample.outcome = monitor::Outcome::answered;
      sample.texts = {kRecord};
      sample.ttl = 3600;
      world.reports.spf.samples.push_back(sample);
      monitor::SpfEvaluation made;
      made.from_authority = authority;
      if (!authority) made.resolver = sample.endpoint;
      made.record = kRecord;
      made.at = sample.received_at;
      made.expires_at = made.at + seconds(3600);
      made.senders = senders;
      made.cells = {{SpfResult::pass, "", 1, 0},
                    {SpfResult::pass, "", 1, 0},
                    {SpfResult::softfail, "", 1, 0},
                    {SpfResult::softfail, "", 1, 0}};
      made.terms = {{"include:spf.filter.example", monitor::SpfEffect::effective, ""}};
      world.reports.spf.evaluations.push_back(made);
    }
  }
  GateResult gate(const std::string& id) {
    for (const GateResult& gate : world.switchover->gates())
      if (gate.id == id) return gate;
    throw std::runtime_error("no gate " + id);
  }
  void give_plan(const std::string& more, const std::string& owners = {}) {
    world.command("plan", {{"plan", owners + plan_with(more)}, {"name", "shop.toml"}});
    world.acknowledge();
    world.gather();
    world.run(world.switchover->refresh_outbound());
    world.tick();
  }

  World world;
  const std::string spf_plan =
      "[spf]\nrequire = [\"include:spf.filter.example\"]\nall = \"~all\"\n"
      "senders_old = [\"192.0.2.25\"]\nsenders_new = [\"198.51.100.7\"]\n";
};

TEST_F(SpfFactsTest, WithoutASectionNothingIsAsked) {
  give_plan("");
  EXPECT_EQ(gate("spf").verdict, GateVerdict::not_asked);
  EXPECT_FALSE(world.shot()->spf);
}

TEST_F(SpfFactsTest, TheGateJudgesTheMatrixThatViewsShow) {
  give_plan(spf_plan);
  EXPECT_EQ(gate("spf").verdict, GateVerdict::unknown);
  see_good_spf();
  world.tick();
  EXPECT_EQ(gate("spf").verdict, GateVerdict::pass) << gate("spf").why;
  ASSERT_TRUE(world.shot()->spf);
  EXPECT_EQ(world.shot()->spf->why, gate("spf").why);
  world.reports.spf.evaluations[1].cells[0].result = SpfResult::fail;
  world.tick();
  EXPECT_EQ(gate("spf").verdict, GateVerdict::waits) << "that copy expires by itself";
  EXPECT_EQ(gate("spf").turn, Turn::time);
  EXPECT_EQ(gate("spf").why,
            "Quad9 9.9.9.9: the old sender 192.0.2.25 gets fail before the switch: keep "
            "ip4:192.0.2.25 until then");
}

TEST_F(SpfFactsTest, ACopyIsKnownUntilItExpiresAnAuthorityMustBeAskedAgain) {
  give_plan(spf_plan);
  see_good_spf();
  world.clock.advance(std::chrono::minutes(20));
  world.tick();
  EXPECT_EQ(gate("spf").verdict, GateVerdict::stale);
  world.reports.spf.samples[0].received_at = world.clock.now();
  world.reports.spf.evaluations[0].at = world.clock.now();
  world.tick();
  EXPECT_EQ(gate("spf").verdict, GateVerdict::pass) << gate("spf").why;
}

TEST_F(SpfFactsTest, AnOldSenderIsALeftoverOnceTheSwitchIsDone) {
  give_plan(spf_plan);
  see_good_spf();
  world.ticks(3);
  ASSERT_EQ(world.state(), State::ready);
  EXPECT_TRUE(world.shot()->spf->warnings.empty());
  world.order_switch();
  world.ticks(4);
  ASSERT_EQ(world.state(), State::hosted);
  ASSERT_EQ(world.shot()->spf->warnings.size(), 1u);
  EXPECT_NE(world.shot()->spf->warnings[0].find("still passes after the switch"),
            std::string::npos);
}

TEST_F(SpfFactsTest, AStartWaitsForTheFirstEvaluationBeforeReadyIsLost) {
  give_plan(spf_plan);
  see_good_spf();
  world.ticks(3);
  ASSERT_EQ(world.state(), State::ready);
  const monitor::SpfSeen seen = std::exchange(world.reports.spf, {});
  world.restart();
  world.gather();
  world.ticks(4);
  EXPECT_EQ(world.state(), State::ready) << "the resolvers are still being asked";
  world.reports.spf = seen;
  world.ticks(1);
  EXPECT_EQ(world.state(), State::ready);
  world.reports.spf = {};
  world.ticks(14);
  EXPECT_EQ(world.state(), State::propagating) << "not for ever";
}

TEST_F(SpfFactsTest, KeysAreAskedAtResolversOnlyOnceTheyArePublished) {
  const std::string key = std::string("v=DKIM1; p=") + fakes::kRsa2048;
  monitor::TxtSample sample;
  sample.server = "Quad9";
  sample.endpoint = *probes::Endpoint::parse("9.9.9.9");
  sample.outcome = monitor::Outcome::answered;
  sample.texts = {key};
  world.reports.at_resolvers = {sample};
  give_plan("[outbound]\ndkim_selectors = [\"s1\"]\n");
  EXPECT_EQ(gate("outbound").verdict, GateVerdict::waits) << gate("outbound").why;
  EXPECT_EQ(world.reports.resolvers_asked, 0);
  world.outside.texts["s1._domainkey.shop.example"] = {key};
  world.outside.texts["_dmarc.shop.example"] = {"v=DMARC1; p=reject"};
  world.run(world.switchover->refresh_outbound());
  world.tick();
  EXPECT_EQ(gate("outbound").verdict, GateVerdict::pass) << gate("outbound").why;
  EXPECT_EQ(world.reports.resolvers_asked, 1);
  world.reports.at_resolvers[0].outcome = monitor::Outcome::timed_out;
  world.run(world.switchover->refresh_outbound());
  world.tick();
  EXPECT_EQ(gate("outbound").verdict, GateVerdict::unknown);
}

TEST_F(SpfFactsTest, EveryOwnerIsWatchedAndJudgedForTheSameSenders) {
  see_good_spf();
  world.reports.spf_of["boutique.example"] = {};
  give_plan(spf_plan, "alias_domains = [\"boutique.example\"]\n");
  for (const char* owner : {"shop.example", "boutique.example"}) {
    ASSERT_TRUE(world.reports.moves[owner]) << owner;
    EXPECT_EQ(world.reports.moves[owner]->senders.size(), 4u);
    EXPECT_EQ(world.reports.moves[owner]->required.size(), 1u);
    EXPECT_EQ(world.reports.moves[owner]->may_send_nothing, std::string(owner)[0] == 'b');
  }
  EXPECT_EQ(gate("spf").verdict, GateVerdict::unknown);
  EXPECT_EQ(gate("spf").why, "boutique.example: no SPF record was asked for yet");
  world.reports.spf_of["boutique.example"] = world.reports.spf;
  world.reports.spf_of["boutique.example"].evaluations[0].cells[1].result = SpfResult::fail;
  world.tick();
  EXPECT_EQ(gate("spf").verdict, GateVerdict::waits);
  EXPECT_EQ(gate("spf").turn, Turn::customer) << "it is not published yet";
  ASSERT_EQ(world.shot()->other_spf.size(), 1u);
  EXPECT_EQ(world.shot()->other_spf[0].owner, "boutique.example");
  world.reports.spf_of["boutique.example"] = world.reports.spf;
  world.tick();
  EXPECT_EQ(gate("spf").verdict, GateVerdict::pass) << gate("spf").why;
}

TEST_F(SpfFactsTest, AnOwnerWithoutADmarcRecordIsJudgedByItsOrganisations) {
  const std::string key = std::string("v=DKIM1; p=") + fakes::kRsa2048;
  world.outside.texts["s1._domainkey.shop.example"] = {key};
  world.outside.texts["_dmarc.shop.example"] = {"v=DMARC1; p=reject; sp=quarantine"};
  give_plan("[outbound]\ndkim_selectors = [\"s1\"]\n", "subdomains = [\"news.shop.example\"]\n");
  EXPECT_EQ(gate("outbound").evidence["dmarc_owners"][1]["dmarc"],
            "sp=quarantine of shop.example: passes by DKIM where the hosted side signs with "
            "d=shop.example; not proved by SPF");
  world.outside.texts["_dmarc.news.shop.example"] = {"v=DMARC1; p=none"};
  world.outside.texts_asked.clear();
  world.run(world.switchover->refresh_outbound());
  world.tick();
  EXPECT_EQ(
      gate("outbound").evidence["dmarc_owners"][1]["dmarc"].get<std::string>().find("p=none:"), 0u);
  EXPECT_EQ(std::ranges::count(world.outside.texts_asked, "_dmarc.shop.example"), 1)
      << "its own record speaks, so no parent is asked";
}

}  // namespace
}  // namespace mxswitch::orchestrator
