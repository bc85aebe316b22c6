// The control API over real HTTP with a store in memory or a file; Postfix's commands are shell
// scripts that play the queue manager.
#include "orchestrator/relay_agent/control_api.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/lookups.h"
#include "orchestrator/relay_agent/record_codec.h"
#include "probes/base/blocking_http.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

using nlohmann::json;

constexpr auto kOp = "3f0c2f5e-1111-4222-8333-444455556666";
constexpr auto kToken = "a-token-of-the-test";

class ControlApiTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "relay-agent-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    script("postqueue", "cat " + directory_ + "/queue.json 2>/dev/null; true");
    script("sendmail", "for last; do :; done; printf %s \"$last\" > " + directory_ + "/sent");
    start();
  }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(directory_);
  }

  void script(const std::string& name, const std::string& text) {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
    ::chmod(path.c_str(), 0700);
  }

  void start() {
    auto opened = monitor::open_database("sqlite:" + directory_ + "/agent.db", agent_migrations());
    ASSERT_TRUE(opened) << opened.error().text();
    database_ = std::move(*opened);
    registry_ = std::make_unique<Registry>(*database_, clock_);
    ASSERT_TRUE(registry_->load());
    probes_ = std::make_unique<ProbeBoard>("mx1");
    PostfixCommands commands;
    commands.config_directory = directory_;
    commands.postqueue = directory_ + "/postqueue";
    commands.sendmail = directory_ + "/sendmail";
    queue_ = std::make_unique<PostfixQueue>(commands);
    ControlOptions options;
    options.node = "mx1";
    options.version = "test";
    options.in_force_wait = std::chrono::milliseconds(1);
    ControlParts parts{*registry_,
                       *probes_,
                       addresses_,
                       *queue_,
                       clock_,
                       [](NextHop, std::string) {
                         return OldServerReply{250, "fine"};
                       },
                       [] {},
                       [] {
                         return std::vector<PeerHealth>{{"mx2", true}};
                       },
                       [] { return true; }};
    api_ = std::make_unique<ControlApi>(options, std::move(parts));
    HttpServerOptions http;
    http.tokens = {{"test", sha256_hex(kToken), {"read", "operate"}}};
    server_ = std::make_unique<HttpServer>(http);
    api_->add_routes(*server_);
    ASSERT_TRUE(server_->start());
  }
  void stop() {
    server_.reset();
    api_.reset();
    registry_.reset();
    database_.reset();
  }

  HttpResponse call(const std::string& method, const std::string& path, const json& body = {},
                    std::map<std::string, std::string> headers = {}) {
    HttpRequest request;
    request.method = method;
    request.url = "http://127.0.0.1:" + std::to_string(server_->port()) + path;
    request.headers = std::move(headers);
    request.headers["Authorization"] = std::string("Bearer ") + kToken;
    if (!body.is_null()) request.body = body.dump();
    const auto response = send_blocking(request);
    EXPECT_TRUE(response) << response.error().text();
    return response.value_or(HttpResponse{});
  }
  std::string key() { return "key-of-at-least-16-" + std::to_string(++keys_); }
  std::map<std::string, std::string> with_key() { return {{"Idempotency-Key", key()}}; }
  std::map<std::string, std::string> matching(const std::string& path) {
    auto headers = with_key();
    headers["If-Match"] = call("GET", path).headers["etag"];
    return headers;
  }

  json domain_body() {
    return {{"forward", "smtp:[192.0.2.7]:25"},
            {"hosted", "lmtp:inet:192.0.2.9:24"},
            {"op_id", kOp},
            {"reason", "test"}};
  }
  HttpResponse create(const json& body) {
    auto headers = with_key();
    headers["If-None-Match"] = "*";
    return call("PUT", kShop, body, headers);
  }
  void create_with_roster() {
    ASSERT_EQ(create(domain_body()).status, 201);
    const json roster{{"accounts", {{{"name", "joe"}}, {{"name", "mary"}}}},
                      {"aliases", {{{"name", "info"}, {"targets", {"mary"}}}}}};
    const auto put = call("PUT", kShop + "/roster", roster, matching(kShop + "/roster"));
    ASSERT_EQ(put.status, 200) << put.body;
    digest_ = json::parse(put.body)["digest"];
  }
  json route(const std::string& mode) {
    json body{{"mode", mode}, {"op_id", kOp}, {"reason", "test"}};
    if (!digest_.empty()) body["roster_digest"] = digest_;
    return body;
  }
  std::string mode() { return json::parse(call("GET", kShop).body)["mode"]; }

  const std::string kShop = "/v1/domains/shop.example";
  std::string directory_, digest_;
  int keys_ = 0;
  ManualClock clock_{Time(std::chrono::hours(500000))};
  AddressBook addresses_{{"192.0.2.1"}};
  std::unique_ptr<monitor::Database> database_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<ProbeBoard> probes_;
  std::unique_ptr<PostfixQueue> queue_;
  std::unique_ptr<ControlApi> api_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(ControlApiTest, CreatesADomainOnce) {
  EXPECT_EQ(create(domain_body()).status, 201);
  EXPECT_EQ(create(domain_body()).status, 412);
  EXPECT_EQ(call("PUT", kShop, domain_body(), with_key()).status, 428);
  EXPECT_EQ(call("GET", "/v1/domains/other.example").status, 404);
  const auto page = json::parse(call("GET", "/v1/domains?limit=10").body);
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0]["domain"], "shop.example");
  EXPECT_EQ(json::parse(call("GET", "/v1/health").body)["node"], "mx1");
}

