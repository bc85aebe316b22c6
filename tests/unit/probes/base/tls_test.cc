#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>

#include "probes/base/blocking_http.h"
#include "probes/base/http_client.h"
#include "probes/base/http_server.h"
#include "probes/base/listening_socket.h"
#include "tests/unit/probes/base/raw_client.h"

namespace mxswitch {
namespace {

Result<HttpResponse> send_on_loop(const HttpRequest& request) {
  asio::io_context loop;
  const auto client = make_http_client(loop.get_executor());
  Result<HttpResponse> result = fail(Fault::internal, "never resumed");
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        HttpRequest mine = request;
        result = co_await client->send(std::move(mine));
      },
      asio::detached);
  loop.run();
  return result;
}

class Tls : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/mxswitch_tls_XXXXXX";
    folder_ = mkdtemp(name);
    const std::string command =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test "
        "-addext subjectAltName=IP:127.0.0.1 -keyout " +
        folder_ + "/key.pem -out " + folder_ + "/cert.pem 2>/dev/null";
    if (std::system(command.c_str()) != 0) GTEST_SKIP() << "needs: apt-get install openssl";
    HttpServerOptions options;
    options.certificate_file = folder_ + "/cert.pem";
    options.key_file = folder_ + "/key.pem";
    options.read_time = seconds(2);
    server_ = std::make_unique<HttpServer>(options);
    server_->route("POST", "/", "", [](const ServerRequest& request) {
      return ServerResponse{200, "text/plain", request.body, {}, {}};
    });
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().text();
    request_.url = "https://127.0.0.1:" + std::to_string(server_->port()) + "/";
    request_.method = "POST";
    request_.body = std::string(300'000, 'x');
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::string folder_;
  std::unique_ptr<HttpServer> server_;
  HttpRequest request_;
};

TEST_F(Tls, CarriesARequestForWhoTrustsTheAuthority) {
  request_.ca_file = folder_ + "/cert.pem";
  for (const auto& response : {send_on_loop(request_), send_blocking(request_)}) {
    ASSERT_TRUE(response) << response.error().text();
    EXPECT_EQ(response->body.size(), request_.body.size());
  }
}

TEST_F(Tls, SendsNothingToWhoIsNotTrusted) {
  for (const auto& response : {send_on_loop(request_), send_blocking(request_)}) {
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().fault, Fault::unavailable) << response.error().text();
  }
}

TEST_F(Tls, ClosesOnClearText) {
  EXPECT_THAT(exchange(server_->port(), "GET / HTTP/1.1\r\n\r\n"),
              testing::Not(testing::HasSubstr("200")));
}

TEST_F(Tls, SaysWhichFileCannotBeUsed) {
  HttpServerOptions options;
  options.certificate_file = folder_ + "/cert.pem";
  options.key_file = folder_ + "/cert.pem";
  EXPECT_THAT(HttpServer(options).start().error().text(),
              testing::StartsWith(folder_ + "/cert.pem: cannot use the private key"));
}

TEST(Loopback, IsToldFromOtherAddresses) {
  for (const char* address : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(address)) << address;
  }
  for (const char* address : {"", "128.0.0.1", "192.0.2.1", "::2", "2001:db8::1", "localhost"}) {
    EXPECT_FALSE(is_loopback(address)) << address;
  }
}

}  // namespace
}  // namespace mxswitch
