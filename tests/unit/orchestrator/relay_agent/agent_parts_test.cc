#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/address_book.h"
#include "orchestrator/relay_agent/lookups.h"
#include "orchestrator/relay_agent/old_verdicts.h"
#include "orchestrator/relay_agent/peers.h"
#include "orchestrator/relay_agent/policy_service.h"
#include "orchestrator/relay_agent/record_codec.h"
#include "orchestrator/roster/digest.h"

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

constexpr auto kSecond = std::chrono::seconds(1);
const Time kStart = kNow + std::chrono::hours(1);

// What is in doubt of shop.example when a peer has `peer` of it.
std::optional<DoubtKind> doubted(const RelayState& own, const RelayDomain& peer) {
  const auto doubts = compare_with_peers(own, {{"mx2", peer}}, kStart, false);
  if (doubts.empty()) return std::nullopt;
  EXPECT_EQ(doubts.begin()->first, peer.domain);
  EXPECT_EQ(doubts.begin()->second.node, "mx2");
  return doubts.begin()->second.kind;
}

TEST(Peers, TellWhenThisNodeMissedAWrite) {
  auto record = shop();
  record.row.generation = 4;
  record.row.updated_at = kNow;
  record.row.roster_digest = "same";
  const auto own = state_of({record});
  RelayDomain peer = record.row;
  EXPECT_FALSE(doubted(own, peer));
  peer.generation = 5;  // the same route, counted and written otherwise
  peer.op_id = "two";
  peer.updated_at = kNow + kSecond;
  EXPECT_FALSE(doubted(own, peer));
  peer.mode = Mode::hosted;
  EXPECT_EQ(doubted(own, peer), DoubtKind::behind);
  peer.updated_at = kNow;
  EXPECT_EQ(doubted(own, peer), DoubtKind::behind);
  peer.generation = 3;
  EXPECT_FALSE(doubted(own, peer));
  peer.updated_at = kNow + kSecond;  // fewer writes, and a later one
  EXPECT_EQ(doubted(own, peer), DoubtKind::differs);
}

TEST(Peers, TellWhenTheNamesHereAreOlder) {
  auto record = shop(Mode::hosted);
  record.row.updated_at = kNow;
  record.row.roster_digest = "old";
  RelayDomain peer = record.row;
  peer.roster_digest = "new";
  EXPECT_FALSE(doubted(state_of({record}), peer));
  peer.updated_at = kNow + kSecond;
  EXPECT_EQ(doubted(state_of({record}), peer), DoubtKind::behind);
}

// A writer goes from node to node, and what it just made at the peer has no names yet.
TEST(Peers, TakeNoWriteUnderWayForOneThatWasMissed) {
  auto record = shop();
  record.row.updated_at = kStart;
  record.row.roster_digest = "names";
  RelayDomain peer = record.row;
  peer.updated_at = kStart + kSecond;
  peer.roster_digest = "others";
  EXPECT_FALSE(doubted(state_of({record}), peer));
  peer.mode = Mode::hold;
  peer.generation = 2;
  EXPECT_FALSE(doubted(state_of({record}), peer));
  record.row.updated_at = kNow;
  EXPECT_EQ(doubted(state_of({record}), peer), DoubtKind::behind);
  peer.mode = record.row.mode;
  peer.roster_digest = roster_digest({});
  EXPECT_FALSE(doubted(state_of({record}), peer));
  peer.generation = 1;
  EXPECT_FALSE(doubted({}, peer));  // it is about to be made here too
  peer.updated_at = kNow;
  EXPECT_EQ(doubted({}, peer), DoubtKind::behind);
}

TEST(Peers, TellWhatAnEmptyStoreLacks) {
  EXPECT_EQ(doubted({}, shop().row), DoubtKind::behind);
  auto later = shop(Mode::hosted).row;
  later.generation = 2;
  const auto doubts = compare_with_peers({}, {{"mx2", later}, {"mx3", shop().row}}, kStart, false);
  EXPECT_EQ(doubts.at("shop.example").node, "mx2");  // the latest of all
}

