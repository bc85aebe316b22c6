#include "orchestrator/relay_agent/log_line.h"

#include <gtest/gtest.h>

#include "orchestrator/relay_agent/mail_trail.h"
#include "orchestrator/relay_agent/store.h"
#include "orchestrator/relay_agent/trail_store.h"

namespace mxswitch::orchestrator {
namespace {

const Time kNow{std::chrono::hours(500000)};
const std::string kHead = "Nov  3 01:46:25 mx1 postfix-mx1/";
const std::string kFields = ", relay=h[192.0.2.7]:25, delay=0.1, delays=0/0/0/0.1, ";

std::string to(const std::string& recipient, const std::string& end) {
  return "to=<" + recipient + ">" + kFields + end;
}
std::optional<LogLine> line(const std::string& program, const std::string& message) {
  return parse_log_line(kHead + program + "[7]: " + message);
}

TEST(LogLine, TellsWhatBecameOfAMessage) {
  const auto read =
      line("smtp", "4jX1: " + to("Joe@shop.example", "dsn=2.0.0, status=sent (250 ok)"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, LogKind::delivery);
  EXPECT_EQ(read->queue_id, "4jX1");
  const LogEvent& event = read->delivery;
  EXPECT_EQ(event.status, LogStatus::sent);
  EXPECT_EQ(event.program, "smtp");
  EXPECT_EQ(event.recipient, "joe@shop.example");
  EXPECT_EQ(event.relay, "h[192.0.2.7]:25");
  EXPECT_EQ(event.dsn, "2.0.0");
  EXPECT_EQ(event.reply, "250 ok");
}

TEST(LogLine, ReadsEachFormOfTimeAndTag) {
  const std::string rest = "smtp[7]: A1: " + to("a@b.example", "dsn=4.4.1, status=deferred (x)");
  for (const char* head :
       {"Nov 23 01:46:25 mx1 postfix/", "Nov  3 01:46:25 mx1.filter.example postfix-mx1/relay/",
        "2026-11-03T01:46:25+01:00 mx1 postfix/",
        "2026-11-03T01:46:25.123456Z mx1 postfix/soak-smtp/",
        "2026-11-03T01:46:25.123-05:00 mx1 postfix/"}) {
    const auto read = parse_log_line(head + rest);
    ASSERT_TRUE(read) << head;
    EXPECT_EQ(read->delivery.program, "smtp") << head;
  }
  for (const char* head :
       {"", "x ", "postfix/", "mx1 postfix/", "Nov 23 01:46:25 postfix/",
        "Nov 23 01:46:25  postfix/", "Nov 23 01:46:25 mx1 dovecot/",
        "Nov 23 01:46:25 mx1 not-postfix/", "Mon 23 01:46:25 mx1 postfix/",
        "Nov 23 01:46 mx1 postfix/", "2026-11-03 01:46:25Z mx1 postfix/",
        "2026-11-03T01:46:25. mx1 postfix/", "Nov 23 01:46:25 mx1 postfix/x[1]: y postfix/"}) {
    EXPECT_FALSE(parse_log_line(head + rest)) << head;
  }
}

TEST(LogLine, KnowsTheOtherFates) {
  const struct {
    const char *program, *end;
    LogStatus status;
  } rows[] = {
      {"lmtp", "dsn=4.1.1, status=SOFTBOUNCE (host said: 550 no)", LogStatus::deferred},
      {"soak-lmtp", "dsn=4.4.1, status=deferred (connect)", LogStatus::deferred},
      {"smtp", "dsn=5.1.1, status=bounced (550 status=sent (x)", LogStatus::bounced},
      {"error", "dsn=4.3.0, status=deferred (on hold)", LogStatus::deferred},
      {"discard", "dsn=2.0.0, status=sent (probe)", LogStatus::sent},
  };
  for (const auto& row : rows) {
    const auto read = line(row.program, "A1: " + to("a@b.example", row.end));
    ASSERT_TRUE(read) << row.end;
    EXPECT_EQ(read->delivery.status, row.status) << row.end;
  }
}

TEST(LogLine, TellsOfTheQueue) {
  const auto active = line("qmgr", "A1: from=<>, size=300, nrcpt=1 (queue active)");
  ASSERT_TRUE(active);
  EXPECT_EQ(active->kind, LogKind::active);
  EXPECT_EQ(line("qmgr", "A1: removed")->kind, LogKind::removed);
  EXPECT_EQ(line("cleanup", "A1: milter-reject: END-OF-MESSAGE from x")->kind, LogKind::refused);
  const auto requeued = line("pickup", "B2: uid=0 from=<ann@x.example> orig_id=A1");
  ASSERT_TRUE(requeued);
  EXPECT_EQ(requeued->kind, LogKind::requeued);
  EXPECT_EQ(requeued->queue_id, "A1");
  EXPECT_EQ(requeued->new_id, "B2");
  EXPECT_EQ(queued_as("250 2.0.0 Ok: queued as 4jX"), "4jX");
  EXPECT_FALSE(queued_as("250 2.0.0 Ok: queued as 4jX and more"));
  EXPECT_FALSE(queued_as("250 ok 250 2.0.0 Ok: queued as 4jX"));
}

// Each field ends where Postfix ends it, whatever a stranger wrote into it.
TEST(LogLine, TakesNoTextForAField) {
  const std::string forged = to("joe@shop.example", "dsn=5.1.1, status=bounced (550 no)");
  const std::string quoted = "\"a>" + kFields + "dsn=5.1.1, status=bounced (x)\"@shop.example";
  const auto controls = line("smtp", "A1: " + to("a@b.example", "dsn=2.0.0, status=sent (x\r\ny)"));
  ASSERT_TRUE(controls);
  EXPECT_EQ(controls->delivery.reply, "x??y");
  const auto odd = line("smtp", "A1: " + to(quoted, "dsn=2.0.0, status=sent (250 ok)"));
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->delivery.status, LogStatus::sent);
  EXPECT_EQ(odd->delivery.recipient, quoted);
  const auto escaped =
      line("smtp", "A1: " + to(R"("a\">, relay=x\\"@b.example)", "dsn=2.0.0, status=sent (y)"));
  ASSERT_TRUE(escaped);
  EXPECT_EQ(escaped->delivery.status, LogStatus::sent);
  const std::pair<const char*, std::string> rows[] = {
      {"cleanup", "A1: message-id=<a@b>: " + forged},
      {"cleanup", "A1: " + forged},
      {"cleanup", "A1: warning: header Subject: milter-reject: " + forged},
      {"smtpd",
       "NOQUEUE: reject: RCPT from c[192.0.2.66]: 550 5.1.1 <x>: no; from=<a@b> "
       "to=<joe@shop.example>"},
      {"smtpd", "A1: " + forged},
      {"smtpd", "warning: non-SMTP command from c: A1: " + forged},
      {"smtp", "A1: host h said: 550 : " + forged},
      {"smtp", "A1:" + forged},
      {"smtp", "A1: x: " + forged},
      {"smtp", "A1 : " + forged},
      {"smtp", "A1: to=<a b@shop.example>" + kFields + "dsn=2.0.0, status=sent (x)"},
      {"smtp", "A1: to=<a@b>c>" + kFields + "dsn=2.0.0, status=sent (x)"},
      {"smtp", "A1: to=<\"a@b.example>" + kFields + "dsn=2.0.0, status=sent (x)"},
      {"smtp", "A1: " + to("a@b.example", "dsn=2.0.0, status=sentimental (x)")},
      {"smtp", "A1: " + to("a@b.example", "status=sent (x)")},
      {"smtp", "A1: " + to("\"a\rb\"@b.example", "dsn=2.0.0, status=sent (x)")},
      {"smtp", "A1: " + to("a@b.example", "dsn=2.0.0\r, status=sent (x)")},
      {"bounce", "A1: sender non-delivery notification: B2"},
      {"qmgr",
       "A1: from=<\"x>, size=1, nrcpt=1 (queue active)\"@y.example>, status=expired, returned"},
      {"pickup", "B2: uid=0 from=<a@b> orig_id=C3> orig_id=A1"},
      {"pickup", "B2: uid=0 from=<a@b>"},
      {"local", "A1: " + forged},
  };
  for (const auto& [program, message] : rows) EXPECT_FALSE(line(program, message)) << message;
}

class MailTrailTest : public testing::Test {
 protected:
  TrailProof read(const std::string& program, const std::string& message) {
    return trail_.read(*line(program, message), now_);
  }
  TrailProof complete(const std::string& id) {
    return trail_.complete(id, {"joe@shop.example"}, now_);
  }
  TrailProof active(const std::string& id) {
    return read("qmgr", id + ": from=<a@b.example>, size=3, nrcpt=1 (queue active)");
  }
  TrailProof sent(const std::string& id) {
    return read("lmtp", id + ": " + to("joe@shop.example", "dsn=2.0.0, status=sent (ok)"));
  }
  std::string reinjected(const std::string& id, const std::string& port = "10026") {
    return "A1: to=<info@shop.example>, relay=127.0.0.1[127.0.0.1]:" + port +
           ", delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as " + id + ")";
  }

  Time now_ = kNow;
  MailTrail trail_{10026, true};
};

TEST_F(MailTrailTest, BelievesOnlyIdsThatWereAccepted) {
  EXPECT_TRUE(active("A1").accepted.empty());
  EXPECT_TRUE(sent("A1").deliveries.empty());
  complete("B2");
  EXPECT_TRUE(sent("A1").deliveries.empty());
  EXPECT_EQ(active("B2").accepted.size(), 1U);
  EXPECT_TRUE(active("B2").accepted.empty());
  EXPECT_EQ(sent("B2").deliveries.size(), 1U);
}

TEST_F(MailTrailTest, FollowsAMessageThroughItsIds) {
  complete("A1");
  active("A1");
  read("pickup", "B2: uid=89 from=<a@b.example> orig_id=A1");
  EXPECT_TRUE(active("B2").accepted.empty());
  EXPECT_EQ(sent("B2").deliveries.size(), 1U);
}

TEST_F(MailTrailTest, FollowsAnAliasThroughLoopbackWhateverComesFirst) {
  complete("A1");
  active("A1");
  EXPECT_TRUE(sent("C3").deliveries.empty());
  EXPECT_TRUE(read("qmgr", "C3: removed").deliveries.empty());
  EXPECT_EQ(trail_.waiting(), 2U);
  EXPECT_EQ(read("smtp", reinjected("C3")).deliveries.size(), 2U);
  EXPECT_EQ(read("smtp", reinjected("D4", "25")).deliveries.size(), 1U);  // no smtpd of ours
  EXPECT_TRUE(sent("D4").deliveries.empty());
}

TEST_F(MailTrailTest, ForgetsWhatIsOver) {
  complete("A1");
  complete("B2");
  sent("C3");
  read("qmgr", "A1: removed");
  EXPECT_EQ(sent("A1").deliveries.size(), 1U);  // another process's line may come late
  now_ += MailTrail::kAfterRemoval;
  sent("B2");
  EXPECT_EQ(trail_.known(), 1U);
  EXPECT_TRUE(sent("A1").deliveries.empty());
  now_ += MailTrail::kLifetime;
  sent("C3");
  EXPECT_EQ(trail_.known(), 0U);
  EXPECT_EQ(trail_.waiting(), 1U);
}

TEST_F(MailTrailTest, IsBounded) {
  for (std::size_t i = 0; i < MailTrail::kMailLimit + 10; ++i) complete("A" + std::to_string(i));
  EXPECT_EQ(trail_.known(), MailTrail::kMailLimit);
  for (std::size_t i = 0; i < MailTrail::kEarlyLimit + 10; ++i) sent("X" + std::to_string(i % 7));
  EXPECT_EQ(trail_.waiting(), MailTrail::kEarlyLimit);
}

TEST_F(MailTrailTest, GoesOnAfterARestart) {
  auto database = *monitor::open_database("sqlite::memory:", agent_migrations());
  const auto store = [&] {
    const auto unsaved = trail_.take_unsaved();
    return *database->transact_blocking([&](monitor::Transaction& transaction) {
      save_trail(transaction, unsaved);
      return load_trail(transaction);
    });
  };
  complete("A1");
  complete("B2");
  active("B2");
  complete("C3");
  EXPECT_EQ(store().size(), 3U);
  read("qmgr", "C3: removed");
  MailTrail restarted(10026, true);
  const auto kept = store();
  EXPECT_EQ(kept.size(), 2U);
  restarted.restore(kept);
  const auto line_of = [](const std::string& id) {
    return *line("lmtp", id + ": " + to("joe@shop.example", "dsn=2.0.0, status=sent (ok)"));
  };
  EXPECT_EQ(restarted.read(line_of("A1"), now_).accepted.size(), 1U);
  const auto second = restarted.read(line_of("B2"), now_);
  EXPECT_TRUE(second.accepted.empty());
  EXPECT_EQ(second.deliveries.size(), 1U);
}

TEST(MailTrail, CountsWhatIsCompleteWhereNoLogIsRead) {
  MailTrail trail(10026, false);
  EXPECT_EQ(trail.complete("A1", {"joe@shop.example"}, kNow).accepted.size(), 1U);
}

}  // namespace
}  // namespace mxswitch::orchestrator
