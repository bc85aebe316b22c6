#include "probes/dns/delegation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "probes/dns/walk.h"
#include "tests/unit/probes/dns/simulated_internet.h"

namespace mxswitch::probes {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

template <class T>
asio::awaitable<void> store(asio::awaitable<T> work, std::optional<T>& into) {
  into = co_await std::move(work);
}

struct DelegationTest : testing::Test {
  SimulatedInternet internet;
  DelegationOptions options;

  void SetUp() override {
    options.roots = {SimulatedInternet::endpoint("198.41.0.4"),
                     SimulatedInternet::endpoint("199.9.14.201")};
    for (const char* root : {"198.41.0.4", "199.9.14.201"}) {
      internet.serve(root, ".",
                     "example 172800 NS a.nic.example\n"
                     "a.nic.example 172800 A 192.0.2.1\n"
                     "net 172800 NS a.nic.net\n"
                     "a.nic.net 172800 A 192.0.2.2\n");
    }
    internet.serve("192.0.2.1", "example",
                   "example 3600 NS a.nic.example\n"
                   "a.nic.example 3600 A 192.0.2.1\n"
                   "shop.example 7200 NS ns1.shop.example\n"
                   "shop.example 7200 NS ns.host.net\n"
                   "shop.example 7200 DS 12345\n"
                   "ns1.shop.example 7200 A 192.0.2.11\n"
                   "deep.example 7200 NS ns1.deep.example\n"
                   "ns1.deep.example 7200 A 192.0.2.15\n"
                   "loop.example 7200 NS ns.loop2.example\n"
                   "loop2.example 7200 NS ns.loop.example\n");
    internet.serve("192.0.2.2", "net",
                   "net 3600 NS a.nic.net\n"
                   "host.net 7200 NS ns.host.net\n"
                   "ns.host.net 7200 A 192.0.2.12\n");
    const std::string shop =
        "shop.example 300 NS ns1.shop.example\n"
        "shop.example 300 NS ns.host.net\n"
        "ns1.shop.example 300 A 192.0.2.11\n"
        "www.shop.example 300 A 192.0.2.80\n"
        "www.shop.example 300 AAAA 2001:db8::80\n"
        "alias.shop.example 300 CNAME web.host.net\n"
        "ring.shop.example 300 CNAME ring.shop.example\n";
    internet.serve("192.0.2.11", "shop.example", shop);
    internet.serve("192.0.2.12", "shop.example", shop);
    internet.serve("192.0.2.12", "host.net",
                   "host.net 600 NS ns.host.net\n"
                   "ns.host.net 600 A 192.0.2.12\n"
                   "web.host.net 600 A 192.0.2.90\n");
  }

  template <class T>
  T run(asio::awaitable<T> work) {
    asio::io_context loop;
    std::optional<T> result;
    asio::co_spawn(loop, store(std::move(work), result), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    loop.run();
    return std::move(*result);
  }
  Result<Delegation> find(std::string_view owner) {
    return run(find_delegation(internet, SimulatedInternet::name(owner), options));
  }
  Result<std::vector<IpAddress>> addresses(std::string_view host) {
    return run(find_addresses(internet, SimulatedInternet::name(host), options));
  }
};

std::vector<std::string> texts(const Delegation& delegation) {
  std::vector<std::string> lines;
  for (const NameServer& server : delegation.servers) {
    std::string line =
        server.name.text() + (server.in_parent ? " P" : "") + (server.in_child ? " C" : "");
    for (const Endpoint& endpoint : server.endpoints) line += " " + endpoint.text();
    lines.push_back(line);
  }
  return lines;
}

std::string joined(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) text += note + "\n";
  return text;
}

TEST_F(DelegationTest, FindsEveryServerByGlueAndByAWalkOfItsOwn) {
  const auto found = find("shop.example");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->zone.text(), "shop.example");
  EXPECT_THAT(texts(*found), UnorderedElementsAre("ns1.shop.example P C 192.0.2.11",
                                                  "ns.host.net P C 192.0.2.12"));
  EXPECT_FALSE(found->parent_child_differ);
  EXPECT_TRUE(found->signed_zone);
  EXPECT_EQ(found->parent_ns_ttl, 7200u);
  EXPECT_EQ(found->child_ns_ttl, 300u);
  EXPECT_THAT(found->notes, testing::IsEmpty());
  EXPECT_LT(internet.queries, 25);
}