TEST(Peers, LeaveAnOpenOperationInDoubtOnlyWhileNoneAnswers) {
  auto record = shop();
  EXPECT_TRUE(compare_with_peers(state_of({record}), {}, kStart, true).empty());
  record.open = true;
  const auto own = state_of({record});
  const auto alone = compare_with_peers(own, {}, kStart, true);
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_TRUE(alone.at("shop.example").holds(kStart));
  EXPECT_FALSE(alone.at("shop.example").holds(kStart + std::chrono::seconds(300)));
  EXPECT_EQ(doubts_after(alone, {}, {}).size(), 1U);
  EXPECT_TRUE(doubts_after(alone, {}, {"mx2"}).empty());
}

TEST(Peers, KeepADoubtUntilThePeerThatToldItTellsOtherwise) {
  const auto before = compare_with_peers({}, {{"mx2", shop().row}}, kStart, false);
  EXPECT_FALSE(before.at("shop.example").until);
  EXPECT_EQ(doubts_after(before, {}, {}).size(), 1U);
  EXPECT_EQ(doubts_after(before, {}, {"mx3"}).size(), 1U);
  EXPECT_TRUE(doubts_after(before, {}, {"mx2"}).empty());
}

TEST(RecordCodec, BringsADomainToAnotherNodeWhole) {
  auto record = shop(Mode::hosted);
  record.row.generation = 7;
  record.row.op_id = "3f0c2f5e-1111-4222-8333-444455556666";
  record.row.updated_at = record.route_at = kNow;
  record.soak_until = kNow + kSecond;
  const auto copy = parse_record(to_json(record).dump());
  ASSERT_TRUE(copy) << copy.error().text();
  EXPECT_EQ(copy->row.generation, 7);
  EXPECT_EQ(copy->row.op_id, record.row.op_id);
  EXPECT_EQ(copy->row.mode, Mode::hosted);
  EXPECT_EQ(copy->row.updated_at, kNow);
  EXPECT_EQ(copy->route_at, kNow);
  EXPECT_EQ(copy->soak_until, record.soak_until);
  EXPECT_EQ(copy->roster.aliases, record.roster.aliases);
  EXPECT_EQ(copy->credentials.at("joe").hash, "{SHA512-CRYPT}$6$joe");
  EXPECT_FALSE(copy->credentials.at("joe").must_change);
  EXPECT_EQ(copy->credentials.at("newbie").initial_expires_at, kNow + std::chrono::hours(1));
  for (const char* text : {"", "[]", "{}", "{\"domain\":{},\"names\":{},\"route_at_ms\":1}"}) {
    EXPECT_FALSE(parse_record(text)) << text;
  }
}

// A node in doubt answers 451 for what it may lack, and never that there is no such thing.
class DoubtTest : public testing::Test {
 protected:
  LookupStatus ask(const std::string& map, const std::string& key) {
    return lookups_.answer({map, key}).status;
  }
  void doubt(Doubts doubts, bool may_lack_all = false) {
    registry_.judge_doubts([&](RelayState& state) {
      state.doubts = doubts;
      state.may_lack_all = may_lack_all;
    });
  }
  void expect_only_temporary(const std::string& domain) {
    for (const char* map : {"recipients", "aliases", "transport"}) {
      EXPECT_EQ(ask(map, "joe@" + domain), LookupStatus::temporary) << map;
    }
  }

  ManualClock clock_{kNow};
  std::unique_ptr<monitor::Database> database_ =
      std::move(*monitor::open_database("sqlite::memory:", agent_migrations()));
  Registry registry_{*database_, clock_};
  ProbeBoard probes_{"mx1"};
  Lookups lookups_{registry_,
                   probes_,
                   clock_,
                   {"reinject:[127.0.0.1]:10026", "p@filter.example"},
                   SenderRewriting("mx1.filter.example", "secret"),
                   "smtp:[192.0.2.1]:25"};
};

