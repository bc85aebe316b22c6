// What a hostile domain makes a watch ask, over an hour of virtual time: the agenda says when it is
// walked, and every query is counted where it goes.
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include "monitor/watch/agenda.h"
#include "monitor/watch/enumerate.h"
#include "tests/unit/probes/dns/simulated_internet.h"

namespace mxswitch::monitor {
namespace {

using probes::SimulatedInternet;

// Each query leaves at its owner's slot; time goes on to there, and by what silence costs.
class CountingTransport final : public probes::Transport {
 public:
  CountingTransport(SimulatedInternet& below, Watched& owner, Time now)
      : below_(below), owner_(owner), now_(now) {}

  asio::awaitable<probes::Reply> ask(probes::Query query) override {
    now_ = std::max(now_, owner_.walk_slot(now_));
    sent.emplace_back(now_, query.server);
    probes::Reply reply = co_await below_.ask(query);
    co_return reply;
  }
  Time now() const { return now_; }

  std::vector<std::pair<Time, Endpoint>> sent;

 private:
  SimulatedInternet& below_;
  Watched& owner_;
  Time now_;
};

Time at(Duration since) { return Time(seconds(1'000'000)) + since; }

class HostileWalk : public testing::Test {
 protected:
  HostileWalk() {
    net_.serve("198.41.0.4", ".",
               "example 172800 NS a.nic.example\na.nic.example 172800 A 192.0.2.1");
    WatchedOwner made;
    made.input.owner = *DnsName::parse("evil.example");
    made.input.expected = *MxSet::parse("10 mx1.filter.example");
    entry_ = agenda_.add(made, Propagation(made.input, at(seconds(0))), at(seconds(0)));
  }

  WalkResult walk(CountingTransport& transport) {
    EnumerateRequest request;
    request.owner = entry_->core.input().owner;
    request.expected = entry_->core.input().expected;
    request.delegation.roots = {*Endpoint::parse("198.41.0.4")};
    request.random_label = "mxswitch-0";
    request.memory = &entry_->walk_memory;
    entry_->walk_memory.begin(transport.now());
    asio::io_context loop;
    auto done = asio::co_spawn(loop, enumerate(transport, std::move(request)), asio::use_future);
    loop.run();
    return done.get();
  }

  // Plays an hour; each walk is checked by itself.
  void play() {
    for (Time now = at(seconds(0)); now < at(std::chrono::hours(1));) {
      bool walks = false;
      for (const Task& task : agenda_.take_due(now))
        walks = walks || std::holds_alternative<Walk>(task.what);
      if (walks) {
        CountingTransport transport(net_, *entry_, now);
        WalkResult result = walk(transport);
        ++walks_;
        check_victims(transport.sent);
        for (const auto& [when, server] : transport.sent) sent_.push_back(when);
        now = transport.now();
        left_out_ = result.limits.left_out.size();
        agenda_.walked(entry_, std::move(result), now);
      }
      now = std::max(now + Duration(10), agenda_.next_wakeup().value_or(now + seconds(1)));
    }
  }

  static void check_victims(const std::vector<std::pair<Time, Endpoint>>& sent) {
    std::map<Endpoint, int> at_server;
    for (const auto& [when, server] : sent) ++at_server[server];
    for (const auto& [server, count] : at_server) EXPECT_LE(count, 30) << server.text();
  }

  // The most that left within any minute that begins later than this.
  int most_in_a_minute(Time from) const {
    int most = 0;
    for (const Time begin : sent_) {
      if (begin < from) continue;
      const auto within = std::count_if(sent_.begin(), sent_.end(), [&](Time one) {
        return one >= begin && one < begin + seconds(60);
      });
      most = std::max(most, static_cast<int>(within));
    }
    return most;
  }

  SimulatedInternet net_;
  Agenda agenda_{Rates{}};
  std::shared_ptr<Watched> entry_;
  std::vector<Time> sent_;
  int walks_ = 0;
  std::size_t left_out_ = 0;
};

// NXNSAttack: a thousand servers in a victim's zone, which knows none of them.
TEST_F(HostileWalk, NamesWithoutGlueAtAVictim) {
  std::string zone =
      "victim.example 7200 NS ns1.victim.example\nns1.victim.example 7200 A 192.0.2.70\n";
  for (int i = 0; i < 200; ++i)
    zone += "evil.example 7200 NS x" + std::to_string(i) + ".victim.example\n";
  net_.serve("192.0.2.1", "example", zone);
  net_.serve("192.0.2.70", "victim.example", "ns1.victim.example 60 A 192.0.2.70\n");
  play();
  EXPECT_GT(walks_, 3);
  EXPECT_GT(left_out_, 0u) << "who was not looked for yet is named";
  EXPECT_LE(most_in_a_minute(at(std::chrono::minutes(10))), 60);
}

// Each name leads to further ones, in zones that refer on.
TEST_F(HostileWalk, ReferralsWithoutEnd) {
  net_.tamper = [](const probes::Query& query, probes::Answer& answer) {
    if (query.server.text() == "198.41.0.4") return;
    answer = probes::Answer{};
    DnsName cut = query.question.name;
    while (cut.label_count() > 2) cut = cut.parent();
    for (int i = 0; i < 20; ++i) {
      const auto label =
          "n" + std::to_string(std::hash<std::string>{}(query.question.name.text()) % 100'000 +
                               static_cast<std::size_t>(i));
      const DnsName host = *DnsName::parse("ns." + label + ".example");
      answer.authority.push_back({cut, probes::RrType::ns, 60, host});
    }
  };
  net_.serve("192.0.2.1", "example", "");
  play();
  EXPECT_GT(walks_, 3);
  EXPECT_LE(most_in_a_minute(at(std::chrono::minutes(10))), 60);
}

// Glue at which nobody speaks for the zone.
TEST_F(HostileWalk, GlueThatRefuses) {
  std::string zone;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "ns" + std::to_string(i) + ".evil.example";
    zone += "evil.example 7200 NS " + name + "\n";
    for (int j = 0; j < 4; ++j)
      zone += name + " 7200 A 203.0.113." + std::to_string((i * 4 + j) % 120 + 1) + "\n";
  }
  net_.serve("192.0.2.1", "example", zone);
  for (int i = 1; i <= 120; ++i) {
    net_.serve("203.0.113." + std::to_string(i), "other.example", "");
    net_.refuse("203.0.113." + std::to_string(i));
  }
  play();
  EXPECT_LE(most_in_a_minute(at(std::chrono::minutes(10))), 60);
}

}  // namespace
}  // namespace mxswitch::monitor
