#include "dashboards/views/text_wrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dashboards/views/escape.h"
#include "dashboards/views/text_canvas.h"
#include "dashboards/views/text_fit.h"

namespace mxswitch::dashboards {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string plain(const Line& line) {
  std::string text;
  for (const Span& span : line) text += span.text;
  return text;
}

std::vector<std::string> broken(const std::string& text, std::size_t first, std::size_t rest) {
  std::vector<std::string> lines;
  for (const Line& line : wrapped({{text}}, first, rest)) lines.push_back(plain(line));
  return lines;
}

TEST(Wrapped, EndsLinesAtBlanksAndLosesNothing) {
  EXPECT_THAT(broken("", 10, 10), ElementsAre(""));
  EXPECT_THAT(broken("one two", 7, 7), ElementsAre("one two"));
  EXPECT_THAT(broken("one two three", 8, 8), ElementsAre("one two", "three"));
  EXPECT_THAT(broken("one two three", 4, 9), ElementsAre("one", "two three"));
  EXPECT_THAT(broken("one    two", 5, 5), ElementsAre("one", "two"));
  EXPECT_THAT(broken("a 0123456789", 4, 4), ElementsAre("a", "0123", "4567", "89"));
  EXPECT_THAT(broken("0123456789", 0, 4), ElementsAre("0", "1234", "5678", "9"));
}

TEST(Wrapped, ACommandInBackquotesIsCopiedFromOneLine) {
  EXPECT_THAT(broken("type `go on now` then", 12, 12), ElementsAre("type", "`go on now`", "then"));
  EXPECT_THAT(broken("type `go on now", 12, 12), ElementsAre("type `go on", "now"));
  EXPECT_THAT(broken("`go on and on` now", 8, 8), ElementsAre("`go on", "and on`", "now"));
}

TEST(Wrapped, AWholeSpanIsNotBrokenWhileItFits) {
  const auto lines = wrapped({{"a gate "}, {"relay pass", Colour::green, true}}, 12, 12);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(plain(lines[1]), "relay pass");
}

TEST(Wrapped, CountsColumnsNotOctets) {
  EXPECT_THAT(broken("Zürich Zürich", 6, 6), ElementsAre("Zürich", "Zürich"));
  EXPECT_THAT(broken("日本語", 4, 4), ElementsAre("日本", "語"));
  EXPECT_THAT(broken("e\xcc\x81te\xcc\x81", 3, 3), ElementsAre("e\xcc\x81te\xcc\x81"));
}

TEST(Wrapped, EachPartKeepsItsColour) {
  const auto lines = wrapped({{"good ", Colour::green}, {"and bad", Colour::red}}, 8, 8);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].back().text, "and");
  EXPECT_EQ(lines[0].back().colour, Colour::red);
  EXPECT_EQ(lines[1].back().text, "bad");
}

const std::string kReason =
    "the secondary ns2.shop.example still serves 10 mail.shop.example; every cache may hold it "
    "for an hour from then on";

TEST(Canvas, ASentenceGoesOnUnderItself) {
  const std::string text = Canvas({.width = 60}).labelled("State", {{kReason}}).text();
  EXPECT_EQ(text,
            "State           the secondary ns2.shop.example still serves\n"
            "                10 mail.shop.example; every cache may hold\n"
            "                it for an hour from then on\n");
  EXPECT_EQ(Canvas({}).labelled("State", {{kReason}}).text(), "State           " + kReason + "\n");
}

TEST(Canvas, ALabelLongerThanItsColumnStandsAlone) {
  const std::string domain = std::string(40, 'd') + ".example";
  EXPECT_EQ(Canvas({.width = 60}).labelled(domain, {{"mail goes there"}}).text(),
            domain + "\n" + std::string(16, ' ') + "mail goes there\n");
  EXPECT_EQ(Canvas({}).labelled(domain, {{"there"}}).text(), domain + " there\n");
}

const std::vector<Line> kRows = {{{"propagation"}, {"fail"}, {kReason}}, {{"spf"}, {"pass"}, {""}}};