TEST_F(DelegationTest, AnOwnerInsideAZoneHasThatZonesServers) {
  for (const char* owner : {"www.shop.example", "alias.shop.example"}) {
    const auto found = find(owner);
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(found->zone.text(), "shop.example");
    EXPECT_EQ(found->servers.size(), 2u);
  }
}

TEST_F(DelegationTest, WatchesTheUnionWhereParentAndChildDiffer) {
  internet.serve("192.0.2.15", "deep.example",
                 "deep.example 60 NS ns2.deep.example\n"
                 "ns2.deep.example 60 A 192.0.2.16\n"
                 "ns1.deep.example 60 A 192.0.2.15\n"
                 "ns1.deep.example 60 A 192.0.2.17\n");
  internet.serve("192.0.2.16", "deep.example",
                 "deep.example 90 NS ns2.deep.example\n"
                 "deep.example 90 NS ns3.deep.example\n"
                 "ns2.deep.example 90 A 192.0.2.16\n");
  internet.serve("192.0.2.17", "deep.example", "deep.example 60 NS ns2.deep.example\n");
  const auto found = find("deep.example");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_TRUE(found->parent_child_differ);
  EXPECT_FALSE(found->signed_zone);
  EXPECT_EQ(found->child_ns_ttl, 90u);
  // 192.0.2.17 stands in no glue; ns3, named by one child alone, has no address.
  EXPECT_THAT(texts(*found),
              UnorderedElementsAre("ns1.deep.example P 192.0.2.15 192.0.2.17",
                                   "ns2.deep.example C 192.0.2.16", "ns3.deep.example C"));
  EXPECT_THAT(joined(found->notes), HasSubstr("ns3.deep.example has no address"));
}

TEST_F(DelegationTest, AnUnknownDomainNamesTheParentThatSaidSo) {
  const auto found = find("nosuch.example");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().fault, Fault::not_found);
  EXPECT_EQ(found.error().text(),
            "nosuch.example: the domain does not exist; the zone example says NXDOMAIN at "
            "192.0.2.1: check the spelling");
  EXPECT_THAT(find("a.b.nosuchtld").error().mend, HasSubstr("the zone . says NXDOMAIN"));
}

TEST_F(DelegationTest, LameRefusingAndSilentServersAreNoted) {
  internet.refuse("192.0.2.11");
  auto found = find("shop.example");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_THAT(joined(found->notes), HasSubstr("192.0.2.11 (shop.example) answers REFUSED"));
  EXPECT_EQ(found->servers.size(), 2u);

  internet.silence("192.0.2.12");
  found = find("shop.example");
  ASSERT_TRUE(found) << found.error().text();  // known, though nobody answers
  EXPECT_EQ(found->servers.size(), 2u);
  EXPECT_THAT(joined(found->notes), HasSubstr("192.0.2.12 (shop.example): no answer within 3 s"));

  internet.tamper = [](const Query& query, Answer& answer) {
    if (query.server.text() == "192.0.2.11") {
      answer = Answer{};
      answer.ra = true;
      answer.answer = {{query.question.name, RrType::ns, 5, query.question.name}};
    }
  };
  found = find("shop.example");
  ASSERT_TRUE(found);
  EXPECT_THAT(joined(found->notes), HasSubstr("192.0.2.11 (shop.example) answers without"));
}

TEST_F(DelegationTest, ADeadRootIsNoObstacleDeadTldServersAre) {
  internet.silence("198.41.0.4");
  EXPECT_TRUE(find("shop.example"));
  internet.silence("192.0.2.1");
  const auto found = find("shop.example");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().fault, Fault::unavailable);
  EXPECT_EQ(found.error().what, "no server of the zone example answered");
  EXPECT_EQ(found.error().mend, "192.0.2.1 (example): no answer within 3 s");
}

TEST_F(DelegationTest, ServersThatHoldParentAndChild) {
  internet.serve("192.0.2.1", "both.example",
                 "both.example 60 NS a.nic.example\nsub.both.example 60 A 192.0.2.9\n");
  internet.serve("192.0.2.1", "example", "both.example 60 DS 1\n");
  for (const char* owner : {"both.example", "sub.both.example"}) {
    const auto found = find(owner);
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(found->zone.text(), "both.example");
    ASSERT_EQ(found->servers.size(), 1u);
    EXPECT_EQ(found->servers[0].name.text(), "a.nic.example");
    EXPECT_FALSE(found->parent_child_differ);
    EXPECT_THAT(joined(found->notes), HasSubstr("its NS in the parent were not seen"));
  }
}

