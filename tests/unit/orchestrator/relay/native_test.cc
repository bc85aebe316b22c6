#include "orchestrator/relay/native.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include "probes/base/time_text.h"
#include "tests/fakes/fake_http_client.h"

namespace mxswitch::orchestrator {
namespace {

using testing::HasSubstr;

constexpr const char* kUuid = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";
constexpr const char* kKey = "key-0123456789abcdef";

RelayOptions two_nodes() {
  RelayOptions options;
  options.name = "filter";
  options.driver = "native";
  options.nodes = {{"a", "http://127.0.0.1:8025", {"192.0.2.1"}},
                   {"b", "http://127.0.0.2:8025/", {"192.0.2.2"}}};
  options.token = "s3cret-token";
  return options;
}

RelayDomain domain_on(Mode mode, const std::string& node = "a") {
  RelayDomain domain;
  domain.domain = "shop.example";
  domain.mode = mode;
  domain.forward = "smtp:[192.0.2.25]:25";
  domain.hosted = "lmtp:unix:private/dovecot-lmtp";
  domain.generation = 3;
  domain.op_id = kUuid;
  domain.in_force.node = node;
  return domain;
}

RouteWrite write_of(Mode mode) {
  RouteWrite write;
  write.mode = mode;
  write.roster_digest = "digest";
  write.op_id = kUuid;
  write.reason = "switch";
  return write;
}

HttpResponse answer(int status, std::string body, std::map<std::string, std::string> headers) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

HttpResponse problem_answer(int status, const std::string& title, const std::string& detail = {}) {
  const nlohmann::json body = {
      {"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}};
  return answer(status, body.dump(), {{"content-type", "application/problem+json"}});
}

HttpResponse domain_answer(int status, const RelayDomain& domain) {
  return answer(status, encode(to_json(domain)), {{"etag", "\"3\""}});
}

class Native : public testing::Test {
 protected:
  // Runs a call of the driver to its end.
  template <class T>
  T run(asio::awaitable<T> call) {
    asio::io_context loop;
    auto result = asio::co_spawn(loop, std::move(call), asio::use_future);
    loop.run();
    return result.get();
  }

  WriteResult write_route(Mode mode, Result<HttpResponse> response, bool dry_run = false) {
    client_.answer(std::move(response));
    return run(
        relay_->write_route("a", "shop.example", write_of(mode), "\"2\"", kKey, dry_run, {}));
  }

  fakes::FakeHttpClient client_;
  std::unique_ptr<RelayControl> relay_ = *make_relay_control(two_nodes(), client_);
};

TEST_F(Native, ReadsADomainWithItsETag) {
  client_.answer(domain_answer(200, domain_on(Mode::forward, "b")));
  const auto read = run(relay_->read_domain("b", "shop.example"));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->etag, "\"3\"");
  EXPECT_EQ(read->value.generation, 3);
  const auto& request = client_.requests.at(0);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "http://127.0.0.2:8025/v1/domains/shop.example");
  EXPECT_EQ(request.headers.at("Authorization"), "Bearer s3cret-token");
}

TEST_F(Native, WritesARouteConditionallyAndOnce) {
  const auto result = write_route(Mode::hosted, domain_answer(200, domain_on(Mode::hosted)));
  EXPECT_EQ(result.outcome, WriteOutcome::in_force);
  EXPECT_EQ(result.domain->mode, Mode::hosted);
  const auto& request = client_.requests.at(0);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.url, "http://127.0.0.1:8025/v1/domains/shop.example/route");
  EXPECT_EQ(request.headers.at("If-Match"), "\"2\"");
  EXPECT_EQ(request.headers.at("Idempotency-Key"), kKey);
  EXPECT_EQ(parse<RouteWrite>(request.body)->roster_digest, "digest");
}

TEST_F(Native, CreatesADomainWhereNoneIs) {
  client_.answer(domain_answer(201, domain_on(Mode::forward)));
  const DomainWrite write{"smtp:[192.0.2.25]:25", "lmtp:unix:x", std::nullopt, kUuid, "new"};
  EXPECT_TRUE(run(relay_->write_domain("a", "shop.example", write, "", kKey, {})));
  EXPECT_EQ(client_.requests.at(0).headers.at("If-None-Match"), "*");
  EXPECT_EQ(client_.requests.at(0).headers.count("If-Match"), 0u);
}

// What came back from a write of `hosted`, and what may be believed after it.
struct Case {
  const char* name;
  Result<HttpResponse> response;
  WriteOutcome outcome;
  const char* text;  // within the error
};

TEST_F(Native, BelievesOnlyWhatAnAnswerSays) {
  auto garbage = answer(200, "<html>It works!</html>", {});
  auto other_op = domain_on(Mode::hosted);
  other_op.op_id = "00000000-0000-4000-8000-000000000000";
  auto other_domain = domain_on(Mode::hosted);
  other_domain.domain = "other.example";
  const Case cases[] = {
      {"durable", domain_answer(202, domain_on(Mode::hosted)), WriteOutcome::durable, ""},
      {"lost acknowledgement", fail(Fault::timed_out, "no answer in 5 s"), WriteOutcome::unknown,
       "node a (http://127.0.0.1:8025): no answer in 5 s"},
      {"no connection", fail(Fault::unavailable, "connection refused"), WriteOutcome::unreachable,
       "node a (http://127.0.0.1:8025): connection refused"},
      {"answer too long", fail(Fault::malformed, "the answer is longer than 4 MiB"),
       WriteOutcome::unknown, "longer than 4 MiB"},
      {"stale", problem_answer(412, "Precondition failed", "the ETag is \"3\""),
       WriteOutcome::refused, "a: Precondition failed: the ETag is \"3\"; read it again"},
      {"not acceptable", problem_answer(422, "Not acceptable", "host without brackets"),
       WriteOutcome::refused, "a: Not acceptable: host without brackets"},
      {"forbidden", problem_answer(403, "Forbidden"), WriteOutcome::refused, "token_file"},
      {"not now", problem_answer(503, "Not now", "starting"), WriteOutcome::refused, "Not now"},
      {"503 of a proxy", answer(503, "busy", {}), WriteOutcome::unknown, "answered 503"},
      {"404 of a proxy", answer(404, "not here", {}), WriteOutcome::unknown, "answered 404"},
      {"500", problem_answer(500, "Internal error"), WriteOutcome::unknown, "Internal error"},
      {"redirect", answer(302, "", {{"location", "http://x"}}), WriteOutcome::unknown, "302"},
      {"garbage", garbage, WriteOutcome::unknown, "the body is not valid JSON"},
      {"empty", answer(200, "", {}), WriteOutcome::unknown, "the body is not valid JSON"},
      {"a lying answer", domain_answer(200, domain_on(Mode::forward)), WriteOutcome::unknown,
       "shows mode forward where hosted was written"},
      {"another writer's", domain_answer(200, other_op), WriteOutcome::unknown,
       "the node's answer"},
      {"another domain", domain_answer(200, other_domain), WriteOutcome::unknown,
       "is about other.example"},
      {"another node", domain_answer(200, domain_on(Mode::hosted, "b")), WriteOutcome::unknown,
       "comes from node b"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto result = write_route(Mode::hosted, c.response);
    EXPECT_EQ(static_cast<int>(result.outcome), static_cast<int>(c.outcome));
    EXPECT_EQ(result.domain.has_value(), *c.text == '\0');
    EXPECT_THAT(result.error ? result.error->text() : "", HasSubstr(c.text));
    EXPECT_THAT(result.error ? result.error->text() : "", Not(HasSubstr("s3cret")));
  }
}

TEST_F(Native, LeavesUndoneWhatIsWantedNoMore) {
  const StillWanted no = [] { return false; };
  const auto route = run(
      relay_->write_route("a", "shop.example", write_of(Mode::hosted), "\"2\"", kKey, false, no));
  EXPECT_EQ(route.outcome, WriteOutcome::withdrawn);
  const DomainWrite write{"smtp:[192.0.2.25]:25", "lmtp:unix:x", std::nullopt, kUuid, "new"};
  EXPECT_EQ(run(relay_->write_domain("a", "shop.example", write, "", kKey, no)).error().fault,
            Fault::stale);
  EXPECT_TRUE(client_.requests.empty());
}

TEST_F(Native, DemandsThatADryRunSaysSo) {
  auto dry = domain_answer(200, domain_on(Mode::forward));
  dry.headers["dry-run"] = "true";
  EXPECT_EQ(write_route(Mode::hosted, dry, true).outcome, WriteOutcome::in_force);
  EXPECT_THAT(client_.requests.at(0).url, HasSubstr("/route?dry_run=true"));
  const auto wet = write_route(Mode::hosted, domain_answer(200, domain_on(Mode::hosted)), true);
  EXPECT_EQ(wet.outcome, WriteOutcome::unknown);
}

TEST_F(Native, RefusesReadsThatProveNothing) {
  client_.answer(200, encode(to_json(domain_on(Mode::forward))));
  EXPECT_THAT(run(relay_->read_domain("a", "shop.example")).error().text(), HasSubstr("no ETag"));
  client_.answer(domain_answer(200, domain_on(Mode::forward, "b")));
  EXPECT_THAT(run(relay_->read_domain("a", "shop.example")).error().text(),
              HasSubstr("comes from node b"));
  client_.answer(problem_answer(404, "Unknown", "no domain shop.example"));
  EXPECT_EQ(run(relay_->read_domain("a", "shop.example")).error().fault, Fault::not_found);
  EXPECT_EQ(run(relay_->read_domain("a", "shop.example")).error().fault, Fault::unavailable);
  EXPECT_EQ(run(relay_->read_domain("c", "shop.example")).error().text(),
            "relay filter has no node \"c\"");
}

TEST_F(Native, CleansTextFromTheNode) {
  client_.answer(problem_answer(409, "Conflict\x1b[31m", std::string(5000, 'x')));
  const auto error = run(relay_->read_domain("a", "shop.example")).error();
  EXPECT_EQ(error.fault, Fault::conflict);
  EXPECT_THAT(error.what, testing::StartsWith("Conflict [31m: xxx"));
  EXPECT_LT(error.what.size(), 600u);
}

TEST_F(Native, ReadsAllPagesOfTheFlow) {
  Flow flow;
  flow.node = "a";
  flow.accepted = 2;
  flow.truncated = true;
  flow.recipients = {{"a+b@shop.example", 1, 0, 0, Time{}, true}};
  client_.answer(200, encode(to_json(flow)));
  flow.accepted = 3;
  flow.truncated = false;
  flow.recipients[0].address = "b@shop.example";
  client_.answer(200, encode(to_json(flow)));
  const auto read =
      run(relay_->read_flow("a", "shop.example", *parse_time("2026-11-22T14:00:00Z")));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->accepted, 3);
  EXPECT_FALSE(read->truncated);
  ASSERT_EQ(read->recipients.size(), 2u);
  EXPECT_EQ(read->recipients[0].address, "a+b@shop.example");
  EXPECT_EQ(client_.requests.at(0).url,
            "http://127.0.0.1:8025/v1/domains/shop.example/flow"
            "?since=2026-11-22T14%3A00%3A00.000Z&limit=5000");
  EXPECT_THAT(client_.requests.at(1).url, HasSubstr("&after=a%2Bb%40shop.example"));
}

TEST_F(Native, EndsAFlowThatNeverEnds) {
  Flow flow;
  flow.node = "a";
  flow.truncated = true;
  flow.recipients = {{"a@shop.example", 1, 0, 0, Time{}, true}};
  for (int i = 0; i < 3; ++i) client_.answer(200, encode(to_json(flow)));
  EXPECT_TRUE(run(relay_->read_flow("a", "shop.example", Time{}))->truncated);
  EXPECT_EQ(client_.requests.size(), 2u);
}

TEST_F(Native, MakesAndReadsProbesAndQueues) {
  Probe probe;
  probe.id = kUuid;
  probe.address = "mxswitch-probe-x@shop.example";
  client_.answer(201, encode(to_json(probe)));
  const ProbeWrite write{ProbeKind::forward, "joe@shop.example"};
  const auto made = run(relay_->make_probe("a", "shop.example", write));
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(client_.requests.at(0).method, "POST");
  client_.answer(200, encode(to_json(probe)));
  ASSERT_TRUE(run(relay_->read_probe("a", "shop.example", made->id)));
  EXPECT_THAT(client_.requests.at(1).url, testing::EndsWith(std::string("/probes/") + kUuid));
  client_.answer(200, encode(to_json(Queue{"a", 4, std::nullopt, 1})));
  EXPECT_EQ(run(relay_->read_queue("a", "shop.example"))->accepted_before_route, 1);
}

TEST_F(Native, WritesARosterWithItsConditions) {
  Roster roster;
  roster.accounts = {{"joe", false}};
  client_.answer(200, encode(to_json(roster)), {{"etag", "\"9\""}});
  RosterWrite write;
  write.accounts.emplace_back().name = "joe";
  const auto written = run(relay_->write_roster("a", "shop.example", write, "\"8\"", kKey));
  ASSERT_TRUE(written) << written.error().text();
  EXPECT_EQ(written->etag, "\"9\"");
  EXPECT_EQ(client_.requests.at(0).headers.at("If-Match"), "\"8\"");
}

TEST(Drivers, AreKnownByName) {
  fakes::FakeHttpClient client;
  const auto text_of = [&](RelayOptions options) {
    const auto relay = make_relay_control(std::move(options), client);
    return relay ? std::string() : relay.error().text();
  };
  auto options = two_nodes();
  EXPECT_EQ(text_of(options), "");
  options.driver = "mailcow";
  EXPECT_EQ(text_of(options), "relay filter: driver mailcow is not built yet; use native or none");
  options.driver = "postfixadmin";
  EXPECT_EQ(text_of(options),
            "relay filter: there is no driver \"postfixadmin\"; use native or none");
  options = two_nodes();
  options.token.clear();
  EXPECT_THAT(text_of(options), HasSubstr("it has no token"));
  options = two_nodes();
  options.nodes[1].api = "http://127.0.0.1:8025";
  EXPECT_THAT(text_of(options), HasSubstr("is listed twice"));
  options.nodes[1].api = "127.0.0.1:8025";
  EXPECT_THAT(text_of(options), HasSubstr("the api of node \"b\" is no URL"));
  options.nodes.clear();
  EXPECT_THAT(text_of(options), HasSubstr("it has no nodes"));
}

TEST(Drivers, NoneOnlyWatches) {
  fakes::FakeHttpClient client;
  RelayOptions options;
  options.name = "filter";
  options.driver = "none";
  const auto relay = make_relay_control(options, client);
  ASSERT_TRUE(relay);
  EXPECT_TRUE((*relay)->nodes().empty());
  asio::io_context loop;
  auto result = asio::co_spawn(
      loop, (*relay)->write_route("a", "shop.example", RouteWrite{}, "", "", false, {}),
      asio::use_future);
  loop.run();
  EXPECT_EQ(result.get().outcome, WriteOutcome::refused);
  EXPECT_TRUE(client.requests.empty());
}

}  // namespace
}  // namespace mxswitch::orchestrator
