#include "dashboards/views/watch_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dashboards/views/escape.h"
#include "dashboards/views/text.h"
#include "dashboards/views/text_resolvers.h"
#include "probes/base/time_text.h"
#include "tests/fakes/sample_snapshot.h"

namespace mxswitch::dashboards {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Time kNow = parse_time("2026-11-22T13:51:10Z").value();

monitor::PropagationReport assumed_report() {
  auto report = fakes::propagating_report(kNow);
  report.obligations.assign(1, {});
  report.obligations[0].kind = monitor::Obligation::Kind::assumed;
  report.change_started_at = kNow;
  for (auto& authority : report.authorities) {
    authority.last_class = AnswerClass::new_;
    authority.ttl = 900;
  }
  return report;
}

TEST(WatchWords, NameTheOptionsOfWhatNobodyDeclared) {
  const auto advice = declare_advice(assumed_report(), kNow);
  EXPECT_THAT(advice, HasSubstr("READY not before 14:32:10Z (in 41 min) because nobody said"));
  EXPECT_THAT(advice, HasSubstr("--old-ttl 900 if it was never lowered"));
  EXPECT_THAT(advice, HasSubstr("--changed-at TIME"));
}

TEST(WatchWords, TheTtlOfTheOldSetIsTheOneToDeclare) {
  auto report = assumed_report();
  report.obligations.emplace_back();
  report.obligations.back().ttl = seconds(86400);
  const auto advice = declare_advice(report, kNow);
  EXPECT_THAT(advice, HasSubstr("--old-ttl 86400"));
  EXPECT_THAT(advice, Not(HasSubstr("--changed-at"))) << "the change was seen";
}

TEST(WatchWords, NothingIsSaidWhereNothingIsAssumed) {
  auto report = assumed_report();
  report.obligations[0].kind = monitor::Obligation::Kind::declared;
  EXPECT_EQ(declare_advice(report, kNow), "");
  report = assumed_report();
  report.verdict = monitor::Verdict::ready;
  EXPECT_EQ(declare_advice(report, kNow), "");
}

TEST(WatchWords, NoKeyOfAPlanIsAdvisedWhereThereIsNone) {
  auto report = assumed_report();
  for (const auto* code : {"declare", "ignore", "waive"})
    report.forecast.moves.push_back({monitor::Forecast::Move::Effect::earlier,
                                     code,
                                     "changed_at and old_ttl in [mx] of the plan",
                                     {}});
  for (const auto& move : in_options(report).forecast.moves)
    EXPECT_THAT(move.text, Not(HasSubstr("of the plan")));
}

TEST(RenderWatch, ShowsTheAdviceAndTheNextLookBelowTheForecast) {
  const auto report = assumed_report();
  const auto text =
      render_watch({report, "READY not before noon", "TTL of the MX is 300", kNow + seconds(12)},
                   kNow, {.width = 80});
  EXPECT_THAT(text, HasSubstr("\nAdvice          READY not before noon\nTTL             TTL of the "
                              "MX is 300\nNext look       in 12 s\n"));
}

TEST(RenderCheckup, IsSortedByWorthAndFitsTheTerminal) {
  std::vector<monitor::ResolverHealth> all(3);
  for (auto& one : all) {
    one.answered = true;
    one.honest = monitor::Told::yes;
    one.burst = 8;
  }
  all[0].resolver.operator_name = "Quick";
  all[1].resolver.operator_name = "Limited";
  all[1].burst_failed = 8;
  all[2].resolver.operator_name = "Gone";
  all[2].answered = false;
  all[2].failure = "truncated over UDP, and TCP is closed";
  const auto wide = render_checkup(all, {});
  EXPECT_THAT(wide, HasSubstr("3 resolvers: 1 good, 1 with a remark, 1 of no use to a watch"));
  EXPECT_LT(wide.find("Gone"), wide.find("Limited"));
  EXPECT_LT(wide.find("Limited"), wide.find("Quick"));
  EXPECT_THAT(wide, HasSubstr("truncated over UDP, and TCP is closed"));
  for (const std::size_t width : {80u, 120u}) {
    const auto text = render_checkup(all, {.width = width});
    std::size_t at = 0;
    while (at < text.size()) {
      const auto end = text.find('\n', at);
      EXPECT_LE(columns(text.substr(at, end - at)), width);
      at = end + 1;
    }
  }
}

}  // namespace
}  // namespace mxswitch::dashboards
