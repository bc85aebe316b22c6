#include "dashboards/server/event_ring.h"

#include <gtest/gtest.h>

#include <thread>

#include "dashboards/server/recorder.h"
#include "tests/fakes/sample_snapshot.h"

namespace mxswitch::dashboards {
namespace {

constexpr Duration kLong = std::chrono::minutes(5);

EventText text(const std::string& full, const std::string& brief) {
  return {[full] { return full; }, [brief] { return brief; }};
}
const EventText kEmpty = text("{}", "{}");

EventText newest_of(const std::string& domain) { return text("newest " + domain, "brief"); }

TEST(EventRing, GivesWhatCameAfterInOrder) {
  EventRing ring(8, "aa", newest_of);
  const EventRing::Reader reader(ring);
  ring.publish("a.example", text("{1}", "{b1}"));
  ring.publish("b.example", text("{2}", "{b2}"));
  const auto batch = ring.after(1, kLong);
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(*batch.events[0]->full(), "id: aa-2\nevent: snapshot\ndata: {2}\n\n");
  EXPECT_EQ(*batch.events[0]->brief(), "id: aa-2\nevent: snapshot\ndata: {b2}\n\n");
  EXPECT_EQ(batch.seen, 2u);
  EXPECT_TRUE(ring.after(2, Duration(0)).events.empty());
}

TEST(EventRing, ASlowReaderSkipsToTheNewestOfEachDomain) {
  EventRing ring(2, "aa", newest_of);
  ring.publish("b.example", kEmpty);
  for (int i = 0; i < 10; ++i) ring.publish("a.example", kEmpty);
  const auto batch = ring.after(1, kLong);
  ASSERT_EQ(batch.events.size(), 2u);
  EXPECT_EQ(batch.events[0]->domain, "b.example");
  EXPECT_EQ(batch.events[1]->number, 11u);
}

TEST(EventRing, IsRenderedForItsFirstReaderAndForNobodyElse) {
  EventRing ring(8, "aa", newest_of);
  const EventRing::Reader reader(ring);
  int rendered = 0;
  const auto counted = [&] {
    ++rendered;
    return std::string("{}");
  };
  ring.publish("a.example", {counted, counted});
  const auto event = ring.newest().events.at(0);
  EXPECT_EQ(rendered, 0);
  event->brief();
  EXPECT_EQ(rendered, 1);
  EXPECT_EQ(event->brief(), ring.after(0, kLong).events.at(0)->brief());
  EXPECT_EQ(rendered, 1);
}

TEST(EventRing, HoldsNothingWhileNobodyReads) {
  EventRing ring(8, "aa", newest_of);
  const auto held = std::make_shared<std::string>("{}");
  const auto publish = [&] {
    ring.publish("a.example", {[held] { return *held; }, [held] { return *held; }});
  };
  publish();
  EXPECT_EQ(*ring.newest().events.at(0)->full(),
            "id: aa-1\nevent: snapshot\ndata: newest a.example\n\n");
  EXPECT_EQ(held.use_count(), 1);
  const EventRing::Reader reader(ring);
  publish();
  EXPECT_EQ(*ring.newest().events.at(0)->full(), "id: aa-2\nevent: snapshot\ndata: {}\n\n");
  EXPECT_EQ(held.use_count(), 3) << "by both forms";
}

TEST(EventRing, TheNewestOfADomainThatFellOutIsToldFromWhereItLies) {
  EventRing ring(1, "aa", newest_of);
  const EventRing::Reader reader(ring);
  ring.publish("a.example", text("{1}", "{b1}"));
  const auto held = ring.newest().events.at(0)->full();
  ring.publish("b.example", text("{2}", "{b2}"));
  const auto events = ring.newest().events;
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(*events[0]->full(), "id: aa-1\nevent: snapshot\ndata: newest a.example\n\n");
  EXPECT_EQ(*held, "id: aa-1\nevent: snapshot\ndata: {1}\n\n") << "who reads it still has it";
}

TEST(EventRing, APositionIsOfThisRunAndStillThere) {
  EventRing ring(2, "aa", newest_of);
  for (int i = 0; i < 5; ++i) ring.publish("a.example", kEmpty);
  const struct {
    const char* id;
    std::optional<std::uint64_t> position;
  } rows[] = {{"aa-5", 5},  {"aa-3", 3}, {"aa-2", {}}, {"bb-5", {}},
              {"aa-6", {}}, {"aa-", {}}, {"", {}},     {"aa-5x", {}}};
  for (const auto& row : rows) EXPECT_EQ(ring.position(row.id), row.position) << row.id;
}

TEST(EventRing, RemovalIsAnEventAndCloseWakes) {
  EventRing ring(4, "aa", newest_of);
  ring.publish("a.example", kEmpty);
  ring.remove("a.example");
  EXPECT_EQ(*ring.after(1, kLong).events[0]->full(),
            "id: aa-2\nevent: removed\ndata: {\"domain\":\"a.example\"}\n\n");
  EXPECT_TRUE(ring.newest().events.empty());
  std::thread waiter([&] { EXPECT_TRUE(ring.after(2, kLong).closed); });
  ring.close();
  waiter.join();
}

TEST(Recorder, MakesEachSnapshotOneEventAndKeepsChangesOfShares) {
  const Time now(std::chrono::hours(1000));
  orchestrator::SnapshotBoard board;
  EventRing ring(8, "aa", newest_of);
  Recorder recorder(board, ring);
  board.publish(fakes::shared(fakes::propagating_snapshot(now)));
  recorder.scan();
  recorder.scan();
  EXPECT_EQ(ring.after(0, kLong).events.size(), 1u);
  board.refresh(fakes::shared(fakes::propagating_snapshot(now)));
  recorder.scan();
  EXPECT_EQ(ring.after(0, kLong).events.size(), 1u) << "no news";
  board.publish(fakes::shared(fakes::propagating_snapshot(now + seconds(1))));
  recorder.scan();
  EXPECT_EQ(recorder.shares("shop.example").size(), 1u);
  board.publish(fakes::shared(fakes::ready_snapshot(now + seconds(2))));
  recorder.scan();
  const auto shares = recorder.shares("shop.example");
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[1].counts.at("new"), 12);
  board.remove("shop.example");
  recorder.scan();
  EXPECT_TRUE(recorder.shares("shop.example").empty());
}

TEST(Recorder, TheSeriesIsBounded) {
  orchestrator::SnapshotBoard board;
  EventRing ring(8, "aa", newest_of);
  Recorder recorder(board, ring);
  for (int i = 0; i < 1000; ++i) {
    auto snapshot = fakes::empty_snapshot(Time(seconds(i)));
    snapshot.report.by_class[monitor::AnswerClass::new_] = i + 1;
    board.publish(fakes::shared(std::move(snapshot)));
    recorder.scan();
  }
  const auto shares = recorder.shares("new.example");
  EXPECT_LE(shares.size(), Recorder::kMostPoints);
  EXPECT_EQ(shares.front().counts.at("new"), 1);
  EXPECT_GE(shares.back().counts.at("new"), 999);
}

}  // namespace
}  // namespace mxswitch::dashboards
