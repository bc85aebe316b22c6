#include "orchestrator/switchover/shared_outside.h"

#include <gtest/gtest.h>

#include "tests/unit/orchestrator/switchover/switchover_fixture.h"

namespace mxswitch::orchestrator {
namespace {

class Shared : public testing::Test {
 protected:
  template <class T>
  T run(asio::awaitable<T> work) {
    auto future = asio::co_spawn(io, std::move(work), asio::use_future);
    io.restart();
    io.run();
    return future.get();
  }

  asio::io_context io;
  ManualClock clock{Time(std::chrono::hours(500'000))};
  FakeOutside outside;
  SharedOutside shared{io.get_executor(), clock, outside};
};

TEST_F(Shared, AnAnswerServesAllWhoAskWithinSeconds) {
  EXPECT_EQ(run(shared.addresses("mx1.filter.example"))->at(0), "192.0.2.1");
  outside.hosts["mx1.filter.example"] = {"192.0.2.9"};
  clock.advance(kAnswerShared - Duration(1));
  EXPECT_EQ(run(shared.addresses("mx1.filter.example"))->at(0), "192.0.2.1");
  EXPECT_EQ(outside.addresses_asked, 1);
  EXPECT_EQ(run(shared.addresses("mx2.filter.example"))->at(0), "192.0.2.2") << "another host";
  clock.advance(Duration(1));
  EXPECT_EQ(run(shared.addresses("mx1.filter.example"))->at(0), "192.0.2.9");
}

TEST_F(Shared, AFailureIsAskedAgainAtOnce) {
  outside.unanswered = "mail.outside.example";
  EXPECT_FALSE(run(shared.addresses("mail.outside.example")).has_value());
  outside.unanswered.clear();
  EXPECT_TRUE(run(shared.addresses("mail.outside.example")).has_value());
}

TEST_F(Shared, WhoAsksMeanwhileWaitsForTheSameAnswer) {
  asio::steady_timer answer(io);
  answer.expires_at(asio::steady_timer::time_point::max());
  int asked = 0;
  SharedAnswer<bool> answers(
      io.get_executor(), clock, [&](std::string) -> asio::awaitable<Result<bool>> {
        ++asked;
        asio::error_code ignored;
        co_await answer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        co_return true;
      });
  auto first = asio::co_spawn(io, answers.about("x"), asio::use_future);
  auto second = asio::co_spawn(io, answers.about("x"), asio::use_future);
  auto third = asio::co_spawn(io, answers.about("y"), asio::use_future);
  io.poll();
  answer.cancel();
  io.run();
  EXPECT_TRUE(*first.get() && *second.get() && *third.get());
  EXPECT_EQ(asked, 2);
}

TEST_F(Shared, ProbesAreEachPlansOwn) {
  run(shared.send_probe("192.0.2.1:25", "one@shop.example"));
  run(shared.send_probe("192.0.2.1:25", "one@shop.example"));
  EXPECT_EQ(outside.sent.size(), 2u);
}

}  // namespace
}  // namespace mxswitch::orchestrator