TEST_F(DelegationTest, ZonesThatNeedEachOtherEnd) {
  const auto found = find("loop.example");
  ASSERT_TRUE(found);  // delegated, to a server without an address
  EXPECT_THAT(joined(found->notes), HasSubstr("ns.loop2.example has no address"));
  EXPECT_LT(internet.queries, 60);
}

// A server that refers for ever, with 13 servers without glue at each step.
TEST_F(DelegationTest, IsBoundedInQueries) {
  internet.tamper = [](const Query& query, Answer& answer) {
    answer = Answer{};
    DnsName cut = query.question.name;
    while (cut.label_count() > 3) cut = cut.parent();
    for (int i = 0; i < 13; ++i) {
      const auto label = "ns" + std::to_string(i) + "x" +
                         std::to_string(std::hash<std::string>{}(query.question.name.text()));
      DnsName server = cut.with_prefix(label).value_or(DnsName());
      server = server.with_prefix("a").value_or(DnsName());
      answer.authority.push_back({cut, RrType::ns, 1, server});
    }
  };
  const auto found = find("a.b.c.d.e.f.g.h.shop.example");
  if (!found) {
    EXPECT_EQ(found.error().fault, Fault::unavailable);
  }
  EXPECT_LE(internet.queries, 330);
}

TEST_F(DelegationTest, AReferralUpwardsIsLame) {
  internet.tamper = [](const Query& query, Answer& answer) {
    if (query.server.text() != "192.0.2.1") return;
    answer = Answer{};
    answer.authority = {{DnsName(), RrType::ns, 5, SimulatedInternet::name("a.root.example")}};
  };
  const auto found = find("shop.example");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().mend, "192.0.2.1 (example) does not speak for example");
}

TEST_F(DelegationTest, GlueOutsideTheZoneIsNotBelieved) {
  internet.tamper = [](const Query& query, Answer& answer) {
    if (query.server.text() == "192.0.2.1" && !answer.authority.empty()) {
      answer.additional.push_back(
          {SimulatedInternet::name("ns.host.net"), RrType::a, 5, IpAddress::v4({203, 0, 113, 66})});
    }
  };
  const auto found = find("shop.example");
  ASSERT_TRUE(found);
  EXPECT_THAT(texts(*found), UnorderedElementsAre("ns1.shop.example P C 192.0.2.11",
                                                  "ns.host.net P C 192.0.2.12"));
}

TEST_F(DelegationTest, AddressesFollowAliasesIntoOtherZones) {
  EXPECT_EQ(addresses("alias.shop.example")->at(0).text(), "192.0.2.90");
  EXPECT_EQ(addresses("www.shop.example")->size(), 2u);
}

TEST_F(DelegationTest, AHostWithoutAddressIsEmptyAndAnUnreachableOneAnError) {
  EXPECT_TRUE(addresses("shop.example")->empty());
  EXPECT_TRUE(addresses("nosuch.shop.example")->empty());
  EXPECT_TRUE(addresses("ring.shop.example")->empty());
  internet.silence("192.0.2.1");
  EXPECT_EQ(addresses("www.shop.example").error().fault, Fault::unavailable);
}

TEST_F(DelegationTest, EachAddressOfEitherFamilyIsAnEndpoint) {
  internet.serve("192.0.2.1", "example",
                 "six.example 7200 NS ns1.six.example\n"
                 "ns1.six.example 7200 A 192.0.2.31\n"
                 "ns1.six.example 7200 AAAA 2001:db8::31\n"
                 "six.example 7200 NS ns2.six.example\n"
                 "ns2.six.example 7200 AAAA 2001:db8::32\n");
  const std::string zone =
      "six.example 60 NS ns1.six.example\nsix.example 60 NS ns2.six.example\n"
      "ns1.six.example 60 A 192.0.2.31\nns1.six.example 60 AAAA 2001:db8::31\n"
      "ns2.six.example 60 AAAA 2001:db8::32\n";
  for (const char* address : {"192.0.2.31", "2001:db8::31", "2001:db8::32"})
    internet.serve(address, "six.example", zone);
  const auto all = UnorderedElementsAre("ns1.six.example P C 192.0.2.31 2001:db8::31",
                                        "ns2.six.example P C 2001:db8::32");
  EXPECT_THAT(texts(*find("six.example")), all);

  internet.asked.clear();
  options.has_route = [](const IpAddress& address) { return !address.is_v6(); };
  const auto found = find("six.example");
  EXPECT_THAT(texts(*found), all) << "what can't be asked is there all the same";
  EXPECT_THAT(joined(found->notes), testing::Not(HasSubstr("has no address")));
  for (const Query& query : internet.asked) EXPECT_FALSE(query.server.address.is_v6());
}

