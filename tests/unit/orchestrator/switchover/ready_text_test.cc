#include "orchestrator/switchover/ready_text.h"

#include <gtest/gtest.h>

#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

monitor::PropagationReport report() {
  monitor::PropagationReport r;
  r.owner = *probes::DnsName::parse("shop.example");
  r.strict_until = *parse_time("2026-11-22T14:32:10Z");
  r.counted = r.operators = 12;
  r.warm = 20;
  r.stale_share_upper = 0.139;
  monitor::Obligation last;
  last.until = r.strict_until;
  last.evidence = "ns2 served the old set until 13:31:02Z with TTL 3600 s";
  r.obligations = {last};
  return r;
}

ReportPtr shared(monitor::PropagationReport report) {
  return std::make_shared<const monitor::PropagationReport>(std::move(report));
}

GateResult gate(const char* id, GateVerdict verdict, bool overridden = false) {
  GateResult g;
  g.id = id;
  g.verdict = verdict;
  g.overridden = overridden;
  return g;
}

bool has(const std::string& text, const char* part) { return text.find(part) != text.npos; }

TEST(ReadyText, StandsAlone) {
  const ReadyText text =
      ready_text("shop.example", {shared(report())}, {gate("propagation", GateVerdict::pass)});
  EXPECT_EQ(text.line,
            "READY shop.example: old MX gone from all 12 resolvers sampled, bound passed "
            "2026-11-22 14:32Z; next: mxswitch switch shop.example");
  for (const char* part : {"ns2 served the old set until 13:31:02Z", "20 warm", "At most 13.9 %",
                           "If nobody acts: the drain stays done"}) {
    EXPECT_TRUE(has(text.body, part)) << text.body;
  }
}

TEST(ReadyText, ClaimsNoDrainThatRestsOnAnOverride) {
  const ReadyText text = ready_text("shop.example", {shared(report())},
                                    {gate("propagation", GateVerdict::fail, true)});
  EXPECT_FALSE(has(text.line, "old MX gone")) << text.line;
  EXPECT_TRUE(has(text.line, "(overridden: propagation)")) << text.line;
  EXPECT_TRUE(has(text.body, "not proved: propagation")) << text.body;
}

TEST(ReadyText, WithoutWarmCachesItSaysWhatCarriesIt) {
  monitor::PropagationReport cold = report();
  cold.stale_share_upper.reset();
  cold.waivers = {"READY except isp-a: known"};
  const ReadyText text =
      ready_text("shop.example", {shared(cold)}, {gate("propagation", GateVerdict::pass)});
  EXPECT_TRUE(has(text.body, "the drain bound alone carries this verdict")) << text.body;
  EXPECT_TRUE(has(text.body, "READY except isp-a")) << text.body;
  EXPECT_TRUE(has(text.line, "but those waived")) << text.line;
}

}  // namespace
}  // namespace mxswitch::orchestrator
