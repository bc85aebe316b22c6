// How contacts are proved while nothing is to be told: by mail without a message, by webhook
// without a request, and by one message a week where no other way shows anything.

#include "monitor/alerts/sender.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "tests/fakes/fake_http_client.h"

namespace mxswitch::monitor {
namespace {

using asio::ip::tcp;

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
const std::string kMail = "ops@outside.example";
const std::string kHook = "https://hooks.example/x";

// Counts what is asked of it; takes every message.
class Webhook final : public HttpClient {
 public:
  int connections = 0, messages = 0;
  bool reachable = true;
  asio::awaitable<Result<HttpResponse>> send(HttpRequest request) override {
    if (!reachable) co_return fail(Fault::unavailable, "connection refused", request.url);
    ++connections;
    if (request.still_wanted && !request.still_wanted()) co_return fail(Fault::stale, "unsent");
    ++messages;
    HttpResponse response;
    response.status = 204;
    co_return response;
  }
};

// A mail server that writes down what it is told.
class MailServer {
 public:
  explicit MailServer(asio::io_context& loop)
      : acceptor_(loop, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {}
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string told, refusal;

  asio::awaitable<void> serve_once() {
    tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
    std::string reply = "220 mx\r\n", input;
    asio::error_code code;
    while (!code) {
      co_await asio::async_write(socket, asio::buffer(reply),
                                 asio::redirect_error(asio::use_awaitable, code));
      char piece[512];
      const auto got = co_await socket.async_read_some(
          asio::buffer(piece), asio::redirect_error(asio::use_awaitable, code));
      const std::string line(piece, got);
      told += line;
      reply = "250 ok\r\n";
      if (line.starts_with("RCPT") && !refusal.empty()) reply = refusal + "\r\n";
      if (line.starts_with("QUIT")) co_return;
    }
  }

 private:
  tcp::acceptor acceptor_;
};

class SenderTest : public testing::Test {
 protected:
  void acknowledge_target(const std::string& target) {
    const auto work = [target](Transaction& t) {
      acknowledge(t, make_acknowledge_token(t, "shop.example", target, kStart), kStart);
    };
    ASSERT_TRUE(database_->transact_blocking(work));
  }
  ContactState state(const std::string& target) {
    const auto work = [target](Transaction& t) { return contact_states(t, {target}); };
    return database_->transact_blocking(work)->at(0);
  }
  // One round of the sender.
  void round() {
    ChannelOptions options;
    options.smtp_address = "127.0.0.1";
    options.smtp_port = server_.port();
    options.timeout = seconds(5);
    Channels channels(loop_.get_executor(), http_, options);
    AlertSender sender(loop_.get_executor(), clock_, *database_, channels, seconds(600));
    const Time before = clock_.now();
    sender.start();
    loop_.restart();
    const auto proved = [&] {
      for (const std::string& target : {kMail, kHook}) {
        const auto work = [target](Transaction& t) { return contact_states(t, {target}); };
        const auto states = *database_->transact_blocking(work);
        if (states.empty()) continue;
        if (states[0].last_delivery_at < before && states[0].reached_at < before) return false;
      }
      return true;
    };
    while (!proved() && loop_.run_one_for(std::chrono::seconds(10)) > 0) {
    }
    sender.stop();
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds(50));
  }

  asio::io_context loop_;
  ManualClock clock_{kStart};
  std::unique_ptr<Database> database_ = *open_database("sqlite::memory:", alert_migrations());
  Webhook http_;
  MailServer server_{loop_};
};

TEST_F(SenderTest, AMailboxIsProvedByRcptAndGetsNoMessage) {
  acknowledge_target(kMail);
  asio::co_spawn(loop_, server_.serve_once(), asio::detached);
  round();
  EXPECT_EQ(server_.told,
            "EHLO localhost\r\nMAIL FROM:<mxswitch@localhost>\r\n"
            "RCPT TO:<ops@outside.example>\r\nRSET\r\nQUIT\r\n");
  EXPECT_TRUE(state(kMail).last_delivery_ok) << state(kMail).last_error;
}

TEST_F(SenderTest, AMailboxThatIsRefusedIsAProofThatFailed) {
  acknowledge_target(kMail);
  server_.refusal = "550 5.1.1 nobody";
  asio::co_spawn(loop_, server_.serve_once(), asio::detached);
  round();
  EXPECT_FALSE(state(kMail).last_delivery_ok);
  EXPECT_NE(state(kMail).last_error.find("550"), std::string::npos);
}

TEST_F(SenderTest, AWebhookGetsOneMessageAWeekAndIsOnlyReachedMeanwhile) {
  acknowledge_target(kHook);
  round();
  EXPECT_EQ(http_.messages, 1) << "it was never proved";
  for (int i = 0; i < 20; ++i) {
    clock_.advance(seconds(660));
    round();
  }
  EXPECT_EQ(http_.messages, 1);
  EXPECT_EQ(http_.connections, 1 + 1 + 20) << "each look is one connection";
  EXPECT_EQ(state(kHook).last_delivery_at, kStart);
  EXPECT_EQ(state(kHook).reached_at, clock_.now());
  clock_.advance(std::chrono::hours(7 * 24));
  round();
  EXPECT_EQ(http_.messages, 2);
}

TEST_F(SenderTest, AWebhookThatIsOutOfReachSaysSo) {
  acknowledge_target(kHook);
  round();
  clock_.advance(seconds(660));
  http_.reachable = false;
  round();
  EXPECT_TRUE(state(kHook).last_delivery_ok);
  EXPECT_FALSE(state(kHook).reached_ok);
  EXPECT_NE(state(kHook).reach_error.find("refused"), std::string::npos);
}

TEST_F(SenderTest, WhatWasProvedLatelyIsLeftAlone) {
  acknowledge_target(kHook);
  round();
  const int connections = http_.connections;
  clock_.advance(seconds(60));
  ChannelOptions options;
  Channels channels(loop_.get_executor(), http_, options);
  AlertSender sender(loop_.get_executor(), clock_, *database_, channels, seconds(600));
  sender.start();
  loop_.restart();
  loop_.run_for(std::chrono::milliseconds(100));
  sender.stop();
  EXPECT_EQ(http_.connections, connections);
}

}  // namespace
}  // namespace mxswitch::monitor
