#include "monitor/propagation/ttl_phase.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/propagation/report.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using ::testing::HasSubstr;

// A Monday.
const Time kNow = parse_time("2026-11-23T14:00:00Z").value();

PropagationReport served(AnswerClass found, std::uint32_t ttl) {
  PropagationReport report;
  report.verdict = Verdict::hold;
  AuthorityReport authority;
  authority.last_class = found;
  authority.ttl = ttl;
  report.authorities = {authority, authority};
  return report;
}

Obligation owed(Obligation::Kind kind, std::uint32_t ttl, std::optional<Time> until) {
  Obligation obligation;
  obligation.kind = kind;
  obligation.ttl = seconds(ttl);
  obligation.until = until;
  return obligation;
}

std::string sentence(const PropagationReport& report) {
  const auto phase = ttl_phase(report, Policy(), kNow);
  return phase ? ttl_sentence(*phase) : "";
}

TEST(TtlPhase, AHighTtlIsToBeLoweredFirst) {
  EXPECT_EQ(sentence(served(AnswerClass::old, 86400)),
            "TTL of the MX is 86400; lower it to 300; safe to change from Tue 14:06 (then READY "
            "about 63 min after the change)");
}

TEST(TtlPhase, AfterLoweringTheEarlierCopiesAreAwaited) {
  auto report = served(AnswerClass::old, 300);
  report.obligations = {owed(Obligation::Kind::authority, 300, {}),
                        owed(Obligation::Kind::authority, 86400, kNow + std::chrono::hours(20))};
  EXPECT_EQ(sentence(report),
            "TTL of the MX is 300; copies under the earlier 86400 may still live; safe to change "
            "from Tue 10:00 (then READY about 63 min after the change)");
  report.obligations[1] = owed(Obligation::Kind::assumed, 86400, kNow + std::chrono::hours(24));
  EXPECT_THAT(sentence(report),
              HasSubstr("nobody said whether it was lowered lately (86400 assumed); safe to "
                        "change from Tue 14:00"));
  report.obligations[1].until = kNow + seconds(200);
  EXPECT_EQ(sentence(report),
            "TTL of the MX is 300; safe to change now (then READY about 63 min after the change)");
}

TEST(TtlPhase, WhereThereIsNoMxYetTheNegativeTtlCounts) {
  const auto text = sentence(served(AnswerClass::absent, 3600));
  EXPECT_THAT(text, HasSubstr("there is no MX yet, and caches may keep that for 3600 s (negative "
                              "TTL); lower the SOA's MINIMUM to 300; safe to change from Mon"));
}

TEST(TtlPhase, NothingIsSaidWhileAChangeDrainsOrBeforeAnybodyAnswered) {
  auto report = served(AnswerClass::old, 300);
  report.change_started_at = kNow;
  EXPECT_EQ(sentence(report), "");
  EXPECT_EQ(sentence(served(AnswerClass::new_, 300)), "");
  EXPECT_EQ(sentence(served(AnswerClass::failed, 0)), "");
}

TEST(TtlPhase, AfterReadyItIsToBeRaisedAgain) {
  auto report = served(AnswerClass::new_, 300);
  report.verdict = Verdict::ready;
  report.obligations = {owed(Obligation::Kind::authority, 86400, kNow - seconds(1))};
  EXPECT_EQ(sentence(report), "TTL of the MX is 300; raise it again (it was 86400)");
  report.obligations.clear();
  EXPECT_EQ(sentence(report), "TTL of the MX is 300; raise it again (3600 or more)");
  report.authorities[0].ttl = 3600;
  EXPECT_EQ(sentence(report), "");
}

}  // namespace
}  // namespace mxswitch::monitor
