#include "monitor/watch/look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include "tests/unit/probes/dns/simulated_internet.h"

namespace mxswitch::monitor {
namespace {

using probes::RrType;
using ::testing::HasSubstr;

constexpr const char* kResolver = "203.0.113.53";

// An owner at one provider, its exchanges at another, and one resolver that answers for all.
class LookTest : public testing::Test {
 protected:
  LookTest() {
    net.serve("198.41.0.4", ".",
              "example 172800 NS a.nic.example\na.nic.example 172800 A 192.0.2.1");
    net.serve("192.0.2.1", "example",
              "shop.example 86400 NS ns1.shop.example\nns1.shop.example 3600 A 198.51.100.11\n"
              "filter.example 86400 NS ns1.filter.example\n"
              "ns1.filter.example 3600 A 198.51.100.21\n");
    net.serve("198.51.100.11", "shop.example",
              "shop.example 3600 NS ns1.shop.example\nns1.shop.example 3600 A 198.51.100.11\n"
              "mail.shop.example 300 CNAME customer.filter.example\n");
    net.serve("198.51.100.21", "filter.example",
              "filter.example 3600 NS ns1.filter.example\n"
              "ns1.filter.example 3600 A 198.51.100.21\n"
              "mx1.filter.example 300 A 203.0.113.1\nmx2.filter.example 300 CNAME "
              "mx1.filter.example\ncustomer.filter.example 300 A 203.0.113.2\n");
    net.serve(kResolver, ".", "");
    net.tamper = [this](const probes::Query& query, probes::Answer& answer) {
      const bool here = query.question.name == DnsName::parse("shop.example").value() ||
                        query.question.name == DnsName::parse("customer.filter.example").value();
      const bool resolver = query.server.text() == kResolver;
      if (resolver) answer.ra = true;
      if (query.question.type != RrType::mx || !(here || resolver)) return;
      answer.rcode = probes::Rcode::noerror;
      answer.answer.clear();
      const MxSet set = *MxSet::parse(published);
      for (const probes::Mx& mx : set.records())
        answer.answer.push_back({query.question.name, RrType::mx, 300, mx});
    };
  }

  Result<LookSeen> look_at(const char* owner) {
    LookRequest request;
    request.owner = *DnsName::parse(owner);
    request.expected = *MxSet::parse(published);
    probes::Resolver resolver;
    resolver.endpoint = *Endpoint::parse(kResolver);
    request.resolvers = std::vector<probes::Resolver>{resolver};
    request.delegation.roots = {*Endpoint::parse("198.41.0.4")};
    request.progress = [this](int done, int all) {
      ++told;
      EXPECT_LE(done, all);
    };
    asio::io_context loop;
    auto made = asio::co_spawn(loop, look(net, std::move(request)), asio::use_future);
    loop.run();
    return made.get();
  }

  probes::SimulatedInternet net;
  std::string published = "10 mx1.filter.example";
  int told = 0;
};

TEST_F(LookTest, LooksAtOwnerExchangesAuthoritiesAndResolvers) {
  const auto seen = look_at("shop.example");
  ASSERT_TRUE(seen) << seen.error().text();
  EXPECT_EQ(seen->authorities.size(), 1u);
  EXPECT_EQ(seen->exchanges.size(), 2u) << "A and AAAA";
  EXPECT_EQ(seen->samples.size(), 1u);
  EXPECT_EQ(told, 5) << "with the question to 192.0.2.53";
  EXPECT_EQ(one_look(*seen).look, Look::all_new) << one_look(*seen).facts.front().sentence();
}

TEST_F(LookTest, AnExchangeThatIsAnAliasIsNotYet) {
  published = "10 mx2.filter.example";
  const auto seen = look_at("shop.example");
  ASSERT_TRUE(seen);
  const OneLook one = one_look(*seen);
  EXPECT_EQ(one.look, Look::not_yet);
  EXPECT_EQ(one.facts.front().code, "exchange-alias");
}

TEST_F(LookTest, AnExchangeThatItsZoneDoesNotHaveIsNotYet) {
  published = "10 mx9.filter.example";
  const auto seen = look_at("shop.example");
  ASSERT_TRUE(seen);
  EXPECT_EQ(one_look(*seen).look, Look::not_yet);
  EXPECT_EQ(one_look(*seen).facts.front().code, "exchange-missing");
}

TEST_F(LookTest, AnAliasIsFollowedToTheServersAtItsEnd) {
  const auto seen = look_at("mail.shop.example");
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->mx_name.text(), "customer.filter.example");
  const OneLook one = one_look(*seen);
  EXPECT_EQ(one.look, Look::inconclusive);
  EXPECT_EQ(one.authorities.of(AnswerClass::new_), 1);
  EXPECT_THAT(one.reasons().front().text, HasSubstr("alias (CNAME) of customer.filter.example"));
}

TEST_F(LookTest, ADomainThatDoesNotExistIsAnErrorAndSilenceIsNone) {
  const auto gone = look_at("nowhere.example");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().fault, Fault::not_found);

  net.silence("198.41.0.4");
  const auto dark = look_at("shop.example");
  ASSERT_TRUE(dark);
  EXPECT_EQ(dark->samples.size(), 1u);
  EXPECT_EQ(one_look(*dark).look, Look::inconclusive);
  EXPECT_EQ(one_look(*dark).reasons().front().code, "no-authority");
}

}  // namespace
}  // namespace mxswitch::monitor
