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
  EXPECT_THAT(lines[1], HasSubstr("PROPAGATING, waits for time, until 14:32:10Z: propagation: "));
  EXPECT_THAT(lines[2], HasSubstr("14:32:10Z (in 41 min), at the latest 14:38:10Z: ns2 served"));
  EXPECT_THAT(lines[3], HasSubstr("Moved by        Stretcher: Lagoon keeps records 7200 s"));
  EXPECT_THAT(lines[5], HasSubstr("propagation waits | accounts waits | operator waits"));
  EXPECT_THAT(lines[6], HasSubstr("SPF             1 of 2 resolvers see include:_spf.filter"));
  EXPECT_THAT(lines[8], HasSubstr("SPF results     Lagoon 192.0.2.12: old pass, new fail, "
                                  "stranger fail"));
  EXPECT_THAT(lines[9], HasSubstr("1 resolver and 1 authority: old pass, new pass"));
  EXPECT_THAT(lines[10], HasSubstr("7/12   old 2   split 1   foreign 1   failed 1"));
}

TEST(RenderStatus, FitsTheHeightWithTheAnswerOnTopAndTheWorstRowsKept) {
  const auto text =
      render_status(fakes::propagating_snapshot(kNow), kNow, {.width = 80, .height = 23});
  const auto lines = lines_of(text);
  EXPECT_LE(lines.size(), 23u);
  EXPECT_THAT(text, HasSubstr("more: mxswitch status shop.example --all\n"));
  for (const auto& line : lines) EXPECT_LE(columns(line), 80u) << line;
  EXPECT_THAT(lines.front(), HasSubstr("shop.example "));
  EXPECT_THAT(text, HasSubstr("\nEarliest READY  14:32:10Z (in 41 min)"));
  EXPECT_LT(text.find("Northnet"), text.find("ns1.shop.example"));
  EXPECT_THAT(text, HasSubstr("\nLast "));
}

TEST(RenderStatus, InAPipeNothingIsCutAndASentenceIsALine) {
  auto snapshot = fakes::propagating_snapshot(kNow);
  snapshot.report.resolvers[0].reason = std::string(300, 'r') + " end of the reason";
  snapshot.history.back().why = std::string(300, 'w') + " end of the why";
  const auto text = render_status(snapshot, kNow, {}) + render_history(snapshot, {}) +
                    render_gates(snapshot, kNow, {});
  EXPECT_THAT(text, HasSubstr("rrr end of the reason\n"));
  EXPECT_THAT(text, HasSubstr("www end of the why"));
  EXPECT_THAT(text, Not(HasSubstr("…")));
  EXPECT_THAT(text, Not(HasSubstr("\n+")));
}

TEST(RenderStatus, AsciiHasNoOtherCharacter) {
  auto snapshot = fakes::hostile_snapshot(kNow);
  snapshot.report.resolvers[0].place = "Tromsø";
  const auto text = render_status(snapshot, kNow, {.width = 60, .ascii = true});
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << int(c);
}

TEST(RenderStatus, HostileTextNeverReachesTheTerminal) {
  const auto snapshot = fakes::hostile_snapshot(kNow);
  for (const auto& text :
       {render_status(snapshot, kNow, {}), render_gates(snapshot, kNow, {}),
        render_history(snapshot, {}), render_explain(snapshot, kNow, {}),
        render_check({snapshot.report, {}, {}, "", true}, kNow, {}), render_line(snapshot)}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\xff'), std::string::npos);
  }
}

TEST(RenderStatus, ColourIsOptional) {
  const auto snapshot = fakes::propagating_snapshot(kNow);
  EXPECT_THAT(render_status(snapshot, kNow, {}), Not(HasSubstr("\x1b[")));
  EXPECT_THAT(render_status(snapshot, kNow, {.colour = true}), HasSubstr("\x1b[94mold"));
}

TEST(RenderStatus, AnEmptySnapshotSaysWhatIsMissing) {
  const auto text = render_status(fakes::empty_snapshot(kNow), kNow, {});
  EXPECT_THAT(text, HasSubstr("DRAFT, waits for the first look at the domain"));
  EXPECT_THAT(text, HasSubstr("not judged yet"));
}