TEST_F(ControlApiTest, RefusesNextHopsThatLeadBack) {
  for (const auto& hop : {"smtp:mail.shop.example:25", "smtp:[192.0.2.1]:25", "pipe:x"}) {
    auto body = domain_body();
    body["forward"] = hop;
    EXPECT_EQ(create(body).status, 422) << hop;
  }
  auto none = domain_body();
  none["forward"] = nullptr;
  EXPECT_EQ(create(none).status, 422);
  none["mode"] = "hold";
  EXPECT_EQ(create(none).status, 201);
}

TEST_F(ControlApiTest, NeedsTokenKeyAndPreconditions) {
  create_with_roster();
  HttpRequest bare;
  bare.url = "http://127.0.0.1:" + std::to_string(server_->port()) + kShop;
  EXPECT_EQ(send_blocking(bare)->status, 401);
  EXPECT_EQ(call("PUT", kShop + "/route", route("hosted")).status, 400);
  EXPECT_EQ(call("PUT", kShop + "/route", route("hosted"), with_key()).status, 428);
  auto stale = with_key();
  stale["If-Match"] = "\"g0-v0-\"";
  EXPECT_EQ(call("PUT", kShop + "/route", route("hosted"), stale).status, 412);
  EXPECT_EQ(call("PUT", kShop + "/route", {{"mode", "sideways"}}, matching(kShop)).status, 400);
  EXPECT_EQ(mode(), "forward");
}

TEST_F(ControlApiTest, SwitchesAndCountsGenerations) {
  create_with_roster();
  const auto before = json::parse(call("GET", kShop).body);
  const auto put = call("PUT", kShop + "/route", route("hosted"), matching(kShop));
  EXPECT_EQ(put.status, 202) << put.body;  // nobody asked for the new route
  const auto after = json::parse(call("GET", kShop).body);
  EXPECT_EQ(after["mode"], "hosted");
  EXPECT_EQ(after["generation"], before["generation"].get<int>() + 1);
  EXPECT_TRUE(after["in_force"]["route_seen_at"].is_null());
}

TEST_F(ControlApiTest, IsInForceOnceTheQueueManagerAsked) {
  create_with_roster();
  Lookups lookups(*registry_, *probes_, clock_, {"reinject:x", "p@p.example"},
                  SenderRewriting("", ""), "smtp:[x]:25");
  ASSERT_EQ(call("PUT", kShop + "/route", route("hosted"), matching(kShop)).status, 202);
  std::string canary;
  std::getline(std::ifstream(directory_ + "/sent"), canary);
  ASSERT_NE(canary.find("@shop.example"), canary.npos);
  EXPECT_EQ(lookups.answer({"transport", canary}).value, "discard:probe");
  const auto seen = json::parse(call("GET", kShop).body);
  EXPECT_FALSE(seen["in_force"]["route_seen_at"].is_null());
  // An ordinary address proves nothing: smtpd asks, too.
  ASSERT_EQ(call("PUT", kShop + "/route", route("forward"), matching(kShop)).status, 202);
  lookups.answer({"transport", "joe@shop.example"});
  EXPECT_TRUE(registry_->state()->find("shop.example")->record.open);
}

TEST_F(ControlApiTest, HostedNeedsTheRosterInForceAndForwardDoesNot) {
  ASSERT_EQ(create(domain_body()).status, 201);
  auto body = route("hosted");
  body["roster_digest"] = json::parse(call("GET", kShop).body)["roster_digest"];
  EXPECT_EQ(call("PUT", kShop + "/route", body, matching(kShop)).status, 409);
  body["roster_digest"] = "another";
  EXPECT_EQ(call("PUT", kShop + "/route", body, matching(kShop)).status, 412);
  body["mode"] = "forward";
  EXPECT_EQ(call("PUT", kShop + "/route", body, matching(kShop)).status, 202);
}

