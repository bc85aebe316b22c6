#include "probes/dns/wire.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/probes/dns/message_builder.h"

namespace mxswitch::probes {
namespace {

DnsName name(std::string_view text) { return DnsName::parse(text).value(); }
Question mx_question() { return {name("shop.example"), RrType::mx}; }

TEST(EncodeQuery, IsExactlyTheseOctets) {
  QueryFlags flags;
  flags.nsid = true;
  const auto query = encode_query(mx_question(), flags, 0x1234);
  ASSERT_TRUE(query);
  const Bytes expected = {
      0x12, 0x34, 0x01, 0x00, 0,    1, 0,   0,   0,   0,   0,   1,  // RD, one OPT
      4,    's',  'h',  'o',  'p',  7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 15, 0, 1,  // MX IN
      0,    0,    41,   0x04, 0xd0, 0, 0,   0,   0,   0,   4,   0,   3,   0, 0};  // 1232, NSID
  EXPECT_EQ(*query, expected);
}

TEST(EncodeQuery, SendsNoOptionThatNobodyAskedFor) {
  const auto query = encode_query(mx_question(), QueryFlags{}, 1).value();
  EXPECT_EQ(Bytes(query.end() - 11, query.end()), (Bytes{0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0}));
}

TEST(EncodeQuery, SetsTheFlagsAskedFor) {
  QueryFlags flags;
  flags.recursion_desired = false;
  flags.checking_disabled = true;
  flags.edns = false;
  const auto plain = encode_query(mx_question(), flags, 1).value();
  EXPECT_EQ(plain[2], 0);
  EXPECT_EQ(plain[3], 0x10);
  EXPECT_EQ(plain[11], 0);
  EXPECT_EQ(plain.size(), 30u);
  flags.edns = flags.dnssec_ok = true;
  const auto signed_query = encode_query(mx_question(), flags, 1).value();
  EXPECT_EQ(signed_query[30 + 7], 0x80);  // DO
}

TEST(EncodeQuery, AsksInTheClassWanted) {
  const auto chaos = encode_query({name("id.server"), RrType::txt, RrClass::chaos}, {}, 1).value();
  const Bytes question = {2, 'i', 'd', 6, 's', 'e', 'r', 'v', 'e', 'r', 0, 0, 16, 0, 3};
  EXPECT_EQ(Bytes(chaos.begin() + 12, chaos.begin() + 27), question);
}

TEST(ParseAnswer, KeepsTheRecordsOfTheQuestionsClass) {
  const Question chaos{name("id.server"), RrType::txt, RrClass::chaos};
  MessageBuilder builder(chaos);
  builder.answer("id.server", RrType::txt, 0, Bytes{3, 'b', 'o', 'x'});
  const auto answer = parse_answer(builder.bytes());
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->question, chaos);
  ASSERT_EQ(answer->answer.size(), 1u);
  EXPECT_EQ(std::get<Txt>(answer->answer[0].data), (Txt{{"box"}}));
  Bytes mixed = builder.bytes();
  mixed[mixed.size() - 4 - 2 - 4 - 1] = 1;  // the record's class is IN now
  const auto other = parse_answer(mixed);
  ASSERT_TRUE(other) << other.error().text();
  EXPECT_TRUE(other->answer.empty());
}

TEST(EncodeQuery, KeepsCaseAndTakesTheRootAndLongNames) {
  const auto mixed = encode_query({name("ShOp.example"), RrType::mx}, {}, 1).value();
  EXPECT_EQ(mixed[13], 'S');
  EXPECT_TRUE(encode_query({DnsName(), RrType::ns}, {}, 1));
  const std::string label(63, 'a');
  const auto longest = name(label + "." + label + "." + label + "." + std::string(61, 'b'));
  EXPECT_TRUE(encode_query({longest, RrType::tlsa}, {}, 1));
}

TEST(ParseAnswer, ReadsEveryRecordKind) {
  MessageBuilder builder(mx_question());
  builder.flags(0x8583);  // QR AA RD RA, NXDOMAIN
  builder.answer("shop.example", RrType::mx, 300, mx_data(10, "mx1.filter.example"));
  builder.answer("shop.example", RrType::txt, 60, Bytes{2, 'a', 'b', 0, 1, 'c'});
  builder.answer("shop.example", RrType::a, 60, Bytes{192, 0, 2, 1});
  builder.answer("shop.example", RrType::aaaa, 60, Bytes(16, 1));
  builder.answer("_25._tcp.mx", RrType::tlsa, 60, Bytes{3, 1, 1, 0xde, 0xad});
  builder.answer("shop.example", RrType::ds, 60, Bytes{0, 1, 8, 2, 9, 9});
  builder.authority("example", RrType::soa, 900, soa_data("ns1.example", "joe.example", 7));
  builder.authority("example", RrType::ns, 900, name_data("ns1.example"));
  builder.additional("x.example", static_cast<RrType>(65280), 1, Bytes{1, 2, 3});
  const auto answer = parse_answer(builder.bytes());
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->rcode, Rcode::nxdomain);
  EXPECT_TRUE(answer->aa && answer->ra);
  EXPECT_FALSE(answer->tc || answer->ad || answer->edns);
  EXPECT_EQ(answer->question, mx_question());
  ASSERT_EQ(answer->answer.size(), 6u);
  const Record mx{name("shop.example"), RrType::mx, 300, Mx{10, name("mx1.filter.example")}};
  EXPECT_EQ(answer->answer[0], mx);
  EXPECT_EQ(std::get<Txt>(answer->answer[1].data), (Txt{{"ab", "", "c"}}));
  EXPECT_EQ(std::get<IpAddress>(answer->answer[2].data).text(), "192.0.2.1");
  EXPECT_TRUE(std::get<IpAddress>(answer->answer[3].data).is_v6());
  EXPECT_EQ(std::get<Tlsa>(answer->answer[4].data), (Tlsa{3, 1, 1, "\xde\xad"}));
  EXPECT_EQ(std::get<RawData>(answer->answer[5].data).bytes, std::string("\0\1\10\2\11\11", 6));
  const Soa soa{name("ns1.example"), name("joe.example"), 7, 1, 2, 3, 4};
  EXPECT_EQ(std::get<Soa>(answer->authority[0].data), soa);
  EXPECT_EQ(std::get<DnsName>(answer->authority[1].data), name("ns1.example"));
  EXPECT_EQ(std::get<RawData>(answer->additional[0].data).bytes, "\1\2\3");
}

