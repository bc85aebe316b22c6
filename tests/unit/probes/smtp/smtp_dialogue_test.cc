#include "probes/smtp/smtp_dialogue.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <random>

namespace mxswitch::probes {
namespace {

using asio::ip::tcp;

SmtpRequest to(std::vector<std::string> recipients) {
  SmtpRequest request;
  request.address = "127.0.0.1";
  request.helo = "relay.example";
  request.mail_from = "probe@shop.example";
  request.recipients = std::move(recipients);
  request.deadline = seconds(10);
  return request;
}

// What the client says to each reply, one a line.
std::string said(SmtpDialogue& dialogue, const std::vector<std::string>& replies) {
  std::string all;
  for (const std::string& reply : replies) all += dialogue.receive(reply + "\r\n");
  return all;
}

TEST(SmtpDialogue, AsksForEachRecipientAndQuits) {
  SmtpDialogue dialogue(to({"joe@shop.example", "no@shop.example"}));
  EXPECT_EQ(
      said(dialogue, {"220 mx.example ESMTP", "250-mx.example\r\n250-PIPELINING\r\n250 SIZE 1024",
                      "250 2.1.0 ok", "250 2.1.5 ok", "550 5.1.1 unknown", "221 bye"}),
      "EHLO relay.example\r\nMAIL FROM:<probe@shop.example>\r\n"
      "RCPT TO:<joe@shop.example>\r\nRCPT TO:<no@shop.example>\r\nQUIT\r\n");
  EXPECT_TRUE(dialogue.is_done());
  const SmtpOutcome& outcome = dialogue.outcome();
  EXPECT_EQ(outcome.greeting, "mx.example ESMTP");
  EXPECT_TRUE(outcome.extended);
  EXPECT_TRUE(outcome.has_size);
  EXPECT_EQ(outcome.size_limit, 1024u);
  ASSERT_EQ(outcome.recipients.size(), 2u);
  EXPECT_EQ(outcome.recipients[0].code, 250);
  EXPECT_EQ(outcome.recipients[1].code, 550);
  EXPECT_EQ(outcome.recipients[1].enhanced, "5.1.1");
  EXPECT_EQ(outcome.recipients[1].text, "5.1.1 unknown");
  EXPECT_FALSE(outcome.error);
  EXPECT_FALSE(outcome.accepted());
}

TEST(SmtpDialogue, TakesBackWhatItOnlyAsked) {
  for (const char* answer : {"250 2.0.0 ok", "421 4.3.2 closing", "500 what"}) {
    auto request = to({"joe@shop.example"});
    request.reset = true;
    SmtpDialogue dialogue(request);
    const std::string all = said(dialogue, {"220 mx", "250 mx", "250 ok", "250 ok", answer});
    EXPECT_TRUE(all.ends_with("RCPT TO:<joe@shop.example>\r\nRSET\r\nQUIT\r\n")) << all;
    EXPECT_EQ(dialogue.outcome().recipients[0].code, 250);
    EXPECT_FALSE(dialogue.outcome().error) << "it was answered before";
  }
}

TEST(SmtpDialogue, FallsBackToHelo) {
  SmtpDialogue dialogue(to({"joe@shop.example"}));
  EXPECT_EQ(said(dialogue, {"220 old", "502 what?", "250 hello"}),
            "EHLO relay.example\r\nHELO relay.example\r\nMAIL FROM:<probe@shop.example>\r\n");
  EXPECT_FALSE(dialogue.outcome().extended);
}

TEST(SmtpDialogue, SendsAMessageWhenOneRecipientIsTaken) {
  auto request = to({"no@shop.example", "joe@shop.example"});
  request.message = "Subject: x\n\n.dot\nend";
  request.mail_from = "";
  SmtpDialogue dialogue(std::move(request));
  EXPECT_EQ(said(dialogue, {"220 x", "250 x", "250 ok", "550 no", "250 ok", "354 go"}),
            "EHLO relay.example\r\nMAIL FROM:<>\r\nRCPT TO:<no@shop.example>\r\n"
            "RCPT TO:<joe@shop.example>\r\nDATA\r\nSubject: x\r\n\r\n..dot\r\nend\r\n.\r\n");
  EXPECT_EQ(said(dialogue, {"250 2.0.0 queued as 1"}), "QUIT\r\n");
  EXPECT_TRUE(dialogue.outcome().accepted());
  EXPECT_EQ(dialogue.outcome().data.enhanced, "2.0.0");
  dialogue.broke(Error{Fault::unavailable, "cut", "", ""});  // after QUIT it changes nothing
  EXPECT_TRUE(dialogue.is_done());
  EXPECT_FALSE(dialogue.outcome().error);
}

TEST(SmtpDialogue, SendsNoMessageWithoutARecipient) {
  auto request = to({"no@shop.example"});
  request.message = "x";
  SmtpDialogue dialogue(std::move(request));
  const std::string all = said(dialogue, {"220 x", "250 x", "250 ok", "451 4.7.1 later"});
  EXPECT_EQ(all.find("DATA"), std::string::npos);
  EXPECT_TRUE(all.ends_with("QUIT\r\n"));
  EXPECT_EQ(dialogue.outcome().recipients[0].enhanced, "4.7.1");
}

TEST(SmtpDialogue, SaysWhereItWasRefused) {
  const struct {
    std::vector<std::string> replies;
    Fault fault;
    const char* text;
  } kRows[] = {
      {{"554 go away"}, Fault::forbidden, "127.0.0.1: the greeting refuses us: 554 go away"},
      {{"421 busy"}, Fault::unavailable, "127.0.0.1: the server ends the session: 421 busy"},
      {{"220 x", "550 no", "550 no"},
       Fault::forbidden,
       "127.0.0.1: our HELO name is refused: 550 no"},
      {{"220 x", "250 x", "450 later"},
       Fault::unavailable,
       "127.0.0.1: the sender is refused: 450 later"},
      {{"220 x", "250 x", "250 x", "421 bye"},
       Fault::unavailable,
       "127.0.0.1: the server ends the session: 421 bye"},
      {{"SSH-2.0-OpenSSH"},
       Fault::malformed,
       "127.0.0.1: the answer is not an SMTP reply; is this an SMTP server?"},
  };
  for (const auto& row : kRows) {
    SmtpDialogue dialogue(to({"joe@shop.example"}));
    (void)said(dialogue, row.replies);
    ASSERT_TRUE(dialogue.outcome().error) << row.text;
    EXPECT_EQ(dialogue.outcome().error->fault, row.fault) << row.text;
    EXPECT_EQ(dialogue.outcome().error->text(), row.text);
  }
}

TEST(SmtpDialogue, ABreakAfterTheMessageLeavesTheOutcomeUnknown) {
  auto request = to({"joe@shop.example"});
  request.message = "x";
  SmtpDialogue dialogue(std::move(request));
  (void)said(dialogue, {"220 x", "250 x", "250 x", "250 x", "354 go"});
  dialogue.broke(Error{Fault::unavailable, "the connection broke", "", ""});
  EXPECT_EQ(dialogue.outcome().error->fault, Fault::timed_out);
  EXPECT_EQ(dialogue.outcome().error->mend, "it is unknown whether the message was accepted");
}

TEST(SmtpDialogue, ReadsSize) {
  const struct {
    const char* line;
    bool has_size;
    std::uint64_t limit;
  } kRows[] = {{"SIZE 5", true, 5},    {"size 7", true, 7}, {"SIZE", true, 0},
               {"SIZE x", true, 0},    {"SIZE ", true, 0},  {"SIZE 99999999999999999999", true, 0},
               {"SIZEABLE", false, 0}, {"DSN", false, 0}};
  for (const auto& row : kRows) {
    SmtpDialogue dialogue(to({}));
    EXPECT_TRUE(
        said(dialogue, {"220 x", std::string("250-x\r\n250 ") + row.line}).ends_with("QUIT\r\n"));
    EXPECT_EQ(dialogue.outcome().has_size, row.has_size) << row.line;
    EXPECT_EQ(dialogue.outcome().size_limit, row.limit) << row.line;
  }
}

TEST(DotStuffing, EndsLinesAndHidesDots) {
  const struct {
    const char* message;
    const char* result;
  } kRows[] = {
      {"", ".\r\n"},
      {"a", "a\r\n.\r\n"},
      {"a\n", "a\r\n.\r\n"},
      {"a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
      {".", "..\r\n.\r\n"},
      {"a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"},
      {"a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"},
      {"a\r\n.\r\nQUIT", "a\r\n..\r\nQUIT\r\n.\r\n"},
      {"..a", "...a\r\n.\r\n"},
      {"\n\n", "\r\n\r\n.\r\n"},
  };
  for (const auto& row : kRows) EXPECT_EQ(dot_stuffed(row.message), row.result) << row.message;
}

TEST(SmtpRequestCheck, LetsNothingBreakOutOfALine) {
  auto request = to({"a@b\r\nDATA"});
  EXPECT_EQ(check_smtp_request(request).error().what, "bad recipient address");
  request.recipients = {"a@b>"};
  EXPECT_EQ(check_smtp_request(request).error().what, "bad recipient address");
  request.recipients = {""};
  EXPECT_EQ(check_smtp_request(request).error().what, "bad recipient address");
  request = to({"a@b"});
  EXPECT_TRUE(check_smtp_request(request));
  request.mail_from = "x y";
  EXPECT_EQ(check_smtp_request(request).error().what, "bad sender address");
  request = to({});
  request.helo = "";
  EXPECT_EQ(check_smtp_request(request).error().what, "bad HELO name");
}

TEST(SmtpDialogue, SurvivesAnyBytes) {
  std::mt19937 random(3);
  const std::string pieces[] = {"220 x\r\n",        "250 ok\r\n", "250-",
                                "SIZE 1\r\n",       "354 go\r\n", "421 bye\r\n",
                                "550 5.1.1 no\r\n", "502 ?\r\n"};
  for (int round = 0; round < 5000; ++round) {
    auto request = to({"a@b", "c@d"});
    request.message = "x";
    SmtpDialogue dialogue(std::move(request));
    std::string sent;
    for (int i = 0; i < 30 && !dialogue.is_done(); ++i) {
      const auto dice = random() % 9;
      sent +=
          dialogue.receive(dice < 8 ? pieces[dice] : std::string(1, static_cast<char>(random())));
    }
    EXPECT_LT(sent.size(), 300u);
  }
}

// Over TCP, against a server that follows a script.

struct Step {
  std::string line;   // what the client must say, without the line end
  std::string reply;  // sent back as it is; empty: the server closes
};

asio::awaitable<void> serve(tcp::acceptor& acceptor, std::string greeting,
                            std::vector<Step> steps) {
  tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(greeting), asio::use_awaitable);
  std::string input;
  for (const Step& step : steps) {
    const std::string expected = step.line + "\r\n";
    asio::error_code code;
    while (input.size() < expected.size() && !code) {
      char piece[512];
      const auto got = co_await socket.async_read_some(
          asio::buffer(piece), asio::redirect_error(asio::use_awaitable, code));
      input.append(piece, got);
    }
    if (step.line.empty()) co_return;  // it only waited for the client to leave
    EXPECT_EQ(input.substr(0, expected.size()), expected);
    input.erase(0, expected.size());
    if (step.reply.empty()) co_return;
    co_await asio::async_write(socket, asio::buffer(step.reply), asio::use_awaitable);
  }
}

SmtpOutcome run_against(const std::string& address, SmtpRequest request, std::string greeting,
                        std::vector<Step> steps) {
  asio::io_context loop;
  tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::make_address(address), 0));
  request.address = address;
  request.port = acceptor.local_endpoint().port();
  asio::co_spawn(loop, serve(acceptor, std::move(greeting), std::move(steps)), asio::detached);
  SmtpOutcome outcome;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> { outcome = co_await run_smtp(loop.get_executor(), request); },
      asio::detached);
  loop.run();
  return outcome;
}

