#include "probes/dns/resolver_catalogue.h"

#include <gtest/gtest.h>

#include <set>

namespace mxswitch::probes {
namespace {

TEST(Builtin, HoldsPublicAndIspResolvers) {
  const auto some = builtin_resolvers(false), all = builtin_resolvers(true);
  EXPECT_EQ(some.size(), 48u);
  EXPECT_EQ(all.size(), 139u);
  std::set<std::string> operators;
  for (const Resolver& resolver : some) {
    EXPECT_EQ(resolver.tier, Tier::public_);
    EXPECT_EQ(resolver.country_code.size(), 2u) << resolver.name;
    operators.insert(resolver.operator_name);
  }
  EXPECT_GE(operators.size(), 12u);
  EXPECT_EQ(some[0].endpoint.text(), "8.8.8.8");
  EXPECT_EQ(some[0].operator_name, "Google");
  EXPECT_TRUE(some[0].anycast);
  EXPECT_FALSE(some[0].filtering);
}

TEST(Catalogue, NeedsOnlyAddresses) {
  const auto list = parse_resolvers("address\n192.0.2.1\n192.0.2.2:5353\n", "r.csv");
  ASSERT_TRUE(list) << list.error().text();
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[1].endpoint.text(), "192.0.2.2:5353");
  EXPECT_EQ((*list)[1].operator_name, "192.0.2.2:5353");  // without one it is an opinion of its own
  EXPECT_EQ((*list)[1].name, "192.0.2.2:5353");
}

TEST(Catalogue, ANameForTlsMayBeAnAddress) {
  const auto list = parse_resolvers(
      "address,dot_name\n192.0.2.1,dns.example\n192.0.2.2,192.0.2.2\n192.0.2.3,\n", "r.csv");
  ASSERT_TRUE(list) << list.error().text();
  EXPECT_EQ((*list)[0].dot_name, "dns.example");
  EXPECT_EQ((*list)[1].dot_name, "192.0.2.2");
  EXPECT_EQ((*list)[2].dot_name, "");
  const auto bad = parse_resolvers("address,dot_name\n192.0.2.1,dns..example\n", "r.csv");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().text(),
            "r.csv:2: dot_name \"dns..example\" is neither a name nor an address");
}

TEST(Catalogue, ReadsColumnsInAnyOrderWithQuotes) {
  const auto list = parse_resolvers(
      "# ours\r\n"
      "name,upstream,tier,address,operator,filtering,latitude,place\r\n"
      "\"Eins, \"\"der\"\" erste\",Google,isp,192.0.2.1,Net,malware,-12.5,anycast (EU)\r\n"
      "\r\n"
      "Zwei,,,192.0.2.2,,none,,Kiel",
      "r.csv");
  ASSERT_TRUE(list) << list.error().text();
  ASSERT_EQ(list->size(), 2u);
  const Resolver& first = list->front();
  EXPECT_EQ(first.name, "Eins, \"der\" erste");
  EXPECT_EQ(first.upstream, "Google");
  EXPECT_EQ(first.tier, Tier::isp);
  EXPECT_TRUE(first.filtering && first.anycast);
  EXPECT_DOUBLE_EQ(first.latitude, -12.5);
  EXPECT_FALSE(list->back().anycast || list->back().filtering);
}

struct ErrorCase {
  std::string csv;
  std::string error;
};

class CatalogueErrors : public testing::TestWithParam<ErrorCase> {};

TEST_P(CatalogueErrors, NameFileAndLine) {
  const auto list = parse_resolvers(GetParam().csv, "r.csv");
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().fault, Fault::usage);
  EXPECT_TRUE(list.error().text().starts_with(GetParam().error)) << list.error().text();
}

INSTANTIATE_TEST_SUITE_P(
    Table, CatalogueErrors,
    testing::Values(
        ErrorCase{"", "r.csv: the file is empty"},
        ErrorCase{"address\n", "r.csv: no resolver is listed"},
        ErrorCase{"name\nx\n", "r.csv:1: the column \"address\" is missing"},
        ErrorCase{"address,adress\n", "r.csv:1: unknown column \"adress\"; the first line names"},
        ErrorCase{"address,address\n", "r.csv:1: column \"address\" stands twice"},
        ErrorCase{"address\n\n192.0.2\n", "r.csv:3: address \"192.0.2\": this is no IP address"},
        ErrorCase{"address,name\n192.0.2.1\n", "r.csv:2: 1 fields, but the first line names 2"},
        ErrorCase{"address,tier\n192.0.2.1,home\n", "r.csv:2: tier \"home\" is neither"},
        ErrorCase{"address,country_code\n192.0.2.1,de\n", "r.csv:2: country code \"de\" is not"},
        ErrorCase{"address,latitude\n192.0.2.1,91\n", "r.csv:2: latitude \"91\" is not a number"},
        ErrorCase{"address,latitude\n192.0.2.1,nan\n", "r.csv:2: latitude \"nan\" is not a number"},
        ErrorCase{"address,name\n192.0.2.1,\"a\nb\"\n192.0.2.1,c\n",
                  "r.csv:4: 192.0.2.1 stands twice; it is on line 2 already"},
        ErrorCase{"address,name\n192.0.2.1,a\n192.0.2.2,Telef\xf3nica\n",
                  "r.csv:3: the line holds octets that are no UTF-8; save the file as UTF-8"},
        ErrorCase{"\xff\xfe"
                  "a,name\n",
                  "r.csv:1: the line holds octets that are no UTF-8"},
        ErrorCase{"address,name\n192.0.2.1,\"a\n", "r.csv:2: a quote is not closed"},
        ErrorCase{"address,name\n192.0.2.1,\"a\"b\n", "r.csv:2: text follows a closing quote"},
        ErrorCase{"address\n" + std::string(2000, '1'), "r.csv:2: a field is longer than 1024"},
        ErrorCase{std::string(100, ','), "r.csv:1: more than 64 fields"}));

TEST(Catalogue, MissingFileIsNamed) {
  const auto list = load_resolvers("/nonexistent/resolvers.csv");
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().text(),
            "/nonexistent/resolvers.csv: can't open the file: No such file or directory");
  EXPECT_EQ(load_resolvers("all")->size(), 139u);
}

TEST(Catalogue, TheRepositorysFileIsTheBuiltinList) {
  const auto list = load_resolvers(MXSWITCH_SOURCE_DIR "/deploy/resolvers.csv");
  ASSERT_TRUE(list) << list.error().text();
  EXPECT_EQ(list->size(), builtin_resolvers(true).size());
}

}  // namespace
}  // namespace mxswitch::probes
