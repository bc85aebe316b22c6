// A resolver is asked about control names once for all owners.
#include <gtest/gtest.h>

#include <algorithm>

#include "monitor/watch/agenda.h"

namespace mxswitch::monitor {
namespace {

const Endpoint kResolver = *Endpoint::parse("9.9.9.9");
const AuthorityAddress kServer{*DnsName::parse("ns1.shop.example"),
                               *Endpoint::parse("198.51.100.11")};
const MxSet kOld = *MxSet::parse("10 mail.shop.example");
const MxSet kNew = *MxSet::parse("10 mx1.filter.example");

Time at(int s) { return Time(seconds(1'000'000 + s)); }

class SharedControlsTest : public testing::Test {
 protected:
  SharedControlsTest() {
    for (const char* name : {"a.example", "b.example"}) owners_.push_back(added(name));
  }

  std::shared_ptr<Watched> added(const char* name) {
    WatchedOwner made;
    made.input.owner = *DnsName::parse(name);
    made.input.expected = kNew;
    made.input.policy.floor = made.input.policy.authority_spread = seconds(0);
    made.input.policy.history_ttl = seconds(0);
    probes::Resolver resolver;
    resolver.endpoint = kResolver;
    made.input.resolvers = std::vector{resolver};
    auto entry = agenda_.add(made, Propagation(made.input, at(0)), at(0));
    WalkResult walk;
    walk.endpoints = {kServer};
    agenda_.walked(entry, walk, at(0));
    entry->take(answer(made.input.owner, kOld, 0));
    for (const int when : {1, 2, 3}) entry->take(answer(made.input.owner, kNew, when));
    agenda_.touched(entry, at(3));
    return entry;
  }

  static AuthoritySample answer(const DnsName& owner, const MxSet& set, int when) {
    AuthoritySample sample;
    sample.owner = owner;
    sample.server = kServer.server;
    sample.endpoint = kServer.endpoint;
    sample.sent_at = sample.received_at = at(when);
    sample.outcome = Outcome::answered;
    sample.authoritative = true;
    sample.set = set;
    sample.ttl = 10;
    return sample;
  }

  // The control names that are to be asked; samples that are shared are taken.
  std::vector<std::shared_ptr<Watched>> asked(int when) {
    std::vector<std::shared_ptr<Watched>> by;
    for (Task& task : agenda_.take_due(at(when))) {
      if (const auto* sample = std::get_if<SharedSample>(&task.what)) {
        task.entry->take(*sample);
        ++taken_;
        continue;
      }
      const auto* probe = std::get_if<ProbeDue>(&task.what);
      if (probe && probe->kind == ProbeKind::control) by.push_back(task.entry);
    }
    return by;
  }
  void answered(const std::shared_ptr<Watched>& by, int when) {
    agenda_.answered(by, ControlSample{kResolver, at(when), at(when), true, false, false},
                     at(when));
  }
  void touch(int when) {
    for (const auto& owner : owners_) agenda_.touched(owner, at(when));
  }

  Agenda agenda_{Rates{}};
  std::vector<std::shared_ptr<Watched>> owners_;
  int taken_ = 0;
};

TEST_F(SharedControlsTest, AreAskedOnceForAll) {
  const auto by = asked(4);
  ASSERT_EQ(by.size(), 1u);
  answered(by[0], 5);
  EXPECT_TRUE(asked(5).empty());
  EXPECT_EQ(taken_, 2);
  touch(6);
  EXPECT_TRUE(asked(6).empty());
  for (const auto& owner : owners_) EXPECT_EQ(owner->core.report(at(6)).counted, 1);
}

TEST_F(SharedControlsTest, AreAskedAgainBeforeTheyAreTooOld) {
  answered(asked(4)[0], 5);
  asked(5);
  touch(404);
  EXPECT_TRUE(asked(404).empty());
  touch(405);
  EXPECT_EQ(asked(405).size(), 1u);
}

TEST_F(SharedControlsTest, AnOwnerThatComesLaterTakesWhatIsFresh) {
  answered(asked(4)[0], 5);
  asked(5);
  taken_ = 0;
  owners_.push_back(added("c.example"));
  EXPECT_TRUE(asked(100).empty());
  EXPECT_EQ(taken_, 1);
  owners_.push_back(added("d.example"));
  EXPECT_EQ(asked(250).size(), 1u);  // older than a third of what it holds for
}

}  // namespace
}  // namespace mxswitch::monitor
