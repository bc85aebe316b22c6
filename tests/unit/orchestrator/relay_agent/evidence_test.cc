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

TEST(LogLine, TellsWhatBecameOfAMessage) {
  const auto event = parse_log_line(kForwarded);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->status, LogStatus::sent);
  EXPECT_EQ(event->program, "smtp");
  EXPECT_EQ(event->queue_id, "4jXph11");
  EXPECT_EQ(event->recipient, "joe@shop.example");
  EXPECT_EQ(event->relay, "mail.shop.example[192.0.2.7]:25");
  EXPECT_EQ(event->dsn, "2.0.0");
  EXPECT_EQ(event->reply, "250 2.0.0 Ok: queued as 4jX");
}

TEST(LogLine, KnowsTheOtherFates) {
  const struct {
    const char* line;
    std::optional<LogStatus> status;
  } rows[] = {
      {"x postfix/soak-lmtp/lmtp[1]: A: to=<a@b>, relay=h[1.2.3.4]:24, dsn=4.1.1, "
       "status=SOFTBOUNCE (host said: 550 no)",
       LogStatus::deferred},
      {"x postfix/smtp[1]: A: to=<a@b>, relay=none, dsn=4.4.1, status=deferred (connect)",
       LogStatus::deferred},
      {"x postfix/smtp[1]: A: to=<a@b>, relay=h[1.2.3.4]:25, dsn=5.1.1, status=bounced (550)",
       LogStatus::bounced},
      {"x postfix/smtpd[1]: NOQUEUE: reject: RCPT from c[1.2.3.4]: 550 5.1.1 <a@b>: no; "
       "from=<s@t> to=<a@b> proto=ESMTP helo=<c>",
       LogStatus::rejected},
      {"x postfix/qmgr[1]: A: from=<a@b>, size=1, nrcpt=1 (queue active)", std::nullopt},
      {"x dovecot[1]: A: to=<a@b>, status=sent (x)", std::nullopt},
      {"", std::nullopt},
      {"]: ", std::nullopt},
      {"postfix/smtp[1]: A: to=<a@b", std::nullopt},
  };
  for (const auto& row : rows) {
    const auto event = parse_log_line(row.line);
    ASSERT_EQ(event.has_value(), row.status.has_value()) << row.line;
    if (event) {
      EXPECT_EQ(event->status, *row.status) << row.line;
    }
  }
}

TEST(Flow, CountsWhereMailWent) {
  auto database = *monitor::open_database("sqlite::memory:", agent_migrations());
  const auto state = shop_state();
  FlowCollector flow;
  flow.accepted("shop.example", kNow);
  flow.addressed("shop.example", "joe@shop.example", kNow);
  flow.logged(*parse_log_line(kForwarded), *state, kNow);
  LogEvent hosted = *parse_log_line(kForwarded);
  hosted.program = "lmtp";
  hosted.relay = "192.0.2.9[192.0.2.9]:24";
  flow.logged(hosted, *state, kNow + std::chrono::seconds(5));
  LogEvent reinjected = hosted;
  reinjected.program = "smtp";
  reinjected.relay = "127.0.0.1[127.0.0.1]:10026";
  flow.logged(reinjected, *state, kNow);
  LogEvent refused = *parse_log_line(kForwarded);
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

TEST(LogTail, FollowsTheFileThroughRotation) {
  const std::string path = testing::TempDir() + "relay-agent-mail.log";
  std::filesystem::remove(path);
  std::vector<std::string> lines;
  const auto take = [&](std::string_view line) { lines.emplace_back(line); };
  LogTail tail(path, {});
  EXPECT_FALSE(tail.read(take));
  std::ofstream(path) << "before\n";
  LogTail fresh(path, {});
  EXPECT_TRUE(fresh.read(take));
  EXPECT_TRUE(lines.empty());  // what was there before is not ours
  std::ofstream(path, std::ios::app) << "one\ntw";
  EXPECT_TRUE(fresh.read(take));
  std::ofstream(path, std::ios::app) << "o\n";
  EXPECT_TRUE(fresh.read(take));
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
  const auto position = fresh.position();
  std::ofstream(path, std::ios::app) << "three\n";
  LogTail restarted(path, position);
  EXPECT_TRUE(restarted.read(take));
  EXPECT_EQ(lines.back(), "three");
  std::ofstream(path, std::ios::trunc) << "new\n";
  EXPECT_TRUE(restarted.read(take));
  EXPECT_EQ(lines.back(), "new");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace mxswitch::orchestrator
