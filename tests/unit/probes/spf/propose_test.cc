// What `spf propose` may and may not make of what is published.
#include "probes/spf/propose.h"

#include <gtest/gtest.h>

#include "tests/fakes/table_view.h"

namespace mxswitch::probes::spf {
namespace {

const std::string kRequired = "include:spf.filter.example";

class ProposeTree : public testing::Test {
 protected:
  ProposeTree() {
    view.add("spf.filter.example", RrType::txt, {text("v=spf1 ip4:198.51.100.0/24 -all")});
    view.add("nest.example", RrType::txt, {text("v=spf1 mx " + kRequired + " ~all")});
  }
  Result<Proposal> of(const std::vector<std::string>& records,
                      const std::vector<std::string>& required = {kRequired},
                      const std::string& all = "~all") {
    std::vector<RecordData> texts;
    for (const std::string& record : records) texts.push_back(text(record));
    view.add("shop.example", RrType::txt, texts);
    Survey made;
    asio::io_context loop;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
          made = co_await survey(view, "shop.example", view.clock);
        },
        asio::detached);
    loop.run();
    return propose(made.root, required, all);
  }
  std::string record(const std::vector<std::string>& records) { return of(records)->record; }

  TableView view;
};

TEST_F(ProposeTree, TwoRedirectsOrExplanationsMakeNoBrokenRecord) {
  EXPECT_FALSE(of({"v=spf1 redirect=a.example", "v=spf1 redirect=b.example"}));
  EXPECT_EQ(record({"v=spf1 redirect=a.example", "v=spf1 mx redirect=a.example."}),
            "v=spf1 mx " + kRequired + " redirect=a.example");
  const auto two = of({"v=spf1 -all exp=a.example", "v=spf1 ~all exp=b.example"});
  EXPECT_EQ(two->record, "v=spf1 " + kRequired + " -all exp=a.example");
  EXPECT_EQ(two->removed.size(), 3u) << "the record, its end and its explanation are told";
  EXPECT_EQ(record({"v=spf1 -all", "v=spf1 redirect=b.example"}), "v=spf1 " + kRequired + " -all");
}

TEST_F(ProposeTree, RefusesAnEndThatIsNone) {
  for (const char* all : {"foo", "", "+all", "all", "-all mx"}) {
    const auto refused = of({"v=spf1 mx"}, {kRequired}, all);
    ASSERT_FALSE(refused) << all;
    EXPECT_EQ(refused.error().fault, Fault::usage);
    EXPECT_NE(refused.error().mend, "");
  }
  EXPECT_TRUE(of({"v=spf1 mx"}, {kRequired}, "-ALL"));
}

TEST_F(ProposeTree, RefusesATermThatLetsNobodyPass) {
  for (const char* term : {"-include:x.example", "~mx", "?a:x.example"})
    EXPECT_FALSE(of({"v=spf1 mx -all"}, {term})) << term;
  EXPECT_TRUE(of({"v=spf1 mx -all"}, {"+include:x.example"}));
}

TEST_F(ProposeTree, AddsNothingThatTakesEffectThroughAnother) {
  for (const char* published :
       {"v=spf1 include:nest.example -all", "v=spf1 mx redirect=nest.example"}) {
    const auto proposal = of({published});
    EXPECT_EQ(proposal->record, published);
    EXPECT_TRUE(proposal->unchanged);
    EXPECT_EQ(proposal->notes.size(), 1u);
  }
  EXPECT_EQ(record({"v=spf1 ?include:nest.example -all"}),
            "v=spf1 ?include:nest.example " + kRequired + " -all");
  EXPECT_EQ(of({"v=spf1 include:nest.example -all"}, {"mx"})->record,
            "v=spf1 include:nest.example mx -all")
      << "that mx is of nest.example";
}

TEST_F(ProposeTree, PutsATermBeforeOneThatMatchesEverybody) {
  const auto proposal = of({"v=spf1 a -ip4:0.0.0.0/0 mx -all"});
  EXPECT_EQ(proposal->record, "v=spf1 a " + kRequired + " -ip4:0.0.0.0/0 mx -all");
  EXPECT_EQ(proposal->notes.size(), 1u);
}

TEST_F(ProposeTree, MacrosInUpperCaseAreTermsOfTheirOwn) {
  EXPECT_EQ(of({"v=spf1 exists:%{l}.x.example -all"}, {"exists:%{L}.x.example"})->record,
            "v=spf1 exists:%{l}.x.example exists:%{L}.x.example -all");
}

}  // namespace
}  // namespace mxswitch::probes::spf