TEST(RunSmtp, DeliversOverTcp) {
  auto request = to({"joe@shop.example"});
  request.message = "Subject: probe\n\nhello\n";
  const auto outcome = run_against("127.0.0.1", request, "220 mx ESMTP\r\n",
                                   {{"EHLO relay.example", "250-mx\r\n250 SIZE 2048\r\n"},
                                    {"MAIL FROM:<probe@shop.example>", "250 2.1.0 ok\r\n"},
                                    {"RCPT TO:<joe@shop.example>", "250 2.1.5 ok\r\n"},
                                    {"DATA", "354 go\r\n"},
                                    {"Subject: probe\r\n\r\nhello\r\n.", "250 2.0.0 queued\r\n"},
                                    {"QUIT", "221 bye\r\n"}});
  EXPECT_FALSE(outcome.error) << outcome.error->text();
  EXPECT_TRUE(outcome.connected);
  EXPECT_TRUE(outcome.accepted());
  EXPECT_EQ(outcome.size_limit, 2048u);
}

TEST(RunSmtp, ReachesIpv6) {
  const auto outcome = run_against("::1", to({}), "220 mx\r\n",
                                   {{"EHLO relay.example", "250 mx\r\n"}, {"QUIT", "221 bye\r\n"}});
  EXPECT_FALSE(outcome.error);
  EXPECT_TRUE(outcome.extended);
}