TEST(Table, InAPipeARowIsALineAndNothingIsCut) {
  const std::string text = Canvas({}).table({"GATE", "VERDICT", "WHY"}, kRows, 1).text();
  EXPECT_EQ(text, "GATE         VERDICT  WHY\npropagation  fail     " + kReason +
                      "\nspf          pass\n");
  const std::string longer(200, 'x');
  EXPECT_THAT(Canvas({}).table({"NAME", "WHY"}, {{{longer}, {"b"}}}).text(),
              HasSubstr(longer + "  b\n"));
}

TEST(Table, ReasonsStandBesideWhereThereIsRoomElseBelow) {
  const std::string wide = Canvas({.width = 70}).table({"GATE", "VERDICT", "WHY"}, kRows, 1).text();
  EXPECT_THAT(wide,
              HasSubstr("propagation  fail     the secondary ns2.shop.example still serves 10\n"
                        "                      mail.shop.example; every cache may hold it"));
  const std::string low = Canvas({.width = 44}).table({"GATE", "VERDICT", "WHY"}, kRows, 1).text();
  EXPECT_THAT(low, HasSubstr("GATE         VERDICT\npropagation  fail\n"
                             "  the secondary ns2.shop.example still\n  serves 10"));
  EXPECT_THAT(low, HasSubstr("from then on\nspf          pass\n"));
}

TEST(Table, TheWidestColumnsGiveWayFirstAndARemarkIsSomeWordsOrNothing) {
  const std::vector<Line> rows = {
      {{"ns1.shop.example 198.51.100.1"}, {"old"}, {std::string(40, 'm')}, {"its cache holds it"}}};
  const auto at = [&](std::size_t width) {
    return Canvas({.width = width}).table({"NAME", "CLASS", "ANSWER", ""}, rows).text();
  };
  EXPECT_THAT(at(100), HasSubstr("ns1.shop.example 198.51.100.1  old    "));
  EXPECT_THAT(at(80), HasSubstr("…  its cache holds it\n"));
  EXPECT_THAT(at(46), Not(HasSubstr("its c")));
  EXPECT_THAT(at(46), HasSubstr("ns1.shop.example…  old "));
}

TEST(Screenful, WhatMattersLeastLeavesFirstAndIsCounted) {
  const auto drawn = [](std::size_t height) {
    Screenful screen({.width = 60, .height = height}, "x --all");
    screen.part(Keep::answer).line("answer");
    screen.part(Keep::details).line("details").line("of it");
    screen.table({"NAME"}, {{{"one"}}, {{"two"}}, {{"three"}}}, 1);
    screen.part(Keep::last_word).line("last");
    return screen.text();
  };
  const std::string whole = "answer\ndetails\nof it\nNAME\none\ntwo\nthree\nlast\n";
  EXPECT_EQ(drawn(0), whole);
  EXPECT_EQ(drawn(8), whole);
  EXPECT_EQ(drawn(7), "answer\ndetails\nof it\nNAME\none\n+2 more: x --all\nlast\n");
  EXPECT_EQ(drawn(6), "answer\nNAME\none\n+4 more: x --all\nlast\n");
  EXPECT_EQ(drawn(1), "answer\n+7 more: x --all\n");
}

TEST(Canvas, ControlCharactersAreMadeVisibleBeforeTheyAreMeasured) {
  const std::string hostile = "a\x1b[2Jb\nc\xc2\x9b";
  const std::string seen = Canvas({.width = 40})
                               .line(hostile)
                               .labelled(hostile, {{hostile}})
                               .table({"WHY"}, {{{hostile}}})
                               .hanging("  ", "  ", {{hostile}})
                               .text();
  EXPECT_THAT(seen, HasSubstr("a?[2Jb?c?"));
  EXPECT_EQ(seen.find_first_of("\x1b\xc2"), std::string::npos);
  EXPECT_EQ(std::ranges::count(seen, '\n'), 5);
}

}  // namespace
}  // namespace mxswitch::dashboards
