#include "probes/spf/evaluate.h"

#include <gtest/gtest.h>

#include "tests/fakes/table_view.h"

namespace mxswitch::probes::spf {
namespace {

SpfResult result_of(const std::string& record, const char* ip = "192.0.2.25") {
  TableView view;
  view.add("shop.example", RrType::txt, {text(record)});
  view.add("shop.example", RrType::a, {address("192.0.2.25")});
  view.add("shop.example", RrType::aaaa, {address("2001:db8::25")});
  return check(view, "joe@shop.example", ip).result;
}

TEST(CheckHost, TheFirstMatchDecides) {
  EXPECT_EQ(result_of("v=spf1 -ip4:192.0.2.25 +all"), SpfResult::fail);
  EXPECT_EQ(result_of("v=spf1 ~a -all"), SpfResult::softfail);
  EXPECT_EQ(result_of("v=spf1 ?all"), SpfResult::neutral);
  EXPECT_EQ(result_of("v=spf1"), SpfResult::neutral);
  EXPECT_EQ(result_of("v=spf1 a -all", "2001:db8::25"), SpfResult::pass);
  EXPECT_EQ(result_of("v=spf1 ip6:::/0 -all"), SpfResult::fail) << "an IPv4 client";
}

TEST(CheckHost, AMappedAddressIsIpv4) {
  EXPECT_EQ(result_of("v=spf1 ip4:192.0.2.0/24 -all", "::ffff:192.0.2.25"), SpfResult::pass);
}

TEST(CheckHost, ASyntaxErrorAnywhereComesFirst) {
  EXPECT_EQ(result_of("v=spf1 a ip4:999 -all"), SpfResult::permerror);
}

TEST(CheckHost, NoneWithoutARecordOrADomain) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf10 -all"), text("hello")});
  EXPECT_EQ(check(view).result, SpfResult::none);
  EXPECT_EQ(check(view, "joe@absent.example").result, SpfResult::none);
  const std::size_t before = view.asked.size();
  for (const char* sender : {"joe@localhost", "joe@[192.0.2.1]", "joe@a..example", "joe@"})
    EXPECT_EQ(check(view, sender).result, SpfResult::none) << sender;
  EXPECT_EQ(view.asked.size(), before);
}

TEST(CheckHost, TwoRecordsAreAPermerrorAndSilenceATemperror) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 a"), text("v=spf1 -all")});
  EXPECT_EQ(check(view).result, SpfResult::permerror);
  view.silence("shop.example", RrType::txt);
  EXPECT_EQ(check(view).result, SpfResult::temperror);
}

TEST(CheckHost, TheNullSenderIsJudgedByHelo) {
  TableView view;
  view.add("mail.shop.example", RrType::txt, {text("v=spf1 exists:%{l}.%{o} -all")});
  view.add("postmaster.mail.shop.example", RrType::a, {address("127.0.0.2")});
  EXPECT_EQ(check(view, "").result, SpfResult::pass);
}

// Section 5.2's table.
TEST(CheckHost, AnIncludeMatchesOnlyOnPass) {
  struct Case {
    const char* inner;
    SpfResult wanted;
  };
  for (const Case& c :
       {Case{"v=spf1 +all", SpfResult::pass}, Case{"v=spf1 -all", SpfResult::fail},
        Case{"v=spf1 ~all", SpfResult::fail}, Case{"v=spf1 ?all", SpfResult::fail},
        Case{"v=spf1 oops", SpfResult::permerror}, Case{"no record", SpfResult::permerror}}) {
    TableView view;
    view.add("shop.example", RrType::txt, {text("v=spf1 include:in.example.net -all")});
    view.add("in.example.net", RrType::txt, {text(c.inner)});
    EXPECT_EQ(check(view).result, c.wanted) << c.inner;
    view.silence("in.example.net", RrType::txt);
    EXPECT_EQ(check(view).result, SpfResult::temperror);
  }
}

TEST(CheckHost, ARedirectCountsOnlyWithoutAll) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 redirect=r.example.net ?all")});
  view.add("r.example.net", RrType::txt, {text("v=spf1 -all")});
  EXPECT_EQ(check(view).result, SpfResult::neutral);
  view.add("shop.example", RrType::txt, {text("v=spf1 redirect=r.example.net")});
  EXPECT_EQ(check(view).result, SpfResult::fail);
  view.add("shop.example", RrType::txt, {text("v=spf1 redirect=absent.example")});
  EXPECT_EQ(check(view).result, SpfResult::permerror);
}

TEST(CheckHost, TenTermsMayAskAndNotEleven) {
  for (const int terms : {10, 11}) {
    TableView view;
    std::string record = "v=spf1";
    for (int i = 0; i < terms; ++i) record += " a:h" + std::to_string(i) + ".example.net";
    for (int i = 0; i < terms; ++i)
      view.add("h" + std::to_string(i) + ".example.net", RrType::a, {address("192.0.2.1")});
    view.add("shop.example", RrType::txt, {text(record + " -all")});
    const CheckResult result = check(view);
    EXPECT_EQ(result.result, terms == 10 ? SpfResult::fail : SpfResult::permerror);
    EXPECT_EQ(result.lookups, terms);
  }
}

TEST(CheckHost, ALoopEndsByTheLimit) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 include:shop.example -all")});
  EXPECT_EQ(check(view).result, SpfResult::permerror);
  view.add("shop.example", RrType::txt, {text("v=spf1 redirect=shop.example")});
  EXPECT_EQ(check(view).result, SpfResult::permerror);
}

