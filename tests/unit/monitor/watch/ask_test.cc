#include "monitor/watch/ask.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>
#include <deque>

namespace mxswitch::monitor {
namespace {

using probes::Answer;
using probes::Mx;
using probes::Query;
using probes::Rcode;
using probes::Record;
using probes::Reply;
using probes::RrType;

const DnsName kOwner = *DnsName::parse("shop.example");
const Endpoint kServer = *Endpoint::parse("198.51.100.11");

// Answers from a script and remembers what it was asked.
class ScriptedTransport final : public probes::Transport {
 public:
  asio::awaitable<Reply> ask(Query query) override {
    asked.push_back(query);
    Reply reply;
    if (!script.empty()) {
      reply.answer = script.front();
      script.pop_front();
    }
    co_return reply;
  }

  std::deque<Result<Answer>> script;
  std::vector<Query> asked;
};

template <class T>
T run(asio::awaitable<T> work) {
  asio::io_context loop;
  auto result = asio::co_spawn(loop, std::move(work), asio::use_future);
  loop.run();
  return result.get();
}

Record mx_record(std::uint16_t preference, std::string_view exchange, std::uint32_t ttl) {
  return {kOwner, RrType::mx, ttl, Mx{preference, *DnsName::parse(exchange)}};
}

Record soa_record(std::uint32_t ttl, std::uint32_t minimum) {
  probes::Soa soa;
  soa.serial = 7;
  soa.expire = 604800;
  soa.minimum = minimum;
  return {kOwner, RrType::soa, ttl, soa};
}

Answer mx_answer() {
  Answer answer;
  answer.aa = true;
  answer.nsid = "ns1";
  answer.answer = {mx_record(20, "mx2.filter.example", 300),
                   mx_record(10, "mx1.filter.example", 20)};
  return answer;
}

AuthorityAsk authority_ask(bool with_soa) {
  AuthorityAsk ask;
  ask.owner = kOwner;
  ask.endpoint = kServer;
  ask.with_soa = with_soa;
  return ask;
}

TEST(AskAuthority, ReadsTheSetItsLeastTtlAndTheSerial) {
  ScriptedTransport transport;
  Answer soa;
  soa.answer = {soa_record(3600, 60)};
  transport.script = {mx_answer(), soa};
  const auto sample = run(ask_authority(transport, authority_ask(true)));
  EXPECT_EQ(sample.outcome, Outcome::answered);
  EXPECT_EQ(sample.set.text(), "10 mx1.filter.example, 20 mx2.filter.example");
  EXPECT_EQ(sample.ttl, 20u);
  EXPECT_TRUE(sample.authoritative);
  EXPECT_EQ(sample.serial, 7u);
  EXPECT_EQ(sample.nsid, "ns1");
  ASSERT_EQ(transport.asked.size(), 2u);
  EXPECT_FALSE(transport.asked[0].flags.recursion_desired);
}

TEST(AskAuthority, OfASignedZoneAsksForSignaturesToo) {
  ScriptedTransport transport;
  transport.script = {mx_answer(), Answer(), mx_answer(), Answer()};
  AuthorityAsk ask = authority_ask(true);
  EXPECT_FALSE(run(ask_authority(transport, ask)).signatures_asked);
  ask.with_signatures = true;
  const auto sample = run(ask_authority(transport, ask));
  EXPECT_TRUE(sample.signatures_asked);
  EXPECT_FALSE(sample.signature);
  ASSERT_EQ(transport.asked.size(), 4u);
  EXPECT_FALSE(transport.asked[0].flags.dnssec_ok);
  EXPECT_TRUE(transport.asked[2].flags.dnssec_ok);
  EXPECT_FALSE(transport.asked[3].flags.dnssec_ok) << "the SOA's are not needed";
}

TEST(AskAuthority, TellsThatTheNameIsAnAlias) {
  const DnsName target = *DnsName::parse("mail.provider.example");
  const Record link{kOwner, RrType::cname, 300, target};
  Record behind = mx_record(10, "mx1.filter.example", 3600);
  behind.owner = target;
  for (const bool whole : {true, false}) {
    ScriptedTransport transport;
    Answer answer;
    answer.aa = true;
    answer.answer = {link};
    if (whole) answer.answer.push_back(behind);
    transport.script = {answer};
    const auto sample = run(ask_authority(transport, authority_ask(false)));
    EXPECT_TRUE(sample.through_cname);
    EXPECT_EQ(sample.outcome, whole ? Outcome::answered : Outcome::no_data);
  }
  ScriptedTransport plain;
  plain.script = {mx_answer()};
  EXPECT_FALSE(run(ask_authority(plain, authority_ask(false))).through_cname);
}

TEST(AskAuthority, SilenceIsTriedTwiceByUdpAndOnceByTcp) {
  ScriptedTransport transport;
  const auto sample = run(ask_authority(transport, authority_ask(true)));
  EXPECT_EQ(sample.outcome, Outcome::timed_out);
  ASSERT_EQ(transport.asked.size(), 3u);
  EXPECT_FALSE(transport.asked[1].tcp);
  EXPECT_TRUE(transport.asked[2].tcp);
}

TEST(AskAuthority, ANegativeAnswerLivesForTheSmallerOfSoaTtlAndMinimum) {
  ScriptedTransport transport;
  Answer nothing;
  nothing.aa = true;
  nothing.authority = {soa_record(3600, 60)};
  transport.script = {nothing};
  const auto sample = run(ask_authority(transport, authority_ask(true)));
  EXPECT_EQ(sample.outcome, Outcome::no_data);
  EXPECT_EQ(sample.ttl, 60u);
  EXPECT_EQ(sample.serial, 7u);
  EXPECT_EQ(transport.asked.size(), 1u) << "the SOA came with the answer";
}

TEST(AskResolver, OnlyServfailThatCdTurnsIntoNoerrorIsBogus) {
  for (const bool validates : {true, false}) {
    ScriptedTransport transport;
    Answer servfail, unchecked;
    servfail.rcode = Rcode::servfail;
    if (!validates) unchecked.rcode = Rcode::servfail;
    transport.script = {servfail, unchecked};
    const auto sample = run(ask_resolver(transport, kOwner, kServer, seconds(6)));
    EXPECT_EQ(sample.outcome, Outcome::servfail);
    EXPECT_EQ(sample.bogus_marked, validates);
    ASSERT_EQ(transport.asked.size(), 2u);
    EXPECT_TRUE(transport.asked[1].flags.checking_disabled);
  }
}

Answer of_rcode(Rcode rcode) {
  Answer answer;
  answer.rcode = rcode;
  answer.ra = true;
  return answer;
}

struct Failing {
  Result<Answer> answer;
  Outcome outcome;
  const char* failure;
};

// A resolver that does not recurse for us, or can't answer, says nothing about the domain: `absent`
// would mean that mail is lost.
TEST(AskResolver, WhatIsNoAnswerAboutTheDomainIsAFailureThatSaysHow) {
  Answer empty, upwards, nowhere = of_rcode(Rcode::nxdomain), broken = of_rcode(Rcode::servfail);
  upwards.authority = {{DnsName(), RrType::ns, 300, *DnsName::parse("a.root.example")}};
  nowhere.ra = false;
  broken.extended_errors = {{22, "timeout"}};
  const std::string late = "no answer within 6 s";
  const Failing all[] = {
      {empty, Outcome::refused, "no recursion (RA is not set)"},
      {upwards, Outcome::refused, "no recursion (RA is not set)"},
      {nowhere, Outcome::refused, "no recursion (RA is not set)"},
      {of_rcode(Rcode::refused), Outcome::refused, "REFUSED"},
      {of_rcode(Rcode::notimp), Outcome::malformed, "NOTIMP"},
      {broken, Outcome::servfail, "SERVFAIL (EDE 22, No Reachable Authority: timeout)"},
      {fail(Fault::timed_out, late, "192.0.2.1"), Outcome::timed_out, "no answer within 6 s"},
      {fail(Fault::malformed, "it is cut"), Outcome::malformed, "malformed: it is cut"},
      {of_rcode(Rcode::noerror), Outcome::no_data, ""},
      {mx_answer(), Outcome::answered, ""},
  };
  for (const Failing& one : all) {
    ScriptedTransport transport;
    transport.script = {one.answer};
    const auto sample = run(ask_resolver(transport, kOwner, kServer, seconds(6)));
    EXPECT_EQ(sample.outcome, one.outcome) << one.failure;
    EXPECT_EQ(sample.failure, one.failure);
  }
}

TEST(AskAuthority, SaysThatALameServerAnswersWithoutAuthority) {
  ScriptedTransport transport;
  transport.script = {of_rcode(Rcode::noerror)};
  const auto sample = run(ask_authority(transport, authority_ask(false)));
  EXPECT_FALSE(sample.authoritative);
  EXPECT_EQ(sample.failure, "answers without authority (AA)");
}

TEST(AskControl, AnEmptyAnswerWithoutRecursionIsNoSignOfLife) {
  ScriptedTransport transport;
  transport.script = {Answer{}};
  const auto sample = run(ask_control(transport, kServer, "xyz", seconds(6)));
  EXPECT_FALSE(sample.root_answered);
  EXPECT_EQ(sample.failure, "no recursion (RA is not set)");
  EXPECT_EQ(transport.asked.size(), 1u);
}

TEST(AskResolver, StaleAnswersAreMarked) {
  ScriptedTransport transport;
  Answer stale = mx_answer();
  stale.extended_errors = {{3, ""}};
  transport.script = {stale};
  EXPECT_TRUE(run(ask_resolver(transport, kOwner, kServer, seconds(6))).stale_marked);
}

TEST(AskResolver, FilteredAnswersAreMarked) {
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{14, 15, 16, 17, 18}) {
    ScriptedTransport transport;
    Answer filtered;
    filtered.rcode = Rcode::nxdomain;
    filtered.extended_errors = {{code, ""}};
    transport.script = {filtered};
    const auto sample = run(ask_resolver(transport, kOwner, kServer, seconds(6)));
    EXPECT_EQ(sample.filter_marked, code >= 15 && code <= 17) << code;
  }
}

TEST(AskControl, ALieIsAnAnswerWhereThereIsNothing) {
  for (const Rcode rcode : {Rcode::nxdomain, Rcode::noerror, Rcode::servfail}) {
    ScriptedTransport transport;
    Answer root, nowhere;
    root.ra = nowhere.ra = true;
    nowhere.rcode = rcode;
    transport.script = {root, nowhere};
    const auto sample = run(ask_control(transport, kServer, "xyz", seconds(6)));
    EXPECT_TRUE(sample.root_answered);
    EXPECT_EQ(sample.lies, rcode == Rcode::noerror);
    ASSERT_EQ(transport.asked.size(), 2u);
    EXPECT_TRUE(transport.asked[0].question.name.is_root());
    EXPECT_EQ(transport.asked[1].question.name.text(), "xyz.com");
  }
}

TEST(AskTxt, JoinsTheStringsOfARecord) {
  ScriptedTransport transport;
  Answer answer;
  answer.answer = {{kOwner, RrType::txt, 20, probes::Txt{{"v=spf1 ", "-all"}}}};
  transport.script = {answer};
  TxtAsk ask;
  ask.owner = kOwner;
  ask.endpoint = kServer;
  const auto sample = run(ask_txt(transport, ask));
  EXPECT_EQ(sample.outcome, Outcome::answered);
  EXPECT_EQ(sample.texts, std::vector<std::string>{"v=spf1 -all"});
  EXPECT_EQ(sample.ttl, 20u);
}

TEST(AskTxt, BelievesNoLameServerThatThereIsNoRecord) {
  TxtAsk ask;
  ask.owner = kOwner;
  ask.endpoint = kServer;
  Answer upwards;
  upwards.authority = {{DnsName(), RrType::ns, 300, *DnsName::parse("a.root.example")}};
  Answer nowhere;
  nowhere.rcode = Rcode::nxdomain;
  Answer record;
  record.answer = {{kOwner, RrType::txt, 20, probes::Txt{{"v=spf1 -all"}}}};
  for (const bool from_authority : {true, false}) {
    ask.from_authority = from_authority;
    ScriptedTransport transport;
    transport.script = {upwards, nowhere, record};
    EXPECT_EQ(run(ask_txt(transport, ask)).outcome, Outcome::refused);
    EXPECT_EQ(run(ask_txt(transport, ask)).outcome, Outcome::refused);
    EXPECT_EQ(run(ask_txt(transport, ask)).outcome,
              from_authority ? Outcome::refused : Outcome::answered);
    (from_authority ? upwards.aa : upwards.ra) = true;
    transport.script = {upwards};
    EXPECT_EQ(run(ask_txt(transport, ask)).outcome, Outcome::no_data);
    upwards.aa = upwards.ra = false;
  }
}

TEST(AskTxt, TheTtlIsTheLeastOfTheChain) {
  ScriptedTransport transport;
  const DnsName target = *DnsName::parse("spf.host.example");
  Answer answer;
  answer.answer = {{kOwner, RrType::cname, 30, target},
                   {target, RrType::txt, 3600, probes::Txt{{"v=spf1 -all"}}}};
  transport.script = {answer};
  TxtAsk ask;
  ask.owner = kOwner;
  EXPECT_EQ(run(ask_txt(transport, ask)).ttl, 30u);
}

}  // namespace
}  // namespace mxswitch::monitor
