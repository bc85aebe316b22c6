// The page's server: a publisher, streams, readers and commands at once, then stop().
#include <gtest/gtest.h>

#include <atomic>

#include "dashboards/server/dashboard_server.h"
#include "tests/fakes/sample_snapshot.h"
#include "tests/threads/crowd.h"
#include "tests/unit/probes/base/raw_client.h"

namespace mxswitch::dashboards {
namespace {

const Time kNow(std::chrono::hours(490000));

class NoCommands final : public orchestrator::CommandSink {
 public:
  Result<orchestrator::Operation> submit(orchestrator::Command) override {
    return fail(Fault::unavailable, "none here");
  }
  Result<orchestrator::Operation> operation(const std::string& id) override {
    return fail(Fault::not_found, "no such operation", id);
  }
};

class NoAcks final : public AckSink {
 public:
  Result<std::string> acknowledge(const std::string&) override {
    return fail(Fault::not_found, "none here");
  }
};

std::string get(int port, const std::string& path) {
  return mxswitch::exchange(port, "GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n");
}

TEST(DashboardThreads, PublishesToStreamsAndReadersUntilItStops) {
  ManualClock clock{kNow};
  orchestrator::SnapshotBoard board;
  NoCommands commands;
  NoAcks acks;
  DashboardOptions options;
  options.http.threads = 10;
  options.max_streams = 4;
  options.ring_capacity = 8;  // slow readers fall behind
  DashboardServer server(options, board, commands, acks, clock);
  board.publish(fakes::shared(fakes::propagating_snapshot(kNow)));
  ASSERT_TRUE(server.start());
  const char* paths[] = {"/", "/d/shop.example", "/api/v1/switchovers", "/metrics"};
  threads::Crowd streams(4, [&](int) {
    EXPECT_NE(get(server.port(), "/api/v1/events").find("event: "), std::string::npos);
  });
  threads::Crowd readers(4, [&](int number) {
    for (int turn = 0; turn < 10; ++turn) {
      EXPECT_NE(get(server.port(), paths[number]).find(" 200 "), std::string::npos);
    }
  });
  for (std::uint64_t sequence = 1; sequence <= 40; ++sequence) {
    auto next = fakes::propagating_snapshot(kNow);
    next.sequence += sequence;
    board.publish(fakes::shared(std::move(next)));
  }
  readers.join();
  server.set_ready(false);
  server.stop();
  streams.join();
}

}  // namespace
}  // namespace mxswitch::dashboards