TEST_F(DelegationTest, AZoneOfAFamilyWithoutRouteIsDelegatedAllTheSame) {
  internet.serve("192.0.2.1", "example",
                 "six.example 7200 NS ns2.six.example\n"
                 "ns2.six.example 7200 AAAA 2001:db8::32\n");
  options.has_route = [](const IpAddress& address) { return !address.is_v6(); };
  const auto found = find("six.example");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_THAT(texts(*found), UnorderedElementsAre("ns2.six.example P 2001:db8::32"));
  EXPECT_EQ(addresses("www.six.example").error().mend,
            "they have only IPv6, and this host has no route over it");
}

TEST_F(DelegationTest, SpecialPurposeAddressesAreNotAsked) {
  internet.serve("192.0.2.1", "example",
                 "evil.example 7200 NS ns1.evil.example\n"
                 "evil.example 7200 NS ns2.evil.example\n"
                 "ns1.evil.example 7200 A 127.0.0.1\nns1.evil.example 7200 A 10.0.0.1\n"
                 "ns2.evil.example 7200 A 169.254.169.254\nns2.evil.example 7200 A 192.0.2.41\n");
  internet.serve("192.0.2.41", "evil.example", "evil.example 60 NS ns1.evil.example\n");
  auto found = find("evil.example");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_THAT(texts(*found),
              UnorderedElementsAre("ns1.evil.example P C", "ns2.evil.example P 192.0.2.41"));
  EXPECT_THAT(joined(found->notes), HasSubstr("ns1.evil.example has only 127.0.0.1 (loopback)"));
  EXPECT_THAT(joined(found->notes), HasSubstr("ns2.evil.example has 169.254.169.254 (link-local)"));
  for (const Query& query : internet.asked)
    EXPECT_EQ(query.server.address.text().substr(0, 6),
              query.server.address.text() == "198.41.0.4" ? "198.41" : "192.0.")
        << query.server.text();

  options.allow_special = true;
  found = find("evil.example");
  EXPECT_THAT(texts(*found), UnorderedElementsAre("ns1.evil.example P C 127.0.0.1 10.0.0.1",
                                                  "ns2.evil.example P 169.254.169.254 192.0.2.41"));
}

TEST_F(DelegationTest, AnOwnAddressIsAskedWhereThisHostIsDelegated) {
  internet.serve("192.0.2.1", "example",
                 "own.example 7200 NS ns1.own.example\nns1.own.example 7200 A 10.0.0.1\n");
  options.is_own = [](const IpAddress& address) { return address.text() == "10.0.0.1"; };
  EXPECT_THAT(texts(*find("own.example")), UnorderedElementsAre("ns1.own.example P 10.0.0.1"));
}

TEST_F(DelegationTest, UpToFourServersOfTheParentAreAskedAndTheirUnionIsWatched) {
  for (const char* root : {"198.41.0.4", "199.9.14.201"})
    internet.serve(root, ".",
                   "many 172800 NS a.nic.many\na.nic.many 172800 A 192.0.2.51\n"
                   "many 172800 NS b.nic.many\nb.nic.many 172800 A 192.0.2.52\n"
                   "many 172800 NS c.nic.many\nc.nic.many 172800 A 192.0.2.53\n"
                   "many 172800 NS d.nic.many\nd.nic.many 172800 A 192.0.2.54\n"
                   "many 172800 NS e.nic.many\ne.nic.many 172800 A 192.0.2.55\n");
  const std::string old = "shop.many 7200 NS ns1.shop.many\nns1.shop.many 7200 A 192.0.2.61\n";
  for (const char* server : {"192.0.2.51", "192.0.2.52", "192.0.2.54", "192.0.2.55"})
    internet.serve(server, "many", old);
  internet.serve("192.0.2.53", "many",
                 "shop.many 9000 NS ns2.shop.many\nns2.shop.many 7200 A 192.0.2.62\n"
                 "shop.many 9000 DS 12345\n");
  internet.serve("192.0.2.61", "shop.many", "shop.many 60 NS ns1.shop.many\n");
  internet.serve("192.0.2.62", "shop.many", "shop.many 60 NS ns2.shop.many\n");
  const auto found = find("shop.many");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_THAT(texts(*found),
              UnorderedElementsAre("ns1.shop.many P C 192.0.2.61", "ns2.shop.many P C 192.0.2.62"));
  EXPECT_EQ(found->parent_ns_ttl, 9000u);
  EXPECT_TRUE(found->signed_zone) << "one that publishes DS is enough";
  EXPECT_THAT(joined(found->notes),
              HasSubstr("the servers of many differ about shop.many: 192.0.2.53 names ns2"));
  std::set<std::string> asked;
  for (const Query& query : internet.asked)
    if (query.question.name.text() == "shop.many") asked.insert(query.server.text());
  EXPECT_FALSE(asked.contains("192.0.2.55")) << "a fifth one";
}