monitor::OneLook sample_look() {
  monitor::OneLook look;
  look.look = monitor::Look::not_yet;
  look.authorities = {3, 0, 0, {{AnswerClass::new_, 3}}};
  look.resolvers = {
      13, 1, 1, {{AnswerClass::new_, 2}, {AnswerClass::old, 9}, {AnswerClass::mixed, 1}}};
  std::vector<std::string> who;
  for (int i = 1; i <= 9; ++i) who.push_back("Northnet 192.0.2." + std::to_string(i));
  look.facts = {
      {monitor::Weight::blocks, "resolver-old",
       "9 of 12 resolvers answer the old set 10 mail.shop.example (for up to 842 s)", who},
      {monitor::Weight::open, "authority-lame", "1 of 3 authorities is lame", {"ns3"}},
      {monitor::Weight::note, "resolver-failed", "1 of 12 resolvers failed, REFUSED", {}},
      {monitor::Weight::good, "authority-new", "3 of 3 authorities serve it", who}};
  look.not_looked_at = {"drain: not judged by one look", "resolvers over TLS"};
  return look;
}

TEST(RenderCheck, SaysAFactALineTheWorstFirstAndWhatWasNotLookedAt) {
  const auto report = fakes::propagating_report(kNow);
  const auto look = sample_look();
  const auto lines = lines_of(render_check(
      {report, look, {"READY not before 14:32:10Z"}, "TTL of the MX is 300", false}, kNow, {}));
  EXPECT_THAT(lines[1],
              HasSubstr("not yet: authorities 3/3 new, resolvers 2/12 new; drain not judged"));
  EXPECT_THAT(lines[2], HasSubstr("2/12   old 9   split 1   not counted 1"));
  EXPECT_THAT(lines[4], HasSubstr("not yet         9 of 12 resolvers answer the old set"));
  EXPECT_THAT(lines[4], HasSubstr("Northnet 192.0.2.9")) << "in a pipe nothing is cut";
  EXPECT_THAT(lines[5], HasSubstr("unknown         1 of 3 authorities is lame: ns3"));
  EXPECT_THAT(lines[6], HasSubstr("note            1 of 12 resolvers failed, REFUSED"));
  EXPECT_EQ(lines[7], "new             3 of 3 authorities serve it");
  EXPECT_EQ(lines[lines.size() - 3], "Outlook         READY not before 14:32:10Z");
  EXPECT_EQ(lines[lines.size() - 2], "Not looked at   drain: not judged by one look");
  EXPECT_EQ(lines.back(), "                resolvers over TLS");
}

TEST(RenderCheck, FitsTheTerminalAndTellsHowToSeeEveryName) {
  const auto report = fakes::propagating_report(kNow);
  const auto look = sample_look();
  for (const std::size_t width : {40u, 80u, 120u}) {
    const auto text = render_check({report, look, {}, "", false}, kNow, {.width = width});
    for (const auto& line : lines_of(text)) EXPECT_LE(columns(line), width) << line;
  }
  const auto text = render_check({report, look, {}, "", false}, kNow, {.width = 200});
  EXPECT_THAT(text, HasSubstr("Northnet 192.0.2.6, +3 more (--all)"));
  EXPECT_THAT(text, Not(HasSubstr("RESOLVER")));
  const auto all = render_check({report, look, {}, "", true}, kNow, {.width = 200});
  EXPECT_THAT(all, HasSubstr("192.0.2.9"));
  EXPECT_THAT(all, HasSubstr("RESOLVER"));
}

TEST(RenderGates, ClosedOnesComeFirst) {
  const auto lines = lines_of(render_gates(fakes::propagating_snapshot(kNow), kNow, {}));
  EXPECT_THAT(lines[0], HasSubstr("9 of 12 gates open"));
  EXPECT_THAT(lines[2], HasSubstr("propagation  waits"));
  EXPECT_THAT(lines[2], HasSubstr("14:32:10Z (in 41 min)"));
  EXPECT_THAT(lines.back(), HasSubstr("not asked"));
}

TEST(RenderGates, ReasonsAreWholeAtAnyWidth) {
  auto snapshot = fakes::propagating_snapshot(kNow);
  snapshot.gates[1].why = std::string(120, 'g') + " and so on to the end of the reason";
  for (const std::size_t width : {40u, 80u, 120u, 200u}) {
    const auto lines = lines_of(render_gates(snapshot, kNow, {.width = width}));
    std::string all;
    for (const auto& line : lines) {
      EXPECT_LE(columns(line), width) << line;
      const auto begin = line.find_first_not_of(' ');
      all += (begin == std::string::npos ? "" : line.substr(begin)) + " ";
    }
    EXPECT_THAT(all, HasSubstr("to the end of the reason")) << width;
  }
}