TEST_F(DoubtTest, RefusesNothingWhileItCompares) {
  lookups_.set_starting(true);
  expect_only_temporary("shop.example");
  EXPECT_EQ(ask("relay_domains", "shop.example"), LookupStatus::temporary);
  lookups_.set_starting(false);
  EXPECT_EQ(ask("relay_domains", "shop.example"), LookupStatus::not_found);
}

TEST_F(DoubtTest, RefusesNothingThatAPeerKnows) {
  doubt(compare_with_peers({}, {{"mx2", shop().row}}, kStart, false));
  expect_only_temporary("shop.example");
  EXPECT_EQ(ask("relay_domains", "shop.example"), LookupStatus::temporary);
  EXPECT_EQ(ask("submission", "shop.example"), LookupStatus::temporary);
  EXPECT_EQ(ask("relay_domains", "other.example"), LookupStatus::not_found);
  clock_.advance(std::chrono::hours(10000));  // no clock ends it
  expect_only_temporary("shop.example");
}

TEST_F(DoubtTest, RefusesNothingWhileItsEmptyStoreWasNotConfirmed) {
  doubt({}, true);
  expect_only_temporary("any.example");
  EXPECT_EQ(ask("relay_domains", "any.example"), LookupStatus::temporary);
  ASSERT_TRUE(registry_.save(shop(), true, {}));  // registered meanwhile
  EXPECT_EQ(ask("recipients", "joe@shop.example"), LookupStatus::ok);
  EXPECT_EQ(ask("relay_domains", "any.example"), LookupStatus::temporary);
}

TEST_F(DoubtTest, KeepsTheClassOfADomainWhoseNamesMayBeOlder) {
  ASSERT_TRUE(registry_.save(shop(Mode::hosted), true, {}));
  doubt({{"shop.example", {DoubtKind::behind, "older", "mx2", {}}}});
  EXPECT_EQ(ask("relay_domains", "shop.example"), LookupStatus::ok);
  expect_only_temporary("shop.example");
  DomainRecord other;
  other.row.domain = "alias.example";
  other.row.mode = Mode::hosted;
  other.row.hosted = "lmtp:inet:192.0.2.9:24";
  other.roster.same_as = "shop.example";
  ASSERT_TRUE(registry_.save(other, true, {}));
  expect_only_temporary("alias.example");  // its names are those of the other
}

TEST_F(DoubtTest, EndsWithACopyThatIsLater) {
  auto old = shop(Mode::hosted);
  old.row.updated_at = kNow;
  ASSERT_TRUE(registry_.save(old, true, {}));
  auto copy = old;
  copy.roster.accounts.push_back({"later", false});
  copy.credentials["later"] = {"{SHA512-CRYPT}$6$later", false, {}};
  ASSERT_TRUE(registry_.adopt(copy));  // nothing is in doubt: nothing is taken over
  EXPECT_EQ(ask("recipients", "later@shop.example"), LookupStatus::not_found);
  doubt({{"shop.example", {DoubtKind::behind, "older", "mx2", {}}}});
  ASSERT_TRUE(registry_.adopt(copy));  // no later than what is here
  expect_only_temporary("shop.example");
  copy.row.updated_at = kNow + kSecond;
  ASSERT_TRUE(registry_.adopt(copy));
  EXPECT_EQ(ask("recipients", "later@shop.example"), LookupStatus::ok);
  Registry again(*database_, clock_);
  ASSERT_TRUE(again.load());
  EXPECT_TRUE(again.state()->find("shop.example")->record.credentials.contains("later"));
}

