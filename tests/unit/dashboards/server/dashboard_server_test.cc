// The server as a client meets it, over a real socket on loopback.
#include "dashboards/server/dashboard_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include "dashboards/server/guard.h"
#include "probes/base/secrets.h"
#include "tests/fakes/sample_snapshot.h"

namespace mxswitch::dashboards {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const Time kNow(std::chrono::hours(490000));

class Commands final : public orchestrator::CommandSink {
 public:
  Result<orchestrator::Operation> submit(orchestrator::Command command) override {
    taken.push_back(command);
    orchestrator::Operation operation;
    operation.id = "op-1";
    operation.domain = command.domain;
    operation.verb = command.verb;
    operation.status = command.verb == "switch" ? "refused" : "accepted";
    operation.exit_code = command.verb == "switch" ? 3 : 0;
    operation.detail = {{"blocked_by", {{{"gate", "propagation"}, {"why", "caches"}}}}};
    return operation;
  }
  Result<orchestrator::Operation> operation(const std::string& id) override {
    return fail(Fault::not_found, "no such operation", id);
  }
  std::vector<orchestrator::Command> taken;
};

class Acks final : public AckSink {
 public:
  Result<std::string> acknowledge(const std::string& token) override {
    tokens.push_back(token);
    return "The channel is acknowledged.";
  }
  std::vector<std::string> tokens;
};

// Two lines, then the end.
class Observations final : public ObservationSource {
 public:
  Result<StreamSource> open(const std::string& owner, bool csv,
                            std::optional<Time> since) override {
    if (owner != "shop.example") return fail(Fault::not_found, "never watched", owner);
    asked = since;
    auto left = std::make_shared<int>(2);
    return StreamSource([left, csv](const std::function<bool(std::string_view)>& write) {
      return (*left)-- > 0 && write(csv ? "a,b\r\n" : "{}\n");
    });
  }
  std::optional<Time> asked;
};

class DashboardServerTest : public ::testing::Test {
 protected:
  void start(bool with_tokens) {
    DashboardOptions options;
    options.version = "0.1.0";
    options.http.threads = 8;
    options.max_streams = 1;
    options.observations = &observations;
    options.allowed_hosts = allowed_hosts;
    options.public_host = public_host;
    if (with_tokens) {
      options.http.tokens = {{"anna", sha256_hex("anna-token"), {"read", "operate"}},
                             {"root", sha256_hex("root-token"), {"operate", "override"}}};
    }
    server = std::make_unique<DashboardServer>(options, board, commands, acks, clock);
    board.publish(fakes::shared(fakes::propagating_snapshot(kNow)));
    ASSERT_TRUE(server->start());
    client = std::make_unique<httplib::Client>("127.0.0.1", server->port());
  }
  httplib::Result post(const json& body, const std::string& token, const std::string& key = "k1") {
    httplib::Headers headers;
    if (!token.empty()) headers.emplace("Authorization", "Bearer " + token);
    if (!key.empty()) headers.emplace("Idempotency-Key", key);
    headers.emplace("If-Match", "\"6d1f0c9b\"");
    return client->Post("/api/v1/switchovers/shop.example/commands", headers, body.dump(),
                        "application/json");
  }

