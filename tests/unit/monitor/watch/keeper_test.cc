// A process that ends without a word, and the next one on the same database.
#include "monitor/watch/keeper.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include "monitor/watch/observations.h"

namespace mxswitch::monitor {
namespace {

const Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));

class KeeperTest : public testing::Test {
 protected:
  KeeperTest() {
    std::vector<probes::Resolver> list(1);
    list[0].endpoint = *Endpoint::parse("9.9.9.9");
    list[0].operator_name = "Quad9";
    owner.input.owner = *DnsName::parse("shop.example");
    owner.input.expected = MxSet::parse("10 mx1.filter.example").value();
    owner.input.resolvers = list;
    owner.spf.emplace();
    database = std::move(*open_database("sqlite::memory:", observation_migrations()));
  }

  void run(asio::awaitable<void> work) {
    auto future = asio::co_spawn(io, std::move(work), asio::use_future);
    io.restart();
    io.run();
    future.get();
  }

  // What a new process takes up.
  std::shared_ptr<Watched> start() {
    Keeper keeper(clock, database.get());
    std::shared_ptr<Watched> entry;
    agenda = std::make_unique<Agenda>(Rates{});
    run([&]() -> asio::awaitable<void> {
      auto found = co_await keeper.restored(owner.input);
      if (!found) throw std::runtime_error(found.error().text());
      entry = agenda->add(owner, std::move(found->core), clock.now(), std::move(found->opening));
    }());
    return entry;
  }
  void save() {
    Keeper keeper(clock, database.get());
    auto taken = agenda->take_save(clock.reading());
    ASSERT_TRUE(taken);
    const auto kept = std::make_shared<const Save>(std::move(*taken));
    run([&]() -> asio::awaitable<void> {
      const bool done = co_await keeper.keep(kept);
      EXPECT_TRUE(done);
    }());
  }

  asio::io_context io;
  ManualClock clock{kStart};
  std::unique_ptr<Database> database;
  WatchedOwner owner;
  std::unique_ptr<Agenda> agenda;
};

TEST_F(KeeperTest, SpfEvidenceIsThereAgain) {
  const auto first = start();
  first->txt->follow(TxtPhase::draining, true, kStart);
  TxtSample sample;
  sample.server = "Quad9";
  sample.endpoint = owner.input.resolvers[0].endpoint;
  sample.name = owner.input.owner;
  sample.received_at = kStart;
  sample.outcome = Outcome::answered;
  sample.texts = {"v=spf1 -all"};
  sample.ttl = 300;
  first->take(sample);
  for (const SpfRound& round : first->spf->take_due(kStart)) {
    SpfEvaluation made;
    made.resolver = round.resolver;
    made.record = round.record;
    made.at = kStart;
    made.expires_at = kStart + seconds(300);
    first->take(round, made);
  }
  save();
  clock.advance(seconds(30));
  auto next = start();
  ASSERT_EQ(next->spf->evaluations().size(), 1u);
  EXPECT_EQ(next->spf->evaluations()[0].record, "v=spf1 -all");
  ASSERT_EQ(next->txt->samples().size(), 1u);
  EXPECT_EQ(next->txt->samples()[0].received_at, kStart);
  clock.advance(std::chrono::hours(1));
  next = start();
  EXPECT_TRUE(next->spf->evaluations().empty());
  EXPECT_TRUE(next->txt->samples().empty());
}

}  // namespace
}  // namespace mxswitch::monitor
