#include "probes/dns/question_book.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "probes/dns/attempt_plan.h"
#include "tests/unit/probes/dns/message_builder.h"

namespace mxswitch::probes {
namespace {

using Fit = QuestionBook::Fit;

const Endpoint kPeer = *Endpoint::parse("192.0.2.1");
const Question kQuestion{DnsName::parse("ShOp.example").value(), RrType::mx};

struct Book : testing::Test {
  std::mt19937 random{1};
  QuestionBook book;
  std::uint16_t id = 0;
  Bytes query;

  void SetUp() override {
    id = book.reserve(kPeer, [this] { return random(); }).value();
    query = encode_query(kQuestion, {}, id).value();
    book.note(kPeer, id, 3, question_octets(query));
  }
  Bytes reply(unsigned flags = 0x8180) const {
    MessageBuilder builder(kQuestion, id);
    builder.flags(flags);
    return builder.bytes();
  }
};

TEST_F(Book, TakesTheRightAnswerOnce) {
  const Bytes right = reply();
  const auto match = book.match(3, kPeer, right);
  EXPECT_EQ(match.fit, Fit::answers);
  EXPECT_TRUE(std::ranges::equal(match.message(), right));
  EXPECT_EQ(book.match(3, kPeer, reply()).fit, Fit::none);
}

TEST_F(Book, DropsWhatDiffersInAnyPart) {
  Bytes other_id = reply();
  other_id[1] ^= 1;
  Bytes is_query = reply();
  is_query[2] &= 0x7f;
  Bytes notify = reply();
  notify[2] |= 0x20;
  Bytes other_type = reply();
  other_type[27] = 16;
  Bytes cut = reply();
  cut.resize(20);
  Bytes two_questions = reply();
  two_questions[5] = 2;
  for (const Bytes& bad : {other_id, is_query, notify, other_type, cut, two_questions, Bytes{}}) {
    EXPECT_EQ(book.match(3, kPeer, bad).fit, Fit::none);
  }
  EXPECT_EQ(book.match(4, kPeer, reply()).fit, Fit::none);  // another of our ports
  EXPECT_EQ(book.match(3, *Endpoint::parse("192.0.2.1:54"), reply()).fit, Fit::none);
  EXPECT_EQ(book.match(3, *Endpoint::parse("192.0.2.2"), reply()).fit, Fit::none);
  EXPECT_EQ(book.match(3, kPeer, reply()).fit, Fit::answers);  // and still takes the right one
}

TEST_F(Book, TellsAChangedCase) {
  Bytes lower = reply();
  lower[13] = 's';
  EXPECT_EQ(book.match(3, kPeer, lower).fit, Fit::changed_case);
  EXPECT_EQ(book.match(3, kPeer, reply()).fit, Fit::answers);
}

TEST_F(Book, PutsTheQuestionBackIntoAnError) {
  const Bytes refused = {query[0], query[1], 0x80, 5, 0, 0, 0, 0, 0, 0, 0, 0};
  const auto match = book.match(3, kPeer, refused);
  ASSERT_EQ(match.fit, Fit::answers);
  const auto answer = parse_answer(match.message()).value();
  EXPECT_EQ(answer.rcode, Rcode::refused);
  EXPECT_EQ(answer.question, kQuestion);
}

TEST_F(Book, ANoerrorWithoutQuestionIsNoAnswer) {
  const Bytes empty = {query[0], query[1], 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(book.match(3, kPeer, empty).fit, Fit::none);
}

TEST_F(Book, AFormerrPassesAsItIs) {
  const Bytes formerr = reply(0x8181);
  EXPECT_TRUE(std::ranges::equal(book.match(3, kPeer, formerr).message(), formerr));
}

TEST_F(Book, IdsAreUniqueAtAPeerAndBounded) {
  std::size_t taken = 1;
  while (book.reserve(kPeer, [this] { return random(); })) ++taken;
  EXPECT_EQ(taken, 8192u);
  EXPECT_EQ(book.in_flight(), taken);  // so none was given twice
  EXPECT_TRUE(book.reserve(*Endpoint::parse("192.0.2.2"), [this] { return random(); }));
  book.release(kPeer, id);
  EXPECT_TRUE(book.reserve(kPeer, [this] { return random(); }));
}

TEST_F(Book, ForgetsWhatWasReleased) {
  book.release(kPeer, id);
  book.release(kPeer, id);
  EXPECT_EQ(book.match(3, kPeer, reply()).fit, Fit::none);
  EXPECT_EQ(book.in_flight(), 0u);
}

TEST_F(Book, ReservedButNotSentMatchesNothing) {
  QuestionBook fresh;
  const auto reserved = fresh.reserve(kPeer, [this] { return random(); }).value();
  Bytes guess = reply();
  set_message_id(guess, reserved);
  EXPECT_EQ(fresh.match(0, kPeer, guess).fit, Fit::none);
}

TEST(RandomiseCase, ChangesLettersOnly) {
  const Question question{DnsName::parse("a1-z_{@[.example").value(), RrType::mx};
  const Bytes plain = encode_query(question, {}, 7).value();
  Bytes upper = plain, lower = plain;
  randomise_case(upper, [] { return 0u; });
  randomise_case(lower, [] { return ~0u; });
  EXPECT_EQ(lower, plain);
  EXPECT_EQ(std::string(upper.begin() + 13, upper.begin() + 21), "A1-Z_{@[");
  // Type, class and OPT are untouched.
  EXPECT_TRUE(std::equal(upper.begin() + 30, upper.end(), plain.begin() + 30));
}

TEST(RestoreCase, TouchesOnlyTheNameThatWasAsked) {
  const std::string asked(kQuestion.name.wire());
  const Question random{DnsName::parse("sHoP.eXaMpLe").value(), RrType::mx};
  Bytes reply = MessageBuilder(random).bytes();
  restore_case(reply, asked);
  EXPECT_EQ(reply, MessageBuilder(kQuestion).bytes());
  const Bytes other = MessageBuilder({DnsName::parse("shop.exampl@").value(), RrType::mx}).bytes();
  for (Bytes message : {other, Bytes(12, 0), Bytes{}}) {
    const Bytes before = message;
    restore_case(message, asked);
    EXPECT_EQ(message, before);
  }
}

struct PlanCase {
  const char* what;
  bool tcp, random_case, after_changed_case;
  EdnsRung rung;
  AttemptEnd end;
  CaseHabit habit;
  const char* next;  // "-", or tcp/udp, 0x20 or plain, nsid, edns or bare
};

std::string text(const std::optional<AttemptShape>& shape) {
  if (!shape) return "-";
  return std::string(shape->tcp ? "tcp" : "udp") + (shape->random_case ? " 0x20" : " plain") +
         (shape->flags.edns ? shape->flags.nsid ? " nsid" : " edns" : " bare");
}

TEST(AttemptPlan, GoesFromShapeToShape) {
  const AttemptEnd silence{}, answer{false, true, false}, refuses{true, true, false},
      changed{false, false, true};
  const auto unknown = CaseHabit::unknown, keeps = CaseHabit::keeps;
  const auto options = EdnsRung::options, edns = EdnsRung::no_options, none = EdnsRung::none;
  const PlanCase cases[] = {
      {"an answer stands", false, true, false, options, answer, unknown, "-"},
      {"silence stands", false, true, false, options, silence, unknown, "-"},
      {"refused: without options", false, true, false, options, refuses, unknown, "udp 0x20 edns"},
      {"refused again: without EDNS", false, true, false, edns, refuses, unknown, "udp 0x20 bare"},
      {"refused without EDNS stands", false, true, false, none, refuses, unknown, "-"},
      {"refused over TCP", true, false, false, edns, refuses, unknown, "tcp plain bare"},
      {"changed case: plain", false, true, false, edns, changed, unknown, "udp plain edns"},
      {"a keeper did not send that: TCP", false, true, false, edns, changed, keeps,
       "tcp plain edns"},
      {"plain failed too: TCP", false, false, true, edns, silence, unknown, "tcp plain edns"},
      {"TCP is the last", true, false, true, edns, silence, unknown, "-"},
  };
  for (const PlanCase& c : cases) {
    AttemptShape shape{c.tcp, c.random_case, c.after_changed_case, {}};
    shape.flags.edns = c.rung != EdnsRung::none;
    shape.flags.nsid = c.rung == EdnsRung::options;
    EXPECT_EQ(text(next_shape(shape, c.end, c.habit)), c.next) << c.what;
  }
}

TEST(AttemptPlan, BeginsByHabitAndWhatTheServerBears) {
  QueryFlags flags;
  flags.nsid = flags.dnssec_ok = true;
  const auto begin = [&](bool tcp, CaseHabit habit, EdnsRung rung) {
    return text(first_shape(tcp, flags, habit, rung));
  };
  EXPECT_EQ(begin(false, CaseHabit::unknown, EdnsRung::options), "udp 0x20 nsid");
  EXPECT_EQ(begin(false, CaseHabit::changes, EdnsRung::no_options), "udp plain edns");
  EXPECT_EQ(begin(true, CaseHabit::keeps, EdnsRung::none), "tcp plain bare");
  EXPECT_FALSE(first_shape(true, flags, CaseHabit::keeps, EdnsRung::none).flags.dnssec_ok);
}

TEST(AttemptPlan, LeavesTimeForTheNextShape) {
  EXPECT_EQ(patience_after_changed_case(seconds(6), CaseHabit::unknown), Duration(250));
  EXPECT_EQ(patience_after_changed_case(Duration(400), CaseHabit::unknown), Duration(100));
  EXPECT_EQ(patience_after_changed_case(seconds(6), CaseHabit::keeps), seconds(3));
  AttemptShape plain{false, false, true, {}};
  EXPECT_EQ(share_of(plain, seconds(4)), seconds(2));
  plain.tcp = true;
  EXPECT_EQ(share_of(plain, seconds(4)), seconds(4));
}

}  // namespace
}  // namespace mxswitch::probes