// A referral with a hundred servers of other zones, none with glue (NXNSAttack, CVE-2020-12662 and
// others): a few are looked for in a walk, the next one goes on, and what is left out is named.
TEST_F(DelegationTest, FewServersOfOtherZonesAreLookedForInAWalk) {
  std::string flood, victim =
                         "victim.example 7200 NS ns1.victim.example\n"
                         "ns1.victim.example 7200 A 192.0.2.70\n";
  for (int i = 0; i < 100; ++i)
    flood += "evil.example 7200 NS x" + std::to_string(i) + ".victim.example\n";
  internet.serve("192.0.2.1", "example", flood + victim);
  internet.serve("192.0.2.70", "victim.example", "ns1.victim.example 60 A 192.0.2.70\n");
  WalkMemory memory;
  std::set<std::string> looked_for;
  for (int i = 0; i < 3; ++i) {
    internet.asked.clear();
    memory.begin(Time(std::chrono::hours(2 * i + 1)));
    Walk walk(internet, options, &memory);
    const auto found = run(find_delegation(walk, SimulatedInternet::name("evil.example")));
    ASSERT_TRUE(found);
    const auto left_out = std::count_if(found->servers.begin(), found->servers.end(),
                                        [](const NameServer& server) { return server.left_out; });
    EXPECT_EQ(left_out, 95) << i;
    std::map<Endpoint, int> at;
    for (const Query& query : internet.asked) {
      ++at[query.server];
      if (query.server.text() == "192.0.2.70") looked_for.insert(query.question.name.text());
    }
    for (const auto& [server, count] : at) EXPECT_LE(count, Walk::kMostAtServer) << server.text();
    EXPECT_LE(internet.asked.size(), 60u);
  }
  EXPECT_EQ(looked_for.size(), 15u) << "each walk goes on with others";
}

TEST_F(DelegationTest, ManyServersOfOtherZonesAreAllFoundInAFewWalks) {
  std::string names, glue;
  for (int i = 0; i < 8; ++i) {
    names += "wide.example 7200 NS ns" + std::to_string(i) + ".host.net\n";
    glue += "ns" + std::to_string(i) + ".host.net 600 A 192.0.2." + std::to_string(100 + i) + "\n";
  }
  internet.serve("192.0.2.1", "example", names);
  internet.serve("192.0.2.12", "host.net", glue);
  for (int i = 0; i < 8; ++i)
    internet.serve("192.0.2." + std::to_string(100 + i), "wide.example", names);
  WalkMemory memory;
  for (const int left_out : {3, 0, 0}) {
    static int minute = 0;
    memory.begin(Time(std::chrono::minutes(60 + ++minute)));
    Walk walk(internet, options, &memory);
    const auto found = run(find_delegation(walk, SimulatedInternet::name("wide.example")));
    ASSERT_TRUE(found);
    EXPECT_EQ(std::count_if(found->servers.begin(), found->servers.end(),
                            [](const NameServer& server) { return server.left_out; }),
              left_out);
    EXPECT_EQ(std::count_if(found->servers.begin(), found->servers.end(),
                            [](const NameServer& server) { return !server.endpoints.empty(); }),
              8 - left_out);
  }
}

TEST(Roots, AreThirteenOfEachFamily) {
  const auto roots = builtin_roots();
  EXPECT_EQ(roots.size(), 26u);
  EXPECT_EQ(std::count_if(roots.begin(), roots.end(),
                          [](const Endpoint& root) { return root.address.is_v6(); }),
            13);
  EXPECT_EQ(roots[0].text(), "198.41.0.4");
}

}  // namespace
}  // namespace mxswitch::probes
