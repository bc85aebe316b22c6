// Gate `spf` over the owners of a plan: the worst of all, each with its line.
#include <gtest/gtest.h>

#include "tests/unit/orchestrator/gates/gate_fixture.h"

namespace mxswitch::orchestrator {
namespace {

class SpfOwners : public testing::Test {
 protected:
  GateResult judge() { return judge_spf(owners, good_plan(), at()); }
  void set(std::size_t owner, monitor::SpfState state, const std::string& why) {
    owners[owner].matrix.state = state;
    owners[owner].matrix.why = why;
  }
  std::vector<SpfFacts> owners = {right_spf("shop.example", at()),
                                  right_spf("boutique.example", at())};
};

TEST_F(SpfOwners, EachHasItsLine) {
  const GateResult gate = judge();
  EXPECT_EQ(gate.verdict, GateVerdict::pass);
  EXPECT_EQ(gate.why.find("shop.example: old and new senders pass"), 0u) << gate.why;
  ASSERT_EQ(gate.evidence["owners"].size(), 2u);
  EXPECT_EQ(gate.evidence["owners"][1]["owner"], "boutique.example");
  EXPECT_EQ(gate.evidence["owners"][1]["verdict"], "pass");
  EXPECT_EQ(gate.evidence["resolvers"], 12) << "of the domain, as without other owners";
}

TEST_F(SpfOwners, TheWorstDecides) {
  set(0, monitor::SpfState::unknown, "not evaluated yet");
  EXPECT_EQ(judge().verdict, GateVerdict::unknown);
  EXPECT_EQ(judge().why, "shop.example: not evaluated yet");
  set(1, monitor::SpfState::wrong, "2 authorities: no SPF record: publish one");
  EXPECT_EQ(judge().verdict, GateVerdict::waits);
  EXPECT_EQ(judge().why, "boutique.example: 2 authorities: no SPF record: publish one");
  EXPECT_EQ(judge().evidence["owners"][0]["verdict"], "unknown");
}

TEST_F(SpfOwners, OneThatWasNotAskedYetKeepsTheGateShut) {
  owners[1] = SpfFacts();
  owners[1].owner = "boutique.example";
  EXPECT_EQ(judge().verdict, GateVerdict::unknown);
  EXPECT_EQ(judge().why, "boutique.example: no SPF record was asked for yet");
}

TEST_F(SpfOwners, TheOldestEvidenceIsTheGates) {
  owners[1].observed_at -= std::chrono::minutes(5);
  EXPECT_EQ(judge().observed_at, at() - std::chrono::minutes(5));
  owners[1].observed_at -= std::chrono::minutes(15);
  EXPECT_EQ(judge().verdict, GateVerdict::stale);
}

TEST_F(SpfOwners, NobodyKnowsWhenWhereOneWaitsForMoreThanTime) {
  for (SpfFacts& owner : owners) {
    owner.matrix.state = monitor::SpfState::wrong;
    owner.matrix.converges_at = at() + seconds(300);
  }
  owners[1].matrix.converges_at = at() + seconds(600);
  EXPECT_EQ(judge().earliest, at() + seconds(600));
  monitor::SpfRow authorities;
  authorities.authorities = 2;
  authorities.state = monitor::SpfState::wrong;
  owners[0].matrix.rows = {authorities};
  EXPECT_FALSE(judge().earliest);
}

}  // namespace
}  // namespace mxswitch::orchestrator
