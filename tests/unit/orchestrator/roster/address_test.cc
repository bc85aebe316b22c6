#include "orchestrator/roster/address.h"

#include <gtest/gtest.h>

namespace mxswitch::orchestrator {
namespace {

struct Case {
  std::string text, normal, error;
};

TEST(LocalPart, IsADotAtomInLowerCase) {
  const std::string longest(64, 'a');
  const Case cases[] = {
      {"joe", "joe", ""},
      {"Joe.Smith-2", "joe.smith-2", ""},
      {"o'brien", "o'brien", ""},
      {"007", "007", ""},
      {longest, longest, ""},
      {"", "", "the name is empty"},
      {longest + "a", "", "the name is longer than 64 characters"},
      {".joe", "", "a dot begins or ends the name, or two stand in a row"},
      {"joe.", "", "a dot begins or ends the name, or two stand in a row"},
      {"joe..smith", "", "a dot begins or ends the name, or two stand in a row"},
      {"joe smith", "", "a name cannot hold ' '; letters, digits, dots and hyphens are safe"},
      {"joe:secret", "", "a name cannot hold ':'; letters, digits, dots and hyphens are safe"},
      {"j\u00f6e", "",
       "the name holds a character outside ASCII, which needs SMTPUTF8 (RFC 6531); the relay does "
       "not offer it: write the name in ASCII"},
      {std::string("j\0e", 3), "", "the name holds a control character"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto normal = normalise_local_part(c.text);
    EXPECT_EQ(normal.value_or(""), c.normal);
    EXPECT_EQ(normal ? "" : normal.error().text(), c.error);
  }
}

TEST(Target, IsALocalNameOrAnOutsideAddress) {
  const std::string mend = "; a target is a name of this roster or an address";
  const Case cases[] = {
      {"Mary", "mary", ""},
      {"mary@Shop.Example", "mary", ""},
      {"Dan@Yahoo.COM", "Dan@yahoo.com", ""},
      {"x@localhost", "x@localhost", ""},
      {"dan@", "", "no domain name follows the \"@\""},
      {"dan@a..b", "", "no domain name follows the \"@\""},
      {"dan@-a.example", "", "no domain name follows the \"@\""},
      {"dan@a_b.example", "", "no domain name follows the \"@\""},
      {"dan@" + std::string(64, 'a') + ".example", "", "no domain name follows the \"@\""},
      {"@yahoo.com", "", "the name is empty"},
      {"a@b@c.example", "", "a name cannot hold '@'; letters, digits, dots and hyphens are safe"},
      {"dan@[192.0.2.1]", "",
       "an address literal cannot be a target; write a domain after the \"@\""},
      {"dan@b\u00fccher.example", "",
       "the domain is not in ASCII; write its A-label form (xn--...)"},
      {"|/bin/sh", "", "a pipe to a program is not allowed" + mend},
      {"\"|/usr/bin/vacation joe\"", "", "a pipe to a program is not allowed" + mend},
      {"/var/mail/joe", "", "delivery to a file is not allowed" + mend},
      {":include:/etc/list", "", "including a file is not allowed" + mend},
      {":blackhole:", "", "a special target (\":...:\") is not allowed" + mend},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto normal = normalise_target(c.text, "shop.example");
    EXPECT_EQ(normal.value_or(""), c.normal);
    EXPECT_EQ(normal ? "" : normal.error().text(), c.error);
  }
}

}  // namespace
}  // namespace mxswitch::orchestrator
