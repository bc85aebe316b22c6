#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/address_book.h"
#include "orchestrator/relay_agent/old_verdicts.h"
#include "orchestrator/relay_agent/peers.h"
#include "orchestrator/relay_agent/policy_service.h"

namespace mxswitch::orchestrator {
namespace {

const Time kNow{std::chrono::hours(500000)};

DomainRecord shop(Mode mode = Mode::forward) {
  DomainRecord record;
  record.row.domain = "shop.example";
  record.row.mode = mode;
  record.row.forward = "smtp:[192.0.2.7]:25";
  record.row.hosted = "lmtp:inet:192.0.2.9:24";
  record.roster.accounts = {{"joe", false}, {"newbie", true}};
  record.roster.aliases = {{"info", {"joe"}}};
  record.credentials["joe"] = {"{SHA512-CRYPT}$6$joe", false, {}};
  record.credentials["newbie"] = {"{SHA512-CRYPT}$6$new", true, kNow + std::chrono::hours(1)};
  return record;
}

RelayState state_of(const std::vector<DomainRecord>& records) {
  RelayState state;
  for (const auto& record : records) {
    state.domains[record.row.domain] = *make_domain_state(record);
  }
  return state;
}

TEST(OldVerdicts, AreForgottenWithTheGenerationAndInTime) {
  OldVerdicts verdicts;
  verdicts.enter("shop.example", 1);
  verdicts.note("shop.example", "a@shop.example", true, "550 no", kNow);
  verdicts.note("shop.example", "b@shop.example", false, "", kNow);
  verdicts.note_catch_all("shop.example", true, kNow);
  EXPECT_TRUE(verdicts.find("shop.example", "a@shop.example", kNow)->refused);
  EXPECT_EQ(verdicts.is_catch_all("shop.example", kNow), true);
  const Time later = kNow + std::chrono::minutes(6);
  EXPECT_FALSE(verdicts.find("shop.example", "a@shop.example", later));
  EXPECT_TRUE(verdicts.find("shop.example", "b@shop.example", later));
  verdicts.enter("shop.example", 2);
  EXPECT_FALSE(verdicts.find("shop.example", "b@shop.example", later));
  EXPECT_FALSE(verdicts.is_catch_all("shop.example", later));
}

TEST(Peers, TellWhenThisNodeMissedAWrite) {
  auto record = shop();
  record.row.generation = 4;
  record.row.op_id = "one";
  record.row.updated_at = kNow;
  const auto own = state_of({record});
  RelayDomain peer = record.row;
  EXPECT_TRUE(compare_with_peers(own, {peer}, false).empty());
  peer.generation = 5;  // the same route, counted and written otherwise
  peer.op_id = "two";
  peer.updated_at = kNow + std::chrono::seconds(1);
  EXPECT_TRUE(compare_with_peers(own, {peer}, false).empty());
  peer.mode = Mode::hosted;
  EXPECT_EQ(compare_with_peers(own, {peer}, false).size(), 1U);
  peer.updated_at = kNow;
  EXPECT_EQ(compare_with_peers(own, {peer}, false).size(), 1U);
  peer.generation = 3;
  EXPECT_TRUE(compare_with_peers(own, {peer}, false).empty());
  EXPECT_TRUE(compare_with_peers(own, {}, true).empty());
  record.open = true;
  EXPECT_EQ(compare_with_peers(state_of({record}), {}, true).size(), 1U);
  EXPECT_TRUE(compare_with_peers(state_of({record}), {record.row}, false).empty());
}

TEST(AddressBook, SeesLoops) {
  AddressBook book({"192.0.2.1", "2001:db8:0::1"});
  EXPECT_TRUE(book.check(*parse_next_hop("smtp:[192.0.2.7]:25")));
  EXPECT_TRUE(book.check(*parse_next_hop("lmtp:unix:private/lmtp")));
  EXPECT_EQ(book.check(*parse_next_hop("smtp:[2001:db8::1]:25")).error().fault, Fault::conflict);
  auto record = shop();
  record.row.forward = "smtp:[192.0.2.1]:25";
  EXPECT_EQ(find_loops(book, state_of({record, shop()})).size(), 0U);  // the later one is fine
  EXPECT_EQ(find_loops(book, state_of({record})).count("shop.example"), 1U);
}

// The policy service on a loop of its own, with an old server that is a table.
class PolicyTest : public testing::Test {
 protected:
  void SetUp() override { save(shop()); }
  void save(const DomainRecord& record) { ASSERT_TRUE(registry_.save(record, true, {})); }

