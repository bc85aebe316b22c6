#include <gtest/gtest.h>

#include "orchestrator/relay_agent/netstring.h"
#include "orchestrator/relay_agent/next_hop.h"
#include "orchestrator/relay_agent/policy_request.h"

namespace mxswitch::orchestrator {
namespace {

TEST(NextHop, ReadsWhatPostfixReads) {
  const struct {
    const char* text;
    const char* transport;  // null: refused with `error`
    const char* error;
  } rows[] = {
      {"smtp:[mail.shop.example]:25", "smtp:[mail.shop.example]:25", ""},
      {"smtp:[mail.shop.example]", "smtp:[mail.shop.example]:25", ""},
      {"smtp:192.0.2.1:2525", "smtp:[192.0.2.1]:2525", ""},
      {"smtp:[2001:db8::1]:25", "smtp:[2001:db8::1]:25", ""},
      {"lmtp:inet:192.0.2.1:24", "lmtp:inet:[192.0.2.1]:24", ""},
      {"lmtp:inet:192.0.2.1", "lmtp:inet:[192.0.2.1]:24", ""},
      {"lmtp:unix:private/dovecot-lmtp", "lmtp:unix:private/dovecot-lmtp", ""},
      {"smtp:mail.shop.example:25", nullptr, "looked up by MX"},
      {"lmtp:inet:mail.shop.example:24", nullptr, "looked up by MX"},
      {"smtp:[mail.shop.example", nullptr, "not closed"},
      {"smtp:[a]b", nullptr, "after the bracket"},
      {"smtp:[a]:", nullptr, "missing"},
      {"smtp:[a]:0", nullptr, "1 to 65535"},
      {"smtp:[a]:65536", nullptr, "1 to 65535"},
      {"smtp:[a]:25 x", nullptr, "1 to 65535"},
      {"smtp:[a b]:25", nullptr, "names no host"},
      {"smtp:", nullptr, "names no host"},
      {"lmtp:unix:", nullptr, "names no socket"},
      {"lmtp:unix:a b", nullptr, "names no socket"},
      {"lmtp:[a]:24", nullptr, "begins with"},
      {"pipe:[a]", nullptr, "begins with"},
      {"", nullptr, "begins with"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto hop = parse_next_hop(row.text);
    ASSERT_EQ(hop.has_value(), row.transport != nullptr);
    if (hop) {
      EXPECT_EQ(to_transport(*hop, false), row.transport);
      EXPECT_EQ(to_transport(*hop, true), std::string("soak-") + row.transport);
    } else {
      EXPECT_NE(hop.error().text().find(row.error), std::string::npos) << hop.error().text();
    }
  }
  EXPECT_FALSE(parse_next_hop("smtp:[" + std::string(400, 'a') + "]:25"));
}

TEST(Netstring, TakesOneAtATimeFromAnyCut) {
  const std::string bytes = "9:transport,0:,3:a b,";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    std::string buffer = bytes.substr(0, cut);
    std::vector<std::string> taken;
    const auto drain = [&] {
      for (;;) {
        auto next = take_netstring(buffer);
        ASSERT_TRUE(next) << next.error().text();
        if (!*next) return;
        taken.push_back(**next);
      }
    };
    drain();
    buffer += bytes.substr(cut);
    drain();
    EXPECT_EQ(taken, (std::vector<std::string>{"transport", "", "a b"}));
  }
}

TEST(Netstring, RefusesWhatIsNone) {
  for (const char* text : {"a", ":", "3x", "03:abc,", "3:abcd", "123456", "9999:", "-1:"}) {
    std::string buffer = text;
    EXPECT_FALSE(take_netstring(buffer)) << text;
  }
  EXPECT_EQ(to_netstring("OK x"), "4:OK x,");
}

TEST(Socketmap, ReadsRequestsAndAddresses) {
  const auto request = parse_socketmap("recipients joe@Shop.Example");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->map, "recipients");
  const auto address = split_address(request->key);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->local_part, "joe");
  EXPECT_EQ(address->domain, "shop.example");
  EXPECT_EQ(split_address("\"a@b\"@c.example")->local_part, "\"a@b\"");
  for (const char* key : {"shop.example", "@shop.example", "joe@", "*", ""}) {
    EXPECT_FALSE(split_address(key)) << key;
  }
  for (const char* bad : {"transport", " key", "", "a b\nc"}) EXPECT_FALSE(parse_socketmap(bad));
  EXPECT_EQ(to_socketmap({LookupStatus::not_found, ""}), "NOTFOUND ");
  EXPECT_EQ(to_socketmap({LookupStatus::temporary, "why"}), "TEMP why");
}

TEST(Policy, TakesWholeRequests) {
  const std::string text =
      "request=smtpd_access_policy\nprotocol_state=RCPT\ninstance=1a.2\nqueue_id=\n"
      "sender=a=b@x.example\nrecipient=joe@shop.example\nclient_address=192.0.2.1\n"
      "recipient_count=3\n\n";
  std::string buffer;
  for (const char c : text + text) {
    buffer += c;
    auto request = take_policy_request(buffer);
    ASSERT_TRUE(request);
    if (!*request) continue;
    EXPECT_EQ((*request)->state, "RCPT");
    EXPECT_EQ((*request)->sender, "a=b@x.example");
    EXPECT_EQ((*request)->recipient, "joe@shop.example");
    EXPECT_EQ((*request)->recipient_count, 3);
    EXPECT_TRUE(buffer.empty());
  }
  EXPECT_TRUE(buffer.empty());
}

TEST(Policy, RefusesWhatIsNoRequest) {
  for (const std::string& bad :
       {std::string("\n"), std::string("x\n\n"), std::string("=x\n\n"), std::string("a=b\n\n"),
        std::string(kPolicyRequestLimit + 1, 'x')}) {
    std::string buffer = bad;
    EXPECT_FALSE(take_policy_request(buffer)) << bad.substr(0, 20);
  }
}

}  // namespace
}  // namespace mxswitch::orchestrator