TEST(ParseAnswer, ReadsEdnsOptions) {
  MessageBuilder builder(mx_question());
  builder.opt(Bytes{0, 3,  0, 4, 'f', 'r', 'a', '1',        // NSID
                    0, 15, 0, 5, 0,   3,   'o', 'l', '\n',  // stale answer
                    0, 8,  0, 4, 0,   1,   24,  20},        // client subnet, scope 20
              1);
  const auto answer = parse_answer(builder.bytes()).value();
  EXPECT_TRUE(answer.edns);
  EXPECT_EQ(static_cast<int>(answer.rcode), 16);  // BADVERS: the extended bits count
  EXPECT_EQ(rcode_text(answer.rcode), "BADVERS");
  EXPECT_EQ(answer.nsid, "fra1");
  EXPECT_TRUE(answer.has_extended_error(3));
  EXPECT_FALSE(answer.has_extended_error(19));
  EXPECT_EQ(answer.extended_errors[0].text, "ol?");
  EXPECT_EQ(answer.ecs_scope, 20);
  EXPECT_TRUE(answer.additional.empty());
}

TEST(ParseAnswer, BinaryNsidIsHexAndACutOptionIsLeftOut) {
  MessageBuilder builder(mx_question());
  builder.opt(Bytes{0, 3, 0, 2, 0x01, 0xfe, 0, 15, 0, 9, 1});
  const auto answer = parse_answer(builder.bytes()).value();
  EXPECT_EQ(answer.nsid, "01fe");
  EXPECT_TRUE(answer.extended_errors.empty());
}

TEST(ParseAnswer, ATtlWithTheTopBitIsZero) {  // RFC 2181 8
  MessageBuilder builder(mx_question());
  builder.answer("shop.example", RrType::a, 0x80000001u, Bytes{192, 0, 2, 1});
  EXPECT_EQ(parse_answer(builder.bytes())->answer[0].ttl, 0u);
}

TEST(ParseAnswer, FollowsCompressionButNotLoops) {
  MessageBuilder good(mx_question());
  good.raw_answer(Bytes{0xc0, 12}, RrType::mx, 5, Bytes{0, 10, 2, 'm', 'x', 0xc0, 12});
  const auto answer = parse_answer(good.bytes());
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(std::get<Mx>(answer->answer[0].data).exchange, name("mx.shop.example"));

  MessageBuilder loop(mx_question());
  loop.raw_answer(Bytes{0xc0, 30}, RrType::a, 5, Bytes{192, 0, 2, 1});  // points to itself
  EXPECT_FALSE(parse_answer(loop.bytes()));
}

TEST(ParseAnswer, RefusesWhatIsNoAnswer) {
  MessageBuilder short_data(mx_question());
  short_data.answer("shop.example", RrType::a, 5, Bytes{192, 0, 2});
  MessageBuilder no_data(mx_question());
  no_data.answer("shop.example", RrType::mx, 5, Bytes{});
  MessageBuilder query(mx_question());
  query.flags(0x0100);
  Bytes cut = MessageBuilder(mx_question()).bytes();
  cut.pop_back();
  for (const Bytes& bad : {Bytes{}, Bytes(11, 0x80), cut, short_data.bytes(), no_data.bytes(),
                           query.bytes(), Bytes(70000, 0x80)}) {
    const auto answer = parse_answer(bad);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, Fault::malformed);
    EXPECT_NE(answer.error().what, "");
  }
}

TEST(ParseAnswer, TakesAHeaderWithoutAQuestion) {
  const Bytes formerr = {0, 1, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0};
  const auto answer = parse_answer(formerr);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->rcode, Rcode::formerr);
  EXPECT_FALSE(answer->question);
}

