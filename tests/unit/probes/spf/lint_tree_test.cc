// Findings that need more than one record, or what the names in it lead to.
#include <gtest/gtest.h>

#include <algorithm>

#include "probes/spf/glue.h"
#include "probes/spf/lint.h"
#include "tests/fakes/table_view.h"

namespace mxswitch::probes::spf {
namespace {

using Level = Finding::Level;

class LintTree : public testing::Test {
 protected:
  void publish(const std::string& owner, const std::string& record) {
    view.add(owner, RrType::txt, {text(record)});
  }
  std::vector<Finding> found() {
    Survey made;
    asio::io_context loop;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
          made = co_await survey(view, "shop.example", view.clock);
        },
        asio::detached);
    loop.run();
    return lint(made);
  }
  // The finding's "domain: text"; empty: there is none.
  std::string finding(const std::string& code) {
    for (const Finding& each : found())
      if (each.code == code) return each.domain + ": " + each.text;
    return "";
  }
  bool says(const std::string& code, const std::string& part) {
    return finding(code).find(part) != std::string::npos;
  }
  void publish_strings(std::vector<std::string> strings) {
    view.add("shop.example", RrType::txt, {Txt{std::move(strings)}});
  }

  TableView view;
};

TEST_F(LintTree, TheEndIsThatOfTheRecordThatDecides) {
  publish("shop.example", "v=spf1 mx redirect=to.example");
  publish("to.example", "v=spf1 ?all");
  EXPECT_TRUE(says("neutral-all", "to.example: "));
  publish("to.example", "v=spf1 ip4:192.0.2.1");
  EXPECT_TRUE(says("no-all", "to.example: "));
  publish("to.example", "v=spf1 +all mx");
  EXPECT_TRUE(says("plus-all", "to.example: "));
  EXPECT_TRUE(says("after-all", "to.example: "));
  publish("shop.example", "v=spf1 include:to.example -all");
  EXPECT_TRUE(says("plus-all", "send as shop.example"));
  publish("to.example", "v=spf1 -all redirect=x.example");
  EXPECT_TRUE(says("redirect-beside-all", "to.example: "));
  publish("to.example", "v=spf1 ip4:192.0.2.1");
  EXPECT_EQ(finding("no-all"), "") << "an included record needs no end";
}

TEST_F(LintTree, GluedTermsAreNamedThoughTheWholeIsNoRecordAnyMore) {
  publish_strings({"v=spf1 ip4:192.0.2.1", "ip4:192.0.2.2 -all"});
  EXPECT_TRUE(says("glued", "\"ip4:192.0.2.1\" and \"ip4:192.0.2.2\""));
  publish_strings({"v=spf1 a", "mx -all"});
  EXPECT_TRUE(says("glued", "\"a\" and \"mx\""));
  publish_strings({"v=spf1", "ip4:192.0.2.1 -all"});
  EXPECT_TRUE(says("glued", "\"v=spf1\" and \"ip4:192.0.2.1 -all\""));
  publish_strings({"v=spf1 include:fil", "ter.example -all"});
  publish("filter.example", "v=spf1 -all");
  EXPECT_EQ(finding("glued"), "") << "a name may be cut anywhere";
}

TEST_F(LintTree, WideRangesOfHostsToo) {
  for (const char* term : {"a/8", "mx//16", "a:h.example/0", "+mx/15//128"}) {
    publish("shop.example", std::string("v=spf1 ") + term + " -all");
    EXPECT_TRUE(says("wide-range", term)) << term;
  }
  publish("shop.example", "v=spf1 a/24//64 -all");
  EXPECT_EQ(finding("wide-range"), "");
}

TEST_F(LintTree, AnIncludeInTwoRecordsIsDouble) {
  publish("shop.example", "v=spf1 include:a.example include:b.example -all");
  publish("a.example", "v=spf1 include:b.example -all");
  publish("b.example", "v=spf1 ip4:192.0.2.1 -all");
  EXPECT_TRUE(says("twice", "in the record of a.example too"));
}

TEST_F(LintTree, TheExplanationOfARedirectTargetIsLookedAt) {
  publish("shop.example", "v=spf1 redirect=to.example");
  publish("to.example", "v=spf1 -all exp=why.example");
  EXPECT_TRUE(says("explanation", "to.example: exp= names why.example"));
  view.silence("why.example", RrType::txt);
  EXPECT_TRUE(says("explanation", "no answer about TXT of why.example"));
}

TEST_F(LintTree, SilenceAndDepthAreNoMissingRecord) {
  publish("shop.example", "v=spf1 include:quiet.example -all");
  view.silence("quiet.example", RrType::txt);
  EXPECT_TRUE(says("no-answer", "temperror"));
  EXPECT_EQ(finding("no-record"), "");
  for (int i = 0; i < 14; ++i)
    publish(i == 0 ? "shop.example" : "n" + std::to_string(i) + ".example",
            "v=spf1 include:n" + std::to_string(i + 1) + ".example -all");
  EXPECT_TRUE(says("not-followed", "n11.example"));
  EXPECT_EQ(finding("no-answer"), "");
  EXPECT_NE(finding("too-many-lookups"), "");
}

TEST_F(LintTree, TenExchangesMayBeAndNotEleven) {
  publish("shop.example", "v=spf1 mx -all");
  std::vector<RecordData> exchanges;
  for (int i = 0; i < 11; ++i) exchanges.push_back(exchange("mx" + std::to_string(i) + ".example"));
  view.add("shop.example", RrType::mx, exchanges);
  EXPECT_TRUE(says("many-exchanges", "\"mx\""));
  exchanges.pop_back();
  view.add("shop.example", RrType::mx, exchanges);
  EXPECT_EQ(finding("many-exchanges"), "");
}

TEST_F(LintTree, TermsThatFindNothingAreNamed) {
  publish("shop.example", "v=spf1 a:gone.example include:in.example -all");
  publish("in.example", "v=spf1 mx:gone.example -all");
  EXPECT_TRUE(says("near-void-limit",
                   "(\"a:gone.example\" of shop.example, \"mx:gone.example\" of in.example)"));
}

}  // namespace
}  // namespace mxswitch::probes::spf
