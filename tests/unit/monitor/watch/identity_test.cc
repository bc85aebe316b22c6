#include "monitor/watch/identity.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

#include "probes/base/clock.h"

namespace mxswitch::monitor {
namespace {

const Endpoint kResolver = *Endpoint::parse("198.51.100.53");

// Answers a turn of the loop later, as it is told to.
class Network final : public probes::Transport {
 public:
  explicit Network(asio::io_context& loop) : loop_(loop) {}

  asio::awaitable<probes::Reply> ask(probes::Query query) override {
    asked.push_back(query);
    asio::steady_timer turn(loop_, Duration(0));
    co_await turn.async_wait(asio::use_awaitable);
    probes::Reply reply;
    reply.answer = answer;
    co_return reply;
  }
  void say(std::vector<std::string> strings) {
    probes::Answer said;
    said.answer = {
        {*DnsName::parse("id.server"), probes::RrType::txt, 0, probes::Txt{std::move(strings)}}};
    answer = said;
  }

  Result<probes::Answer> answer = fail(Fault::timed_out, "no answer within 4 s");
  std::vector<probes::Query> asked;

 private:
  asio::io_context& loop_;
};

struct IdentityTest : testing::Test {
  std::vector<IdentitySample> ask(int many = 1, Endpoint resolver = kResolver) {
    std::vector<IdentitySample> told;
    for (int i = 0; i < many; ++i)
      asio::co_spawn(
          loop,
          [&, resolver]() -> asio::awaitable<void> {
            const IdentitySample sample = co_await identities.of(network, resolver);
            told.push_back(sample);
          },
          asio::detached);
    loop.restart();
    loop.run();
    return told;
  }

  asio::io_context loop;
  ManualClock clock{Time{}};
  Network network{loop};
  Identities identities{loop.get_executor(), clock};
};

TEST_F(IdentityTest, AsksForTheNameInChaos) {
  network.say({"ams-", "7"});
  const auto told = ask();
  ASSERT_EQ(network.asked.size(), 1U);
  const probes::Query& query = network.asked[0];
  EXPECT_EQ(query.server, kResolver);
  EXPECT_EQ(query.question.name.text(), "id.server");
  EXPECT_EQ(query.question.type, probes::RrType::txt);
  EXPECT_EQ(query.question.rr_class, probes::RrClass::chaos);
  EXPECT_TRUE(told[0].answered);
  EXPECT_EQ(told[0].resolver, kResolver);
  EXPECT_EQ(told[0].id_server, "ams-7");
}

TEST_F(IdentityTest, WhatCantBePrintedIsShownAsHexAndCut) {
  network.say({"a\x01"});
  EXPECT_EQ(ask()[0].id_server, "6101");
  clock.advance(Identities::kFresh);
  network.say({std::string(200, 'x'), std::string(200, 'x')});
  EXPECT_EQ(ask()[0].id_server, std::string(256, 'x'));
}

TEST_F(IdentityTest, ARefusalIsAnAnswerWithoutAName) {
  probes::Answer refused;
  refused.rcode = probes::Rcode::refused;
  network.answer = refused;
  EXPECT_TRUE(ask()[0].answered);
  EXPECT_EQ(ask()[0].id_server, "");
}

TEST_F(IdentityTest, OneQuestionServesAllOwnersForHours) {
  network.say({"ams-7"});
  EXPECT_EQ(ask(3).size(), 3U);
  EXPECT_EQ(network.asked.size(), 1U);
  clock.advance(Identities::kFresh - seconds(1));
  const auto told = ask();
  EXPECT_EQ(network.asked.size(), 1U);
  EXPECT_EQ(told[0].id_server, "ams-7");
  EXPECT_EQ(told[0].received_at, clock.now()) << "samples come in the order of their times";
  clock.advance(seconds(1));
  ask(2);
  EXPECT_EQ(network.asked.size(), 2U);
  ask(1, *Endpoint::parse("198.51.100.54"));
  EXPECT_EQ(network.asked.size(), 3U);
}

TEST_F(IdentityTest, SilenceIsAskedAgainSoon) {
  EXPECT_FALSE(ask()[0].answered);
  clock.advance(Identities::kSilent - seconds(1));
  ask();
  EXPECT_EQ(network.asked.size(), 1U);
  clock.advance(seconds(1));
  ask();
  EXPECT_EQ(network.asked.size(), 2U);
}

}  // namespace
}  // namespace mxswitch::monitor
