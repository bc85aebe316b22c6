#include "dashboards/views/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "dashboards/views/escape.h"
#include "probes/base/time_text.h"
#include "tests/fakes/sample_snapshot.h"

namespace mxswitch::dashboards {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Time kNow = parse_time("2026-11-22T13:51:10Z").value();

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(RenderStatus, AnswersBeforeItShowsEvidence) {
  const auto lines = lines_of(render_status(fakes::propagating_snapshot(kNow), kNow, {}));
  EXPECT_THAT(lines[0], HasSubstr("shop.example    10 mail.shop.example -> 10 mx1"));
  EXPECT_THAT(lines[1], HasSubstr("propagating, waits for caches of the old MX"));
  EXPECT_THAT(lines[2], HasSubstr("14:32:10Z (in 41 min): ns2 served the old set"));
  EXPECT_THAT(lines[3], HasSubstr("propagation fail | accounts fail | operator unknown"));
  EXPECT_THAT(lines[4], HasSubstr("7/12   old 2   split 1   foreign 1   failed 1"));
}

TEST(RenderStatus, IsCutToTheHeightWithTheWorstRowsKept) {
  const auto text =
      render_status(fakes::propagating_snapshot(kNow), kNow, {.width = 80, .height = 14});
  const auto lines = lines_of(text);
  EXPECT_EQ(lines.size(), 14u);
  EXPECT_THAT(text, HasSubstr("more\n"));
  for (const auto& line : lines) EXPECT_LE(columns(line), 80u) << line;
  EXPECT_THAT(lines.back(), HasSubstr("Last"));
}

TEST(RenderStatus, AsciiHasNoOtherCharacter) {
  auto snapshot = fakes::hostile_snapshot(kNow);
  snapshot.report.resolvers[0].place = "Tromsø";
  const auto text = render_status(snapshot, kNow, {.width = 60, .ascii = true});
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << int(c);
}

TEST(RenderStatus, HostileTextNeverReachesTheTerminal) {
  const auto snapshot = fakes::hostile_snapshot(kNow);
  for (const auto& text : {render_status(snapshot, kNow, {}), render_gates(snapshot, kNow, {}),
                           render_history(snapshot, {}), render_explain(snapshot.report, kNow, {}),
                           render_check(snapshot.report, kNow, {}), render_line(snapshot)}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\xff'), std::string::npos);
  }
}

TEST(RenderStatus, ColourIsOptional) {
  const auto snapshot = fakes::propagating_snapshot(kNow);
  EXPECT_THAT(render_status(snapshot, kNow, {}), Not(HasSubstr("\x1b[")));
  EXPECT_THAT(render_status(snapshot, kNow, {.colour = true}), HasSubstr("\x1b[31mold"));
}

TEST(RenderStatus, AnEmptySnapshotSaysWhatIsMissing) {
  const auto text = render_status(fakes::empty_snapshot(kNow), kNow, {});
  EXPECT_THAT(text, HasSubstr("draft, waits for the first look at the domain"));
  EXPECT_THAT(text, HasSubstr("not judged yet"));
}

TEST(RenderCheck, NeverJudgesTheDrain) {
  EXPECT_THAT(render_check(fakes::propagating_report(kNow), kNow, {}),
              HasSubstr("not yet: 7 of 11 sampled answers new, authorities new; drain not judged"));
  EXPECT_THAT(render_check(fakes::ready_report(kNow), kNow, {}),
              HasSubstr("all sampled answers new; drain not judged"));
  EXPECT_THAT(render_check({}, kNow, {}), HasSubstr("inconclusive"));
}

TEST(RenderGates, ClosedOnesComeFirst) {
  const auto lines = lines_of(render_gates(fakes::propagating_snapshot(kNow), kNow, {}));
  EXPECT_THAT(lines[0], HasSubstr("9 of 12 gates open"));
  EXPECT_THAT(lines[2], HasSubstr("propagation  fail"));
  EXPECT_THAT(lines[2], HasSubstr("14:32:10Z (in 41 min)"));
  EXPECT_THAT(lines.back(), HasSubstr("not asked"));
}

TEST(RenderExplain, NamesObligationsCachesAndBounds) {
  const auto text = render_explain(fakes::propagating_report(kNow), kNow, {.width = 200});
  EXPECT_THAT(text, HasSubstr("B  the drain bound has passed: does not hold"));
  EXPECT_THAT(text, HasSubstr("ns2.shop.example 198.51.100.2"));
  EXPECT_THAT(text, HasSubstr("Strict until    2026-11-22T14:30:10Z (in 39 min)"));
  EXPECT_THAT(text, HasSubstr("at most 41.2 % of caches"));
}

TEST(RenderLine, IsTheSameForTheSameState) {
  EXPECT_EQ(render_line(fakes::propagating_snapshot(kNow)),
            "2026-11-22T13:51:10Z shop.example propagating waits for: caches of the old MX (3 of "
            "12 resolvers) and 3 missing accounts\n");
}

}  // namespace
}  // namespace mxswitch::dashboards
