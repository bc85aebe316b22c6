// DNS over TLS against a server in this process, over real loopback sockets.
#include "probes/dns/dot.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/ssl.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <filesystem>
#include <fstream>

#include "tests/unit/probes/dns/loopback_server.h"
#include "tests/unit/probes/dns/tls_identity.h"

namespace mxswitch::probes {
namespace {

namespace tls = asio::ssl;
using asio::ip::tcp;

// What goes over the wire for a query, its length included; empty: nothing, and no goodbye.
using Answers = std::function<Bytes(const Bytes&)>;

Bytes framed(const Bytes& message) {
  Bytes all(message.size() + 2);
  all[0] = static_cast<std::uint8_t>(message.size() >> 8);
  all[1] = static_cast<std::uint8_t>(message.size());
  std::copy(message.begin(), message.end(), all.begin() + 2);
  return all;
}

Bytes good_answer(const Bytes& query) {
  MessageBuilder builder(question_of(query), message_id(query));
  builder.answer("shop.example", RrType::mx, 60, mx_data(10, "mx1.filter.example"));
  return builder.bytes();
}

// Serves one connection. What it does outlives it, as long as the loop runs.
class TlsServer {
 public:
  TlsServer(asio::io_context& loop, const TlsIdentity& identity, Answers answers,
            bool speaks_tls = true)
      : state_(std::make_shared<State>(loop)) {
    state_->context.use_certificate(asio::buffer(identity.certificate), tls::context::pem);
    state_->context.use_private_key(asio::buffer(identity.key), tls::context::pem);
    state_->answers = std::move(answers);
    state_->speaks_tls = speaks_tls;
    asio::co_spawn(loop, serve(state_), asio::detached);
  }
  ~TlsServer() { state_->acceptor.close(); }

  Endpoint endpoint() const {
    return {IpAddress::v4({127, 0, 0, 1}), state_->acceptor.local_endpoint().port()};
  }
  // The name that the client sent (SNI).
  const std::string& asked_for() const { return state_->asked_for; }

 private:
  struct State {
    explicit State(asio::io_context& loop)
        : context(tls::context::tls_server),
          acceptor(loop, {asio::ip::address_v4::loopback(), 0}),
          socket(loop) {}
    tls::context context;
    Answers answers;
    tcp::acceptor acceptor;
    tcp::socket socket;  // of a client that waits in vain
    std::string asked_for;
    bool speaks_tls = true;
  };

  static asio::awaitable<void> serve(std::shared_ptr<State> state) {
    state->socket = co_await state->acceptor.async_accept(asio::use_awaitable);
    if (!state->speaks_tls) co_return;
    tls::stream<tcp::socket&> stream(state->socket, state->context);
    co_await stream.async_handshake(tls::stream_base::server, asio::use_awaitable);
    const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    if (name != nullptr) state->asked_for = name;
    Bytes size(2);
    co_await asio::async_read(stream, asio::buffer(size), asio::use_awaitable);
    Bytes query(static_cast<std::size_t>(size[0] << 8 | size[1]));
    co_await asio::async_read(stream, asio::buffer(query), asio::use_awaitable);
    const Bytes answer = state->answers(query);
    if (answer.empty()) co_return;
    co_await asio::async_write(stream, asio::buffer(answer), asio::use_awaitable);
    state->socket.close();
  }

  std::shared_ptr<State> state_;
};

class DotTest : public testing::Test {
 protected:
  DotTest() : ca_file_(testing::TempDir() + "dot-ca-" + std::to_string(::getpid()) + ".pem") {
    std::ofstream(ca_file_) << identity_.certificate;
  }
  ~DotTest() override { std::filesystem::remove(ca_file_); }

  Reply ask(TlsServer& server, const std::string& name = "dot.example",
            Duration deadline = seconds(5)) {
    return ask_at(server.endpoint(), name, ca_file_, deadline);
  }
  Reply ask_at(const Endpoint& server, const std::string& name, const std::string& ca_file,
               Duration deadline = seconds(5)) {
    auto asker = make_dot_asker(loop_.get_executor(), clock_, ca_file).value();
    DotQuery query;
    query.server = server;
    query.name = name;
    query.question = {DnsName::parse("shop.example").value(), RrType::mx};
    query.deadline = deadline;
    Reply reply;
    asio::co_spawn(
        loop_,
        [&]() -> asio::awaitable<void> {
          reply = co_await asker->ask(query);
          loop_.stop();
        },
        asio::detached);
    loop_.restart();
    loop_.run();
    return reply;
  }
  std::string fault(const Reply& reply) {
    return reply.answer ? "answered" : reply.answer.error().what;
  }

