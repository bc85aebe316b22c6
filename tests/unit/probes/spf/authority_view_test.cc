// The authorities' view and a resolver's over simulated servers: whom they believe, whom they ask.
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include "probes/spf/view.h"
#include "tests/unit/probes/dns/simulated_internet.h"

namespace mxswitch::probes::spf {
namespace {

using Outcome = Lookup::Outcome;
constexpr const char* kFirst = "192.0.2.11";
constexpr const char* kSecond = "192.0.2.12";

class Views : public testing::Test {
 protected:
  Views() {
    internet.serve("198.41.0.4", ".",
                   "example 172800 NS a.nic.example\na.nic.example 172800 A 192.0.2.1\n");
    internet.serve("192.0.2.1", "example",
                   "example 3600 NS a.nic.example\na.nic.example 3600 A 192.0.2.1\n"
                   "shop.example 7200 NS ns1.shop.example\nshop.example 7200 NS ns2.shop.example\n"
                   "ns1.shop.example 7200 A 192.0.2.11\nns2.shop.example 7200 A 192.0.2.12\n");
    for (const char* server : {kFirst, kSecond})
      internet.serve(server, "shop.example",
                     "shop.example 7200 NS ns1.shop.example\n"
                     "shop.example 7200 NS ns2.shop.example\n"
                     "ns1.shop.example 7200 A 192.0.2.11\nns2.shop.example 7200 A 192.0.2.12\n"
                     "sub.shop.example 7200 NS ns.sub.shop.example\n"
                     "ns.sub.shop.example 7200 A 192.0.2.13\n"
                     "shop.example 300 TXT v=spf1 mx -all\nspf.shop.example 300 TXT v=spf1 -all\n"
                     "alias.shop.example 60 CNAME spf.shop.example\n");
    internet.serve("192.0.2.13", "sub.shop.example",
                   "sub.shop.example 7200 NS ns.sub.shop.example\n"
                   "ns.sub.shop.example 7200 A 192.0.2.13\nsub.shop.example 300 TXT below\n");
    DelegationOptions options;
    options.roots = {SimulatedInternet::endpoint("198.41.0.4")};
    view = authority_view(internet, options, seconds(5));
  }

  Lookup look(DnsView& at, const char* name) {
    AskingBudget budget(clock);
    return look(at, name, budget);
  }
  Lookup look(DnsView& at, const char* name, AskingBudget& budget) {
    Lookup made;
    asio::io_context loop;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> { made = co_await at.lookup(name, RrType::txt, budget); },
        asio::detached);
    loop.run();
    return made;
  }
  Lookup look(const char* name) { return look(*view, name); }

  // NOERROR, no AA and the root in the authority section: a server that lost the zone.
  void make_lame(std::set<std::string> servers) {
    internet.tamper = [servers](const Query& query, Answer& answer) {
      if (!servers.contains(query.server.address.text())) return;
      answer = Answer{};
      answer.question = query.question;
      answer.authority = {{DnsName(), RrType::ns, 300, SimulatedInternet::name("a.root.example")}};
    };
  }
  int asked(const char* server) const {
    return static_cast<int>(
        std::count_if(internet.asked.begin(), internet.asked.end(), [&](const Query& query) {
          return query.question.type == RrType::txt &&
                 query.server == SimulatedInternet::endpoint(server);
        }));
  }

