#include "probes/spf/record.h"

#include <gtest/gtest.h>

namespace mxswitch::probes::spf {
namespace {

TEST(Record, BeginsWithItsVersionAndASpaceOrTheEnd) {
  for (const char* text : {"v=spf1", "v=spf1 -all", "V=SPF1 -all", "v=spf1 "})
    EXPECT_TRUE(is_record(text)) << text;
  for (const char* text :
       {"", "v=spf", "v=spf10", "v=spf1-all", " v=spf1", "v=spf1\t-all", "spf2.0/pra"})
    EXPECT_FALSE(is_record(text)) << text;
}

TEST(Record, ReadsEveryKindOfTerm) {
  const auto record = parse_record(
      "v=spf1  +mx:%{d2}/24//64 A/8 ?ip4:192.0.2.0/24 ~ip6:2001:db8::/32 include:_spf.example.net "
      "exists:%{ir}.sbl.example.org ptr -all redirect=_r.example.com exp=e.example.com "
      "x-y_z.1=%{d} ");
  ASSERT_TRUE(record) << record.error().text();
  ASSERT_EQ(record->directives.size(), 8u);
  const Directive& mx = record->directives[0];
  EXPECT_EQ(mx.mechanism, Mechanism::mx);
  EXPECT_EQ(mx.domain->text(), "%{d2}");
  EXPECT_EQ(mx.prefix_v4, 24u);
  EXPECT_EQ(mx.prefix_v6, 64u);
  EXPECT_EQ(record->directives[1].prefix_v4, 8u);
  EXPECT_EQ(record->directives[2].qualifier, Qualifier::neutral);
  EXPECT_EQ(record->directives[3].prefix_v6, 32u);
  EXPECT_FALSE(record->directives[6].domain);
  EXPECT_TRUE(record->has_all());
  EXPECT_EQ(terms_of(*record).size(), 11u);
  EXPECT_EQ(record->redirect->value.text(), "_r.example.com");
  EXPECT_EQ(record->explanation->value.text(), "e.example.com");
  ASSERT_EQ(record->unknown.size(), 1u);
  EXPECT_EQ(record->unknown[0].name, "x-y_z.1");
}

TEST(Record, ADomainMayHoldSlashesAndColons) {
  const auto record = parse_record("v=spf1 a:foo:bar/baz.example.com/24 a:%{d}//48 include=x");
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_EQ(record->directives[0].domain->text(), "foo:bar/baz.example.com");
  EXPECT_EQ(record->directives[0].prefix_v4, 24u);
  EXPECT_EQ(record->directives[1].prefix_v6, 48u);
  EXPECT_EQ(record->unknown[0].name, "include") << "a modifier nobody knows, not a mechanism";
}

TEST(Record, RefusesWhatIsNoTerm) {
  for (const char* term : {"all:x.example",
                           "all/8",
                           "-all.",
                           "al",
                           "--all",
                           "include",
                           "include:",
                           "include:/8.example.com/8",
                           "exists",
                           "exists:a",
                           "a:",
                           "a:museum",
                           "a:museum.",
                           "a:1.2.3.4",
                           "a:example.com:8080",
                           "a:example.com/33",
                           "a:example.com/032",
                           "a:example.com/",
                           "a:example.com//129",
                           "a/",
                           "a//",
                           "a/24/",
                           "a/24/64",
                           "mx:",
                           "ptr:",
                           "ptr/8",
                           "ip4",
                           "ip4:",
                           "ip4:1.2.3",
                           "ip4:1.2.3.4.5",
                           "ip4:1.2.3.256",
                           "ip4:01.2.3.4",
                           "ip4:1.2.3.4/33",
                           "ip4:1.2.3.4/",
                           "ip4:1.2.3.4/08",
                           "ip4:1.2.3.4//32",
                           "ip4:::1",
                           "ip6:1.2.3.4",
                           "ip6:::1/129",
                           "ip6:::1//64",
                           "ip6:",
                           "a:-",
                           "a:a.-b",
                           "a:a.b-",
                           "a:%{d}.",
                           "a:a.%{d}b",
                           "redirect=",
                           "redirect=museum",
                           "exp=",
                           "redirect=a.example/24",
                           "x=%",
                           "+redirect=a.example",
                           "=x",
                           "a:\x80.example.com",
                           "\xc3\xa9"})
    EXPECT_FALSE(parse_record(std::string("v=spf1 ") + term)) << term;
  EXPECT_FALSE(parse_record("v=spf1 redirect=a.example redirect=a.example"));
  EXPECT_FALSE(parse_record("v=spf1 exp=a.example exp=b.example"));
  const auto refused = parse_record("v=spf1 mx ip4:1.2.3.4/33 -all");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(),
            "term \"ip4:1.2.3.4/33\": \"/33\" is no prefix length of 0 to 32");
}

TEST(DomainSpec, EndsInATopLabelOrAMacro) {
  for (const char* text :
       {"a.b", "a.b.", "%{d}", "a.%{d}", "a%%", "a%_", "a%-", "a..b", "a.1b", "a.b-c"})
    EXPECT_TRUE(parse_domain_spec(text)) << text;
  for (const char* text : {"", "a", "a.", ".", "a.1", "%{d}.", "%{d}a", "%{d.}b"})
    EXPECT_FALSE(parse_domain_spec(text)) << text;
}

}  // namespace
}  // namespace mxswitch::probes::spf
