#include "monitor/propagation/signs.h"

#include <gtest/gtest.h>

#include <deque>

namespace mxswitch::monitor {
namespace {

class SignsTest : public testing::Test {
 protected:
  ResolverTrack& add(const std::string& operator_name, const std::string& upstream = "") {
    probes::Resolver& resolver = resolvers_.emplace_back();
    resolver.operator_name = operator_name;
    resolver.upstream = upstream;
    ResolverTrack& track = tracks_.emplace_back();
    ResolverStanding& standing = standings_.emplace_back();
    standing.resolver = &resolver;
    standing.track = &track;
    standing.counted = true;
    return track;
  }
  void add_nsid(const std::string& operator_name, const std::string& nsid) {
    add(operator_name).nsid = nsid;
  }
  ResolverTrack& add_named(const std::string& operator_name, const std::string& text,
                           const std::string& upstream = "") {
    ResolverTrack& track = add(operator_name, upstream);
    track.own_name.id_server = text;
    return track;
  }
  std::vector<std::string> sentences() const { return Signs(standings_).sentences(); }

  std::deque<probes::Resolver> resolvers_;
  std::deque<ResolverTrack> tracks_;
  std::vector<ResolverStanding> standings_;
};

TEST_F(SignsTest, EachItsOwnNameIsNone) {
  add_nsid("Alpha", "a1");
  add_named("Beta", "b1");
  add("Gamma");
  add("Delta");
  EXPECT_TRUE(sentences().empty());
  EXPECT_FALSE(Signs(standings_).any());
}

TEST_F(SignsTest, OneIdServerBehindTwoOperatorsIsOne) {
  const ResolverTrack& one = add_named("Alpha", "box-1");
  add_named("Beta", "box-1");
  const ResolverTrack& other = add_named("Gamma", "g1");
  const Signs signs(standings_);
  EXPECT_TRUE(signs.collapses(one));
  EXPECT_FALSE(signs.collapses(other));
  EXPECT_EQ(signs.of(one),
            "id.server \"box-1\" answers in the name of Alpha, Beta, which declare no forwarding: "
            "they count as one");
  EXPECT_EQ(signs.of(other), "");
}

TEST_F(SignsTest, AnNsidAndAnIdServerAreNeverCompared) {
  add_nsid("Alpha", "box-1");
  add_named("Beta", "box-1");
  EXPECT_TRUE(sentences().empty());
}

TEST_F(SignsTest, AnNsidIsTheBetterName) {
  add_named("Alpha", "box-1").nsid = "a1";
  add_named("Beta", "box-1").nsid = "b1";
  EXPECT_TRUE(sentences().empty());
}

TEST_F(SignsTest, DeclaredForwardersAndOneOperatorMayShareAName) {
  add_named("Alpha", "box-1");
  add_named("Alpha", "box-1");
  add_named("Beta", "box-1", "Alpha");
  EXPECT_TRUE(sentences().empty());
}

TEST_F(SignsTest, OneThatDoesNotCountIsNoWitness) {
  add_nsid("Alpha", "box-1");
  add_nsid("Beta", "box-1");
  standings_.back().counted = false;
  EXPECT_TRUE(sentences().empty());
}

TEST_F(SignsTest, AnAnswerOfNobodySpeaksForAllWhateverTheyCallThemselves) {
  ResolverTrack& one = add_named("Alpha", "a1");
  one.intercepted = true;
  const Signs signs(standings_);
  EXPECT_TRUE(signs.collapses(one));
  EXPECT_EQ(signs.of(one), kInterceptedWords);
}

TEST_F(SignsTest, ThoseWhereTlsDisagreesAreOneWhateverTheyCallThemselves) {
  ResolverTrack& one = add_named("Alpha", "a1");
  one.dot.differs = 3;
  add_named("Beta", "b1").dot.differs = 2;
  const Signs signs(standings_);
  EXPECT_TRUE(signs.collapses(one));
  EXPECT_EQ(sentences(), std::vector<std::string>{
                             "UDP and DNS over TLS disagree at Alpha in 3 samples in a row: "
                             "something on the way answers UDP in their place, so they "
                             "count as one"});
}

TEST_F(SignsTest, OfManyOperatorsSomeAreNamed) {
  for (const char* name : {"A", "B", "C", "D", "E", "F"}) add_nsid(name, "box");
  ASSERT_EQ(sentences().size(), 1U);
  EXPECT_NE(sentences()[0].find("in the name of A, B, C, D and 2 more,"), std::string::npos)
      << sentences()[0];
}

TEST(NoteIdentity, SilenceTakesNoNameAwayAndAnAnswerDoes) {
  ResolverTrack track;
  IdentitySample sample;
  sample.answered = true;
  sample.id_server = "box-1";
  note_identity(track, sample);
  EXPECT_EQ(track.own_name.id_server, "box-1");
  sample = {};
  note_identity(track, sample);
  EXPECT_EQ(track.own_name.id_server, "box-1");
  EXPECT_TRUE(track.own_name.silent);
  sample.answered = true;
  note_identity(track, sample);
  EXPECT_EQ(track.own_name.id_server, "");
  EXPECT_FALSE(track.own_name.silent);
}

}  // namespace
}  // namespace mxswitch::monitor
