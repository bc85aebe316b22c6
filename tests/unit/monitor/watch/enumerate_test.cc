#include "monitor/watch/enumerate.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include "tests/unit/probes/dns/simulated_internet.h"

namespace mxswitch::monitor {
namespace {

using probes::RrType;
using probes::SimulatedInternet;

class Enumerate : public testing::Test {
 protected:
  Enumerate() {
    net.serve("198.41.0.4", ".",
              "example 172800 NS a.nic.example\na.nic.example 172800 A 192.0.2.1");
    net.serve("192.0.2.1", "example",
              "shop.example 86400 NS ns1.shop.example\n"
              "ns1.shop.example 3600 A 198.51.100.11\n"
              "filter.example 86400 NS ns1.filter.example\n"
              "ns1.filter.example 3600 A 198.51.100.21\n"
              "host.example 86400 NS ns1.host.example\n"
              "host.example 86400 DS abcd\n"
              "ns1.host.example 90000 A 198.51.100.31\n");
    net.serve("198.51.100.11", "shop.example",
              "shop.example 3600 NS ns1.shop.example\nns1.shop.example 3600 A 198.51.100.11\n"
              "mail.shop.example 300 CNAME customer.host.example\n");
    net.serve("198.51.100.21", "filter.example",
              "filter.example 3600 NS ns1.filter.example\n"
              "ns1.filter.example 3600 A 198.51.100.21\n"
              "mx1.filter.example 300 A 203.0.113.1\nmx2.filter.example 300 A 203.0.113.2\n");
    net.serve("198.51.100.31", "host.example",
              "host.example 3600 NS ns1.host.example\nns1.host.example 3600 A 198.51.100.31\n"
              "customer.host.example 300 A 203.0.113.3\n");
  }

  WalkResult run(const char* owner, const char* expected) {
    EnumerateRequest request;
    request.owner = *DnsName::parse(owner);
    request.expected = *MxSet::parse(expected);
    request.delegation.roots = {*Endpoint::parse("198.41.0.4")};
    request.delegation.has_route = has_route_;
    request.random_label = "mxswitch-0";
    request.formerly = formerly_;
    asio::io_context loop;
    auto done = asio::co_spawn(loop, enumerate(net, std::move(request)), asio::use_future);
    loop.run();
    return done.get();
  }

  static const ListedCompanion* find(const WalkResult& result, const char* name, RrType type) {
    for (const ListedCompanion& one : result.companions)
      if (one.name == *DnsName::parse(name) && one.type == type) return &one;
    return nullptr;
  }

  SimulatedInternet net;
  std::vector<DnsName> formerly_;
  std::function<bool(const probes::IpAddress&)> has_route_;
};

TEST_F(Enumerate, FindsTheZonesOfTheExchanges) {
  const WalkResult found = run("shop.example", "10 mx1.filter.example, 20 mx2.filter.example");
  EXPECT_EQ(found.mx_name, *DnsName::parse("shop.example"));
  ASSERT_EQ(found.endpoints.size(), 1u);
  EXPECT_EQ(found.endpoints[0].endpoint.text(), "198.51.100.11");
  EXPECT_EQ(found.ns_ttl, seconds(86400));
  EXPECT_EQ(found.companions.size(), 4u);
  for (const char* name : {"mx1.filter.example", "mx2.filter.example"})
    for (const RrType type : {RrType::a, RrType::aaaa}) {
      const ListedCompanion* one = find(found, name, type);
      ASSERT_TRUE(one) << name;
      ASSERT_EQ(one->endpoints.size(), 1u);
      EXPECT_EQ(one->endpoints[0].endpoint.text(), "198.51.100.21");
      EXPECT_EQ(one->fault, "");
    }
}

TEST_F(Enumerate, FollowsTheChainToTheZoneOfItsEnd) {
  const WalkResult found = run("mail.shop.example", "10 mx1.filter.example");
  EXPECT_EQ(found.mx_name, *DnsName::parse("customer.host.example"));
  ASSERT_EQ(found.endpoints.size(), 1u);
  EXPECT_EQ(found.endpoints[0].endpoint.text(), "198.51.100.31");
  EXPECT_EQ(found.ns_ttl, seconds(90000)) << "the glue's TTL is the longest";
  const ListedCompanion* link = find(found, "mail.shop.example", RrType::cname);
  ASSERT_TRUE(link);
  ASSERT_EQ(link->endpoints.size(), 1u);
  EXPECT_EQ(link->endpoints[0].endpoint.text(), "198.51.100.11");
}

TEST_F(Enumerate, AsksTheParentForTheDsOfASignedZone) {
  const WalkResult found = run("mail.shop.example", "10 mx1.filter.example");
  EXPECT_TRUE(found.signed_zone);
  const ListedCompanion* ds = find(found, "host.example", RrType::ds);
  ASSERT_TRUE(ds);
  ASSERT_EQ(ds->endpoints.size(), 1u);
  EXPECT_EQ(ds->endpoints[0].endpoint.text(), "192.0.2.1");
  const ListedCompanion* keys = find(found, "host.example", RrType::dnskey);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->endpoints[0].endpoint.text(), "198.51.100.31");
}

TEST_F(Enumerate, SaysWhichExchangeCantBeFound) {
  const WalkResult found = run("shop.example", "10 mx1.nowhere.example, 20 mx1.filter.example");
  const ListedCompanion* one = find(found, "mx1.nowhere.example", RrType::a);
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->nonexistent);
  EXPECT_NE(one->fault.find("does not exist"), std::string::npos) << one->fault;
  EXPECT_EQ(find(found, "mx1.filter.example", RrType::a)->fault, "");