  std::string ask(const std::string& recipient, const std::string& state = "RCPT") {
    PolicyRequest request;
    request.state = state;
    request.instance = "i1";
    request.recipient = recipient;
    std::string reply;
    asio::io_context loop;
    asio::co_spawn(loop, policy_.answer(request),
                   [&](std::exception_ptr, std::string text) { reply = std::move(text); });
    loop.run();
    return reply.substr(7, reply.size() - 9);
  }

  ManualClock clock_{kNow};
  std::unique_ptr<monitor::Database> database_ =
      std::move(*monitor::open_database("sqlite::memory:", agent_migrations()));
  Registry registry_{*database_, clock_};
  ProbeBoard probes_{"mx1"};
  FlowCollector flow_;
  std::map<std::string, int> codes_;
  int fallback_ = 550;
  std::vector<std::string> asked_;
  PolicyService policy_{
      registry_, probes_, flow_, clock_,
      [this](NextHop,
             std::vector<std::string> names) -> asio::awaitable<std::vector<OldServerReply>> {
        std::vector<OldServerReply> replies;
        for (const auto& name : names) {
          asked_.push_back(name);
          replies.push_back({codes_.contains(name) ? codes_[name] : fallback_, "said"});
        }
        co_return replies;
      }};
};

TEST_F(PolicyTest, RefusesOnlyWhatTheOldServerRefuses) {
  codes_["joe@shop.example"] = 250;
  codes_["grey@shop.example"] = 451;
  codes_["dead@shop.example"] = 0;
  EXPECT_EQ(ask("joe@shop.example"), "DUNNO");
  EXPECT_EQ(ask("grey@shop.example"), "DUNNO");
  EXPECT_EQ(ask("dead@shop.example"), "DUNNO");
  EXPECT_TRUE(ask("Nobody@shop.example").starts_with("550 5.1.1 <nobody@shop.example>"));
  EXPECT_EQ(ask("postmaster@shop.example"), "DUNNO");
  EXPECT_EQ(ask("x@other.example"), "DUNNO");
  asked_.clear();
  EXPECT_EQ(ask("joe@shop.example"), "DUNNO");
  EXPECT_TRUE(ask("nobody@shop.example").starts_with("550"));
  EXPECT_TRUE(asked_.empty());  // both are remembered
}

TEST_F(PolicyTest, AsksACatchAllOnce) {
  fallback_ = 250;
  EXPECT_EQ(ask("a@shop.example"), "DUNNO");
  EXPECT_EQ(asked_.size(), 2U);  // the name, and one that nobody has
  EXPECT_EQ(ask("b@shop.example"), "DUNNO");
  EXPECT_EQ(asked_.size(), 2U);
}

TEST_F(PolicyTest, AsksNobodyAfterTheSwitch) {
  auto record = shop(Mode::hosted);
  record.row.unknown = UnknownNames::defer;
  save(record);
  EXPECT_TRUE(ask("nobody@shop.example").starts_with("450 4.1.1 "));
  EXPECT_EQ(ask("joe@shop.example"), "DUNNO");
  EXPECT_TRUE(asked_.empty());
  save(shop(Mode::hold));
  EXPECT_TRUE(ask("joe@shop.example").starts_with("451 4.3.0 "));
}

// What Postfix by itself takes for a route and refuses comes in where it is a name, and never in a
// tag: a server behind the relay would follow "joe+x%victim.example" for us.
TEST_F(PolicyTest, TellsNamesFromRoutes) {
  auto record = shop();
  record.roster.accounts.push_back({"a%b", false});
  record.roster.aliases.push_back({"c!d", {"joe"}});
  record.roster.catch_all = "joe";
  save(record);
  fallback_ = 250;
  for (const char* name : {"a%b", "A%B", "c!d", "a%b+tag", "joe", "anybody"}) {
    EXPECT_EQ(ask(std::string(name) + "@shop.example"), "DUNNO") << name;
  }
  for (const char* name : {"joe%victim.example", "joe+x%victim.example", "victim.example!joe",
                           "a%b+x!y", "a%b%c", "joe@victim.example", "%", "joe+x@victim.example"}) {
    EXPECT_TRUE(ask(std::string(name) + "@shop.example").starts_with("554 5.7.1 ")) << name;
  }
  EXPECT_EQ(ask("joe%victim.example@other.example"), "DUNNO");  // for Postfix to refuse
}

TEST_F(PolicyTest, CountsAMessageWhenItIsComplete) {
  fallback_ = 250;
  ask("joe@shop.example");
  EXPECT_TRUE(flow_.empty());
  ask("", "END-OF-MESSAGE");
  EXPECT_FALSE(flow_.empty());
  flow_.take();
  ask("", "END-OF-MESSAGE");
  EXPECT_TRUE(flow_.empty());
}

}  // namespace
}  // namespace mxswitch::orchestrator
