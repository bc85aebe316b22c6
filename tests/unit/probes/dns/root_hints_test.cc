#include "probes/dns/root_hints.h"

#include <gtest/gtest.h>

#include "probes/dns/delegation.h"

namespace mxswitch::probes {
namespace {

TEST(RootHints, ReadsNamedRoot) {
  const auto roots = parse_root_hints(
      "; comment\n"
      "$TTL 3600000\n"
      ".                        3600000      NS    A.ROOT-SERVERS.NET.\n"
      "A.ROOT-SERVERS.NET.      3600000      A     198.41.0.4 ; here\r\n"
      "                         IN 3600000   AAAA  2001:503:ba3e::2:30\n"
      "b.root-servers.net.      A             170.247.170.2\n"
      "c.root-servers.net. in a 198.41.0.4\n"
      "\n",
      "root.hints");
  ASSERT_TRUE(roots) << roots.error().text();
  ASSERT_EQ(roots->size(), 3u);  // one address stood there twice
  EXPECT_EQ((*roots)[1].text(), "2001:503:ba3e::2:30");
}

struct ErrorCase {
  std::string text, error;
};

class RootHintsErrors : public testing::TestWithParam<ErrorCase> {};

TEST_P(RootHintsErrors, NameFileAndLine) {
  const auto roots = parse_root_hints(GetParam().text, "h");
  ASSERT_FALSE(roots);
  EXPECT_EQ(roots.error().fault, Fault::usage);
  EXPECT_EQ(roots.error().where + ": " + roots.error().what, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Table, RootHintsErrors,
    testing::Values(ErrorCase{"", "h: no address of a root server is listed"},
                    ErrorCase{". NS a.example.\n", "h: no address of a root server is listed"},
                    ErrorCase{"\n\na A 192.0.2\n", "h:3: the address does not fit the type"},
                    ErrorCase{"a A ::1\n", "h:1: the address does not fit the type"},
                    ErrorCase{"a AAAA 192.0.2.1\n", "h:1: the address does not fit the type"},
                    ErrorCase{"a MX 10 b\n", "h:1: this is no NS, A or AAAA record"},
                    ErrorCase{"a TXT b\n", "h:1: this is no NS, A or AAAA record"},
                    ErrorCase{"a\n", "h:1: this is no NS, A or AAAA record"},
                    ErrorCase{"a..b A 192.0.2.1\n", "h:1: the owner is no domain name"},
                    ErrorCase{". NS a..b\n", "h:1: the server is no domain name"},
                    ErrorCase{"$INCLUDE /etc/passwd\n",
                              "h:1: this directive can't stand in root hints"},
                    ErrorCase{std::string(10001, '\n'), "h:10001: more than 10000 lines"}));

TEST(RootHints, AMissingFileIsNamed) {
  EXPECT_EQ(load_root_hints("/nonexistent").error().where, "/nonexistent");
}

}  // namespace
}  // namespace mxswitch::probes
