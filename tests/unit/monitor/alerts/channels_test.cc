#include "monitor/alerts/channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mxswitch::monitor {
namespace {

using testing::HasSubstr;
using testing::Not;

const Time kAt = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)) +
                 std::chrono::hours(14) + std::chrono::minutes(32) + seconds(10);

Alert ready_alert() {
  return {"shop.example", "ready", "READY shop.example: old MX gone", "Evidence.\nLink.", kAt};
}

TEST(KindOfTarget, KnowsMailAndWebhooks) {
  struct Case {
    std::string target;
    std::optional<TargetKind> kind;
  };
  for (const Case& c :
       {Case{"ops@outside.example", TargetKind::mail},
        Case{"https://hooks.example/x", TargetKind::webhook},
        Case{"http://198.51.100.210:8080/ready", TargetKind::webhook}, Case{"ops", std::nullopt},
        Case{"@outside.example", std::nullopt}, Case{"ops@", std::nullopt},
        Case{"a b@outside.example", std::nullopt}, Case{"", std::nullopt}}) {
    const auto kind = kind_of_target(c.target);
    EXPECT_EQ(kind.has_value(), c.kind.has_value()) << c.target;
    EXPECT_TRUE(!kind || kind.value() == c.kind) << c.target;
  }
}

TEST(ComposeMail, IsARightMessage) {
  const std::string mail =
      compose_mail("mxswitch@filter.example", "ops@outside.example", ready_alert(), "id-1");
  EXPECT_THAT(mail, HasSubstr("From: mxswitch <mxswitch@filter.example>\r\n"));
  EXPECT_THAT(mail, HasSubstr("To: <ops@outside.example>\r\n"));
  EXPECT_THAT(mail, HasSubstr("Subject: READY shop.example: old MX gone\r\n"));
  EXPECT_THAT(mail, HasSubstr("Date: Sun, 22 Nov 2026 14:32:10 +0000\r\n"));
  EXPECT_THAT(mail, HasSubstr("Message-ID: <id-1@mxswitch>\r\n"));
  EXPECT_THAT(mail, HasSubstr("Auto-Submitted: auto-generated\r\n"));
  EXPECT_THAT(mail,
              HasSubstr("\r\n\r\nREADY shop.example: old MX gone\r\n\r\nEvidence.\r\nLink.\r\n"));
}

TEST(ComposeMail, NoValueAddsAHeaderField) {
  Alert alert = ready_alert();
  alert.line = "READY\r\nBcc: everybody@outside.example\n\nhello \xc3\xa9";
  const std::string mail = compose_mail("a@b.example", "ops@outside.example", alert, "id");
  const std::string header = mail.substr(0, mail.find("\r\n\r\n"));
  EXPECT_THAT(header, Not(HasSubstr("\nBcc:")));
  for (const char c : header) EXPECT_LT(static_cast<unsigned char>(c), 0x80);
}

TEST(ComposeWebhook, HoldsTheAlertAndSurvivesBadUtf8) {
  Alert alert = ready_alert();
  alert.body = "\xff broken";
  const auto body = nlohmann::json::parse(compose_webhook(alert));
  EXPECT_EQ(body["domain"], "shop.example");
  EXPECT_EQ(body["kind"], "ready");
  EXPECT_EQ(body["at"], "2026-11-22T14:32:10Z");
}

}  // namespace
}  // namespace mxswitch::monitor
