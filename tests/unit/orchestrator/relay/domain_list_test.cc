#include "orchestrator/relay/domain_list.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_future.hpp>

#include "orchestrator/relay/native.h"
#include "tests/fakes/fake_http_client.h"

namespace mxswitch::orchestrator {
namespace {

const Time kNow(std::chrono::hours(500'000));

RelayDomain domain_of(const std::string& name, Mode mode = Mode::forward) {
  RelayDomain domain;
  domain.domain = name;
  domain.mode = mode;
  domain.hosted = "lmtp:unix:private/dovecot-lmtp";
  domain.generation = 1;
  domain.in_force = {"a", 1, kNow};
  return domain;
}

std::string page_of(const std::vector<RelayDomain>& domains) {
  auto page = nlohmann::json::array();
  for (const RelayDomain& domain : domains) page.push_back(to_json(domain));
  return page.dump();
}

// Lists that a node gives by pages, each question noted.
class Node {
 public:
  std::map<std::string, Result<std::string>> pages;  // by the name that they are after
  std::vector<std::string> asked;
  std::vector<std::shared_ptr<asio::steady_timer>> held;  // answers that wait
  bool holds = false;

  DomainList::ReadPage reader() {
    return [this](std::string after) { return read(std::move(after)); };
  }
  void let_go() {
    holds = false;
    for (const auto& timer : held) timer->cancel();
  }

 private:
  asio::awaitable<Result<std::string>> read(std::string after) {
    asked.push_back(after);
    if (holds) {
      held.push_back(std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor));
      held.back()->expires_at(asio::steady_timer::time_point::max());
      asio::error_code ignored;
      co_await held.back()->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return pages.at(after);
  }
};

class Lists : public testing::Test {
 protected:
  Result<RelayDomain> find(const std::string& domain, Time now = kNow) {
    auto future = asio::co_spawn(io, list.find(domain, now, node.reader()), asio::use_future);
    io.restart();
    io.run();
    return future.get();
  }

  asio::io_context io;
  Node node;
  DomainList list;
};

TEST_F(Lists, AreReadOnceForAllWhoLookInTheSameMoment) {
  node.pages.emplace("", page_of({domain_of("a.example"), domain_of("b.example", Mode::hosted)}));
  EXPECT_EQ(find("b.example")->mode, Mode::hosted);
  EXPECT_EQ(find("a.example", kNow + Duration(999))->domain, "a.example");
  EXPECT_EQ(node.asked.size(), 1u);
  EXPECT_EQ(find("c.example").error().fault, Fault::not_found);
  find("a.example", kNow + seconds(1));
  EXPECT_EQ(node.asked.size(), 2u);
}

TEST_F(Lists, ShowAChangeAtTheNextReading) {
  node.pages.emplace("", page_of({domain_of("a.example")}));
  EXPECT_EQ(find("a.example")->mode, Mode::forward);
  node.pages.insert_or_assign("", page_of({domain_of("a.example", Mode::hold)}));
  EXPECT_EQ(find("a.example", kNow + seconds(5))->mode, Mode::hold);
  node.pages.insert_or_assign("", page_of({}));
  EXPECT_EQ(find("a.example", kNow + seconds(10)).error().fault, Fault::not_found);
}

TEST_F(Lists, WhoComesMeanwhileWaitsForTheSameAnswer) {
  node.pages.emplace("", page_of({domain_of("a.example")}));
  node.holds = true;
  auto first = asio::co_spawn(io, list.find("a.example", kNow, node.reader()), asio::use_future);
  auto second = asio::co_spawn(io, list.find("a.example", kNow, node.reader()), asio::use_future);
  io.poll();
  node.let_go();
  io.run();
  EXPECT_TRUE(first.get().has_value());
  EXPECT_TRUE(second.get().has_value());
  EXPECT_EQ(node.asked.size(), 1u);
}

TEST_F(Lists, AFailureIsToldToAllAndEndsWithTheNextReading) {
  node.pages.emplace("", Failure(Error{Fault::unavailable, "connection refused", "node a", {}}));
  EXPECT_EQ(find("a.example").error().fault, Fault::unavailable);
  EXPECT_EQ(find("b.example").error().where, "node a");
  EXPECT_EQ(node.asked.size(), 1u);
  node.pages.insert_or_assign("", page_of({domain_of("a.example")}));
  EXPECT_TRUE(find("a.example", kNow + seconds(1)).has_value());
  node.pages.insert_or_assign("", std::string("[{}]"));
  EXPECT_EQ(find("a.example", kNow + seconds(2)).error().fault, Fault::malformed);
  node.pages.insert_or_assign("", std::string("{}"));
  EXPECT_EQ(find("a.example", kNow + seconds(3)).error().fault, Fault::malformed);
}

TEST_F(Lists, GoOnPageByPage) {
  std::vector<RelayDomain> first;
  for (int i = 0; i < DomainList::kPage; ++i) first.push_back(domain_of(fmt::format("a{:04}", i)));
  node.pages.emplace("", page_of(first));
  node.pages.emplace("a0999", page_of({domain_of("b.example")}));
  EXPECT_TRUE(find("b.example").has_value());
  EXPECT_TRUE(find("a0000").has_value());
  EXPECT_EQ(node.asked, (std::vector<std::string>{"", "a0999"}));
  first.pop_back();
  node.pages.insert_or_assign("", page_of(first));
  EXPECT_FALSE(find("b.example", kNow + seconds(1)).has_value()) << "there is no second page now";
}

TEST(DomainListPays, WhereManyPlansLookAndTheListIsNotMuchLonger) {
  DomainList list;
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(list.pays(kNow)) << i;
  EXPECT_TRUE(list.pays(kNow));
  EXPECT_TRUE(list.pays(kNow + seconds(5))) << "as many as looked before";
  EXPECT_FALSE(list.pays(kNow + seconds(10)));
}

class SharedLooks : public testing::Test {
 protected:
  SharedLooks() {
    options.name = "filter";
    options.nodes = {{"a", "http://127.0.0.1:8025", {"192.0.2.1"}}};
    options.token = "s3cret-token";
  }
  Result<RelayDomain> look(NativeRelay& relay, const std::string& domain, Time now) {
    auto future = asio::co_spawn(io, relay.look_at_domain("a", domain, now), asio::use_future);
    io.restart();
    io.run();
    return future.get();
  }
  // So many plans look that they share it.
  void many(NativeRelay& relay, Time now) {
    for (int i = 0; i < 8; ++i) look(relay, "a.example", now);
    client.requests.clear();
  }

  asio::io_context io;
  fakes::FakeHttpClient client;
  RelayOptions options;
};

TEST_F(SharedLooks, OfFewPlansAreQuestionsForTheirDomains) {
  NativeRelay relay(options, client);
  client.answer(200, to_json(domain_of("a.example")).dump(), {{"etag", "\"1\""}});
  EXPECT_TRUE(look(relay, "a.example", kNow).has_value());
  EXPECT_EQ(client.requests.at(0).url, "http://127.0.0.1:8025/v1/domains/a.example");
}

TEST_F(SharedLooks, OfManyPlansAreOneQuestion) {
  NativeRelay relay(options, client);
  many(relay, kNow);
  client.answer(200, page_of({domain_of("a.example"), domain_of("b.example")}));
  EXPECT_TRUE(look(relay, "a.example", kNow).has_value());
  EXPECT_TRUE(look(relay, "b.example", kNow).has_value());
  ASSERT_EQ(client.requests.size(), 1u);
  EXPECT_EQ(client.requests[0].url, "http://127.0.0.1:8025/v1/domains?limit=1000");
  EXPECT_EQ(client.requests[0].headers.at("Authorization"), "Bearer s3cret-token");
}

TEST_F(SharedLooks, TellWhoIsSilentRefusesOrIsAnother) {
  NativeRelay relay(options, client);
  many(relay, kNow);
  EXPECT_EQ(look(relay, "a.example", kNow).error().fault, Fault::unavailable);
  client.answer(401, "{}", {{"content-type", "application/problem+json"}});
  EXPECT_EQ(look(relay, "a.example", kNow + seconds(1)).error().fault, Fault::forbidden);
  RelayDomain other = domain_of("a.example");
  other.in_force.node = "b";
  client.answer(200, page_of({other}));
  EXPECT_EQ(look(relay, "a.example", kNow + seconds(2)).error().fault, Fault::malformed);
}

}  // namespace
}  // namespace mxswitch::orchestrator