  asio::io_context loop_;
  SystemClock clock_;
  TlsIdentity identity_ = TlsIdentity::make("DNS:dot.example,IP:127.0.0.1");
  std::string ca_file_;
};

TEST_F(DotTest, AnAnswerThatIsProved) {
  TlsServer server(loop_, identity_, [](const Bytes& query) { return framed(good_answer(query)); });
  const Reply reply = ask(server);
  ASSERT_TRUE(reply.answer) << reply.answer.error().text();
  ASSERT_EQ(reply.answer->answer.size(), 1U);
  EXPECT_EQ(std::get<Mx>(reply.answer->answer[0].data).preference, 10);
  EXPECT_EQ(server.asked_for(), "dot.example");
  EXPECT_GE(reply.received_at, reply.sent_at);
}

TEST_F(DotTest, AnAddressMayBeTheName) {
  TlsServer server(loop_, identity_, [](const Bytes& query) { return framed(good_answer(query)); });
  const Reply reply = ask(server, "127.0.0.1");
  EXPECT_TRUE(reply.answer) << reply.answer.error().text();
  EXPECT_EQ(server.asked_for(), "");
}

TEST_F(DotTest, AnotherNameIsNoProof) {
  TlsServer server(loop_, identity_, [](const Bytes& query) { return framed(good_answer(query)); });
  const Reply reply = ask(server, "other.example");
  ASSERT_FALSE(reply.answer);
  EXPECT_EQ(reply.answer.error().fault, Fault::unavailable);
  EXPECT_EQ(fault(reply), "its certificate can't be verified for other.example: hostname mismatch");
  EXPECT_EQ(reply.answer.error().where, server.endpoint().text());
}

TEST_F(DotTest, AnAuthorityThatNobodyTrustsIsNoProof) {
  TlsServer server(loop_, identity_, [](const Bytes& query) { return framed(good_answer(query)); });
  const Reply reply = ask_at(server.endpoint(), "dot.example", "");
  EXPECT_EQ(fault(reply),
            "its certificate can't be verified for dot.example: self-signed certificate");
}

TEST_F(DotTest, AnExpiredCertificateIsNoProof) {
  identity_ = TlsIdentity::make("DNS:dot.example", -3600);
  std::ofstream(ca_file_) << identity_.certificate;
  TlsServer server(loop_, identity_, [](const Bytes& query) { return framed(good_answer(query)); });
  EXPECT_EQ(fault(ask(server)),
            "its certificate can't be verified for dot.example: certificate has expired");
}

TEST_F(DotTest, NobodyListens) {
  tcp::acceptor closed(loop_, {asio::ip::address_v4::loopback(), 0});
  const Endpoint nobody{IpAddress::v4({127, 0, 0, 1}), closed.local_endpoint().port()};
  closed.close();
  const Reply reply = ask_at(nobody, "dot.example", ca_file_);
  ASSERT_FALSE(reply.answer);
  EXPECT_EQ(reply.answer.error().fault, Fault::unavailable);
  EXPECT_EQ(fault(reply), "no connection: Connection refused");
}

TEST_F(DotTest, SilenceEndsAtTheDeadline) {
  TlsServer mute(loop_, identity_, nullptr, false);
  const Reply reply = ask(mute, "dot.example", Duration(50));
  ASSERT_FALSE(reply.answer);
  EXPECT_EQ(reply.answer.error().fault, Fault::timed_out);
  TlsServer slow(loop_, identity_, [](const Bytes&) { return Bytes(); });
  EXPECT_EQ(ask(slow, "dot.example", Duration(200)).answer.error().fault, Fault::timed_out);
}

TEST_F(DotTest, WhatIsNoAnswerToTheQuestionIsRefused) {
  const struct {
    Answers answers;
    Fault fault;
  } kCases[] = {
      {[](const Bytes&) {
         return framed(Bytes{1, 2});
       },
       Fault::malformed},
      {[](const Bytes&) { return framed(Bytes{}); }, Fault::malformed},
      {[](const Bytes& query) {
         Bytes other = good_answer(query);
         other[0] ^= 1;  // the id
         return framed(other);
       },
       Fault::malformed},
      {[](const Bytes& query) {
         Question question = question_of(query);
         question.type = RrType::txt;
         return framed(MessageBuilder(question, message_id(query)).bytes());
       },
       Fault::malformed},
      {[](const Bytes& query) {
         Bytes cut = framed(good_answer(query));
         cut.resize(cut.size() - 1);
         return cut;
       },
       Fault::unavailable},
      {[](const Bytes&) { return Bytes{1}; }, Fault::unavailable},
  };
  for (const auto& one : kCases) {
    TlsServer server(loop_, identity_, one.answers);
    const Reply reply = ask(server);
    ASSERT_FALSE(reply.answer);
    EXPECT_EQ(reply.answer.error().fault, one.fault) << reply.answer.error().text();
  }
}

TEST_F(DotTest, CertificatesThatCantBeReadAreNamed) {
  const auto asker = make_dot_asker(loop_.get_executor(), clock_, "/nonexistent/ca.pem");
  ASSERT_FALSE(asker);
  EXPECT_EQ(asker.error().fault, Fault::usage);
  EXPECT_EQ(asker.error().where, "/nonexistent/ca.pem");
}

}  // namespace
}  // namespace mxswitch::probes
