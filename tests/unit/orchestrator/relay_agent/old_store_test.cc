// The store that an agent of commit e4357c7 wrote.
#include "tests/fakes/old_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/relay_agent/store.h"

namespace mxswitch::orchestrator {
namespace {

TEST(AStoreOfAnEarlierAgent, KeepsRouteAndRoster) {
  const fakes::OldStore store("agent_hosted_e4357c7.sql");
  const auto database = store.open(agent_migrations());
  const auto load = [](monitor::Transaction& tx) { return load_domains(tx); };
  const auto domains = database->transact_blocking(load).value();
  ASSERT_EQ(domains.size(), 1u);
  const DomainRecord& shop = domains.front();
  EXPECT_EQ(shop.row.domain, "shop.example");
  EXPECT_EQ(shop.row.mode, Mode::hosted);
  EXPECT_EQ(shop.row.generation, 3);
  EXPECT_EQ(shop.roster.accounts.size(), 4u);
  EXPECT_EQ(shop.roster.aliases.size(), 6u);
  EXPECT_EQ(shop.credentials.size(), 4u);
  EXPECT_FALSE(shop.row.op_id.value_or("").empty());
}

TEST(AStoreOfAnEarlierAgent, KeepsFirstAnswersAndProbes) {
  const fakes::OldStore store("agent_hosted_e4357c7.sql");
  const auto database = store.open(agent_migrations());
  const auto load = [](monitor::Transaction& tx) {
    return std::pair(load_probes(tx).size(),
                     find_answer(tx, "3b8ccaa556d8a27c878a5d62431f59db").has_value());
  };
  EXPECT_EQ(database->transact_blocking(load).value(), std::pair(std::size_t{3}, true));
}

}  // namespace
}  // namespace mxswitch::orchestrator
