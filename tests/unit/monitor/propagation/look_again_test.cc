// Propagation::look_again: one more question to every authority, at once.
#include <gtest/gtest.h>

#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor {
namespace {

const MxSet kOld = *MxSet::parse("10 mail.shop.example");

Time at(int s) { return Time(seconds(1'000'000 + s)); }

AuthorityAddress server(int number) {
  const std::string n = std::to_string(number);
  return {*DnsName::parse("ns" + n + ".shop.example"), *Endpoint::parse("198.51.100.1" + n)};
}

AuthoritySample answer(const AuthorityAddress& from, int sent, int received) {
  AuthoritySample sample;
  sample.owner = *DnsName::parse("shop.example");
  sample.server = from.server;
  sample.endpoint = from.endpoint;
  sample.sent_at = at(sent);
  sample.received_at = at(received);
  sample.outcome = Outcome::answered;
  sample.authoritative = true;
  sample.set = kOld;
  sample.ttl = 3600;
  return sample;
}

class LookAgainTest : public testing::Test {
 protected:
  LookAgainTest() : core_(input(), at(0)) {
    core_.set_endpoints({server(1), server(2)}, at(0));
    for (const int number : {1, 2}) core_.observe(answer(server(number), 0, 0));
  }
  static PropagationInput input() {
    PropagationInput in;
    in.owner = *DnsName::parse("shop.example");
    in.expected = *MxSet::parse("10 mx1.filter.example");
    return in;
  }
  Propagation core_;
};

TEST_F(LookAgainTest, AsksEveryServerOnce) {
  EXPECT_TRUE(core_.wanted(at(10)).due.empty());
  core_.look_again(at(10));
  const auto due = core_.wanted(at(10)).due;
  ASSERT_EQ(due.size(), 2u);
  for (const ProbeDue& probe : due) EXPECT_EQ(probe.kind, ProbeKind::authority);
  for (const int number : {1, 2}) core_.observe(answer(server(number), 10, 11));
  EXPECT_TRUE(core_.wanted(at(11)).due.empty());
  EXPECT_TRUE(core_.unanswered_since(at(10), at(11)).empty());
}

TEST_F(LookAgainTest, AnAnswerToAnEarlierQuestionIsNone) {
  core_.look_again(at(10));
  core_.observe(answer(server(1), 9, 11));
  core_.observe(answer(server(2), 10, 11));
  EXPECT_EQ(core_.unanswered_since(at(10), at(11)),
            std::vector<std::string>{"ns1.shop.example (198.51.100.11)"});
}

TEST_F(LookAgainTest, SilenceIsNamed) {
  core_.look_again(at(10));
  AuthoritySample silent = answer(server(2), 10, 16);
  silent.outcome = Outcome::timed_out;
  core_.observe(answer(server(1), 10, 11));
  core_.observe(silent);
  EXPECT_EQ(core_.unanswered_since(at(10), at(16)),
            std::vector<std::string>{"ns2.shop.example (198.51.100.12)"});
}

TEST(SentinelPolicy, KeepsAnswersForAnHourAndAHalf) {
  Policy policy = sentinel_policy({});
  EXPECT_EQ(policy.validity, std::chrono::minutes(90));
  EXPECT_EQ(refresh_after(policy), std::chrono::minutes(60));
  EXPECT_EQ(control_valid(policy), std::chrono::minutes(60));
  EXPECT_EQ(control_valid(Policy{}), std::chrono::minutes(10));
  policy.validity = std::chrono::hours(3);
  EXPECT_EQ(sentinel_policy(policy).validity, std::chrono::hours(3));
}

}  // namespace
}  // namespace mxswitch::monitor