TEST_F(ControlApiTest, ADryRunJudgesAndChangesNothing) {
  create_with_roster();
  auto headers = matching(kShop);
  const auto path = kShop + "/route?dry_run=true";
  const auto dry = call("PUT", path, route("hosted"), headers);
  EXPECT_EQ(dry.status, 200);
  EXPECT_EQ(dry.headers.at("dry-run"), "true");
  EXPECT_EQ(mode(), "forward");
  EXPECT_EQ(
      call("PUT", path, {{"mode", "hosted"}, {"op_id", kOp}, {"reason", "x"}}, headers).status,
      412);
  // The key was not taken.
  EXPECT_EQ(call("PUT", kShop + "/route", route("hosted"), headers).status, 202);
}

TEST_F(ControlApiTest, ReplaysTheFirstAnswerAlsoAfterARestart) {
  create_with_roster();
  const auto headers = matching(kShop);
  const auto first = call("PUT", kShop + "/route", route("hosted"), headers);
  stop();
  start();
  const auto again = call("PUT", kShop + "/route", route("hosted"), headers);
  EXPECT_EQ(again.status, first.status);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
  EXPECT_EQ(json::parse(call("GET", kShop).body)["generation"],
            json::parse(first.body)["generation"]);
  EXPECT_EQ(call("PUT", kShop + "/route", route("forward"), headers).status, 422);
  EXPECT_EQ(mode(), "hosted");
}

TEST_F(ControlApiTest, LoadsARosterWholeOrNotAtAll) {
  create_with_roster();
  const json bad{{"accounts", {{{"name", "ann"}}}},
                 {"aliases", {{{"name", "info"}, {"targets", {"nobody"}}}}}};
  EXPECT_EQ(call("PUT", kShop + "/roster", bad, matching(kShop + "/roster")).status, 422);
  const auto roster = json::parse(call("GET", kShop + "/roster").body);
  EXPECT_EQ(roster["accounts"].size(), 2U);
  EXPECT_EQ(roster["digest"], digest_);
  EXPECT_EQ(roster.dump().find("hash"), std::string::npos);
}

TEST_F(ControlApiTest, KeepsPasswordsUnlessToldOtherwise) {
  create_with_roster();
  const auto hash = [this] {
    return registry_->state()->find("shop.example")->record.credentials.at("ann").hash;
  };
  const auto account = kShop + "/accounts/Ann";
  EXPECT_EQ(call("PUT", account, {{"password_hash", "{SHA512-CRYPT}$6$a$b"}}, with_key()).status,
            200);
  EXPECT_EQ(call("PUT", account, {{"password_hash", "{SHA512-CRYPT}$6$c$d"}}, with_key()).status,
            200);
  EXPECT_EQ(hash(), "{SHA512-CRYPT}$6$a$b");
  EXPECT_EQ(call("PUT", account,
                 {{"password_hash", "{SHA512-CRYPT}$6$c$d"}, {"reset_password", true}}, with_key())
                .status,
            200);
  EXPECT_EQ(hash(), "{SHA512-CRYPT}$6$c$d");
  EXPECT_EQ(
      call("PUT", account, {{"password_hash", "{PLAIN}x"}, {"reset_password", true}}, with_key())
          .status,
      422);
  EXPECT_EQ(call("DELETE", account, {}, with_key()).status, 204);
  EXPECT_EQ(call("DELETE", account, {}, with_key()).status, 404);
  EXPECT_EQ(call("DELETE", kShop + "/accounts/mary", {}, with_key()).status, 409);  // info: mary
}

TEST_F(ControlApiTest, ChangesOneAlias) {
  create_with_roster();
  const auto alias = kShop + "/aliases/sales";
  EXPECT_EQ(call("PUT", alias, {{"targets", {"joe", "mary"}}}, with_key()).status, 200);
  EXPECT_EQ(call("PUT", alias, {{"targets", {"sales"}}}, with_key()).status, 422);
  EXPECT_EQ(json::parse(call("GET", kShop + "/roster").body)["aliases"].size(), 2U);
  EXPECT_EQ(call("DELETE", alias, {}, with_key()).status, 204);
}

TEST_F(ControlApiTest, KeepsTheNextHopInUseDuringAnOperation) {
  create_with_roster();
  ASSERT_EQ(call("PUT", kShop + "/route", route("split"), matching(kShop)).status, 202);
  auto body = domain_body();
  body["hosted"] = "lmtp:inet:192.0.2.10:24";
  EXPECT_EQ(call("PUT", kShop, body, matching(kShop)).status, 409);
}

