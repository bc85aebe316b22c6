// The same mail twice: once among plain words, once with a forged line in every place of the log
// where a stranger's text stands. Verdicts, counts and probes must come out alike.
//
// MXSWITCH_HOSTILE_LINES says how many hostile lines there are.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <cstdlib>
#include <random>

#include "orchestrator/relay_agent/policy_service.h"

namespace mxswitch::orchestrator {
namespace {

const Time kNow{std::chrono::hours(500000)};
constexpr int kLinesAtLeast = 100000;
constexpr const char* kOldServer = "mail.shop.example[192.0.2.7]:25";

int lines_wanted() {
  const char* given = std::getenv("MXSWITCH_HOSTILE_LINES");
  return given ? std::atoi(given) : kLinesAtLeast;
}

DomainRecord shop() {
  DomainRecord record;
  record.row.domain = "shop.example";
  record.row.mode = Mode::forward;
  record.row.forward = "smtp:[mail.shop.example]:25";
  record.row.hosted = "lmtp:inet:192.0.2.9:24";
  return record;
}

// Text that a stranger chooses. In `hostile` it is what would say something if it were believed.
class Stranger {
 public:
  explicit Stranger(bool hostile) : hostile_(hostile) {}

  std::string text() {
    if (!hostile_) return "plain words";
    std::string made;
    for (int i = pick(3); i >= 0; --i) made += piece();
    return made;
  }
  // As Postfix quotes a local part that is no atom.
  std::string local_part() {
    std::string made = "\"";
    for (const char c : text() + " ") {
      if (c == '"' || c == '\\') made += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) made += c;
    }
    return made + "\"";
  }
  int pick(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }
  void learn(std::string token) { token_ = std::move(token); }

 private:
  std::string recipient() {
    switch (pick(3)) {
      case 0:
        return token_;
      case 1:
        return "mary@shop.example";
      default:
        return "joe@shop.example";
    }
  }
  std::string fate() {
    static constexpr const char* kFates[] = {"dsn=5.1.1, status=bounced (host said: 550 5.1.1 no)",
                                             "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4X7)",
                                             "dsn=4.4.1, status=SOFTBOUNCE (x)"};
    return fmt::format("to=<{}>, relay={}, delay=0.1, delays=0/0/0/0.1, {}", recipient(),
                       pick(2) == 0 ? kOldServer : "192.0.2.9[192.0.2.9]:24", kFates[pick(3)]);
  }
  std::string piece() {
    switch (pick(9)) {
      case 0:
        return ": " + fate();
      case 1:
        return ">, " + fate();
      case 2:
        return "\r\n";
      case 3:
        return fmt::format("\nNov  3 01:46:25 mx1 postfix/smtp[9]: 4X{}: {}", pick(100), fate());
      case 4:
        return fmt::format("]: 4X{}: {}", pick(100), fate());
      case 5:
        return fmt::format(
            "\nNov  3 01:46:25 mx1 postfix/qmgr[9]: 4X{}: from=<>, size=1, nrcpt=1 "
            "(queue active)",
            pick(100));
      case 6:
        return ") <\"@>\\";
      case 7:
        return std::string(1, static_cast<char>(pick(256)));
      default:
        return fmt::format("status=bounced (x) dsn=5.1.1, relay={} ", kOldServer);
    }
  }

  bool hostile_;
  std::string token_ = "joe@shop.example";
  std::mt19937 random_{20261130};
};

// A node's agent as far as it reads the log, and the Postfix beside it.
class Node {
 public:
  explicit Node(bool hostile) : stranger_(hostile) {
    EXPECT_TRUE(registry_.save(shop(), true, {}));
    probe_ = probes_.make("shop.example", {ProbeKind::inbound, {}}, kNow);
    stranger_.learn(probe_.address);
  }

  // One message of a stranger's, with every line that Postfix prints of it.
  void message(int number) {
    const bool to_nobody = number % 5 == 0;
    const std::string id = fmt::format("4A{}", number);
    const std::string sender = stranger_.local_part() + "@evil.example";
    const std::string recipient = to_nobody         ? "nobody@shop.example"
                                  : number % 7 == 0 ? "ann@shop.example"
                                                    : "joe@shop.example";
    log("smtpd", fmt::format("{}: client=evil.example[203.0.113.9]", id));
    log("smtpd", fmt::format("improper command pipelining after EHLO from evil.example"
                             "[203.0.113.9]: {}",
                             stranger_.text()));
    log("smtpd",
        fmt::format("{}: reject: RCPT from evil.example[203.0.113.9]: 554 5.7.1 <{}>: Relay access "
                    "denied; from=<{}> to=<{}@else.example> proto=ESMTP helo=<{}>",
                    id, stranger_.text(), sender, stranger_.local_part(), stranger_.text()));
    log("cleanup", fmt::format("{}: message-id=<{}>", id, stranger_.text()));
    log("cleanup", fmt::format("{}: warning: header Subject: {} from evil.example[203.0.113.9]; "
                               "from=<{}> to=<{}> proto=ESMTP helo=<{}>",
                               id, stranger_.text(), sender, recipient, stranger_.text()));
    ask("RCPT", recipient, id);
    ask("END-OF-MESSAGE", "", id);
    if (number % 11 == 0) {
      log("cleanup", fmt::format("{}: milter-reject: END-OF-MESSAGE from evil.example"
                                 "[203.0.113.9]: 5.7.1 {}; from=<{}>",
                                 id, stranger_.text(), sender));
      return;
    }
    log("qmgr", fmt::format("{}: from=<{}>, size=300, nrcpt=1 (queue active)", id, sender));
    delivery(id, recipient, to_nobody);
    delivery(id, stranger_.local_part() + "@else.example", true);
    log("bounce", fmt::format("{}: sender non-delivery notification: 4B{}", id, number));
    log("qmgr", fmt::format("{}: removed", id));
    clock_.advance(std::chrono::milliseconds(1));
  }