TEST(RenderHistory, WhyAndEvidenceStandBelowWhereTheyHaveNoRoom) {
  const auto text = render_history(fakes::propagating_snapshot(kNow), {.width = 80});
  EXPECT_THAT(text, HasSubstr("mxswitch  forwarding -> propagating\n"
                              "  first new answer of an authority\n"
                              "  ns1.shop.example serial 2026112203\n"));
  EXPECT_THAT(render_history(fakes::propagating_snapshot(kNow), {}),
              HasSubstr("forwarding -> propagating  first new answer of an authority  ns1"));
}

TEST(RenderExplain, IsATreeOfConditionsWithTheirEvidence) {
  const auto text = render_explain(fakes::propagating_report(kNow), kNow, {.width = 200});
  EXPECT_THAT(text,
              HasSubstr("A  the authorities agree: holds\n|- ns1.shop.example 198.51.100.1: "
                        "new, 10 mx1.filter.example, 20 mx2.filter.example\n|  `- TTL 3600 s, "
                        "answering, 3 new in a row since"));
  EXPECT_THAT(text, HasSubstr("B  the drain bound has passed: does not hold\n|- caches may hold"));
  EXPECT_THAT(text, HasSubstr("authority obligation at ns2.shop.example 198.51.100.2: 10 "
                              "mail.shop.example; u 13:33:10Z (18 min ago); v 3600 s; until "
                              "14:30:10Z (in 39 min)\n|  `- ns2 served the old set"));
  EXPECT_THAT(text, HasSubstr("strict until 14:30:10Z (in 39 min)"));
  EXPECT_THAT(text, HasSubstr("at most 41.2 % of caches"));
  EXPECT_THAT(text, HasSubstr("warm cache site-2: old, 10 mail.shop.example with TTL 660 s left at "
                              "13:50:50Z, E 14:01:50Z (in 10 min 40 s)"));
  EXPECT_THAT(text, HasSubstr("draw: 23 of 23 samples new"));
  EXPECT_THAT(text, HasSubstr("by the known expiries at the latest 14:38:10Z"));
  EXPECT_THAT(text, HasSubstr("v=spf1 mx -all"));
  EXPECT_THAT(text, HasSubstr("no resolver keeps a record longer than its TTL or 1 h [floor]"));
}

TEST(RenderExplain, ShowsWhomEachViewLetsPass) {
  const auto text = render_explain(fakes::propagating_snapshot(kNow), kNow, {.width = 200});
  EXPECT_THAT(
      text,
      HasSubstr(
          "SPF of shop.example by result: Lagoon 192.0.2.12: the new sender 192.0.2.71 gets fail"));
  EXPECT_THAT(text, HasSubstr("new 192.0.2.71: fail, 1 lookups, 0 void\n"
                              "|  |  `- v=spf1 fail: shop.example\n"
                              "|  |     |- mx no match\n"
                              "|  |     |  `- MX shop.example: shop.example (300 s left)\n"
                              "|  |     `- -all match\n"));
  EXPECT_THAT(text, HasSubstr("include:_spf.filter.example: without effect, it stands nowhere"));
}

TEST(RenderExplain, ShowsTheOtherOwnersToo) {
  auto snapshot = fakes::propagating_snapshot(kNow);
  snapshot.other_spf = {*snapshot.spf};
  snapshot.other_spf[0].owner = "boutique.example";
  snapshot.other_spf[0].why = "2 authorities: no SPF record: publish one";
  EXPECT_THAT(render_explain(snapshot, kNow, {.width = 200}),
              HasSubstr("SPF of boutique.example by result: 2 authorities: no SPF record"));
  EXPECT_THAT(render_status(snapshot, kNow, {.width = 200}),
              HasSubstr("boutique.example: 2 authorities: no SPF record"));
}

TEST(RenderExplain, LongSentencesGoOnBelowInsteadOfBeingCut) {
  const auto text = render_explain(fakes::propagating_report(kNow), kNow, {.width = 60});
  for (const auto& line : lines_of(text)) EXPECT_LE(columns(line), 60u) << line;
  EXPECT_THAT(text, HasSubstr("starts\n|    the drain again"));
  EXPECT_THAT(text, HasSubstr("READY 1 h 8 min after the last one\n|    [rollback]"));
}

TEST(RenderLine, IsTheSameForTheSameState) {
  EXPECT_EQ(render_line(fakes::propagating_snapshot(kNow)),
            "2026-11-22T13:51:10Z shop.example PROPAGATING waits for: time, until 14:32:10Z: "
            "propagation: caches of the old MX; meanwhile you: accounts: the plan's files were "
            "never loaded: mxswitch roster load shop.example\n");
}

}  // namespace
}  // namespace mxswitch::dashboards
