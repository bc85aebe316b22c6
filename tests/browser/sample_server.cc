// Serves the dashboard with sample snapshots on a free port of loopback, for the browser tests
// and for work on the page. Prints the port on its first line. Each line on standard input is a
// step: the name of a state ("ready", "fault", ...; tests/fakes/sample_states.h) publishes
// shop.example in it; "remove" takes it away; "hang" stops the server for the test of the stale
// sign; the end of input ends the program.
#include <iostream>
#include <string>

#include "dashboards/server/dashboard_server.h"
#include "tests/fakes/sample_states.h"

namespace {

using namespace mxswitch;

class NoCommands final : public orchestrator::CommandSink {
 public:
  Result<orchestrator::Operation> submit(orchestrator::Command command) override {
    return fail(Fault::unavailable, "this server only shows samples", command.domain);
  }
  Result<orchestrator::Operation> operation(const std::string& id) override {
    return fail(Fault::not_found, "no such operation", id);
  }
};

class Acks final : public dashboards::AckSink {
 public:
  Result<std::string> acknowledge(const std::string& token) override {
    if (token != "0123456789abcdef0123456789abcdef") {
      return fail(Fault::not_found, "this link is not known or was used before");
    }
    return "The channel email o***@outside.example is acknowledged.";
  }
};

// Each one published is another one, as the daemon counts them.
orchestrator::SnapshotPtr sample(const std::string& state, Time now) {
  static std::uint64_t sequence = 100;
  for (const auto& known : fakes::state_samples()) {
    if (known.name != state) continue;
    auto snapshot = known.make(now);
    snapshot.sequence = ++sequence;
    return fakes::shared(std::move(snapshot));
  }
  std::cerr << "no sample is called \"" << state << "\"\n";
  return nullptr;
}

// What the chart is made of: a drain as the recorder would have seen it, before the server starts.
orchestrator::Snapshot past(Time now, int step) {
  auto snapshot = fakes::propagating_snapshot(now);
  auto& report = snapshot.report;
  report.at = now - std::chrono::minutes(20 - 2 * step);
  report.by_class = {{monitor::AnswerClass::old, 11 - step},
                     {monitor::AnswerClass::failed, 1},
                     {monitor::AnswerClass::new_, step}};
  report.split = 0;
  return snapshot;
}

}  // namespace

int main() {
  const SystemClock clock;
  orchestrator::SnapshotBoard board;
  NoCommands commands;
  Acks acks;
  dashboards::DashboardOptions options;
  options.version = "0.1.0";
  dashboards::DashboardServer server(options, board, commands, acks, clock);
  for (int step = 0; step < 9; ++step) {
    board.publish(fakes::shared(past(clock.now(), step)));
    server.record();
  }
  board.publish(sample("propagating", clock.now()));
  board.publish(fakes::shared(fakes::empty_snapshot(clock.now())));
  if (const auto started = server.start(); !started) {
    std::cerr << started.error().text() << "\n";
    return 1;
  }
  std::cout << server.port() << std::endl;
  for (std::string step; std::getline(std::cin, step);) {
    if (step == "hang") {
      server.stop();
    } else if (step == "remove") {
      board.remove("shop.example");
    } else {
      board.publish(sample(step, clock.now()));
    }
    std::cout << "done " << step << std::endl;
  }
  server.stop();
}
