#include "probes/spf/macro.h"

#include <gtest/gtest.h>

namespace mxswitch::probes::spf {
namespace {

MacroFacts facts(const char* ip = "192.0.2.3") {
  MacroFacts made;
  made.ip = IpAddress::parse(ip).value();
  made.local_part = "strong-bad";
  made.sender_domain = made.domain = "email.example.com";
  made.helo = "mail.example.com";
  return made;
}

std::string expanded(std::string_view text, const MacroFacts& known = facts(),
                     MacroUse use = MacroUse::name) {
  const auto parsed = parse_macro_string(text, use);
  return parsed ? expand(*parsed, known) : parsed.error().what;
}

// RFC 7208 section 7.4.
TEST(Macro, ExpandsAsTheExamplesOfTheRfc) {
  struct Case {
    const char *text, *wanted;
  };
  for (const Case& c :
       {Case{"%{s}", "strong-bad@email.example.com"}, Case{"%{o}", "email.example.com"},
        Case{"%{d}", "email.example.com"}, Case{"%{d4}", "email.example.com"},
        Case{"%{d3}", "email.example.com"}, Case{"%{d2}", "example.com"}, Case{"%{d1}", "com"},
        Case{"%{dr}", "com.example.email"}, Case{"%{d2r}", "example.email"},
        Case{"%{l}", "strong-bad"}, Case{"%{l-}", "strong.bad"}, Case{"%{lr}", "strong-bad"},
        Case{"%{lr-}", "bad.strong"}, Case{"%{l1r-}", "strong"},
        Case{"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
        Case{"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
        Case{"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
        Case{"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"}})
    EXPECT_EQ(expanded(c.text), c.wanted) << c.text;
  EXPECT_EQ(expanded("%{ir}.%{v}._spf.%{d2}", facts("2001:db8::cb01")),
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
}

TEST(Macro, EscapesWhatAUrlCannotHold) {
  MacroFacts known = facts();
  known.local_part = "jack&jill=up-a_b3.c~d";
  EXPECT_EQ(expanded("%{L}%%%_%-", known), "jack%26jill%3Dup-a_b3.c~d% %20");
}

TEST(Macro, RefusesWhatTheGrammarDoesNotHave) {
  struct Case {
    const char* text;
    MacroUse use;
  };
  for (const Case& c :
       {Case{"%", MacroUse::name}, Case{"%a", MacroUse::name}, Case{"%{", MacroUse::name},
        Case{"%{}", MacroUse::name}, Case{"%{x}", MacroUse::name}, Case{"%{d", MacroUse::name},
        Case{"%{d0}", MacroUse::name}, Case{"%{d00}", MacroUse::name},
        Case{"%{d2r2}", MacroUse::name}, Case{"%{d|}", MacroUse::name},
        Case{"%{d.r}", MacroUse::name}, Case{"%{c}", MacroUse::name}, Case{"%{T}", MacroUse::name},
        Case{"a b", MacroUse::modifier}, Case{"\x7f", MacroUse::explanation},
        Case{"\xc3\xa9", MacroUse::explanation}})
    EXPECT_FALSE(parse_macro_string(c.text, c.use)) << c.text;
  EXPECT_TRUE(parse_macro_string("%{c} %{r} %{t}", MacroUse::explanation));
}

TEST(Macro, KeepsHugeCountsWithinBounds) {
  EXPECT_EQ(expanded("%{d99999999999999999999}"), "email.example.com");
}

TEST(Macro, ALongNameLosesItsLeftLabels) {
  const std::string label(60, 'a');
  const std::string name = label + "." + label + "." + label + "." + label + ".example.com";
  EXPECT_EQ(shorten_name(name), name.substr(61));
  EXPECT_EQ(shorten_name(std::string(300, 'a')).size(), 300u) << "its lookup says that it is none";
}

}  // namespace
}  // namespace mxswitch::probes::spf