  ManualClock clock{Time{}};
  SimulatedInternet internet;
  std::unique_ptr<DnsView> view;
};

TEST_F(Views, ALameServerIsPassedOver) {
  make_lame({kFirst});
  EXPECT_EQ(look("shop.example").outcome, Outcome::found);
  make_lame({kSecond});
  EXPECT_EQ(look("shop.example").outcome, Outcome::found);
  make_lame({kFirst, kSecond});
  EXPECT_EQ(look("shop.example").outcome, Outcome::failed) << "never no data";
}

TEST_F(Views, AnAnswerWithoutAuthorityIsPassedOver) {
  internet.tamper = [](const Query& query, Answer& answer) {
    if (query.server.address.text() != kFirst || query.question.type != RrType::txt) return;
    answer.aa = false;
    answer.answer = {{query.question.name, RrType::txt, 300, Txt{{"from a cache"}}}};
  };
  const Lookup made = look("shop.example");
  ASSERT_EQ(made.records.size(), 1u);
  EXPECT_EQ(std::get<Txt>(made.records[0]).joined(), "v=spf1 mx -all");
}

TEST_F(Views, ADeadServerCostsOneShortTryAndIsAskedLastThen) {
  look("shop.example");
  internet.asked.clear();
  internet.silence(kFirst);
  const Lookup first = look("shop.example");
  EXPECT_EQ(first.outcome, Outcome::found);
  ASSERT_EQ(asked(kFirst), 1);
  for (const Query& query : internet.asked) {
    if (query.question.type != RrType::txt) continue;
    EXPECT_LE(query.deadline, Duration(1500));
  }
  EXPECT_EQ(look("spf.shop.example").outcome, Outcome::found);
  EXPECT_EQ(asked(kFirst), 1);
}

TEST_F(Views, WhereAllAreSilentEachGetsALongTryToo) {
  look("shop.example");
  internet.silence(kFirst);
  internet.silence(kSecond);
  internet.asked.clear();
  const Lookup made = look("shop.example");
  EXPECT_EQ(made.outcome, Outcome::failed);
  EXPECT_EQ(asked(kFirst), 2);
  EXPECT_EQ(internet.asked.back().deadline, seconds(5));
}

TEST_F(Views, AZoneIsWalkedToOnceForAllItsNames) {
  look("shop.example");
  internet.asked.clear();
  EXPECT_EQ(look("spf.shop.example").outcome, Outcome::found);
  EXPECT_EQ(look("gone.shop.example").outcome, Outcome::name_error);
  EXPECT_EQ(look("alias.shop.example").ttl, 60u);
  EXPECT_EQ(internet.asked.size(), 4u) << "the alias takes one, its target another";
  EXPECT_EQ(look("sub.shop.example").outcome, Outcome::found) << "a zone further down";
}

TEST_F(Views, TheWayToAZoneTakesAQueryAServerOnIt) {
  EXPECT_EQ(look("shop.example").outcome, Outcome::found);
  EXPECT_EQ(internet.queries, 4) << "the root, example, shop.example for its place and for the TXT";
}

// So that the next evaluation goes on from there, and asks the same server first.
TEST_F(Views, ALookupThatWasCutShortForgetsNoWay) {
  look("shop.example");
  AskingBudget over(clock);
  clock.advance(AskingBudget::kTime);
  EXPECT_EQ(look(*view, "spf.shop.example", over).outcome, Outcome::failed);
  internet.asked.clear();
  EXPECT_EQ(look("spf.shop.example").outcome, Outcome::found);
  ASSERT_EQ(internet.asked.size(), 1u);
  EXPECT_EQ(internet.asked[0].server, SimulatedInternet::endpoint(kFirst));
}

// The delegation may have moved meanwhile.
TEST_F(Views, AZoneWhoseServersAllFellSilentIsLookedForAnew) {
  look("shop.example");
  internet.silence(kFirst);
  internet.silence(kSecond);
  EXPECT_EQ(look("shop.example").outcome, Outcome::failed);
  internet.revive(kSecond);
  internet.asked.clear();
  EXPECT_EQ(look("shop.example").outcome, Outcome::found);
  EXPECT_EQ(internet.asked.front().server, SimulatedInternet::endpoint("198.41.0.4"));
}

TEST_F(Views, AServerThatDoesNotRecurseSaysNothingOfWhatItHasNot) {
  const auto resolver = resolver_view(internet, SimulatedInternet::endpoint(kFirst), seconds(5));
  make_lame({kFirst});
  EXPECT_EQ(look(*resolver, "other.example").outcome, Outcome::failed);
  internet.tamper = [](const Query&, Answer& answer) {
    answer.aa = false;
    answer.rcode = Rcode::noerror;
    answer.ra = true;
  };
  EXPECT_EQ(look(*resolver, "other.example").outcome, Outcome::no_data);
  internet.tamper = nullptr;
  EXPECT_EQ(look(*resolver, "gone.shop.example").outcome, Outcome::name_error)
      << "it holds the zone";
}

}  // namespace
}  // namespace mxswitch::probes::spf