Bytes rich_message() {
  MessageBuilder builder(mx_question());
  builder.raw_answer(Bytes{0xc0, 12}, RrType::mx, 5, Bytes{0, 10, 2, 'm', 'x', 0xc0, 12});
  builder.answer("shop.example", RrType::txt, 60, Bytes{2, 'a', 'b', 1, 'c'});
  builder.authority("example", RrType::soa, 900, soa_data("ns1.example", "joe.example", 7));
  builder.additional("_25._tcp.mx", RrType::tlsa, 60, Bytes{3, 1, 1, 0xde, 0xad});
  builder.additional("mx.example", RrType::aaaa, 60, Bytes(16, 1));
  builder.opt(Bytes{0, 3, 0, 2, 'f', 'r', 0, 15, 0, 2, 0, 3});
  return builder.bytes();
}

TEST(ParseAnswer, ReadsTheAnswerSectionAlone) {
  const Bytes message = rich_message();
  const auto whole = parse_answer(message), brief = parse_answer(message, Sections::answer);
  ASSERT_TRUE(brief) << brief.error().text();
  EXPECT_EQ(brief->question, whole->question);
  EXPECT_EQ(brief->answer, whole->answer);
  EXPECT_EQ(whole->authority.size() + whole->additional.size(), 3u);
  EXPECT_TRUE(brief->authority.empty());
  EXPECT_TRUE(brief->additional.empty());
  EXPECT_EQ(brief->nsid, "fr");
  EXPECT_TRUE(brief->has_extended_error(3));
}

TEST(ParseAnswer, StepsOverWhatItWasNotAskedFor) {
  MessageBuilder builder(mx_question());
  builder.authority("example", RrType::soa, 900, Bytes{1, 2, 3});  // no SOA at all
  EXPECT_FALSE(parse_answer(builder.bytes()));
  EXPECT_TRUE(parse_answer(builder.bytes(), Sections::answer));
  for (std::size_t cut = 1; cut < 10; ++cut) {
    Bytes message = builder.bytes();
    message.resize(message.size() - cut);
    EXPECT_FALSE(parse_answer(message, Sections::answer)) << cut;
  }
}

// Whatever the bytes are: a value or `malformed`, no crash, no read outside (under ASan the copy
// is exactly as long as the message).
TEST(ParseAnswer, SurvivesTwentyThousandMutations) {
  const Bytes seed = rich_message();
  ASSERT_TRUE(parse_answer(seed));
  std::mt19937 random(20260101);
  const auto below = [&](std::size_t n) { return random() % n; };
  int parsed = 0, agreed = 0;
  for (int i = 0; i < 20000; ++i) {
    Bytes message = seed;
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
      message[2 + below(message.size() - 2)] = static_cast<std::uint8_t>(random());
    }
    if (below(4) == 0) message.resize(1 + below(message.size()));
    const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[message.size()]);
    std::copy(message.begin(), message.end(), exact.get());
    const auto answer = parse_answer({exact.get(), message.size()});
    const auto brief = parse_answer({exact.get(), message.size()}, Sections::answer);
    if (!answer) {
      ASSERT_EQ(answer.error().fault, Fault::malformed);
    } else {
      // ldns forgives a record that is longer than it says; stepping over it does not.
      if (brief) {
        ASSERT_EQ(brief->answer, answer->answer);
      }
      agreed += brief ? 1 : 0;
      ++parsed;
      follow_chain(answer->answer, mx_question());
    }
  }
  EXPECT_GT(parsed, 1000);
  EXPECT_GT(agreed, parsed * 9 / 10);
}

TEST(FollowChain, GoesThroughCnamesInOrder) {
  MessageBuilder builder({name("a.example"), RrType::mx});
  builder.answer("c.example", RrType::mx, 9, mx_data(10, "mx.example"));
  builder.answer("b.example", RrType::cname, 20, name_data("C.example"));
  builder.answer("A.example", RrType::cname, 30, name_data("b.example"));
  builder.answer("d.example", RrType::mx, 9, mx_data(10, "other.example"));
  const auto answer = parse_answer(builder.bytes()).value();
  const auto chain = follow_chain(answer.answer, {name("a.example"), RrType::mx});
  ASSERT_EQ(chain.links.size(), 2u);
  EXPECT_EQ(chain.links[0].ttl, 30u);
  ASSERT_EQ(chain.records.size(), 1u);
  EXPECT_EQ(std::get<Mx>(chain.records[0].data).exchange, name("mx.example"));
}

TEST(FollowChain, EndsInALoop) {
  MessageBuilder builder({name("a"), RrType::mx});
  builder.answer("a", RrType::cname, 1, name_data("b"));
  builder.answer("b", RrType::cname, 1, name_data("a"));
  const auto chain = follow_chain(parse_answer(builder.bytes())->answer, {name("a"), RrType::mx});
  EXPECT_EQ(chain.links.size(), 2u) << "each alias once";
  EXPECT_TRUE(chain.records.empty());
}

}  // namespace
}  // namespace mxswitch::probes
