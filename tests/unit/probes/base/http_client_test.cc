#include "probes/base/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <cstdlib>
#include <functional>
#include <thread>

#include "probes/base/blocking_http.h"
#include "probes/base/http_rules.h"
#include "probes/base/http_server.h"
#include "probes/base/listening_socket.h"
#include "tests/unit/probes/base/raw_client.h"

namespace mxswitch {
namespace {

using testing::HasSubstr;
using testing::Not;

Result<HttpResponse> send_on_loop(HttpRequest request) {
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

// Listens; what follows an accepted connection is up to the test.
class Listener {
 public:
  Listener() : socket_(open_listening_socket("127.0.0.1", 0).value()) {}
  ~Listener() {
    if (thread_.joinable()) thread_.join();
    ::close(socket_);
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(bound_port(socket_)) + "/x";
  }
  // Reads what comes first, sends `bytes`, closes.
  void answer_once(std::string bytes) {
    thread_ = std::thread([this, bytes = std::move(bytes)] {
      const int peer = ::accept(socket_, nullptr, nullptr);
      char first[4096];
      const ssize_t got = ::recv(peer, first, sizeof(first), 0);
      seen_.assign(first, got > 0 ? static_cast<std::size_t>(got) : 0);
      (void)::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ::close(peer);
    });
  }
  std::string seen() {
    thread_.join();
    return seen_;
  }

 private:
  int socket_;
  std::thread thread_;
  std::string seen_;
};

std::string closed_port_url() {
  const int socket = open_listening_socket("127.0.0.1", 0).value();
  const int port = bound_port(socket);
  ::close(socket);
  return "http://127.0.0.1:" + std::to_string(port) + "/";
}

// Both clients hold the same promises.
using Send = std::function<Result<HttpResponse>(const HttpRequest&)>;
struct NamedSend {
  const char* name;
  Send send;
};

class Client : public testing::TestWithParam<NamedSend> {
 protected:
  Client() : server_(HttpServerOptions{}) {
    for (const char* method : {"GET", "PUT", "POST", "DELETE"}) {
      server_.route(method, "/echo", "", [](const ServerRequest& request) {
        ServerResponse response{202, "text/plain", request.method + " " + request.body, {}, {}};
        for (const char* name : {"x-in", "content-type", "expect", "authorization"}) {
          const auto place = request.headers.find(name);
          if (place != request.headers.end()) {
            response.headers["Seen-" + place->first] = place->second;
          }
        }
        return response;
      });
    }
    server_.route("GET", "/away", "", [](const ServerRequest&) {
      return ServerResponse{302, "text/plain", "", {{"Location", "/echo"}}, {}};
    });
    server_.route("GET", "/long", "", [](const ServerRequest&) {
      return ServerResponse{200, "text/plain", std::string(10'000, 'x'), {}, {}};
    });
    EXPECT_TRUE(server_.start());
  }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + path;
  }
  static Result<HttpResponse> send(const HttpRequest& request) { return GetParam().send(request); }
  HttpServer server_;
};

TEST_P(Client, SendsAndReceives) {
  HttpRequest request;
  request.url = url("/echo");
  request.method = "PUT";
  request.body = "bytes";
  request.headers = {{"X-In", "1"}, {"Content-Type", "application/json"}};
  request.username = "joe";
  request.password = "pass";
  const auto response = send(request);
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_EQ(response->status, 202);
  EXPECT_EQ(response->body, "PUT bytes");
  EXPECT_EQ(response->headers.at("seen-x-in"), "1");
  EXPECT_EQ(response->headers.at("seen-content-type"), "application/json");
  EXPECT_EQ(response->headers.at("seen-authorization"), "Basic am9lOnBhc3M=");
  EXPECT_FALSE(response->headers.contains("seen-expect"));
}

TEST_P(Client, SendsEveryMethodWithAndWithoutABody) {
  for (const std::string method : {"GET", "POST", "PUT", "DELETE"}) {
    HttpRequest request;
    request.url = url("/echo");
    request.method = method;
    const auto response = send(request);
    ASSERT_TRUE(response) << method << response.error().text();
    EXPECT_EQ(response->body, method + " ");
  }
}

TEST_P(Client, AnyStatusIsAValueAndRedirectsStay) {
  HttpRequest request;
  request.url = url("/away");
  EXPECT_EQ(send(request).value().status, 302);
  request.url = url("/none");
  EXPECT_EQ(send(request).value().status, 404);
}

TEST_P(Client, TakesNoProxyFromTheEnvironment) {
  setenv("http_proxy", closed_port_url().c_str(), 1);
  HttpRequest request;
  request.url = url("/echo");
  EXPECT_TRUE(send(request));
  unsetenv("http_proxy");
}

TEST_P(Client, BoundsTheBody) {
  HttpRequest request;
  request.url = url("/long");
  request.body_limit = 10'000;
  EXPECT_EQ(send(request).value().body.size(), 10'000u);
  request.body_limit = 9'999;
  const auto response = send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().fault, Fault::malformed);
}

TEST_P(Client, NothingWasSentIsUnavailable) {
  HttpRequest request;
  request.url = closed_port_url() + "secret-path";
  const auto refused = send(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::unavailable);
  EXPECT_THAT(refused.error().text(), HasSubstr("http://127.0.0.1:"));
  EXPECT_THAT(refused.error().text(), Not(HasSubstr("secret-path")));
}

TEST_P(Client, SentButNotAnsweredIsUnknown) {
  Listener silent;  // the kernel accepts, nobody answers
  HttpRequest request;
  request.url = silent.url();
  request.timeout = Duration(100);
  const auto late = send(request);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().fault, Fault::timed_out) << late.error().text();

  Listener rude;
  rude.answer_once("");
  request.url = rude.url();
  request.timeout = seconds(10);
  const auto cut = send(request);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().fault, Fault::timed_out) << cut.error().text();
  EXPECT_THAT(rude.seen(), HasSubstr("GET /x HTTP/1.1\r\n"));
}

TEST_P(Client, SurvivesAnswersThatAreNoHttp) {
  for (const std::string bytes : {"\xff\xfe\n\n", "HTTP/1.1 999999999999 X\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    Listener listener;
    listener.answer_once(bytes);
    HttpRequest request;
    request.url = listener.url();
    request.timeout = seconds(2);
    const auto response = send(request);
    if (!response) {
      EXPECT_NE(response.error().fault, Fault::unavailable) << bytes;
    }
  }
}

TEST_P(Client, RefusesWhatItDoesNotSpeak) {
  const struct {
    const char* url;
    const char* what;
  } kRows[] = {
      {"ftp://host/", "bad URL: only http:// and https:// are spoken"},
      {"file:///etc/passwd", "bad URL: only http:// and https:// are spoken"},
      {"host", "bad URL: only http:// and https:// are spoken"},
      {"http://joe:pass@host/", "bad URL: user and password do not belong in it"},
      {"http:///path", "bad URL: no host, or a bad port"},
      {"http://host:0/", "bad URL: no host, or a bad port"},
      {"http://host:65536/", "bad URL: no host, or a bad port"},
      {"http://host:8x/", "bad URL: no host, or a bad port"},
      {"http://[::1/", "bad URL: no host, or a bad port"},
      {"http://host/a\r\nb", "bad URL: it holds blanks or control characters"},
  };
  for (const auto& row : kRows) {
    HttpRequest request;
    request.url = row.url;
    const auto response = send(request);
    ASSERT_FALSE(response) << row.url;
    EXPECT_EQ(response.error().fault, Fault::usage);
    EXPECT_EQ(response.error().what, row.what);
  }
  HttpRequest request;
  request.url = url("/echo");
  request.headers = {{"X", "a\r\nY: b"}};
  EXPECT_EQ(send(request).error().what, "line break in the header field X");
  request.headers = {{"X Y", "a"}};
  EXPECT_EQ(send(request).error().what, "bad name of a header field");
  request.headers = {};
  request.method = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(send(request).error().what, "bad HTTP method");
}

INSTANTIATE_TEST_SUITE_P(Http, Client,
                         testing::Values(NamedSend{"loop", send_on_loop},
                                         NamedSend{"blocking", send_blocking}),
                         [](const auto& instance) { return instance.param.name; });

TEST(HttpRules, SplitsTargets) {
  const auto target = parse_target("HTTPS://[2001:db8::1]:8443/a?b=c#d").value();
  EXPECT_TRUE(target.tls);
  EXPECT_EQ(target.host, "2001:db8::1");
  EXPECT_EQ(target.port, 8443);
  EXPECT_EQ(target.path, "/a?b=c");
  EXPECT_EQ(target.origin, "https://[2001:db8::1]:8443");
  EXPECT_EQ(parse_target("http://host?q").value().path, "/?q");
  EXPECT_EQ(parse_target("https://host").value().port, 443);
}

TEST(HttpRules, RefusesWhatIsNoHost) {
  for (const char* url : {"https://[::1]844/", "https://[[::1]:844/", "https://[host]/",
                          "https://[]/", "https://ho]st/", "https://host\\@x/", "https://:80/"}) {
    EXPECT_FALSE(parse_target(url)) << url;
  }
}

// Asked when the connection stands, so that what was decided while it was made is heard.
TEST(LoopClient, SendsNoByteOfWhatIsWantedNoMoreOnceItIsConnected) {
  Listener listener;
  listener.answer_once("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  HttpRequest request;
  request.url = listener.url();
  request.method = "PUT";
  request.body = "hosted";
  int asked = 0;
  request.still_wanted = [&asked] { return ++asked > 1; };
  const auto response = send_on_loop(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().fault, Fault::stale) << response.error().text();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(listener.seen(), "") << "the connection was made, and nothing sent by it";
}

TEST(LoopClient, CarriesManyAtOnceAndOutlivesItself) {
  HttpServer server{HttpServerOptions{}};
  server.route("GET", "/", "", [](const ServerRequest&) { return ServerResponse{}; });
  ASSERT_TRUE(server.start());
  asio::io_context loop;
  auto client = make_http_client(loop.get_executor());
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
          HttpRequest request;
          request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
          const auto response = co_await client->send(std::move(request));
          if (response) ++answered;
        },
        asio::detached);
  }
  loop.poll();
  client.reset();  // those under way go on
  loop.run();
  EXPECT_EQ(answered, 50);
}

TEST(LoopClient, IsDroppedWithTheLoop) {
  Listener silent;
  auto loop = std::make_unique<asio::io_context>();
  auto client = make_http_client(loop->get_executor());
  asio::co_spawn(
      *loop,
      [&]() -> asio::awaitable<void> {
        HttpRequest request;
        request.url = silent.url();
        (void)co_await client->send(std::move(request));
      },
      asio::detached);
  for (int i = 0; i < 10; ++i) loop->poll();
  client.reset();
  loop.reset();
}

TEST(BlockingStream, GivesPiecesUntilTheReaderHasEnough) {
  HttpServer server{HttpServerOptions{}};
  server.route("GET", "/events", "", [](const ServerRequest&) {
    ServerResponse response;
    response.content_type = "text/event-stream";
    response.stream = [count = 0](const auto& write) mutable {
      return write("data: " + std::to_string(count) + "\n\n") && ++count < 1000;
    };
    return response;
  });
  ASSERT_TRUE(server.start());
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/events";
  std::string all;
  EXPECT_TRUE(stream_blocking(request, [&](std::string_view piece) {
    all += piece;
    return true;
  }));
  EXPECT_THAT(all, HasSubstr("data: 0\n\n"));
  EXPECT_THAT(all, HasSubstr("data: 999\n\n"));
  int pieces = 0;
  EXPECT_TRUE(stream_blocking(request, [&](std::string_view) { return ++pieces < 1; }));
  EXPECT_EQ(pieces, 1);
  request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/none";
  const auto none = stream_blocking(request, [](std::string_view) { return true; });
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::not_found);
}

}  // namespace
}  // namespace mxswitch
