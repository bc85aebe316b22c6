#include "monitor/watch/interception.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "probes/base/clock.h"

namespace mxswitch::monitor {
namespace {

// Whether 192.0.2.53 answers, and how often it was asked. An answer comes a turn of the loop later.
class Network final : public probes::Transport {
 public:
  explicit Network(asio::io_context& loop) : loop_(loop) {}

  asio::awaitable<probes::Reply> ask(probes::Query query) override {
    EXPECT_EQ(query.server.text(), "192.0.2.53");
    ++asked;
    asio::steady_timer turn(loop_, Duration(0));
    co_await turn.async_wait(asio::use_awaitable);
    probes::Reply reply;
    reply.answer = answer;
    co_return reply;
  }

  Result<probes::Answer> answer = fail(Fault::timed_out, "no answer within 2 s");
  int asked = 0;

 private:
  asio::io_context& loop_;
};

struct InterceptionTest : testing::Test {
  // What so many that ask at once are told.
  std::vector<bool> ask(int many) {
    std::vector<bool> told;
    for (int i = 0; i < many; ++i)
      asio::co_spawn(
          loop,
          [&]() -> asio::awaitable<void> {
            const bool seen = co_await interception.seen();
            told.push_back(seen);
          },
          asio::detached);
    loop.restart();
    loop.run();
    return told;
  }

  asio::io_context loop;
  ManualClock clock{Time{}};
  Network network{loop};
  Interception interception{loop.get_executor(), clock, network};
};

TEST_F(InterceptionTest, SilenceIsNone) { EXPECT_EQ(ask(1), std::vector{false}); }

TEST_F(InterceptionTest, AnyAnswerIsSomebodyElsesAlsoAnErrorOrABrokenOne) {
  probes::Answer refused;
  refused.rcode = probes::Rcode::refused;
  network.answer = refused;
  EXPECT_EQ(ask(1), std::vector{true});
  clock.advance(Interception::kFresh);
  network.answer = fail(Fault::malformed, "the message is shorter than its header");
  EXPECT_EQ(ask(1), std::vector{true});
}

TEST_F(InterceptionTest, OneQuestionServesAllForSomeMinutes) {
  network.answer = probes::Answer();
  EXPECT_EQ(ask(3), (std::vector{true, true, true}));
  EXPECT_EQ(network.asked, 1);
  clock.advance(Interception::kFresh - seconds(1));
  ask(1);
  EXPECT_EQ(network.asked, 1);
  clock.advance(seconds(1));
  ask(2);
  EXPECT_EQ(network.asked, 2);
}

}  // namespace
}  // namespace mxswitch::monitor
