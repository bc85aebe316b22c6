#include "probes/dns/authority_lookup.h"

#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include "tests/unit/probes/dns/simulated_internet.h"

namespace mxswitch::probes {
namespace {

constexpr const char* kZone =
    "shop.example 7200 NS ns1.shop.example\nshop.example 7200 NS ns2.shop.example\n"
    "ns1.shop.example 7200 A 192.0.2.11\nns2.shop.example 7200 A 192.0.2.12\n";

struct AuthorityLookup : testing::Test {
  AuthorityLookup() {
    internet.serve("198.41.0.4", ".",
                   "example 172800 NS a.nic.example\na.nic.example 172800 A 192.0.2.1\n");
    internet.serve(
        "192.0.2.1", "example",
        std::string("example 3600 NS a.nic.example\na.nic.example 3600 A 192.0.2.1\n") + kZone);
    for (const char* server : {"192.0.2.11", "192.0.2.12"})
      internet.serve(server, "shop.example",
                     std::string(kZone) + "s1._domainkey.shop.example 300 TXT v=DKIM1; p=AAAA\n");
    options.roots = {SimulatedInternet::endpoint("198.41.0.4")};
  }

  Result<std::vector<Record>> look(const char* name) {
    asio::io_context loop;
    auto found = asio::co_spawn(
        loop, look_up_at_authorities(internet, SimulatedInternet::name(name), RrType::txt, options),
        asio::use_future);
    loop.run();
    return found.get();
  }

  void make_lame(std::set<std::string> servers) {
    internet.tamper = [servers](const Query& query, Answer& answer) {
      if (query.question.type != RrType::txt || !servers.contains(query.server.address.text()))
        return;
      answer = Answer{};
      answer.question = query.question;
      answer.authority = {{DnsName(), RrType::ns, 300, SimulatedInternet::name("a.root.example")}};
    };
  }

  SimulatedInternet internet;
  DelegationOptions options;
};

TEST_F(AuthorityLookup, FindsWhatIsThereAndSaysWhatIsNot) {
  EXPECT_EQ(look("s1._domainkey.shop.example").value().size(), 1u);
  EXPECT_TRUE(look("s2._domainkey.shop.example").value().empty());
}

TEST_F(AuthorityLookup, ALameServerIsPassedOverAndNeverTakenForNoRecord) {
  for (const char* lame : {"192.0.2.11", "192.0.2.12"}) {
    make_lame({lame});
    EXPECT_EQ(look("s1._domainkey.shop.example").value().size(), 1u) << lame;
  }
  make_lame({"192.0.2.11", "192.0.2.12"});
  EXPECT_FALSE(look("s1._domainkey.shop.example"));
}

}  // namespace
}  // namespace mxswitch::probes
