// What RFC 7208 says, section by section, over the whole of check_host().
#include <gtest/gtest.h>

#include "probes/spf/macro.h"
#include "tests/fakes/table_view.h"

namespace mxswitch::probes::spf {
namespace {

// The record of shop.example, and what a sender gets.
struct World {
  explicit World(const std::string& record) {
    view.add("shop.example", RrType::txt, {text(record)});
  }
  SpfResult result(const char* ip = "192.0.2.25", const std::string& sender = "joe@shop.example") {
    return check(view, sender, ip).result;
  }
  TableView view;
};

// --- 2.4, 4.1, 4.3: whose domain

TEST(Rfc7208Sender, TheNullSenderIsPostmasterAtTheHeloName) {
  TableView view;
  view.add("mail.shop.example", RrType::txt, {text("v=spf1 -all exp=e.shop.example")});
  view.add("e.shop.example", RrType::txt, {text("%{s} %{l} %{o} %{d} %{h}")});
  EXPECT_EQ(check(view, "").explanation,
            "postmaster@mail.shop.example postmaster mail.shop.example mail.shop.example "
            "mail.shop.example");
}

TEST(Rfc7208Sender, AHeloNameIsNoMailbox) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 +all")});
  EXPECT_EQ(check(view, "", "192.0.2.25", "joe@shop.example").result, SpfResult::none);
}

TEST(Rfc7208Sender, WithoutALocalPartItIsPostmaster) {
  World world("v=spf1 exists:%{l}.ok.example -all");
  world.view.add("postmaster.ok.example", RrType::a, {address("127.0.0.2")});
  for (const char* sender : {"shop.example", "@shop.example"})
    EXPECT_EQ(world.result("192.0.2.1", sender), SpfResult::pass) << sender;
  EXPECT_EQ(world.result("192.0.2.1", "joe@shop.example"), SpfResult::fail);
}

TEST(Rfc7208Sender, TheLastAtSignEndsTheLocalPart) {
  World world("v=spf1 exists:%{l1r+}.ok.example -all exp=e.shop.example");
  world.view.add("e.shop.example", RrType::txt, {text("%{L} of %{o}")});
  EXPECT_EQ(check(world.view, "\"a@b c\"@shop.example").explanation,
            "%22a%40b%20c%22 of shop.example");
}

TEST(Rfc7208Sender, ACaseOrAFinalDotOfTheDomainChangesNothing) {
  World world("v=spf1 exists:%{d}.ok.example -all");
  world.view.add("shop.example.ok.example", RrType::a, {address("127.0.0.2")});
  EXPECT_EQ(world.result("192.0.2.1", "joe@shop.example."), SpfResult::pass);
}

TEST(Rfc7208Sender, NoneForWhatIsNoDomainName) {
  TableView view;
  for (const std::string& domain :
       {std::string("localhost"), std::string("localhost."), std::string("."), std::string(),
        std::string("a..example"), std::string(".shop.example"), std::string("shop.example.."),
        std::string(64, 'a') + ".example", std::string("[192.0.2.1]"),
        std::string("[IPv6:2001:db8::1]"), std::string("[192.0.2.1].example")}) {
    EXPECT_EQ(check(view, "joe@" + domain).result, SpfResult::none) << domain;
    EXPECT_EQ(check(view, "", "192.0.2.1", domain).result, SpfResult::none) << domain;
  }
  EXPECT_TRUE(view.asked.empty());
}

// --- 3, 4.4, 4.5: the record

TEST(Rfc7208Record, StringsAreJoinedWithoutASpace) {
  TableView view;
  view.add("shop.example", RrType::txt, {Txt{{"v=spf1 ip4:192.0", ".2.25 -al", "l"}}});
  EXPECT_EQ(check(view).result, SpfResult::pass);
  view.add("shop.example", RrType::txt, {Txt{{"v=spf1", "ip4:192.0.2.25 -all"}}});
  EXPECT_EQ(check(view).result, SpfResult::none) << "v=spf1ip4:... is no SPF record";
}

TEST(Rfc7208Record, OtherTextIsNoConcern) {
  TableView view;
  view.add("shop.example", RrType::txt,
           {text("\xff\x00 binary"), text("v=spf10 all"), text("V=SPF1 -ALL"), Txt{}});
  EXPECT_EQ(check(view).result, SpfResult::fail);
}

TEST(Rfc7208Record, OnlyTxtIsAsked) {
  World world("v=spf1 -all");
  world.result();
  EXPECT_EQ(world.view.asked,
            (std::vector<std::pair<std::string, RrType>>{{"shop.example", RrType::txt}}));
}

TEST(Rfc7208Record, ASyntaxErrorBehindAMatchOrInAModifierStillCounts) {
  for (const char* record :
       {"v=spf1 +all ip4:1", "v=spf1 all redirect=%{x}.example", "v=spf1 all exp=a.%{c}.example",
        "v=spf1 all redirect=a.example redirect=a.example", "v=spf1 all moo", "v=spf1 all moo:x",
        "v=spf1 all x=%", "v=spf1 all a:%{d0}.example", "v=spf1 all\t", "v=spf1 all \x01",
        "v=spf1 all mx:\xc3\xa9.example", "v=spf1 all include:a..%%{d}"}) {
    World world(record);
    EXPECT_EQ(world.result(), SpfResult::permerror) << record;
  }
}

TEST(Rfc7208Record, UnknownModifiersAreIgnoredWhereverTheyStand) {
  World world("v=spf1 x=%{d} moo= a.b-c_d=~!#/: ip4:192.0.2.25 all=all -all x=again");
  EXPECT_EQ(world.result(), SpfResult::pass);
}

// --- 4.6.4: limits

TEST(Rfc7208Limits, TermsThatAskCountThroughIncludesAndRedirects) {
  // 1 include + 1 a inside + 7 a + 1 redirect = 10, and the redirect's target holds one more.
  TableView view;
  std::string record = "v=spf1 include:in.example";
  for (int i = 0; i < 7; ++i) record += " a:h.example";
  view.add("shop.example", RrType::txt, {text(record + " redirect=to.example")});
  view.add("in.example", RrType::txt, {text("v=spf1 a:h.example ?all")});
  view.add("h.example", RrType::a, {address("192.0.2.1")});
  view.add("to.example", RrType::txt, {text("v=spf1 ip4:192.0.2.25 -all")});
  EXPECT_EQ(check(view).result, SpfResult::pass);
  EXPECT_EQ(check(view).lookups, 10);
  view.add("to.example", RrType::txt, {text("v=spf1 a:h.example -all")});
  EXPECT_EQ(check(view).result, SpfResult::permerror);
}

TEST(Rfc7208Limits, AMatchBeforeTheLimitEndsTheCount) {
  std::string record = "v=spf1";
  for (int i = 0; i < 9; ++i) record += " a:h.example";
  World world(record + " mx:h.example a:h.example -all");
  world.view.add("h.example", RrType::a, {address("192.0.2.1")});
  world.view.add("h.example", RrType::mx, {exchange("m.example")});
  world.view.add("m.example", RrType::a, {address("192.0.2.25")});
  EXPECT_EQ(world.result(), SpfResult::pass);
  EXPECT_EQ(world.result("192.0.2.26"), SpfResult::permerror);
}

TEST(Rfc7208Limits, AllIpTermsAndTheExplanationAreFree) {
  std::string record = "v=spf1 exp=e.example";
  for (int i = 0; i < 10; ++i) record += " a:h.example";
  for (int i = 0; i < 40; ++i) record += " ip4:198.51.100.1 ip6:2001:db8::1";
  World world(record + " -all");
  world.view.add("h.example", RrType::a, {address("192.0.2.1")});
  world.view.add("e.example", RrType::txt, {text("no")});
  EXPECT_EQ(check(world.view).explanation, "no");
}

TEST(Rfc7208Limits, AThirdVoidIsAPermerrorForAnyKindOfTerm) {
  for (const char* third : {"a:v.example", "mx:v.example", "exists:v.example", "ptr"}) {
    World world("v=spf1 a:v1.example mx:v2.example " + std::string(third) + " all");
    EXPECT_EQ(world.result(), SpfResult::permerror) << third;
  }
  World two("v=spf1 a:v1.example mx:v2.example all");
  EXPECT_EQ(two.result(), SpfResult::pass);
}

TEST(Rfc7208Limits, NoErrorWithoutRecordsIsVoidAndAFailureIsNot) {
  World world("v=spf1 a:h.example a:h.example a:h.example all");
  world.view.add("h.example", RrType::a, {address("192.0.2.1")});
  EXPECT_EQ(check(world.view, "joe@shop.example", "2001:db8::25").result, SpfResult::permerror)
      << "three names without AAAA";
  world.view.silence("h.example", RrType::aaaa);
  const CheckResult failed = check(world.view, "joe@shop.example", "2001:db8::25");
  EXPECT_EQ(failed.result, SpfResult::temperror);
  EXPECT_EQ(failed.voids, 0);
}

TEST(Rfc7208Limits, PtrLooksAtTenNamesAndIgnoresTheRest) {
  for (const int at : {9, 10}) {
    World world("v=spf1 ptr -all");
    std::vector<RecordData> names;
    for (int i = 0; i < 12; ++i) {
      const std::string host = "h" + std::to_string(i) + ".shop.example";
      names.push_back(name(host));
      world.view.add(host, RrType::a, {address(i == at ? "192.0.2.25" : "192.0.2.1")});
    }
    world.view.add("25.2.0.192.in-addr.arpa", RrType::ptr, names);
    EXPECT_EQ(world.result(), at == 9 ? SpfResult::pass : SpfResult::fail);
  }
}

TEST(Rfc7208Limits, AfterTwentySecondsItIsATemperrorEvenForPtr) {
  World world("v=spf1 ptr:a.example ptr:b.example ptr:c.example ptr:d.example ptr:e.example +all");
  world.view.silence("25.2.0.192.in-addr.arpa", RrType::ptr, seconds(5));
  const CheckResult result = check(world.view);
  EXPECT_EQ(result.result, SpfResult::temperror);
  EXPECT_EQ(world.view.asked.size(), 5u) << "TXT and four times PTR; the fifth is not asked";
  World shorter("v=spf1 ptr:a.example ptr:b.example ptr:c.example +all");
  shorter.view.silence("25.2.0.192.in-addr.arpa", RrType::ptr, seconds(5));
  EXPECT_EQ(check(shorter.view).result, SpfResult::pass);
}

// --- 4.7, 5: mechanisms

TEST(Rfc7208Mechanisms, NeutralWhereNothingMatches) {
  EXPECT_EQ(World("v=spf1").result(), SpfResult::neutral);
  EXPECT_EQ(World("v=spf1 ip4:192.0.2.1").result(), SpfResult::neutral);
}

TEST(Rfc7208Mechanisms, NamesAndQualifiersComeInAnyCase) {
  EXPECT_EQ(World("v=spf1 IP4:192.0.2.25 -ALL").result(), SpfResult::pass);
  EXPECT_EQ(World("v=spf1 ~aLl").result(), SpfResult::softfail);
}

TEST(Rfc7208Mechanisms, BothPrefixesOfAAndMxHoldForTheirFamily) {
  for (const char* mechanism : {"a", "mx"}) {
    World world("v=spf1 " + std::string(mechanism) + ":h.example/24//64 -all");
    world.view.add("h.example", RrType::mx, {exchange("h.example")});
    world.view.add("h.example", RrType::a, {address("192.0.2.1")});
    world.view.add("h.example", RrType::aaaa, {address("2001:db8::1")});
    EXPECT_EQ(world.result("192.0.2.200"), SpfResult::pass);
    EXPECT_EQ(world.result("192.0.3.1"), SpfResult::fail);
    EXPECT_EQ(world.result("2001:db8::ffff"), SpfResult::pass);
    EXPECT_EQ(world.result("2001:db8:0:1::1"), SpfResult::fail);
  }
  World all_of_a_family("v=spf1 a:h.example/0 -all");
  all_of_a_family.view.add("h.example", RrType::a, {address("192.0.2.1")});
  EXPECT_EQ(all_of_a_family.result("203.0.113.1"), SpfResult::pass);
  EXPECT_EQ(all_of_a_family.result("2001:db8::1"), SpfResult::fail);
}

TEST(Rfc7208Mechanisms, NetworksOfOneFamilyNeverHoldTheOther) {
  EXPECT_EQ(World("v=spf1 ip4:0.0.0.0/0 -all").result("2001:db8::1"), SpfResult::fail);
  EXPECT_EQ(World("v=spf1 ip6:::/0 -all").result("192.0.2.1"), SpfResult::fail);
  EXPECT_EQ(World("v=spf1 ip6:::ffff:192.0.2.25 -all").result("::ffff:192.0.2.25"), SpfResult::fail)
      << "a mapped address is IPv4";
  EXPECT_EQ(World("v=spf1 ip6:2001:DB8::/32 -all").result("2001:db8:1::1"), SpfResult::pass);
}

TEST(Rfc7208Mechanisms, AMappedSenderIsIpv4InEveryMacroAndLookup) {
  World world("v=spf1 exists:%{ir}.%{v}.ok.example -all");
  world.view.add("25.2.0.192.in-addr.ok.example", RrType::a, {address("127.0.0.2")});
  EXPECT_EQ(world.result("::ffff:192.0.2.25"), SpfResult::pass);
}

TEST(Rfc7208Mechanisms, MxNeitherFallsBackToTheDomainNorTakesANullMx) {
  World world("v=spf1 mx -all");
  world.view.add("shop.example", RrType::a, {address("192.0.2.25")});
  EXPECT_EQ(world.result(), SpfResult::fail);
  world.view.add("shop.example", RrType::mx, {Mx{0, DnsName()}});
  EXPECT_EQ(world.result(), SpfResult::fail);
}

TEST(Rfc7208Mechanisms, ExistsAsksForAddressesOfIpv4AloneAndForNoOtherType) {
  World world("v=spf1 exists:x.example -all");
  world.view.add("x.example", RrType::aaaa, {address("2001:db8::1")});
  EXPECT_EQ(world.result("2001:db8::25"), SpfResult::fail);
  world.view.add("x.example", RrType::a, {address("127.0.0.2")});
  EXPECT_EQ(world.result("2001:db8::25"), SpfResult::pass);
}

TEST(Rfc7208Mechanisms, PtrTakesTheDomainItselfAndNamesBelowItNotItsLikes) {
  for (const auto& [host, wanted] :
       {std::pair{"shop.example", SpfResult::pass}, std::pair{"a.b.SHOP.example", SpfResult::pass},
        std::pair{"workshop.example", SpfResult::fail}, std::pair{"example", SpfResult::fail}}) {
    World world("v=spf1 ptr -all");
    world.view.add("25.2.0.192.in-addr.arpa", RrType::ptr, {name(host)});
    world.view.add(octets_of(name(host)), RrType::a, {address("192.0.2.25")});
    EXPECT_EQ(world.result(), wanted) << host;
  }
}

TEST(Rfc7208Mechanisms, PtrOfIpv6ReadsNibblesAndAaaa) {
  World world("v=spf1 ptr -all");
  world.view.add("5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                 RrType::ptr, {name("mail.shop.example")});
  world.view.add("mail.shop.example", RrType::aaaa, {address("2001:db8::25")});
  EXPECT_EQ(world.result("2001:db8::25"), SpfResult::pass);
}

TEST(Rfc7208Mechanisms, AnswersOfNamesWithOddOctetsAreAskedRaw) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 mx -all")});
  view.add("shop.example", RrType::mx, {Mx{10, *name_of("odd \\host.example")}});
  view.add("odd \\host.example", RrType::a, {address("192.0.2.25")});
  EXPECT_EQ(check(view).result, SpfResult::pass);
}

TEST(Rfc7208Mechanisms, AnIncludeOfWhatIsNoNameIsAPermerror) {
  EXPECT_EQ(World("v=spf1 include:a..example -all").result(), SpfResult::permerror);
  EXPECT_EQ(World("v=spf1 include:%{l}..example -all").result(), SpfResult::permerror);
  EXPECT_EQ(World("v=spf1 redirect=a..example").result(), SpfResult::permerror);
}

// --- 6: modifiers

TEST(Rfc7208Modifiers, AnIncludedExplanationIsNeverUsed) {
  World world("v=spf1 include:in.example -all");
  world.view.add("in.example", RrType::txt, {text("v=spf1 -all exp=e.example")});
  world.view.add("e.example", RrType::txt, {text("inner")});
  EXPECT_EQ(check(world.view).explanation, "");
}

TEST(Rfc7208Modifiers, ARedirectedRecordIsExplainedByItsOwnOrNot) {
  World world("v=spf1 redirect=to.example exp=e.example");
  world.view.add("e.example", RrType::txt, {text("outer")});
  world.view.add("to.example", RrType::txt, {text("v=spf1 -all")});
  EXPECT_EQ(check(world.view).result, SpfResult::fail);
  EXPECT_EQ(check(world.view).explanation, "");
}

TEST(Rfc7208Modifiers, OnlyAFailIsExplained) {
  for (const char* end : {"~all", "?all", "+all"}) {
    World world(std::string("v=spf1 exp=e.example ") + end);
    world.view.add("e.example", RrType::txt, {text("why")});
    EXPECT_EQ(check(world.view).explanation, "") << end;
  }
}

TEST(Rfc7208Modifiers, WhateverGoesWrongWithAnExplanationLeavesNone) {
  for (const RecordData& wrong :
       {text("caf\xc3\xa9"), text("%"), text("%{x}"), text("%(d)"), text("a\tb")}) {
    World world("v=spf1 exp=e.example -all");
    world.view.add("e.example", RrType::txt, {wrong});
    EXPECT_EQ(check(world.view).result, SpfResult::fail);
    EXPECT_EQ(check(world.view).explanation, "");
  }
  World world("v=spf1 exp=e.example -all");
  EXPECT_EQ(check(world.view).explanation, "") << "NXDOMAIN";
  world.view.silence("e.example", RrType::txt);
  EXPECT_EQ(check(world.view).result, SpfResult::fail);
}

TEST(Rfc7208Modifiers, AnExplanationMayHoldSpacesStringsAndItsOwnMacros) {
  TableView view;
  view.add("shop.example", RrType::txt, {text("v=spf1 -all exp=e.%{d2}")});
  view.add("e.shop.example", RrType::txt, {Txt{{"%{c} at %{t}", " by %{r}%_%%%- for ", "%{S}"}}});
  const CheckResult result =
      check(view, {IpAddress::parse("2001:db8:0:0::1").value(), "a+b@shop.example", "h.example",
                   "mx.receiver.example", Time(seconds(1700000000))});
  EXPECT_EQ(result.explanation,
            "2001:db8::1 at 1700000000 by mx.receiver.example %%20 for a%2Bb%40shop.example");
}

// --- 7: macros in names

TEST(Rfc7208Macros, ALongNameLosesLabelsOnTheLeft) {
  const std::string long_label(63, 'a');
  const std::string tail =
      long_label + "." + long_label + "." + long_label + ".ok.shop.example";  // 207 octets
  World world("v=spf1 exists:%{l}." + tail + " -all");
  world.view.add(tail, RrType::a, {address("127.0.0.2")});
  EXPECT_EQ(world.result("192.0.2.1", std::string(50, 'x') + "@shop.example"), SpfResult::pass);
  world.result("192.0.2.1", "joe@shop.example");
  EXPECT_EQ(world.view.asked.back().first, "joe." + tail) << "it fits";
  EXPECT_EQ(shorten_name(std::string(45, 'x') + "." + tail + "."),
            std::string(45, 'x') + "." + tail + ".")
      << "253 octets and a final dot";
  EXPECT_EQ(shorten_name(std::string(46, 'x') + "." + tail + "."), tail + ".");
}

TEST(Rfc7208Macros, TheValidatedNameIsTheDomainThenOneBelowItThenAny) {
  World world("v=spf1 exists:%{p}.ok.example -all");
  world.view.add("25.2.0.192.in-addr.arpa", RrType::ptr,
                 {name("other.example"), name("x.shop.example"), name("shop.example")});
  for (const char* host : {"other.example", "x.shop.example", "shop.example"})
    world.view.add(host, RrType::a, {address("192.0.2.25")});
  world.result();
  EXPECT_EQ(world.view.asked.back().first, "shop.example.ok.example");
  world.view.add("shop.example", RrType::a, {address("192.0.2.1")});
  world.result();
  EXPECT_EQ(world.view.asked.back().first, "x.shop.example.ok.example");
  world.view.silence("25.2.0.192.in-addr.arpa", RrType::ptr);
  world.result();
  EXPECT_EQ(world.view.asked.back().first, "unknown.ok.example");
}

TEST(Rfc7208Macros, TheDomainIsTheCurrentOneAndTheSenderStays) {
  World world("v=spf1 include:in.example -all");
  world.view.add("in.example", RrType::txt, {text("v=spf1 exists:%{d}.%{o}.ok.example")});
  world.view.add("in.example.shop.example.ok.example", RrType::a, {address("127.0.0.2")});
  EXPECT_EQ(world.result(), SpfResult::pass);
}

}  // namespace
}  // namespace mxswitch::probes::spf
