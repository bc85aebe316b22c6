// The zone and the records of RFC 7208 Appendix A, with what the appendix says of each.
#include <gtest/gtest.h>

#include "tests/fakes/table_view.h"

namespace mxswitch::probes::spf {
namespace {

class AppendixA : public testing::Test {
 protected:
  AppendixA() {
    view.add("example.com", RrType::mx,
             {exchange("mail-a.example.com"), exchange("mail-b.example.com")});
    view.add("example.com", RrType::a, {address("192.0.2.10"), address("192.0.2.11")});
    host("amy.example.com", 65);
    host("bob.example.com", 66);
    host("mail-a.example.com", 129);
    host("mail-b.example.com", 130);
    view.add("example.org", RrType::mx, {exchange("mail-c.example.org")});
    host("mail-c.example.org", 140);
    pointer("10.2.0.192", "example.com");
    pointer("11.2.0.192", "example.com");
    pointer("4.0.0.10", "bob.example.com");  // a rogue that claims to be what it is not
  }

  void host(const std::string& owner, int last) {
    view.add(owner, RrType::a, {address("192.0.2." + std::to_string(last))});
    pointer(std::to_string(last) + ".2.0.192", owner);
  }
  void pointer(const std::string& reversed, const std::string& to) {
    view.add(reversed + ".in-addr.arpa", RrType::ptr, {name(to)});
  }
  void publish(const std::string& owner, const std::string& record) {
    view.add(owner, RrType::txt, {text(record)});
  }
  SpfResult from(const std::string& ip, const std::string& sender = "amy@example.com") {
    return check(view, sender, ip.c_str()).result;
  }
  // Of hosts 192.0.2.x and the rogue, who passes; all others fail.
  void expect_passing(const std::string& record, const std::set<int>& passing) {
    publish("example.com", record);
    for (const int last : {10, 11, 65, 66, 127, 128, 129, 130, 131, 132, 140, 143, 144})
      EXPECT_EQ(from("192.0.2." + std::to_string(last)),
                passing.contains(last) ? SpfResult::pass : SpfResult::fail)
          << record << " from " << last;
  }

  TableView view;
};

TEST_F(AppendixA, SimpleExamples) {
  publish("example.com", "v=spf1 +all");
  EXPECT_EQ(from("203.0.113.9"), SpfResult::pass);
  expect_passing("v=spf1 a -all", {10, 11});
  expect_passing("v=spf1 a:example.org -all", {});
  expect_passing("v=spf1 mx -all", {129, 130});
  expect_passing("v=spf1 mx:example.org -all", {140});
  expect_passing("v=spf1 mx mx:example.org -all", {129, 130, 140});
  expect_passing("v=spf1 mx/30 mx:example.org/30 -all", {128, 129, 130, 131, 140, 143});
  expect_passing("v=spf1 ptr -all", {10, 11, 65, 66, 129, 130});
  EXPECT_EQ(from("10.0.0.4"), SpfResult::fail) << "its name has another address";
  expect_passing("v=spf1 ip4:192.0.2.128/28 -all", {128, 129, 130, 131, 132, 140, 143});
}

TEST_F(AppendixA, MultipleDomains) {
  publish("example.org", "v=spf1 include:example.com include:example.net -all");
  for (const char* city : {"la", "ny", "sf"})
    publish(city + std::string(".example.org"), "v=spf1 redirect=example.org");
  publish("example.com", "v=spf1 mx -all");
  publish("example.net", "v=spf1 ip4:198.51.100.0/24 -all");
  for (const char* sender : {"x@la.example.org", "x@ny.example.org", "x@sf.example.org"}) {
    EXPECT_EQ(from("192.0.2.129", sender), SpfResult::pass);
    EXPECT_EQ(from("198.51.100.7", sender), SpfResult::pass);
    EXPECT_EQ(from("203.0.113.9", sender), SpfResult::fail);
  }
}

TEST_F(AppendixA, ListsInTheStyleOfADnsbl) {
  for (const char* listed : {"mary.mobile-users", "fred.mobile-users",
                             "15.15.168.192.joel.remote-users", "16.15.168.192.joel.remote-users"})
    view.add(listed + std::string("._spf.example.com"), RrType::a, {address("127.0.0.2")});
  publish("example.com",
          "v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all");
  publish("mobile-users._spf.example.com", "v=spf1 exists:%{l1r+}.%{d}");
  publish("remote-users._spf.example.com", "v=spf1 exists:%{ir}.%{l1r+}.%{d}");
  EXPECT_EQ(from("203.0.113.9", "mary@example.com"), SpfResult::pass);
  EXPECT_EQ(from("203.0.113.9", "fred+lists@example.com"), SpfResult::pass);
  EXPECT_EQ(from("192.168.15.15", "joel@example.com"), SpfResult::pass);
  EXPECT_EQ(from("192.168.15.17", "joel@example.com"), SpfResult::fail);
  EXPECT_EQ(from("203.0.113.9", "amy@example.com"), SpfResult::fail);
  EXPECT_EQ(from("192.0.2.129", "amy@example.com"), SpfResult::pass);
}

TEST_F(AppendixA, MultipleRequirements) {
  publish("example.com", "v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all");
  publish("ip4._spf.example.com", "v=spf1 -ip4:192.0.2.0/24 +all");
  publish("ptr._spf.example.com", "v=spf1 -ptr:example.com +all");
  EXPECT_EQ(from("192.0.2.65"), SpfResult::pass) << "the network, and a name in example.com";
  EXPECT_EQ(from("192.0.2.140"), SpfResult::fail) << "a name elsewhere";
  EXPECT_EQ(from("10.0.0.4"), SpfResult::fail) << "another network";
}

}  // namespace
}  // namespace mxswitch::probes::spf
