#include "monitor/alerts/outbox.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
const std::string kMail = "ops@outside.example";
const std::string kHook = "https://hooks.example/x";

class OutboxTest : public testing::Test {
 protected:
  template <class F>
  auto step(F work) {
    auto result = database_->transact_blocking(std::move(work));
    EXPECT_TRUE(result) << (result ? "" : result.error().text());
    return result;
  }
  std::vector<OutboxRow> due(Time now) {
    return *step([now](Transaction& t) { return due_alerts(t, now, 100); });
  }
  void enqueue() {
    step([](Transaction& t) {
      enqueue_alert(t, {"shop.example", "ready", "READY shop.example", "because", kStart},
                    {kMail, kHook});
    });
  }

  std::unique_ptr<Database> database_ = *open_database("sqlite::memory:", alert_migrations());
};

TEST_F(OutboxTest, OneRowATargetUntilEachIsDelivered) {
  enqueue();
  auto rows = due(kStart);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].target, kMail);
  EXPECT_EQ(rows[0].alert.line, "READY shop.example");
  step([&](Transaction& t) { mark_delivered(t, rows[0].id, kStart); });
  rows = due(kStart);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].target, kHook);
}

TEST_F(OutboxTest, RetriesDoubleToTenMinutesAndEndAfterThreeDays) {
  enqueue();
  const auto id = due(kStart)[0].id;
  Time now = kStart;
  std::vector<std::int64_t> delays;
  while (now < kStart + std::chrono::hours(73)) {
    step([&](Transaction& t) { mark_failed(t, id, "connection refused", now); });
    step([&](Transaction& t) {
      t.execute("UPDATE outbox SET next_attempt_at = NULL WHERE id <> ?", {id});
    });
    const auto next = *step([](Transaction& t) { return next_alert_due(t); });
    if (!next) break;
    delays.push_back((*next - now) / seconds(1));
    now = *next;
  }
  ASSERT_GT(delays.size(), 9u);
  EXPECT_EQ((std::vector<std::int64_t>(delays.begin(), delays.begin() + 8)),
            (std::vector<std::int64_t>{5, 10, 20, 40, 80, 160, 320, 600}));
  EXPECT_GT(now, kStart + std::chrono::hours(72));
  EXPECT_TRUE(due(now + std::chrono::hours(100)).empty());
}

TEST_F(OutboxTest, WhatIsHeldWaitsAndIsTakenBackByItsEnd) {
  for (const std::string operation : {"op-1", "op-2"}) {
    step([&](Transaction& t) {
      const Alert begun{"shop.example", "switch-begun", operation, "", kStart};
      hold_alert(t, begun, {kMail, kHook}, kStart + seconds(60), operation);
    });
  }
  EXPECT_TRUE(due(kStart + seconds(59)).empty());
  EXPECT_EQ(*step([](Transaction& t) { return next_alert_due(t); }), kStart + seconds(60));
  step([](Transaction& t) { withdraw_alerts(t, "shop.example", "op-1"); });
  const auto rows = due(kStart + seconds(60));
  ASSERT_EQ(rows.size(), 2u) << "those of the operation that goes on";
  EXPECT_EQ(rows[0].alert.line, "op-2");
}

TEST_F(OutboxTest, WhatWasDeliveredIsNotTakenBack) {
  step([&](Transaction& t) {
    hold_alert(t, {"shop.example", "switch-begun", "begun", "", kStart}, {kMail}, kStart, "op-1");
  });
  const auto id = due(kStart).at(0).id;
  step([&](Transaction& t) { mark_delivered(t, id, kStart); });
  step([](Transaction& t) { withdraw_alerts(t, "shop.example", "op-1"); });
  EXPECT_TRUE(*step([&](Transaction& t) {
    return t.query("SELECT last_error FROM outbox WHERE id = ?", {id})[0].is_null(0);
  }));
}

TEST_F(OutboxTest, ATargetIsAcknowledgedOnceAndProvedByAnyDomain) {
  const std::string token = *step(
      [](Transaction& t) { return make_acknowledge_token(t, "shop.example", kMail, kStart); });
  step([&](Transaction& t) { return acknowledge(t, token, kStart); });
  step([](Transaction& t) {
    record_delivery(t, "book.example", kMail, std::nullopt, kStart + seconds(60));
    record_delivery(t, "shop.example", kMail, "refused", kStart);
    record_reach(t, "farm.example", kMail, "no route", kStart + seconds(90));
  });
  const auto states = *step([](Transaction& t) { return contact_states(t, {kHook, kMail}); });
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states[0].acknowledged_at, kStart);
  EXPECT_TRUE(states[0].last_delivery_ok);
  EXPECT_EQ(states[0].last_delivery_at, kStart + seconds(60));
  EXPECT_EQ(states[0].reached_at, kStart + seconds(90));
  EXPECT_EQ(states[0].reach_error, "no route");
}

TEST_F(OutboxTest, OnlyTheButtonAcknowledges) {
  const std::string token = *step(
      [](Transaction& t) { return make_acknowledge_token(t, "shop.example", kMail, kStart); });
  EXPECT_EQ(token.size(), 32u);
  auto states = *step([](Transaction& t) { return contact_states(t, {kMail}); });
  ASSERT_EQ(states.size(), 1u);
  EXPECT_FALSE(states[0].acknowledged_at);

  const auto again = kStart + std::chrono::hours(1);
  for (const Time at : {kStart, again}) {
    const auto state = *step([&](Transaction& t) { return acknowledge(t, token, at); });
    EXPECT_EQ(state.acknowledged_at, kStart) << "the first press counts";
  }
}

TEST_F(OutboxTest, AnUnknownOrExpiredTokenIsRefusedWithTheWayOut) {
  const std::string token = *step(
      [](Transaction& t) { return make_acknowledge_token(t, "shop.example", kMail, kStart); });
  for (const std::string& wrong : {std::string("00"), token}) {
    const auto result = database_->transact_blocking(
        [&](Transaction& t) { return acknowledge(t, wrong, kStart + std::chrono::hours(24 * 8)); });
    ASSERT_FALSE(result);
    EXPECT_EQ(
        result.error().text(),
        "this link is unknown or has expired; ask for a new test: mxswitch alert test DOMAIN");
  }
}

TEST_F(OutboxTest, TheLastDeliveryIsRemembered) {
  step([](Transaction& t) { record_delivery(t, "shop.example", kHook, std::nullopt, kStart); });
  step([](Transaction& t) {
    record_delivery(t, "shop.example", kHook, "connection refused", kStart + seconds(10));
  });
  const auto states = *step([](Transaction& t) { return contact_states(t, {kHook}); });
  ASSERT_EQ(states.size(), 1u);
  EXPECT_FALSE(states[0].last_delivery_ok);
  EXPECT_EQ(states[0].last_error, "connection refused");
  EXPECT_EQ(states[0].last_delivery_at, kStart + seconds(10));
}

}  // namespace
}  // namespace mxswitch::monitor
