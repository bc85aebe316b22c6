#include "probes/dns/delegation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

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
  EXPECT_LT(internet.queries, 20);
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
  EXPECT_LE(internet.queries, 230);
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
  EXPECT_EQ(addresses("www.shop.example")->size(), 1u);
  options.use_v6 = true;
  EXPECT_EQ(addresses("www.shop.example")->size(), 2u);
}

TEST_F(DelegationTest, AHostWithoutAddressIsEmptyAndAnUnreachableOneAnError) {
  EXPECT_TRUE(addresses("shop.example")->empty());
  EXPECT_TRUE(addresses("nosuch.shop.example")->empty());
  EXPECT_TRUE(addresses("ring.shop.example")->empty());
  internet.silence("192.0.2.1");
  EXPECT_EQ(addresses("www.shop.example").error().fault, Fault::unavailable);
}

TEST(Roots, AreThirteenOfEachFamily) {
  EXPECT_EQ(builtin_roots(false).size(), 13u);
  EXPECT_EQ(builtin_roots(true).size(), 26u);
  EXPECT_EQ(builtin_roots(false)[0].text(), "198.41.0.4");
}

}  // namespace
}  // namespace mxswitch::probes