TEST(RunSmtp, SaysThatTheConnectionBroke) {
  const auto outcome = run_against("127.0.0.1", to({"joe@shop.example"}), "220 mx\r\n",
                                   {{"EHLO relay.example", ""}});
  ASSERT_TRUE(outcome.error);
  EXPECT_TRUE(outcome.connected);
  EXPECT_EQ(outcome.error->fault, Fault::unavailable);
  EXPECT_EQ(outcome.recipients.at(0).code, 0);
}

TEST(RunSmtp, EndsByTheDeadline) {
  auto request = to({"joe@shop.example"});
  request.deadline = Duration(30);
  const auto outcome =
      run_against("127.0.0.1", request, "220-mx says nothing more\r\n", {{"", ""}});
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->fault, Fault::timed_out);
  EXPECT_EQ(outcome.error->what, "the session did not end within 30 ms");
}

TEST(RunSmtp, RefusesNamesAndReportsClosedPorts) {
  asio::io_context loop;
  auto name = to({"joe@shop.example"});
  name.address = "mail.shop.example";
  auto closed = to({"joe@shop.example"});
  {
    tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    closed.port = acceptor.local_endpoint().port();
  }
  SmtpOutcome by_name, by_port;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        by_name = co_await run_smtp(loop.get_executor(), name);
        by_port = co_await run_smtp(loop.get_executor(), closed);
      },
      asio::detached);
  loop.run();
  EXPECT_EQ(by_name.error->text(), "mail.shop.example: not an IPv4 or IPv6 address");
  EXPECT_FALSE(by_port.connected);
  EXPECT_EQ(by_port.error->fault, Fault::unavailable);
  EXPECT_EQ(by_port.error->text(), "127.0.0.1: cannot connect: Connection refused");
}

}  // namespace
}  // namespace mxswitch::probes