  net.silence("198.51.100.21");
  const WalkResult silent = run("shop.example", "10 mx1.filter.example");
  const ListedCompanion* dead = find(silent, "mx1.filter.example", RrType::a);
  ASSERT_TRUE(dead);
  EXPECT_FALSE(dead->nonexistent);
}

TEST_F(Enumerate, ListsTheServersThatAPlanCallsFormer) {
  formerly_ = {*DnsName::parse("ns1.host.example"), *DnsName::parse("gone.host.example")};
  const WalkResult found = run("shop.example", "10 mx1.filter.example");
  ASSERT_EQ(found.endpoints.size(), 2u);
  EXPECT_EQ(found.endpoints[1].server, formerly_[0]);
  EXPECT_EQ(found.endpoints[1].endpoint.text(), "198.51.100.31");
}

TEST_F(Enumerate, AnExchangeThatItsDomainDoesNotHaveIsAskedForThere) {
  const WalkResult found = run("shop.example", "10 mx9.west.filter.example");
  const ListedCompanion* one = find(found, "mx9.west.filter.example", RrType::a);
  ASSERT_TRUE(one);
  ASSERT_EQ(one->endpoints.size(), 1u) << "the servers of filter.example say so";
  const WalkResult nowhere = run("shop.example", "10 mx1.nowhere.example");
  EXPECT_TRUE(find(nowhere, "mx1.nowhere.example", RrType::a)->nonexistent);
}

TEST_F(Enumerate, ShowsAWildcard) {
  net.tamper = [](const probes::Query& query, probes::Answer& answer) {
    if (query.question.type != RrType::mx) return;
    answer.rcode = probes::Rcode::noerror;
    answer.answer = {{query.question.name, RrType::mx, 300,
                      probes::Mx{10, *DnsName::parse("mail.shop.example")}}};
  };
  const WalkResult found = run("shop.example", "10 mx1.filter.example");
  ASSERT_EQ(found.warnings.size(), 1u);
  EXPECT_NE(found.warnings[0].find("by a wildcard (10 mail.shop.example)"), std::string::npos);
}

TEST_F(Enumerate, TellsWhichFamilyThisHostHasNoRouteOf) {
  has_route_ = [](const probes::IpAddress& address) { return !address.is_v6(); };
  const WalkResult found = run("shop.example", "10 mx1.filter.example");
  EXPECT_TRUE(found.limits.no_v6);
  EXPECT_FALSE(found.limits.no_v4);
  EXPECT_EQ(found.endpoints.size(), 1u);
}

// A closed network: no way to the Internet, but to the servers that were found.
TEST_F(Enumerate, AFamilyOfWhichAServerCanBeAskedHasARoute) {
  has_route_ = [](const probes::IpAddress& address) {
    return address.text().starts_with("198.51.100.") || address.text() == "198.41.0.4" ||
           address.text() == "192.0.2.1";
  };
  const WalkResult found = run("shop.example", "10 mx1.filter.example");
  EXPECT_TRUE(found.limits.no_v6);
  EXPECT_FALSE(found.limits.no_v4);
}

TEST_F(Enumerate, NamesTheServersThatItLeftOut) {
  std::string wide;
  for (int i = 0; i < 9; ++i)
    wide += "wide.example 86400 NS ns" + std::to_string(i) + ".host.example\n";
  net.serve("192.0.2.1", "example", wide);
  const WalkResult found = run("wide.example", "10 mx1.filter.example");
  EXPECT_EQ(found.limits.left_out.size(), 4u);
}

TEST_F(Enumerate, IsOneWalkOverAllItsZones) {
  run("shop.example", "10 mx1.filter.example, 20 mx2.filter.example");
  std::size_t at_root = 0;
  for (const probes::Query& query : net.asked) at_root += query.server.text() == "198.41.0.4";
  EXPECT_EQ(at_root, 1u);
}

TEST_F(Enumerate, ANullMxHasNoExchange) {
  EXPECT_TRUE(run("shop.example", "0 .").companions.empty());
}

TEST_F(Enumerate, SaysWhyThereIsNoServer) {
  net.silence("198.41.0.4");
  const WalkResult found = run("shop.example", "10 mx1.filter.example");
  EXPECT_TRUE(found.endpoints.empty());
  EXPECT_NE(found.fault, "");
}

}  // namespace
}  // namespace mxswitch::monitor