TEST_F(ControlApiTest, DeletesOnlyWhatIsQuiet) {
  create_with_roster();
  EXPECT_EQ(call("DELETE", kShop, {}, matching(kShop)).status, 409);  // not on hold
  ASSERT_EQ(call("PUT", kShop + "/route", route("hold"), matching(kShop)).status, 202);
  std::ofstream(directory_ + "/queue.json")
      << R"({"queue_id":"A1","arrival_time":1,"recipients":[{"address":"joe@shop.example"}]})"
      << "\n";
  EXPECT_EQ(call("DELETE", kShop, {}, matching(kShop)).status, 409);
  EXPECT_EQ(json::parse(call("GET", kShop + "/queue").body)["messages"], 1);
  std::ofstream(directory_ + "/queue.json") << "";
  EXPECT_EQ(call("DELETE", kShop, {}, matching(kShop)).status, 204);
  EXPECT_EQ(call("GET", kShop).status, 404);
}

TEST_F(ControlApiTest, SaysNothingOfADomainOfWhichAPeerHasLater) {
  create_with_roster();
  const auto doubt = [this](DoubtKind kind) {
    registry_->judge_doubts([kind](RelayState& state) {
      state.doubts = {{"shop.example", {kind, "older than at mx2", "mx2", {}}}};
    });
  };
  auto headers = matching(kShop);
  doubt(DoubtKind::behind);
  for (const auto& response :
       {call("GET", kShop), call("GET", kShop + "/roster"), call("GET", kShop + "/copy"),
        call("PUT", kShop + "/route", route("hold"), headers)}) {
    EXPECT_EQ(response.status, 503);
    EXPECT_NE(response.body.find("older than at mx2"), std::string::npos) << response.body;
  }
  EXPECT_EQ(call("GET", "/v1/domains/other.example").status, 404);
  doubt(DoubtKind::differs);  // a write decides
  EXPECT_EQ(call("PUT", kShop + "/route", route("hold"), headers).status, 202);
  EXPECT_FALSE(registry_->state()->in_doubt(clock_.now()));
}

TEST_F(ControlApiTest, GivesItsPeersAWholeCopy) {
  create_with_roster();
  const auto copy = call("GET", kShop + "/copy");
  EXPECT_EQ(copy.status, 200);
  const auto record = parse_record(copy.body);
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_EQ(record->row.roster_digest, digest_);
  EXPECT_EQ(record->roster.digest, digest_);
}

TEST_F(ControlApiTest, ANewRosterIsANewerDomain) {
  ASSERT_EQ(create(domain_body()).status, 201);
  const auto updated_at = [this] { return json::parse(call("GET", kShop).body)["updated_at"]; };
  const auto before = updated_at();
  clock_.advance(std::chrono::seconds(1));
  auto headers = with_key();
  ASSERT_EQ(call("PUT", kShop + "/accounts/joe", json::object(), headers).status, 200);
  EXPECT_NE(updated_at(), before);
}

TEST_F(ControlApiTest, MakesProbes) {
  create_with_roster();
  const auto made = call("POST", kShop + "/probes", {{"kind", "inbound"}});
  ASSERT_EQ(made.status, 201);
  const auto probe = json::parse(made.body);
  EXPECT_EQ(probe["result"], "waiting");
  const auto forward = json::parse(call("POST", kShop + "/probes", {{"kind", "forward"}}).body);
  EXPECT_EQ(forward["result"], "accepted");
  EXPECT_EQ(forward["reply"], "250 fine");
  clock_.advance(std::chrono::minutes(11));
  const auto later = call("GET", kShop + "/probes/" + probe["id"].get<std::string>());
  EXPECT_EQ(json::parse(later.body)["result"], "expired");
}

TEST_F(ControlApiTest, CountsFlowAndLimitsFlushes) {
  create_with_roster();
  const auto flow = call("GET", kShop + "/flow?since=2020-01-01T00:00:00Z");
  EXPECT_EQ(flow.status, 200) << flow.body;
  EXPECT_EQ(json::parse(flow.body)["accepted"], 0);
  EXPECT_EQ(call("GET", kShop + "/flow").status, 400);
  EXPECT_EQ(call("POST", kShop + "/queue/flush").status, 202);
  EXPECT_EQ(call("POST", kShop + "/queue/flush").status, 503);
}

}  // namespace
}  // namespace mxswitch::orchestrator
