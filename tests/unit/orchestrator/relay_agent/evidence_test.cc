#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "orchestrator/relay_agent/flow.h"
#include "orchestrator/relay_agent/log_tail.h"
#include "orchestrator/relay_agent/postfix_queue.h"
#include "orchestrator/relay_agent/probe_board.h"
#include "orchestrator/relay_agent/store.h"

namespace mxswitch::orchestrator {
namespace {

const Time kNow{std::chrono::hours(500000)};

std::shared_ptr<const RelayState> shop_state() {
  DomainRecord record;
  record.row.domain = "shop.example";
  record.row.forward = "smtp:[mail.shop.example]:25";
  record.row.hosted = "lmtp:inet:192.0.2.9:24";
  auto state = std::make_shared<RelayState>();
  state->domains["shop.example"] = *make_domain_state(record);
  return state;
}

constexpr auto kForwarded =
    "Nov 23 01:46:25 mx1 postfix-mx1/smtp[155]: 4jXph11: to=<Joe@shop.example>, "
    "relay=mail.shop.example[192.0.2.7]:25, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent "
    "(250 2.0.0 Ok: queued as 4jX)";

LogEvent forwarded() { return parse_log_line(kForwarded)->delivery; }

TEST(Flow, CountsWhereMailWent) {
  auto database = *monitor::open_database("sqlite::memory:", agent_migrations());
  const auto state = shop_state();
  FlowCollector flow;
  flow.accepted("shop.example", kNow);
  flow.addressed("shop.example", "joe@shop.example", kNow);
  flow.logged(forwarded(), *state, kNow);
  LogEvent hosted = forwarded();
  hosted.program = "lmtp";
  hosted.relay = "192.0.2.9[192.0.2.9]:24";
  flow.logged(hosted, *state, kNow + std::chrono::seconds(5));
  LogEvent reinjected = hosted;
  reinjected.program = "smtp";
  reinjected.relay = "127.0.0.1[127.0.0.1]:10026";
  flow.logged(reinjected, *state, kNow);
  LogEvent refused = forwarded();
  refused.status = LogStatus::bounced;
  flow.logged(refused, *state, kNow);
  LogEvent foreign = hosted;
  foreign.recipient = "joe@other.example";
  flow.logged(foreign, *state, kNow);
  const auto read = [&](Time since) {
    return *database->transact_blocking([&](monitor::Transaction& transaction) {
      return read_flow(transaction, "shop.example", since, 10, "");
    });
  };
  const auto taken = flow.take();
  EXPECT_TRUE(flow.empty());
  ASSERT_TRUE(database->transact_blocking(
      [&](monitor::Transaction& transaction) { taken.store(transaction); }));
  const auto all = read(kNow);
  EXPECT_EQ(all.accepted, 1);
  EXPECT_EQ(all.forwarded, 1);
  EXPECT_EQ(all.hosted, 1);
  EXPECT_EQ(all.last_accepted_at, kNow);
  ASSERT_EQ(all.recipients.size(), 1U);
  EXPECT_EQ(all.recipients[0].count, 1);
  EXPECT_EQ(all.recipients[0].old_accepted, 1);
  EXPECT_EQ(all.recipients[0].old_rejected, 1);
  const auto later = read(kNow + std::chrono::seconds(1));
  EXPECT_EQ(later.forwarded, 0);
  EXPECT_EQ(later.hosted, 1);
}

TEST(Flow, RollsSecondsUpWithoutLosingCounts) {
  auto database = *monitor::open_database("sqlite::memory:", agent_migrations());
  FlowCollector flow;
  for (int i = 0; i < 100; ++i) flow.accepted("shop.example", kNow + std::chrono::seconds(i));
  const auto read = database->transact_blocking([&](monitor::Transaction& transaction) {
    flow.store(transaction);
    for (int i = 0; i < 2; ++i) roll_up_flow(transaction, kNow + std::chrono::hours(3));
    return std::pair(read_flow(transaction, "shop.example", kNow, 1, "").accepted,
                     transaction.query("SELECT count(*) FROM relay_flow")[0].integer(0));
  });
  ASSERT_TRUE(read);
  EXPECT_EQ(read->first, 100);
  EXPECT_EQ(read->second, 1);
}

TEST(Probes, FollowATokenToItsEnd) {
  ProbeBoard board("mx1");
  const auto probe = board.make("shop.example", {ProbeKind::hosted, {}}, kNow);
  const std::string local_part = probe.address.substr(0, probe.address.find('@'));
  EXPECT_TRUE(looks_like_token(local_part));
  EXPECT_EQ(board.kind(local_part, "shop.example", kNow), TokenKind::hosted);
  EXPECT_EQ(board.kind(local_part, "other.example", kNow), TokenKind::none);
  EXPECT_EQ(board.kind(local_part, "shop.example", kNow + std::chrono::minutes(10)),
            TokenKind::none);
  EXPECT_EQ(board.kind(std::string(kTokenPrefix) + std::string(32, 'a'), "shop.example", kNow),
            TokenKind::none);
  board.note_accepted(local_part, kNow);
  EXPECT_EQ(board.find("shop.example", probe.id, kNow)->result, ProbeResult::accepted);
  LogEvent event;
  event.recipient = probe.address;
  event.status = LogStatus::deferred;
  event.reply = "later";
  board.note_log(event, kNow);
  EXPECT_EQ(board.find("shop.example", probe.id, kNow)->reply, "later");
  event.status = LogStatus::sent;
  board.note_log(event, kNow);
  EXPECT_EQ(board.find("shop.example", probe.id, kNow)->result, ProbeResult::delivered);
  EXPECT_FALSE(board.find("other.example", probe.id, kNow));
  const auto unsaved = board.take_unsaved(kNow);
  ASSERT_EQ(unsaved.size(), 1U);
  ProbeBoard restarted("mx1");
  restarted.restore(unsaved, kNow);
  EXPECT_EQ(restarted.kind(local_part, "shop.example", kNow), TokenKind::hosted);
}

TEST(Probes, TakeOnlyTokensForTokens) {
  for (const char* name : {"mxswitch-probe-", "mxswitch-probe-0123", "joe", ""}) {
    EXPECT_FALSE(looks_like_token(name)) << name;
  }
  EXPECT_FALSE(looks_like_token(std::string(kTokenPrefix) + std::string(32, 'G')));
}

TEST(Queue, ChoosesTheDomainsMessages) {
  const auto messages = messages_of(
      R"({"queue_id":"A","arrival_time":100,"recipients":[{"address":"x@other.example"},{"address":"Joe@Shop.Example"}]}
{"queue_id":"B","arrival_time":50,"recipients":[{"address":"x@notshop.example"}]}
not json
{"queue_id":7,"recipients":[{"address":"joe@shop.example"}]}
{"queue_id":"C","recipients":[{"address":"mary@shop.example"}]})",
      "shop.example");
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].id, "A");
  EXPECT_EQ(messages[0].arrived_at, Time(std::chrono::seconds(100)));
  EXPECT_EQ(messages[1].id, "C");
}

