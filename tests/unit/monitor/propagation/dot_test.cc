#include "monitor/propagation/dot.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

const MxSet kNew = *MxSet::parse("10 mx1.filter.example");
const MxSet kOld = *MxSet::parse("10 mail.shop.example");
constexpr int kStrict = 4000;

Time at(int s) { return Time(seconds(1'000'000 + s)); }

class NoteDot : public testing::Test {
 protected:
  NoteDot() { bound_.strict_until = bound_.opens_at = at(kStrict); }

  ResolverContext context() const {
    const TtlOf given = [](const MxSet&) { return 20U; };
    return {policy_, classes_, bound_, given, given, bound_, [](const Endpoint&) { return false; },
            20,      {}};
  }
  void udp(int when, const MxSet& set, bool stale = false, const char* nsid = "") {
    ResolverSample one;
    one.sent_at = one.received_at = at(when);
    one.outcome = set.empty() ? Outcome::nxdomain : Outcome::answered;
    one.set = set;
    one.ttl = 20;
    one.stale_marked = stale;
    one.nsid = nsid;
    note_sample(track_, one, context());
  }
  int tls(int when, const MxSet& set, Outcome outcome = Outcome::answered, bool stale = false) {
    DotSample one;
    one.sent_at = one.received_at = at(when);
    one.outcome = outcome;
    one.set = set;
    one.stale_marked = stale;
    if (outcome == Outcome::timed_out) one.fault = "no connection: Connection refused";
    note_dot(track_, one, context());
    return track_.dot.differs;
  }

  Policy policy_;
  Classifier classes_{kNew, {kOld}};
  DrainBound bound_;
  ResolverTrack track_;
};

TEST_F(NoteDot, ThreeDisagreementsInARowAreASign) {
  udp(kStrict, kNew);
  EXPECT_EQ(tls(kStrict + 1, kOld), 1);
  EXPECT_EQ(tls(kStrict + 120, kOld), 2);
  EXPECT_FALSE(is_dot_sign(track_));
  EXPECT_EQ(tls(kStrict + 240, kOld), 3);
  EXPECT_TRUE(is_dot_sign(track_));
  EXPECT_EQ(dot_words(track_),
            "disagrees with UDP in 3 samples in a row, last 10 mx1.filter.example over UDP and 10 "
            "mail.shop.example over TLS");
}

TEST_F(NoteDot, TheReverseAndAnAbsentNameDisagreeToo) {
  udp(kStrict, kOld);
  EXPECT_EQ(tls(kStrict + 1, kNew), 1);
  EXPECT_EQ(tls(kStrict + 2, MxSet(), Outcome::nxdomain), 2);
}

TEST_F(NoteDot, AgreementBreaksTheRow) {
  udp(kStrict, kNew);
  tls(kStrict + 1, kOld);
  tls(kStrict + 2, kOld);
  EXPECT_EQ(tls(kStrict + 3, kNew), 0);
  EXPECT_EQ(tls(kStrict + 4, kOld), 1);
  EXPECT_EQ(tls(kStrict + 5, kNew), 0);
  EXPECT_EQ(dot_words(track_), "agrees with UDP");
}

TEST_F(NoteDot, BothWaysMayHaveNone) {
  udp(kStrict, MxSet());
  EXPECT_EQ(tls(kStrict + 1, MxSet(), Outcome::no_data), 0);
}

TEST_F(NoteDot, WhereItCantBeHadNothingIsConcluded) {
  udp(kStrict, kNew);
  tls(kStrict + 1, kOld);
  for (const Outcome outcome : {Outcome::timed_out, Outcome::servfail, Outcome::malformed})
    EXPECT_EQ(tls(kStrict + 2, MxSet(), outcome), 1) << "neither a sign nor an agreement";
  track_.dot = {};
  tls(kStrict + 3, MxSet(), Outcome::timed_out);
  EXPECT_EQ(dot_words(track_), "unknown: no connection: Connection refused");
}

TEST_F(NoteDot, WhileTheDrainLastsCachesExplainIt) {
  udp(kStrict - 100, kNew);
  EXPECT_EQ(tls(kStrict - 99, kOld), 0);
  EXPECT_EQ(tls(kStrict + 1, kOld), 0) << "UDP answered before the bound";
  bound_.strict_until.reset();
  udp(kStrict, kNew);
  EXPECT_EQ(tls(kStrict + 1, kOld), 0);
}

TEST_F(NoteDot, AnAnswerMarkedAsStaleIsACaches) {
  udp(kStrict, kNew);
  EXPECT_EQ(tls(kStrict + 1, kOld, Outcome::answered, true), 0);
  udp(kStrict + 2, kOld, true);
  EXPECT_EQ(tls(kStrict + 3, kNew), 0);
}

TEST_F(NoteDot, AFarmThatShowedItOverUdpTooExplainsIt) {
  udp(kStrict, kOld, false, "farm-1");
  udp(kStrict + 5, kNew, false, "farm-2");
  EXPECT_EQ(tls(kStrict + 6, kOld), 0);
  EXPECT_EQ(tls(kStrict + 7, MxSet(), Outcome::nxdomain), 1);
}

TEST_F(NoteDot, AnotherExpectedSetBeginsAnew) {
  udp(kStrict, kNew);
  tls(kStrict + 1, kOld);
  restart_draw(track_);
  EXPECT_EQ(track_.dot.differs, 0);
  EXPECT_EQ(dot_words(track_), "not asked yet");
}

}  // namespace
}  // namespace mxswitch::monitor