  std::vector<std::string> allowed_hosts;
  std::string public_host;
  ManualClock clock{kNow};
  orchestrator::SnapshotBoard board;
  Commands commands;
  Acks acks;
  Observations observations;
  std::unique_ptr<DashboardServer> server;
  std::unique_ptr<httplib::Client> client;
};

TEST_F(DashboardServerTest, EveryAddressAnswers) {
  start(false);
  const struct {
    const char* path;
    int status;
    const char* part;
  } rows[] = {
      {"/", 200, "shop.example"},
      {"/d/shop.example", 200, "PROPAGATING"},
      {"/d/SHOP.example", 200, "PROPAGATING"},
      {"/d/other.example", 404, "mxswitch plan init other.example"},
      {"/api/v1/switchovers", 200, "\"propagating\""},
      {"/api/v1/switchovers/shop.example", 200, "\"resolvers\""},
      {"/api/v1/switchovers/shop.example/gates", 200, "\"old-server\""},
      {"/api/v1/switchovers/shop.example/history", 200, "\"anna\""},
      {"/api/v1/switchovers/Shop.example/observations", 200, "{}\n{}\n"},
      {"/api/v1/switchovers/shop.example/observations?format=csv", 200, "a,b\r\na,b\r\n"},
      {"/api/v1/switchovers/shop.example/observations?format=xml", 400, "jsonl or csv"},
      {"/api/v1/switchovers/shop.example/observations?since=noon", 400, "RFC 3339"},
      {"/api/v1/switchovers/other.example/observations", 404, "mxswitch plan init other.example"},
      {"/api/v1/switchovers/other.example", 404, "Unknown domain"},
      {"/api/v1/operations/none", 404, "no such operation"},
      {"/api/v1/openapi.json", 200, "\"openapi\": \"3.1.0\""},
      {"/badge/shop.example.svg", 200, "PROPAGATING"},
      {"/badge/other.example.svg", 404, "not watched"},
      {"/feed/shop.example.atom", 200, "<feed"},
      {"/metrics", 200, "mxswitch_ready"},
      {"/livez", 200, "ok"},
      {"/readyz", 200, "ok"},
      {"/assets/style.css", 200, ":root"},
      {"/assets/none.css", 404, "nothing"},
  };
  for (const auto& row : rows) {
    const auto answer = client->Get(row.path);
    ASSERT_TRUE(answer) << row.path;
    EXPECT_EQ(answer->status, row.status) << row.path;
    EXPECT_THAT(answer->body, HasSubstr(row.part)) << row.path;
    EXPECT_THAT(answer->get_header_value("Content-Security-Policy"),
                HasSubstr("default-src 'none'"));
  }
  server->set_ready(false);
  EXPECT_EQ(client->Get("/readyz")->status, 503);
}

TEST_F(DashboardServerTest, AReboundNameReadsNothing) {
  start(false);
  const auto answer = client->Get("/d/shop.example", {{"Host", "evil.example"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 421);
  EXPECT_THAT(answer->body, Not(HasSubstr("filter.example")));
}

// Whoever makes the error: a handler, the guard, the routes, or the server before any of them.
TEST_F(DashboardServerTest, ABrowserGetsErrorsAsAPageAndAProgramAsAProblem) {
  start(true);
  const char* browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  const struct {
    const char *method, *path, *host;
    int status;
  } rows[] = {
      {"GET", "/none", "", 404},
      {"GET", "/d/other.example", "", 404},
      {"GET", "/d/other.example/explain", "", 404},
      {"GET", "/api/v1/switchovers/other.example", "", 404},
      {"GET", "/ack/none", "", 404},
      {"DELETE", "/d/shop.example", "", 405},
      {"POST", "/api/v1/switchovers/shop.example/commands", "", 401},
      {"GET", "/", "evil.example", 421},
      {"GET", "/api/v1/switchovers/shop.example/observations?format=xml", "", 400},
  };
  for (const auto& row : rows) {
    for (const bool asks_for_html : {true, false}) {
      httplib::Request request;
      request.method = row.method;
      request.path = row.path;
      request.set_header("Accept", asks_for_html ? browser : "*/*");
      if (*row.host != 0) request.set_header("Host", row.host);
      const auto answer = client->send(request);
      ASSERT_TRUE(answer) << row.path;
      EXPECT_EQ(answer->status, row.status) << row.path;
      EXPECT_EQ(answer->get_header_value("Content-Type"),
                asks_for_html ? "text/html; charset=utf-8" : "application/problem+json")
          << row.path;
      EXPECT_EQ(answer->body.starts_with("<!doctype html>"), asks_for_html) << row.path;
      EXPECT_THAT(answer->get_header_value("Content-Security-Policy"),
                  HasSubstr("default-src 'none'"))
          << row.path;
    }
  }
}

TEST_F(DashboardServerTest, ABrowserGetsAnErrorOfTheServerItselfAsAPage) {
  start(false);
  const httplib::Headers headers = {{"Accept", "text/html"}, {"Content-Encoding", "gzip"}};
  const auto answer = client->Post("/ack/0123456789abcdef0123456789abcdef", headers, "x", "a/b");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 415);
  EXPECT_THAT(answer->body, HasSubstr("<h1>Unsupported media type</h1>"));
}

TEST_F(DashboardServerTest, TheExplanationIsAPageForABrowserAndTextForATerminal) {
  start(false);
  const auto page = client->Get("/d/Shop.example/explain", {{"Accept", "text/html,*/*;q=0.8"}});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_EQ(page->get_header_value("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page->body, HasSubstr("<summary class=\"t-"));
  const auto text = client->Get("/d/shop.example/explain", {{"Accept", "*/*"}});
  ASSERT_TRUE(text);
  EXPECT_EQ(text->get_header_value("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_THAT(text->body, HasSubstr("A  the authorities agree: holds"));
}

// As nginx (proxy_set_header Host $host), Caddy and Apache (ProxyPreserveHost) send it.
TEST_F(DashboardServerTest, AProxyAsksUnderThePublicName) {
  public_host = "mxswitch.example";
  allowed_hosts = {"mx.internal.example"};
  start(false);
  for (const char* host : {"mxswitch.example", "MXswitch.Example", "mxswitch.example:443",
                           "mxswitch.example.", "mx.internal.example", "localhost", "127.0.0.1"}) {
    const auto answer = client->Get("/d/shop.example", {{"Host", host}});
    ASSERT_TRUE(answer) << host;
    EXPECT_EQ(answer->status, 200) << host;
  }
  const auto other = client->Get("/d/shop.example", {{"Host", "other.example"}});
  EXPECT_EQ(other->status, 421);
  EXPECT_THAT(other->body, HasSubstr("allowed_hosts in [server] of mxswitch.toml"));
}

TEST(HostAllowed, FollowsFromWhereItListens) {
  GuardOptions wide{"0.0.0.0", {}, false, "mxswitch.example"};
  for (const char* host : {"mxswitch.example", "192.0.2.1:8053", "any.example"})
    EXPECT_TRUE(host_allowed(wide, host)) << host;
  wide.allowed_hosts = {"mx.internal.example"};
  EXPECT_TRUE(host_allowed(wide, "mxswitch.example"));
  EXPECT_TRUE(host_allowed(wide, "mx.internal.example:80"));
  EXPECT_FALSE(host_allowed(wide, "any.example"));
  const GuardOptions loopback{"::1", {}, false};
  for (const char* host : {"[::1]:8053", "localhost:8053", "127.0.0.1"})
    EXPECT_TRUE(host_allowed(loopback, host)) << host;
  for (const char* host : {"", "any.example", "192.0.2.1", "[::2]", ":8053", "."})
    EXPECT_FALSE(host_allowed(loopback, host)) << host;
}

TEST_F(DashboardServerTest, AnAssetIsSentOnce) {
  start(false);
  const auto first = client->Get("/assets/style.css");
  const auto again =
      client->Get("/assets/style.css", {{"If-None-Match", first->get_header_value("ETag")}});
  EXPECT_EQ(again->status, 304);
  EXPECT_TRUE(again->body.empty());
}

TEST_F(DashboardServerTest, WithoutTokensCommandsAreOff) {
  start(false);
  const auto answer = post({{"verb", "freeze"}}, "");
  EXPECT_EQ(answer->status, 403);
  EXPECT_THAT(answer->body, HasSubstr("no token is configured"));
  EXPECT_TRUE(commands.taken.empty());
}

TEST_F(DashboardServerTest, CommandsNeedTokenScopeKeyAndVerb) {
  start(true);
  const struct {
    json body;
    const char *token, *key;
    int status;
  } rows[] = {
      {{{"verb", "freeze"}}, "", "k", 401},
      {{{"verb", "freeze"}}, "wrong", "k", 401},
      {{{"verb", "override"}}, "anna-token", "k", 403},
      {{{"verb", "freeze"}}, "anna-token", "", 400},
      {{{"verb", "destroy"}}, "anna-token", "k", 400},
      {{{"verb", 7}}, "anna-token", "k", 400},
      {json::array(), "anna-token", "k", 400},
      {{{"verb", "freeze"}, {"arguments", "x"}}, "anna-token", "k", 400},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(post(row.body, row.token, row.key)->status, row.status) << row.body;
  }
  EXPECT_TRUE(commands.taken.empty());
}

TEST_F(DashboardServerTest, AnAcceptedCommandIsAnOperation) {
  start(true);
  const auto answer =
      post({{"verb", "freeze"}, {"arguments", {{"reason", "lunch"}}}}, "anna-token", "key-7");
  ASSERT_EQ(answer->status, 202);
  EXPECT_EQ(answer->get_header_value("Location"), "/api/v1/operations/op-1");
  EXPECT_EQ(json::parse(answer->body)["status"], "accepted");
  ASSERT_EQ(commands.taken.size(), 1u);
  EXPECT_EQ(commands.taken[0].author, "anna");
  EXPECT_EQ(commands.taken[0].if_match, "6d1f0c9b");
  EXPECT_EQ(commands.taken[0].idempotency_key, "key-7");
  EXPECT_EQ(commands.taken[0].arguments["reason"], "lunch");
}

TEST_F(DashboardServerTest, ARefusalNamesWhatBlocks) {
  start(true);
  const auto answer = post({{"verb", "switch"}}, "root-token");
  EXPECT_EQ(answer->status, 409);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "application/problem+json");
  const json problem = json::parse(answer->body);
  EXPECT_EQ(problem["exit_code"], 3);
  EXPECT_EQ(problem["blocked_by"][0]["gate"], "propagation");
}

TEST_F(DashboardServerTest, ADomainHasOneNameHoweverItIsWritten) {
  start(true);
  for (const char* name : {"SHOP.example", "shop.example.", "Shop.Example."}) {
    const std::string path = std::string("/api/v1/switchovers/") + name;
    EXPECT_EQ(client->Get(path)->status, 200) << name;
    const httplib::Headers headers = {{"Authorization", "Bearer anna-token"},
                                      {"Idempotency-Key", name}};
    client->Post(path + "/commands", headers, R"({"verb": "freeze"})", "application/json");
    ASSERT_FALSE(commands.taken.empty());
    EXPECT_EQ(commands.taken.back().domain, "shop.example");
  }
}

TEST_F(DashboardServerTest, OnlyTheButtonAcknowledges) {
  start(false);
  const std::string path = "/ack/0123456789abcdef0123456789abcdef";
  EXPECT_THAT(client->Get(path)->body, HasSubstr("<button"));
  EXPECT_TRUE(acks.tokens.empty());
  EXPECT_THAT(client->Post(path, "", "application/x-www-form-urlencoded")->body,
              HasSubstr("acknowledged"));
  EXPECT_EQ(acks.tokens.size(), 1u);
}

TEST_F(DashboardServerTest, AStreamBeginsWithTheNewestAndFollows) {
  start(false);
  std::string received;
  bool published = false, refused = false;
  client->Get("/api/v1/events?domain=shop.example&brief", [&](const char* data, std::size_t size) {
    received.append(data, size);
    if (!published && received.find("\"propagating\"") != std::string::npos) {
      published = true;
      httplib::Client second("127.0.0.1", server->port());
      refused = second.Get("/api/v1/events")->status == 503;
      board.publish(fakes::shared(fakes::empty_snapshot(kNow)));
      board.publish(fakes::shared(fakes::ready_snapshot(kNow)));
    }
    return received.find("\"ready\"") == std::string::npos;
  });
  EXPECT_TRUE(refused) << "one stream more than the cap";
  EXPECT_THAT(received, HasSubstr("event: snapshot\ndata: {"));
  EXPECT_THAT(received, HasSubstr("\"ready\""));
  EXPECT_THAT(received, Not(HasSubstr("new.example")));
}

TEST_F(DashboardServerTest, StopEndsStreams) {
  start(false);
  std::thread reader([&] {
    client->Get("/api/v1/events", [&](const char*, std::size_t) {
      server->set_ready(false);
      return true;
    });
  });
  while (client->is_socket_open() == 0) std::this_thread::yield();
  server->stop();
  reader.join();
}

TEST(HostAllowed, TableOfHosts) {
  const struct {
    const char *address, *host;
    bool allowed;
  } rows[] = {
      {"127.0.0.1", "127.0.0.1:8053", true},
      {"127.0.0.1", "localhost", true},
      {"127.0.0.1", "LOCALHOST:1", true},
      {"::1", "[::1]:8053", true},
      {"127.0.0.1", "status.example", true},
      {"127.0.0.1", "evil.example", false},
      {"127.0.0.1", "", false},
      {"127.0.0.1", "127.0.0.1.evil.example", false},
      {"192.0.2.1", "status.example", true},
      {"192.0.2.1", "192.0.2.1", false},
  };
  for (const auto& row : rows) {
    const GuardOptions options{row.address, {"status.example"}, false};
    EXPECT_EQ(host_allowed(options, row.host), row.allowed) << row.address << " " << row.host;
  }
  EXPECT_TRUE(host_allowed({"192.0.2.1", {}, false}, "any.example"));
}

}  // namespace
}  // namespace mxswitch::dashboards
