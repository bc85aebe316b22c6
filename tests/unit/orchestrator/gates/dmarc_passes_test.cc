// DMARC over the owners of a plan: whose signature or MAIL FROM is aligned, and what is not proved.
#include "orchestrator/gates/dmarc_passes.h"

#include <gtest/gtest.h>

#include "tests/unit/orchestrator/gates/gate_fixture.h"

namespace mxswitch::orchestrator {
namespace {

class DmarcPasses : public testing::Test {
 protected:
  DmarcPasses() {
    plan.dkim_selectors = {"s1"};
    plan.other_domains = {"news.shop.example", "boutique.example"};
    facts.outbound.dmarc.resize(3);
    set(1, {{"news.shop.example", {}, ""}, {"shop.example", {"v=DMARC1; p=reject"}, ""}});
    set(2, {{"boutique.example", {}, ""}});
  }
  void set(std::size_t owner, std::vector<probes::DmarcAnswer> asked) {
    facts.outbound.dmarc[owner].asked = std::move(asked);
  }
  DmarcWeighed weigh() { return weigh_dmarc(facts.outbound, facts.spf, plan); }
  std::string of(std::size_t owner) { return weigh().evidence.at(owner).at("dmarc"); }
  // The owner's own SPF, right for the new senders.
  void prove_spf() {
    plan.spf_has_new_senders = true;
    facts.spf = {right_spf("shop.example", at()), right_spf("news.shop.example", at()),
                 right_spf("boutique.example", at())};
  }

  Facts facts = good_facts(at());
  GatePlan plan = good_plan();
};

TEST_F(DmarcPasses, ASubdomainIsAlignedWithItsOrganisationsSignature) {
  EXPECT_TRUE(weigh().unknowns.empty());
  EXPECT_EQ(of(1),
            "p=reject of shop.example: passes by DKIM where the hosted side signs with "
            "d=shop.example; not proved by SPF");
  EXPECT_EQ(of(2), "no policy at _dmarc.boutique.example");
}

TEST_F(DmarcPasses, StrictAlignmentWantsTheSameDomain) {
  set(1, {{"news.shop.example", {"v=DMARC1; p=reject; adkim=s"}, ""}});
  ASSERT_EQ(weigh().unknowns.size(), 1u);
  EXPECT_EQ(weigh().unknowns[0],
            "mail of news.shop.example is not proved to pass p=reject: d=shop.example is another "
            "domain (adkim=s), and SPF is not right for the new senders: sign with "
            "d=news.shop.example, under a plan of its own");
  prove_spf();
  EXPECT_TRUE(weigh().unknowns.empty());
  EXPECT_EQ(of(1),
            "p=reject: passes by SPF from the new senders; d=shop.example is another domain "
            "(adkim=s)");
}

TEST_F(DmarcPasses, AnotherOrganisationsSignatureIsNotAligned) {
  set(2, {{"boutique.example", {"v=DMARC1; p=quarantine"}, ""}});
  ASSERT_EQ(weigh().unknowns.size(), 1u);
  EXPECT_NE(weigh().unknowns[0].find("d=shop.example is another organisation's"),
            std::string::npos);
  set(2, {{"boutique.example", {"v=DMARC1; p=none"}, ""}});
  EXPECT_TRUE(weigh().unknowns.empty()) << "a policy of none refuses nothing";
  set(2, {{"boutique.example", {"v=DMARC1; p=quarantine"}, ""}});
  prove_spf();
  EXPECT_TRUE(weigh().unknowns.empty());
}

TEST_F(DmarcPasses, WhatSendsNoMailNeedNotPass) {
  set(2, {{"boutique.example", {"v=DMARC1; p=reject"}, ""}});
  prove_spf();
  facts.spf[2].matrix.sends_nothing = true;
  EXPECT_TRUE(weigh().unknowns.empty());
  EXPECT_EQ(of(2), "p=reject: it sends no mail, as its SPF record says");
}

TEST_F(DmarcPasses, TheGateIsUnknownForAnOwnerThatIsNotProved) {
  set(2, {{"boutique.example", {"v=DMARC1; p=reject"}, ""}});
  const GateResult gate = judge_outbound(facts.outbound, facts.spf, plan, at());
  EXPECT_EQ(gate.verdict, GateVerdict::unknown);
  EXPECT_EQ(gate.evidence["dmarc_owners"].size(), 3u);
  facts.outbound.dmarc.resize(1);
  EXPECT_EQ(judge_outbound(facts.outbound, facts.spf, plan, at()).why,
            "_dmarc.news.shop.example was not asked for yet, _dmarc.boutique.example was not asked "
            "for yet");
}

}  // namespace
}  // namespace mxswitch::orchestrator
