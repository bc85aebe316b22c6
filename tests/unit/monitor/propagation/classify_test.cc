#include "monitor/propagation/classify.h"

#include <gtest/gtest.h>

namespace mxswitch::monitor {
namespace {

MxSet set(const char* text) { return *text ? *MxSet::parse(text) : MxSet(); }

TEST(Classifier, GivesEachAnswerOneClass) {
  const Classifier classes(set("10 mx1.filter.example, 20 mx2.filter.example"),
                           {set("10 mail.shop.example")});
  struct Case {
    Outcome outcome;
    const char* set;
    AnswerClass expected;
  };
  const Case cases[] = {
      {Outcome::answered, "20 MX2.filter.example, 10 mx1.Filter.example", AnswerClass::new_},
      {Outcome::answered, "10 mx1.filter.example, 30 mx2.filter.example", AnswerClass::foreign},
      {Outcome::answered, "10 MAIL.shop.example", AnswerClass::old},
      {Outcome::answered, "20 mail.shop.example", AnswerClass::foreign},
      {Outcome::answered, "10 mail.shop.example, 20 mx1.filter.example", AnswerClass::mixed},
      {Outcome::answered, "10 mx.elsewhere.example", AnswerClass::foreign},
      {Outcome::answered, "0 .", AnswerClass::foreign},
      {Outcome::answered, "", AnswerClass::failed},
      {Outcome::no_data, "", AnswerClass::absent},
      {Outcome::nxdomain, "", AnswerClass::absent},
      {Outcome::servfail, "", AnswerClass::failed},
      {Outcome::refused, "", AnswerClass::failed},
      {Outcome::timed_out, "", AnswerClass::failed},
      {Outcome::malformed, "10 mx1.filter.example, 20 mx2.filter.example", AnswerClass::failed},
  };
  for (const Case& c : cases) EXPECT_EQ(classes.of(c.outcome, set(c.set)), c.expected) << c.set;
}

TEST(Classifier, TakesNullMxAsAValue) {
  const Classifier classes(set("0 ."), {set("10 mail.shop.example")});
  EXPECT_EQ(classes.of(Outcome::answered, set("0 .")), AnswerClass::new_);
  EXPECT_EQ(classes.of(Outcome::answered, set("10 mail.shop.example")), AnswerClass::old);
}

TEST(Classifier, NeverCallsTheExpectedSetOld) {
  const Classifier classes(set("10 a.example"), {set("10 a.example"), set("10 b.example")});
  EXPECT_EQ(classes.of(set("10 a.example")), AnswerClass::new_);
  EXPECT_EQ(classes.old_sets().size(), 1u);
}

TEST(Worse, RanksLossOfMailAboveOldAboveNew) {
  EXPECT_EQ(worse(AnswerClass::new_, AnswerClass::failed), AnswerClass::failed);
  EXPECT_EQ(worse(AnswerClass::old, AnswerClass::mixed), AnswerClass::old);
  EXPECT_EQ(worse(AnswerClass::absent, AnswerClass::old), AnswerClass::absent);
}

}  // namespace
}  // namespace mxswitch::monitor