TEST(CheckHost, AThirdVoidIsAPermerrorThoughItsTermMatches) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 a:v1.example a:v2.example mx -all")});
  view.add("shop.example", RrType::mx, {exchange("gone.example"), exchange("mx.shop.example")});
  view.add("mx.shop.example", RrType::a, {address("192.0.2.25")});
  const CheckResult third = check(view);
  EXPECT_EQ(third.result, SpfResult::permerror);
  EXPECT_EQ(third.voids, 3);
  view.add("shop.example", RrType::txt, {text("v=spf1 a:v1.example mx -all")});
  EXPECT_EQ(check(view).result, SpfResult::pass);
}

TEST(CheckHost, TwoVoidsMayBeOverIncludesToo) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 a:v1.example include:in.example.net -all")});
  view.add("in.example.net", RrType::txt, {text("v=spf1 exists:v2.example ~all")});
  const CheckResult two = check(view);
  EXPECT_EQ(two.result, SpfResult::fail);
  EXPECT_EQ(two.voids, 2);
  view.add("in.example.net", RrType::txt, {text("v=spf1 exists:v2.example mx:v3.example ~all")});
  EXPECT_EQ(check(view).result, SpfResult::permerror);
}

TEST(CheckHost, ANameThatCannotBeAskedForIsNoMatchAndNoVoid) {
  TableView view;
  view.add(
      "shop.example", RrType::txt,
      {text("v=spf1 a:%{l}..b.example exists:c..d.example mx:e..f.example a:g..h.example -all")});
  const CheckResult result = check(view);
  EXPECT_EQ(result.result, SpfResult::fail);
  EXPECT_EQ(result.voids, 0);
}

TEST(CheckHost, ElevenExchangesAreTooMany) {
  for (const int count : {10, 11}) {
    TableView view;
    std::vector<RecordData> exchanges;
    for (int i = 0; i < count; ++i)
      exchanges.push_back(exchange("m" + std::to_string(i) + ".example.net"));
    view.add("shop.example", RrType::txt, {text("v=spf1 mx -all")});
    view.add("shop.example", RrType::mx, exchanges);
    view.add("m9.example.net", RrType::a, {address("192.0.2.25")});
    EXPECT_EQ(check(view).result, count == 10 ? SpfResult::pass : SpfResult::permerror);
  }
}

TEST(CheckHost, PtrMatchesAValidatedNameWithinTheDomainAndForgivesFailures) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 ptr -all")});
  view.add("25.2.0.192.in-addr.arpa", RrType::ptr,
           {name("liar.shop.example"), name("dead.shop.example"), name("mail.shop.example")});
  view.add("liar.shop.example", RrType::a, {address("192.0.2.99")});
  view.silence("dead.shop.example", RrType::a);
  EXPECT_EQ(check(view).result, SpfResult::fail);
  view.add("mail.shop.example", RrType::a, {address("192.0.2.25")});
  EXPECT_EQ(check(view).result, SpfResult::pass);
  view.silence("25.2.0.192.in-addr.arpa", RrType::ptr);
  EXPECT_EQ(check(view).result, SpfResult::fail);
}

TEST(CheckHost, AFailIsExplainedByTheRecordThatDecided) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 exp=ours.example redirect=r.example.net")});
  view.add("r.example.net", RrType::txt, {text("v=spf1 -all exp=e.%{d}")});
  view.add("ours.example", RrType::txt, {text("not this one")});
  view.add("e.r.example.net", RrType::txt, {text("%{i} may not send as %{s} (%{d})")});
  EXPECT_EQ(check(view).explanation, "192.0.2.25 may not send as joe@shop.example (r.example.net)");
  view.add("e.r.example.net", RrType::txt, {text("one"), text("two")});
  EXPECT_EQ(check(view).explanation, "");
  view.add("e.r.example.net", RrType::txt, {text("broken %{x}")});
  EXPECT_EQ(check(view).explanation, "");
  EXPECT_EQ(check(view).result, SpfResult::fail);
}

TEST(CheckHost, TheTraceShowsEveryTermWithWhatItAsked) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 include:in.example.net -all")});
  view.add("in.example.net", RrType::txt, {text("v=spf1 a:h.example.net ~all")});
  view.add("h.example.net", RrType::a, {address("192.0.2.25")});
  const CheckResult result = check(view);
  ASSERT_EQ(result.trace.terms.size(), 1u);
  const TraceTerm& include = result.trace.terms[0];
  EXPECT_EQ(include.result, "match");
  EXPECT_EQ(include.lookups, 2);
  ASSERT_EQ(include.terms.size(), 1u);
  EXPECT_EQ(include.terms[0].term, "a:h.example.net");
  EXPECT_EQ(include.terms[0].asked[0].ttl, 300u);
}

TEST(NameOf, TakesOctetsAsTheyAre) {
  EXPECT_EQ(name_of("a\\b c.example.")->label_count(), 2u);
  EXPECT_TRUE(name_of(std::string(63, 'a') + ".example"));
  for (const std::string& text :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a.."),
        std::string(64, 'a') + ".example"})
    EXPECT_FALSE(name_of(text)) << text;
  std::string longest;
  for (int i = 0; i < 127; ++i) longest += "a.";
  EXPECT_TRUE(name_of(longest));
  EXPECT_FALSE(name_of("a." + longest));
}

}  // namespace
}  // namespace mxswitch::probes::spf