// A log in a folder of its own, and what was read of it.
class LogTailTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text, const std::string& path) {
    std::ofstream(path, std::ios::app) << text;
  }
  void write(const std::string& text) { write(text, path_); }
  std::vector<std::string> read(LogTail& tail) {
    std::vector<std::string> lines;
    tail.read([&](std::string_view line) { lines.emplace_back(line); });
    return lines;
  }
  using Lines = std::vector<std::string>;

  const std::string folder_ = testing::TempDir() + "relay-agent-log-tail";
  const std::string path_ = folder_ + "/mail.log";
};

TEST_F(LogTailTest, FollowsAFileFromWhereItStood) {
  LogTail early(path_, {});
  EXPECT_FALSE(early.read([](std::string_view) {}));
  write("before\n");
  LogTail tail(path_, {});
  EXPECT_EQ(read(tail), Lines{});  // what was there before is not ours
  write("one\ntw");
  EXPECT_EQ(read(tail), Lines{"one"});
  write("o\n");
  EXPECT_EQ(read(tail), Lines{"two"});
  const auto position = tail.position();
  write("three\n");
  LogTail restarted(path_, position);
  EXPECT_EQ(read(restarted), Lines{"three"});
  std::ofstream(path_, std::ios::trunc) << "new\n";
  EXPECT_EQ(read(restarted), Lines{"new"});
}

TEST_F(LogTailTest, LosesNoLineToARotation) {
  write("before\n");
  LogTail tail(path_, {});
  read(tail);
  write("one\n");
  std::filesystem::rename(path_, path_ + ".1");
  write("two\n", path_ + ".1");
  EXPECT_EQ(read(tail), (Lines{"one", "two"}));
  write("four\n");
  write("three\n", path_ + ".1");  // its writer was not told yet
  EXPECT_EQ(read(tail), (Lines{"three", "four"}));
  write("five\n", path_ + ".1");
  write("six\n");
  EXPECT_EQ(read(tail), (Lines{"five", "six"}));
}

TEST_F(LogTailTest, FindsTheRenamedFileAfterARestart) {
  write("before\n");
  LogTail tail(path_, {});
  read(tail);
  write("one\n");
  std::filesystem::rename(path_, path_ + ".1");
  write("two\n");
  LogTail restarted(path_, tail.position());
  EXPECT_EQ(read(restarted), (Lines{"one", "two"}));
}

// The rest of a line may be a stranger's text that looks like a line.
TEST_F(LogTailTest, TakesNoPartOfALineForOne) {
  write("begin ");
  LogTail tail(path_, {});
  EXPECT_EQ(read(tail), Lines{});
  write("forged\nwhole\n");
  EXPECT_EQ(read(tail), Lines{"whole"});
  write(std::string(70000, 'x'));
  EXPECT_EQ(read(tail), Lines{});
  write("forged\nwhole again\n");
  EXPECT_EQ(read(tail), Lines{"whole again"});
  auto inside = tail.position();
  inside.offset -= 5;
  LogTail cut(path_, inside);
  write("next\n");
  EXPECT_EQ(read(cut), Lines{"next"});
}

}  // namespace
}  // namespace mxswitch::orchestrator
