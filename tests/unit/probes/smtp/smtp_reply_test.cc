#include "probes/smtp/smtp_reply.h"

#include <gtest/gtest.h>

#include <random>

namespace mxswitch::probes {
namespace {

std::string shown(const std::string& bytes) {
  SmtpReplyParser parser;
  parser.feed(bytes);
  std::string all;
  for (;;) {
    const auto reply = parser.next();
    if (!reply) return all + "!" + reply.error().what;
    if (!reply->has_value()) return all;
    all += std::to_string((*reply)->code) + "[" + (*reply)->enhanced + "]" + (*reply)->text() + ";";
  }
}

TEST(SmtpReply, ReadsRepliesAndRefusesWhatIsNone) {
  const std::string kBad = "!the answer is not an SMTP reply";
  const struct {
    std::string bytes, result;
  } kRows[] = {
      {"", ""},
      {"250 ok", ""},
      {"250 ok\r\n", "250[]ok;"},
      {"250 ok\n", "250[]ok;"},
      {"250\r\n", "250[];"},
      {"250-a\r\n250-b\r\n250 c\r\n", "250[]a b c;"},
      {"250-a\r\n250-b\r\n", ""},
      {"550 5.1.1 <x@y>: no such user\r\n", "550[5.1.1]5.1.1 <x@y>: no such user;"},
      {"451 4.3.0\r\n221 2.0.0 bye\r\n", "451[4.3.0]4.3.0;221[2.0.0]2.0.0 bye;"},
      {"550 4.1.1 class differs\r\n", "550[]4.1.1 class differs;"},
      {"550 5.1234.1 x\r\n", "550[]5.1234.1 x;"},
      {"550 5.1. x\r\n", "550[]5.1. x;"},
      {"550 5.1.1x\r\n", "550[]5.1.1x;"},
      {"550 5.777.888 x\r\n", "550[5.777.888]5.777.888 x;"},
      {std::string("250 a\0\x1b[31mb\xff\r\n", 15), "250[]a??[31mb?;"},
      {"250-a\r\n251 b\r\n", "!the lines of an SMTP reply have different codes"},
      {"HTTP/1.1 400\r\n", kBad},
      {"\r\n", kBad},
      {"25\r\n", kBad},
      {"150 x\r\n", kBad},
      {"600 x\r\n", kBad},
      {"250_x\r\n", kBad},
      {std::string(3000, '2'), "!a line of an SMTP reply is too long"},
      {"250 " + std::string(3000, 'a') + "\r\n", "!a line of an SMTP reply is too long"},
  };
  for (const auto& row : kRows) EXPECT_EQ(shown(row.bytes), row.result) << row.bytes.substr(0, 60);
  std::string endless;
  for (int i = 0; i < 200; ++i) endless += "250-x\r\n";
  EXPECT_EQ(shown(endless), "!an SMTP reply has too many lines");
}

TEST(SmtpReply, DoesNotCareHowBytesArrive) {
  SmtpReplyParser parser;
  const std::string bytes = "250-mail.example\r\n250 SIZE 100\r\n";
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    parser.feed(bytes.substr(i, 1));
    ASSERT_FALSE(parser.next().value()) << i;
  }
  parser.feed("\n");
  EXPECT_EQ(parser.next().value()->lines, (std::vector<std::string>{"mail.example", "SIZE 100"}));
}

TEST(SmtpReply, SurvivesAnyBytes) {
  std::mt19937 random(42);
  const std::string pieces[] = {"250", "-", " ", "\r\n", "550 5.1.1", ".", "354 go\r\n", "\n"};
  for (int round = 0; round < 20000; ++round) {
    SmtpReplyParser parser;
    for (auto i = random() % 30; i > 0; --i) {
      const auto dice = random() % 12;
      parser.feed(dice < 8 ? pieces[dice] : std::string(1, static_cast<char>(random())));
      const auto reply = parser.next();
      if (!reply) break;
      if (!reply->has_value()) continue;
      EXPECT_GE((*reply)->code, 200);
      EXPECT_LT((*reply)->code, 600);
      EXPECT_FALSE((*reply)->lines.empty());
    }
  }
}

}  // namespace
}  // namespace mxswitch::probes
