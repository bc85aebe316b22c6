#include "monitor/watch/shared_answers.h"

#include <gtest/gtest.h>

#include "monitor/watch/watched.h"

namespace mxswitch::monitor {
namespace {

const DnsName kExchange = *DnsName::parse("mx1.filter.example");
const DnsName kServer = *DnsName::parse("ns1.filter.example");
const DnsName kAlias = *DnsName::parse("a.filter.example");  // another name of the same server
const Endpoint kAddress = *Endpoint::parse("198.51.100.1");

Time at(int s) { return Time(seconds(1'000'000 + s)); }

std::shared_ptr<Watched> owner(const std::string& name) {
  WatchedOwner made;
  made.input.owner = *DnsName::parse(name);
  return std::make_shared<Watched>(made, Propagation(made.input, at(0)));
}

ProbeDue probe(Time fresh_since, const DnsName& server = kServer,
               probes::RrType type = probes::RrType::a) {
  return {ProbeKind::companion, kAddress, server, fresh_since, kExchange, type, fresh_since};
}

CompanionSample sample(Time sent, Time received, const std::string& data = "192.0.2.1") {
  CompanionSample made;
  made.name = kExchange;
  made.server = kServer;
  made.endpoint = kAddress;
  made.sent_at = sent;
  made.received_at = received;
  made.outcome = Outcome::answered;
  made.authoritative = true;
  made.data = data;
  return made;
}

using Answers = SharedAnswers<CompanionSample>;

class SharedAnswersTest : public testing::Test {
 protected:
  bool asks(const ProbeDue& wanted, Time now) {
    return std::holds_alternative<Answers::Ask>(shared_.want(wanted, a_, now));
  }
  std::optional<CompanionSample> finds(const ProbeDue& wanted, Time now) {
    const auto found = shared_.want(wanted, a_, now);
    const auto* known = std::get_if<CompanionSample>(&found);
    return known ? std::optional(*known) : std::nullopt;
  }

  Answers shared_;
  std::shared_ptr<Watched> a_ = owner("a.example"), b_ = owner("b.example");
};

TEST_F(SharedAnswersTest, AFreshAnswerIsTakenWithItsOwnTime) {
  EXPECT_TRUE(asks(probe(at(0)), at(0)));
  shared_.asked(probe(at(0)), at(0), at(0));
  EXPECT_TRUE(shared_.answered(sample(at(0), at(1)), at(1)).empty());

  const auto found = finds(probe(at(-5), kAlias), at(10));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->received_at, at(1)) << "when it was true, not when it was shared";
  EXPECT_EQ(found->server, kAlias) << "as that owner's walk named the server";
  EXPECT_TRUE(asks(probe(at(-5), kServer, probes::RrType::aaaa), at(10))) << "another question";
}

TEST_F(SharedAnswersTest, AnAnswerFromBeforeTheOwnersMomentIsNone) {
  shared_.answered(sample(at(0), at(2)), at(2));
  EXPECT_TRUE(finds(probe(at(0)), at(3)));
  EXPECT_TRUE(asks(probe(at(1)), at(3))) << "asked before, though it came after";
}

TEST_F(SharedAnswersTest, AQuestionUnderWayIsJoined) {
  shared_.asked(probe(at(0)), at(3), at(0));  // it waits for its turn
  const auto joined = shared_.want(probe(at(1), kAlias), b_, at(2));
  ASSERT_TRUE(std::holds_alternative<Answers::Joined>(joined));
  EXPECT_EQ(std::get<Answers::Joined>(joined).leaves_at, at(3));

  const auto fed = shared_.answered(sample(at(3), at(4)), at(4));
  ASSERT_EQ(fed.size(), 1u);
  EXPECT_EQ(fed[0].owner, b_);
  EXPECT_EQ(fed[0].server, kAlias);
  EXPECT_TRUE(shared_.answered(sample(at(5), at(6)), at(6)).empty()) << "nobody waits any more";
}

TEST_F(SharedAnswersTest, WhoWantsALaterAnswerWaitsForALaterQuestion) {
  shared_.asked(probe(at(0)), at(0), at(0));
  EXPECT_TRUE(asks(probe(at(1)), at(1))) << "it left before";
  shared_.asked(probe(at(1)), at(1), at(1));
  ASSERT_TRUE(std::holds_alternative<Answers::Joined>(shared_.want(probe(at(1)), b_, at(1))));
  EXPECT_TRUE(shared_.answered(sample(at(0), at(2)), at(2)).empty());
  EXPECT_EQ(shared_.answered(sample(at(1), at(3)), at(3)).size(), 1u);
  EXPECT_TRUE(asks(probe(at(3)), at(3))) << "nothing is under way";
}

TEST_F(SharedAnswersTest, AnEarlierQuestionThatEndsLateChangesNothing) {
  shared_.answered(sample(at(5), at(6), "192.0.2.9"), at(6));
  shared_.answered(sample(at(0), at(7), "192.0.2.1"), at(7));
  EXPECT_EQ(finds(probe(at(0)), at(8))->data, "192.0.2.9");
}

TEST_F(SharedAnswersTest, SilenceIsSharedToo) {
  CompanionSample silence = sample(at(0), at(6));
  silence.outcome = Outcome::timed_out;
  shared_.answered(silence, at(6));
  EXPECT_EQ(finds(probe(at(-10)), at(7))->outcome, Outcome::timed_out)
      << "a dead server is not asked once a domain either";
}

TEST_F(SharedAnswersTest, NothingIsKeptForLong) {
  shared_.answered(sample(at(0), at(0)), at(0));
  shared_.asked(probe(at(0), kServer, probes::RrType::aaaa), at(1), at(1));
  EXPECT_EQ(shared_.size(), 2u);
  const Time later = at(2) + Answers::kKept;
  EXPECT_TRUE(asks(probe(at(0)), later));
  EXPECT_TRUE(asks(probe(at(0), kServer, probes::RrType::aaaa), later)) << "it must be lost";
  EXPECT_EQ(shared_.size(), 0u);
}

TEST_F(SharedAnswersTest, ARenewedAnswerOutlivesTheFirst) {
  shared_.answered(sample(at(0), at(0)), at(0));
  shared_.answered(sample(at(200), at(200)), at(200));
  EXPECT_TRUE(finds(probe(at(200)), at(400)));
}

TEST_F(SharedAnswersTest, TheOldestGoWhenThereAreTooMany) {
  CompanionSample one = sample(at(0), at(0));
  for (std::size_t i = 0; i < Answers::kMostKept + 10; ++i) {
    one.name = *DnsName::parse("mx" + std::to_string(i) + ".filter.example");
    shared_.answered(one, at(0));
  }
  EXPECT_EQ(shared_.size(), Answers::kMostKept);
}

}  // namespace
}  // namespace mxswitch::monitor