TEST_F(DoubtTest, TakesNoNameAway) {
  ASSERT_TRUE(registry_.save(shop(), true, {}));
  doubt({{"shop.example", {DoubtKind::behind, "older", "mx2", {}}}});
  DomainRecord copy;
  copy.row = shop(Mode::hosted).row;
  copy.row.generation = 2;
  copy.row.updated_at = kNow;
  ASSERT_TRUE(registry_.adopt(copy));
  EXPECT_EQ(registry_.state()->find("shop.example")->record.row.mode, Mode::hosted);
  EXPECT_EQ(ask("recipients", "joe@shop.example"), LookupStatus::ok);
}

TEST(Store, IsWholeOnceSomebodySaidSo) {
  auto database = *monitor::open_database("sqlite::memory:", agent_migrations());
  const auto whole = [&](bool mark) {
    return *database->transact_blocking([&](monitor::Transaction& transaction) {
      if (mark) mark_whole(transaction, kNow);
      return is_whole(transaction);
    });
  };
  EXPECT_FALSE(whole(false));
  EXPECT_TRUE(whole(true));
  EXPECT_TRUE(whole(false));
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
    request.queue_id = "4jXone";
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
  MailTrail trail_{10026, true};
  std::map<std::string, int> codes_;
  int fallback_ = 550;
  std::vector<std::string> asked_;
  PolicyService policy_{
      registry_,
      probes_,
      flow_,
      trail_,
      clock_,
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
  registry_.judge_doubts([](RelayState& state) {
    state.doubts = {{"shop.example", {DoubtKind::behind, "older", "mx2", {}}}};
  });
  EXPECT_EQ(ask("new%name@shop.example"), "DUNNO");  // the names may be older than at a peer: 451
}

constexpr auto kTime = "Nov  3 01:46:25 mx1 postfix-mx1/";

TEST_F(PolicyTest, CountsAMessageWhenTheQueueManagerHasIt) {
  fallback_ = 250;
  ask("joe@shop.example");
  ask("", "END-OF-MESSAGE");
  EXPECT_TRUE(flow_.empty());
  const std::string active =
      std::string(kTime) + "qmgr[7]: 4jXone: from=<a@b.example>, size=300, nrcpt=1 (queue active)";
  policy_.read_log_line(active);
  EXPECT_FALSE(flow_.empty());
  flow_.take();
  policy_.read_log_line(active);
  ask("", "END-OF-MESSAGE");
  EXPECT_TRUE(flow_.empty());
}

TEST_F(PolicyTest, CountsNoMessageThatAMilterRefused) {
  fallback_ = 250;
  ask("joe@shop.example");
  ask("", "END-OF-MESSAGE");
  policy_.read_log_line(
      std::string(kTime) +
      "cleanup[7]: 4jXone: milter-reject: END-OF-MESSAGE from c[192.0.2.66]: "
      "5.7.1 spam; from=<a@b.example> to=<joe@shop.example> proto=ESMTP helo=<c>");
  policy_.read_log_line(std::string(kTime) +
                        "qmgr[7]: 4jXone: from=<a@b.example>, size=3, nrcpt=1 (queue active)");
  EXPECT_TRUE(flow_.empty());
}

TEST_F(PolicyTest, CountsAsRejectedWhatIsNotTaken) {
  save(shop(Mode::hosted));
  const auto rejected = [this] {
    const auto taken = flow_.take();
    const auto read = database_->transact_blocking([&](monitor::Transaction& transaction) {
      taken.store(transaction);
      return read_flow(transaction, "shop.example", kNow, 10, "").rejected;
    });
    return *read;
  };
  ask("joe@shop.example");
  EXPECT_EQ(rejected(), 0);
  EXPECT_EQ(ask("nobody@shop.example"), "DUNNO");  // the table of recipients refuses it next
  EXPECT_EQ(rejected(), 1);
  save(shop(Mode::hold));
  ask("joe@shop.example");
  EXPECT_EQ(rejected(), 2);
}

}  // namespace
}  // namespace mxswitch::orchestrator
