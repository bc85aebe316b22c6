// The transport against servers in this process, over real loopback sockets.
#include "probes/dns/transport.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <map>

#include "tests/unit/probes/dns/loopback_server.h"

namespace mxswitch::probes {
namespace {

using Sends = std::vector<Bytes>;

asio::awaitable<void> store(Transport& transport, Query query, Reply& into) {
  into = co_await transport.ask(std::move(query));
}

struct TransportTest : testing::Test {
  asio::io_context loop;
  SystemClock clock;
  std::unique_ptr<NetworkTransport> transport =
      make_transport(loop.get_executor(), clock, TransportOptions{});

  Query query_to(const Endpoint& server, Duration deadline = seconds(5)) {
    Query query;
    query.server = server;
    query.question = {DnsName::parse("mail.shop.example").value(), RrType::mx};
    query.deadline = deadline;
    return query;
  }
  Reply ask(const Query& query) {
    Reply reply;
    asio::co_spawn(loop, store(*transport, query, reply),
                   [this](std::exception_ptr) { loop.stop(); });
    loop.restart();
    loop.run();
    return reply;
  }
};

Bytes good_answer(const Bytes& query, unsigned flags = 0x8180) {
  MessageBuilder builder(question_of(query), message_id(query));
  builder.flags(flags);
  builder.answer("mail.shop.example", RrType::mx, 60, mx_data(10, "mx1.filter.example"));
  return builder.bytes();
}

void expect_good(const Reply& reply) {
  ASSERT_TRUE(reply.answer) << reply.answer.error().text();
  ASSERT_EQ(reply.answer->answer.size(), 1u);
  EXPECT_EQ(std::get<Mx>(reply.answer->answer[0].data).preference, 10);
}

TEST_F(TransportTest, OneNameInTwoClassesIsTwoQuestions) {
  LoopbackServer server(loop, [](const Bytes& query) { return Sends{good_answer(query)}; });
  Query query = query_to(server.endpoint());
  for (const RrClass rr_class : {RrClass::in, RrClass::chaos, RrClass::in}) {
    query.question.rr_class = rr_class;
    const Reply reply = ask(query);
    expect_good(reply);
    ASSERT_TRUE(reply.answer && reply.answer->question);
    EXPECT_EQ(reply.answer->question->rr_class, rr_class);
  }
}

TEST_F(TransportTest, AsksAndMeasures) {
  LoopbackServer server(loop, [](const Bytes& query) { return Sends{good_answer(query)}; });
  const Reply reply = ask(query_to(server.endpoint()));
  expect_good(reply);
  EXPECT_FALSE(reply.over_tcp);
  EXPECT_GE(reply.received_at, reply.sent_at);
  EXPECT_EQ(reply.rtt, reply.received_at - reply.sent_at);
  EXPECT_EQ(transport->counters().sent, 1u);
  EXPECT_EQ(transport->counters().answered, 1u);
}

TEST_F(TransportTest, ShowsNamesInTheCaseThatWasAsked) {
  LoopbackServer server(loop, [](const Bytes& query) {
    MessageBuilder builder(question_of(query), message_id(query));
    builder.raw_answer(Bytes{0xc0, 12}, RrType::mx, 60, Bytes{0, 10, 3, 'm', 'x', '1', 0xc0, 12});
    return Sends{builder.bytes()};
  });
  const Reply reply = ask(query_to(server.endpoint()));
  ASSERT_TRUE(reply.answer);
  const DnsName& exchange = std::get<Mx>(reply.answer->answer[0].data).exchange;
  EXPECT_EQ(exchange.wire(), DnsName::parse("mx1.mail.shop.example")->wire());
}

TEST_F(TransportTest, DrawsCaseIdAndPortAnew) {
  std::set<std::string> names;
  std::set<std::uint16_t> ids;
  LoopbackServer server(loop, [&](const Bytes& query) {
    names.emplace(question_of(query).name.wire());
    ids.insert(message_id(query));
    return Sends{good_answer(query)};
  });
  for (int i = 0; i < 20; ++i) expect_good(ask(query_to(server.endpoint())));
  EXPECT_GT(names.size(), 15u);
  EXPECT_GT(ids.size(), 15u);
  EXPECT_GT(server.peers().size(), 5u);
}

TEST_F(TransportTest, TakesTheRightAnswerAfterSpoofedOnes) {
  LoopbackServer stranger(loop, nullptr);
  std::unique_ptr<LoopbackServer> server;
  server = std::make_unique<LoopbackServer>(loop, [&](const Bytes& query) {
    stranger.send_udp(good_answer(query), server->last_peer());  // wrong peer
    Bytes wrong_id = good_answer(query);
    wrong_id[0] ^= 0x55;
    Bytes no_response = good_answer(query, 0x0100);
    Bytes wrong_case = good_answer(query);
    wrong_case[13] ^= 0x20;
    return Sends{Bytes{}, wrong_id, no_response, wrong_case, Bytes(5, 0), good_answer(query)};
  });
  expect_good(ask(query_to(server->endpoint())));
  EXPECT_GE(transport->counters().dropped, 5u);
}

TEST_F(TransportTest, SeesErrorsAtOnceWithOrWithoutQuestion) {
  for (const unsigned rcode : {2u, 4u, 5u}) {
    for (const bool with_question : {true, false}) {
      LoopbackServer server(loop, [=](const Bytes& query) {
        MessageBuilder builder(question_of(query), message_id(query));
        builder.flags(0x8180 | rcode);
        Bytes reply = builder.bytes();
        if (!with_question) {
          reply.resize(12);
          reply[5] = 0;
        }
        return Sends{reply};
      });
      const Reply reply = ask(query_to(server.endpoint()));
      ASSERT_TRUE(reply.answer) << reply.answer.error().text();
      EXPECT_EQ(static_cast<unsigned>(reply.answer->rcode), rcode);
      EXPECT_LT(reply.rtt, seconds(2));
    }
  }
}

// The options of a query's OPT record, which comes last; nothing: it has none.
std::optional<std::size_t> options_of(const Bytes& query) {
  if (query[11] == 0) return std::nullopt;
  return query.size() - 12 - question_octets(query).size() - 11;
}

Bytes header_alone(const Bytes& query, std::uint8_t rcode) {
  return {query[0], query[1], 0x80, rcode, 0, 0, 0, 0, 0, 0, 0, 0};
}

Bytes error_with_opt(const Bytes& query, unsigned rcode) {
  MessageBuilder builder(question_of(query), message_id(query));
  builder.flags(0x8000 | (rcode & 15u));
  builder.opt({}, static_cast<std::uint8_t>(rcode >> 4));
  return builder.bytes();
}

struct Picky {
  const char* what;
  std::size_t most_options;  // octets of options that it bears
  bool bears_edns;
  unsigned rcode;
  bool with_opt;        // in the error
  std::size_t queries;  // until the answer
};

// Firewalls and old servers: each says otherwise that EDNS or an option of it is too much.
TEST_F(TransportTest, AServerThatRefusesEdnsIsAskedForLessAndThatIsRemembered) {
  const Picky all[] = {{"FORMERR with OPT, for options", 0, true, 1, true, 2},
                       {"FORMERR for options", 0, true, 1, false, 2},
                       {"FORMERR for EDNS", 0, false, 1, false, 3},
                       {"FORMERR with OPT, for EDNS", 0, false, 1, true, 3},
                       {"NOTIMP for EDNS", 0, false, 4, false, 3},
                       {"BADVERS for options", 0, true, 16, true, 2},
                       {"BADVERS for EDNS", 0, false, 16, true, 3}};
  for (const Picky& picky : all) {
    std::vector<Bytes> queries;
    LoopbackServer server(loop, [&](const Bytes& query) {
      queries.push_back(query);
      const auto options = options_of(query);
      if (!options || (picky.bears_edns && *options <= picky.most_options))
        return Sends{good_answer(query)};
      return Sends{picky.with_opt ? error_with_opt(query, picky.rcode)
                                  : header_alone(query, static_cast<std::uint8_t>(picky.rcode))};
    });
    Query query = query_to(server.endpoint());
    query.flags.nsid = true;
    expect_good(ask(query));
    EXPECT_EQ(queries.size(), picky.queries) << picky.what;
    EXPECT_EQ(options_of(queries[0]), 4u) << picky.what;
    for (int i = 0; i < 3; ++i) expect_good(ask(query));
    EXPECT_EQ(queries.size(), picky.queries + 3) << picky.what << ": the ladder is remembered";
  }
}

TEST_F(TransportTest, AfterAnHourAServerIsAskedInFullAgain) {
  ManualClock manual(Time(seconds(1'000'000)));
  transport = make_transport(loop.get_executor(), manual, TransportOptions{});
  std::size_t queries = 0;
  LoopbackServer server(loop, [&](const Bytes& query) {
    ++queries;
    return Sends{options_of(query) ? header_alone(query, 1) : good_answer(query)};
  });
  const Query query = query_to(server.endpoint());
  expect_good(ask(query));
  EXPECT_EQ(queries, 2u);
  manual.advance(std::chrono::minutes(59));
  expect_good(ask(query));
  EXPECT_EQ(queries, 3u);
  manual.advance(std::chrono::minutes(2));
  expect_good(ask(query));
  EXPECT_EQ(queries, 5u);
}

TEST_F(TransportTest, AnErrorOnEveryRungIsTheAnswerAndIsNotClimbedForAgain) {
  for (const std::uint8_t rcode : {std::uint8_t{1}, std::uint8_t{4}}) {
    int queries = 0;
    LoopbackServer server(loop, [&](const Bytes& query) {
      ++queries;
      return Sends{header_alone(query, rcode)};
    });
    Query query = query_to(server.endpoint());
    query.flags.nsid = true;
    for (int i = 0; i < 2; ++i) {
      const Reply reply = ask(query);
      ASSERT_TRUE(reply.answer);
      EXPECT_EQ(static_cast<std::uint8_t>(reply.answer->rcode), rcode);
      EXPECT_FALSE(reply.answer->edns);
      EXPECT_EQ(queries, 3 + i);
    }
  }
}

TEST_F(TransportTest, ATruncatedAnswerWithoutTcpSaysSo) {
  LoopbackServer closed(loop, [](const Bytes& query) { return Sends{good_answer(query, 0x8380)}; });
  const Reply reply = ask(query_to(closed.endpoint()));
  ASSERT_FALSE(reply.answer);
  EXPECT_EQ(reply.answer.error().what, "truncated over UDP, and TCP is closed");
}

TEST_F(TransportTest, GoesToTcpOnTruncation) {
  LoopbackServer server(
      loop, [](const Bytes& query) { return Sends{good_answer(query, 0x8380)}; },
      [](const Bytes& query) { return good_answer(query); });
  const Reply reply = ask(query_to(server.endpoint()));
  expect_good(reply);
  EXPECT_TRUE(reply.over_tcp);
  EXPECT_FALSE(reply.answer->tc);
}

TEST_F(TransportTest, TakesLongAnswersOverUdp) {
  LoopbackServer server(loop, [](const Bytes& query) {
    MessageBuilder builder(question_of(query), message_id(query));
    for (int i = 0; i < 30; ++i) {
      builder.answer("mail.shop.example", RrType::mx, 60, mx_data(10, "mx1.filter.example"));
    }
    return Sends{builder.bytes()};
  });
  const Reply reply = ask(query_to(server.endpoint()));
  ASSERT_TRUE(reply.answer) << reply.answer.error().text();
  EXPECT_EQ(reply.answer->answer.size(), 30u);
  EXPECT_FALSE(reply.over_tcp);
}

TEST_F(TransportTest, AsksByTcpFromTheStart) {
  LoopbackServer server(loop, nullptr, [](const Bytes& query) { return good_answer(query); });
  Query query = query_to(server.endpoint());
  query.tcp = true;
  for (int i = 0; i < 3; ++i) {
    const Reply reply = ask(query);
    expect_good(reply);
    EXPECT_TRUE(reply.over_tcp);
  }
}

TEST_F(TransportTest, ARefusedConnectionIsUnavailable) {
  Endpoint closed;
  {
    LoopbackServer server(loop, nullptr);
    closed = server.endpoint();
  }
  Query query = query_to(closed);
  query.tcp = true;
  const Reply reply = ask(query);
  ASSERT_FALSE(reply.answer);
  EXPECT_EQ(reply.answer.error().fault, Fault::unavailable);
  EXPECT_EQ(reply.answer.error().where, closed.text());
}

// The kernel refuses to send to everybody (EACCES) as it does where there is no route.
TEST_F(TransportTest, ADatagramThatCannotLeaveIsUnavailableAtOnce) {
  const Query query = query_to(*Endpoint::parse("255.255.255.255"), seconds(60));
  for (int i = 0; i < 2; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const Reply reply = ask(query);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(30));
    ASSERT_FALSE(reply.answer);
    EXPECT_EQ(reply.answer.error().fault, Fault::unavailable) << reply.answer.error().text();
  }
}

TEST_F(TransportTest, SilenceEndsAtTheDeadline) {
  LoopbackServer server(loop, [](const Bytes&) { return Sends{}; });
  const auto begin = std::chrono::steady_clock::now();
  const Reply reply = ask(query_to(server.endpoint(), Duration(60)));
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_FALSE(reply.answer);
  EXPECT_EQ(reply.answer.error().fault, Fault::timed_out);
  EXPECT_EQ(reply.answer.error().text(), server.endpoint().text() + ": no answer within 60 ms");
  EXPECT_GE(took, Duration(60));
  EXPECT_LT(took, seconds(2));
  EXPECT_EQ(transport->counters().timed_out, 1u);
}

TEST_F(TransportTest, AServerThatNeverKeepsCaseIsAskedWithoutIt) {
  int queries = 0;
  const auto lowered = [](Bytes query) {
    for (std::size_t i = 12; i < 30; ++i) {
      if (query[i] >= 'A' && query[i] <= 'Z') query[i] = static_cast<std::uint8_t>(query[i] | 0x20);
    }
    return query;
  };
  LoopbackServer server(loop, [&](const Bytes& query) {
    ++queries;
    return Sends{good_answer(lowered(query))};
  });
  // 15 letters: by chance all lower in one of 32,768 runs, and then the answer is simply right.
  expect_good(ask(query_to(server.endpoint(), Duration(400))));
  const int first = queries;
  EXPECT_LE(first, 2);
  for (int i = 0; i < 3; ++i) expect_good(ask(query_to(server.endpoint(), Duration(400))));
  EXPECT_EQ(queries, first + 3);  // it is remembered
}

TEST_F(TransportTest, ThenByTcp) {
  LoopbackServer server(
      loop,
      [](const Bytes& query) {
        Bytes wrong = good_answer(query);
        wrong[13] ^= 0x20;  // even a plain query's case is changed
        return Sends{wrong};
      },
      [](const Bytes& query) { return good_answer(query); });
  const Reply reply = ask(query_to(server.endpoint(), Duration(800)));
  expect_good(reply);
  EXPECT_TRUE(reply.over_tcp);
}

TEST_F(TransportTest, CancellingEndsEveryAskAsUnavailable) {
  LoopbackServer server(loop, [this](const Bytes&) {
    transport->cancel_all();
    return Sends{};
  });
  const Reply reply = ask(query_to(server.endpoint()));
  ASSERT_FALSE(reply.answer);
  EXPECT_EQ(reply.answer.error().text(), server.endpoint().text() + ": the query was cancelled");
}

TEST_F(TransportTest, AnAskSurvivesTheTransport) {
  LoopbackServer server(loop, [this](const Bytes&) {
    transport.reset();
    return Sends{};
  });
  const Reply reply = ask(query_to(server.endpoint()));
  ASSERT_FALSE(reply.answer);
  EXPECT_EQ(reply.answer.error().fault, Fault::unavailable);
}

TEST_F(TransportTest, MalformedAnswersAreNamed) {
  LoopbackServer server(loop, [](const Bytes& query) {
    Bytes cut = good_answer(query);
    cut.resize(cut.size() - 3);
    return Sends{cut};
  });
  const Reply reply = ask(query_to(server.endpoint()));
  ASSERT_FALSE(reply.answer);
  EXPECT_EQ(reply.answer.error().fault, Fault::malformed);
  EXPECT_EQ(reply.answer.error().where, server.endpoint().text());
}

// The bar: 2,000 queries in flight to 200 servers; none is answered before all were asked.
TEST_F(TransportTest, QueriesOfOneTurnShareAFewPorts) {
  LoopbackServer server(loop, [](const Bytes& query) { return Sends{good_answer(query)}; });
  Query lost = query_to(server.endpoint());
  lost.server = *Endpoint::parse("255.255.255.255");  // broadcasts are refused
  constexpr std::size_t kAsks = 64, kLost = 20;
  std::vector<Reply> replies(kAsks);
  std::size_t running = kAsks;
  for (std::size_t i = 0; i < kAsks; ++i)
    asio::co_spawn(loop,
                   store(*transport, i == kLost ? lost : query_to(server.endpoint()), replies[i]),
                   [&](std::exception_ptr) {
                     if (--running == 0) loop.stop();
                   });
  loop.run();
  EXPECT_LE(server.peers().size(), 4u);
  for (std::size_t i = 0; i < kAsks; ++i) {
    if (i != kLost) expect_good(replies[i]);
  }
  ASSERT_FALSE(replies[kLost].answer) << "only this one did not leave";
  EXPECT_EQ(replies[kLost].answer.error().fault, Fault::unavailable);
}

// With one port open at a time a server sees each in turn, and none for more than its share.
TEST_F(TransportTest, APortIsRenewedAfterItsQueries) {
  std::map<std::uint16_t, std::size_t> by_port;
  std::unique_ptr<LoopbackServer> server;
  server = std::make_unique<LoopbackServer>(loop, [&](const Bytes& query) {
    ++by_port[server->last_peer().port()];
    return Sends{good_answer(query)};
  });
  TransportOptions options;
  options.udp_sockets = 1;
  transport = make_transport(loop.get_executor(), clock, options);
  for (std::size_t i = 0; i < 3 * kQueriesAPort; ++i)
    expect_good(ask(query_to(server->endpoint())));
  EXPECT_EQ(by_port.size(), 3u);
  for (const auto& [port, queries] : by_port) EXPECT_EQ(queries, kQueriesAPort) << port;
}

// An answer that comes after the port was renewed is heard all the same.
TEST_F(TransportTest, ARenewedPortHearsLateAnswers) {
  std::optional<std::pair<Bytes, asio::ip::udp::endpoint>> held;
  std::unique_ptr<LoopbackServer> server;
  std::size_t seen = 0;
  server = std::make_unique<LoopbackServer>(loop, [&](const Bytes& query) {
    if (!held) {
      held.emplace(query, server->last_peer());
      return Sends{};
    }
    if (++seen == 2 * kQueriesAPort) server->send_udp(good_answer(held->first), held->second);
    return Sends{good_answer(query)};
  });
  TransportOptions options;
  options.udp_sockets = 1;
  transport = make_transport(loop.get_executor(), clock, options);
  Reply late;
  bool came = false;
  asio::co_spawn(loop, store(*transport, query_to(server->endpoint(), seconds(20)), late),
                 [&](std::exception_ptr) { came = true; });
  for (std::size_t i = 0; i < 2 * kQueriesAPort; ++i)
    expect_good(ask(query_to(server->endpoint())));
  loop.restart();
  while (!came && loop.run_one() != 0) continue;
  expect_good(late);
}

TEST_F(TransportTest, KeepsTwoThousandQueriesInFlight) {
  constexpr int kServers = 200, kEach = 10;
  int asked = 0;
  std::vector<std::pair<LoopbackServer*, std::pair<Bytes, asio::ip::udp::endpoint>>> held;
  std::vector<std::unique_ptr<LoopbackServer>> servers;
  const auto release = [&] {
    for (auto it = held.rbegin(); it != held.rend(); ++it) {
      it->first->send_udp(good_answer(it->second.first), it->second.second);
    }
  };
  for (int i = 0; i < kServers; ++i) {
    servers.push_back(std::make_unique<LoopbackServer>(loop, nullptr));
    LoopbackServer* self = servers.back().get();
    self->answer_udp([&, self](const Bytes& query) {
      held.push_back({self, {query, self->last_peer()}});
      if (++asked == kServers * kEach) release();
      return Sends{};
    });
  }
  std::vector<Reply> replies(kServers * kEach);
  int ended = 0;
  for (int i = 0; i < kServers * kEach; ++i) {
    const auto& server = servers[static_cast<std::size_t>(i % kServers)];
    asio::co_spawn(loop,
                   store(*transport, query_to(server->endpoint(), seconds(20)),
                         replies[static_cast<std::size_t>(i)]),
                   [&](std::exception_ptr) {
                     if (++ended == kServers * kEach) loop.stop();
                   });
  }
  loop.run();
  for (const Reply& reply : replies) expect_good(reply);
  EXPECT_EQ(transport->counters().sent, 2000u);
  EXPECT_EQ(transport->counters().timed_out, 0u);
}

}  // namespace
}  // namespace mxswitch::probes