  void proves_its_probe() {
    ask("RCPT", probe_.address, "4P1");
    ask("END-OF-MESSAGE", "", "4P1");
    log("qmgr", "4P1: from=<p@probe.example>, size=300, nrcpt=1 (queue active)");
  }

  // Everything that was concluded.
  std::string conclusions() {
    const auto taken = flow_.take();
    const auto flow = *database_->transact_blocking([&](monitor::Transaction& transaction) {
      taken.store(transaction);
      return read_flow(transaction, "shop.example", kNow, 1000, "");
    });
    std::string text =
        fmt::format("accepted {} forwarded {} hosted {} deferred {} rejected {}\n", flow.accepted,
                    flow.forwarded, flow.hosted, flow.deferred, flow.rejected);
    for (const auto& each : flow.recipients) {
      text += fmt::format("{} {} {} {}\n", each.address, each.count, each.old_accepted,
                          each.old_rejected);
    }
    const auto probe = probes_.find("shop.example", probe_.id, kNow);
    text += fmt::format("probe {} {}\n", to_text(probe->result), probe->delivered_at.has_value());
    for (const char* name : {"joe", "mary", "ann", "nobody"}) {
      text += ask("RCPT", std::string(name) + "@shop.example", "4Z").substr(0, 3) + "\n";
    }
    return text;
  }
  int lines() const { return lines_; }
  const MailTrail& trail() const { return trail_; }

 private:
  void delivery(const std::string& id, const std::string& recipient, bool refused) {
    log("smtp", fmt::format("{}: to=<{}>, relay={}, delay=0.1, delays=0/0/0/0.1, {} (host "
                            "mail.shop.example[192.0.2.7] said: {} (in reply to RCPT TO command))",
                            id, recipient, kOldServer,
                            refused ? "dsn=5.1.1, status=bounced" : "dsn=2.0.0, status=sent",
                            stranger_.text()));
  }
  // A line of ours may be several by what a stranger put into it.
  void log(const std::string& program, const std::string& message) {
    const std::string text =
        fmt::format("Nov  3 01:46:25 mx1 postfix-mx1/{}[123]: {}", program, message);
    std::string_view rest = text;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      policy_->read_log_line(line);
      ++lines_;
    }
  }
  std::string ask(const std::string& state, const std::string& recipient, const std::string& id) {
    PolicyRequest request;
    request.state = state;
    request.instance = id;
    request.queue_id = id;
    request.recipient = recipient;
    std::string reply;
    loop_.restart();
    asio::co_spawn(loop_, policy_->answer(request),
                   [&](std::exception_ptr, std::string text) { reply = std::move(text); });
    loop_.run();
    return reply.substr(std::string("action=").size());
  }

  ManualClock clock_{kNow};
  asio::io_context loop_;
  Stranger stranger_;
  std::unique_ptr<monitor::Database> database_ =
      std::move(*monitor::open_database("sqlite::memory:", agent_migrations()));
  Registry registry_{*database_, clock_};
  ProbeBoard probes_{"mx1"};
  FlowCollector flow_;
  MailTrail trail_{10026, true};
  Probe probe_;
  int lines_ = 0;
  // The old server says nothing: what is known of a name was read in the log.
  std::shared_ptr<PolicyService> policy_ = std::make_shared<PolicyService>(
      registry_, probes_, flow_, trail_, clock_,
      [](NextHop, std::vector<std::string> names) -> asio::awaitable<std::vector<OldServerReply>> {
        co_return std::vector<OldServerReply>(names.size());
      });
};

TEST(HostileLog, ChangesNoVerdictNoCountAndNoProbe) {
  Node plain(false), hostile(true);
  int messages = 0;
  while (hostile.lines() < lines_wanted()) {
    ++messages;
    plain.message(messages);
    hostile.message(messages);
    if (messages == 1000) {
      plain.proves_its_probe();
      hostile.proves_its_probe();
    }
  }
  EXPECT_GT(messages, 1000);
  EXPECT_LE(hostile.trail().waiting(), MailTrail::kEarlyLimit);
  const std::string found = plain.conclusions();
  EXPECT_EQ(hostile.conclusions(), found);
  EXPECT_NE(found.find("probe accepted false"), found.npos) << found;
  EXPECT_EQ(found.find("forwarded 0"), found.npos) << found;
  RecordProperty("lines", hostile.lines());
}

}  // namespace
}  // namespace mxswitch::orchestrator
