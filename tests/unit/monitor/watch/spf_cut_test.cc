#include "monitor/watch/spf_cut.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

using probes::spf::TraceTerm;

std::size_t count(const TraceTerm& term) {
  std::size_t terms = 1;
  for (const TraceTerm& inner : term.terms) terms += count(inner);
  return terms;
}

TEST(SpfCut, LeavesWhatIsSmallAlone) {
  TraceTerm trace;
  trace.term = "v=spf1";
  trace.terms.resize(2);
  trace.terms[1].asked.resize(1);
  trace.terms[1].asked[0].records = {probes::Txt{{"v=spf1 ", "-all"}}};
  const TraceTerm cut = cut_trace(trace);
  ASSERT_EQ(cut.terms.size(), 2u);
  EXPECT_EQ(std::get<probes::Txt>(cut.terms[1].asked[0].records[0]).joined(), "v=spf1 -all");
}

TEST(SpfCut, BoundsTermsRecordsAndTexts) {
  TraceTerm trace;
  trace.term = std::string(1000, 'x');
  trace.terms.resize(50);
  for (TraceTerm& inner : trace.terms) {
    inner.terms.resize(50);
    inner.asked.resize(20);
    for (auto& lookup : inner.asked)
      lookup.records.assign(100, probes::Txt{{std::string(60'000, 'y')}});
  }
  const TraceTerm cut = cut_trace(trace);
  EXPECT_EQ(cut.term, std::string(300, 'x') + "... (700 more octets)");
  EXPECT_LE(count(cut), kMostTraceTerms + 4) << "and at each level one that says so";
  EXPECT_EQ(cut.terms.back().term, "...");
  EXPECT_EQ(cut.terms[0].asked.size(), kMostTraceRecords);
  EXPECT_EQ(cut.terms[0].asked[0].records.size(), kMostTraceRecords);
  EXPECT_LT(std::get<probes::Txt>(cut.terms[0].asked[0].records[0]).joined().size(), 400u);
}

}  // namespace
}  // namespace mxswitch::monitor
