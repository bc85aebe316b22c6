// Texts that were meant as SPF and are none (RFC 7208 4.5).
#include "probes/spf/near_miss.h"

#include <gtest/gtest.h>

#include "probes/spf/lint.h"
#include "probes/spf/propose.h"
#include "tests/fakes/table_view.h"

namespace mxswitch::probes::spf {
namespace {

struct Case {
  const char *text, *why;
};

TEST(NearMiss, SaysWhatKeepsATextFromBeingARecord) {
  const Case cases[] = {
      {" v=spf1 mx -all", "a blank stands before it"},
      {"\"v=spf1 mx -all\"", "a quotation mark"},
      {"\xE2\x80\x9Cv=spf1 mx -all\xE2\x80\x9D", "a typographic quotation mark"},
      {"\\\"v=spf1 mx -all\\\"", "a backslash"},
      {"\xEF\xBB\xBFv=spf1 -all", "byte order mark"},
      {"\xE2\x80\x8Bv=spf1 -all", "zero-width space"},
      {"v=spf1\tmx -all", "a tab follows"},
      {"v=spf1\xC2\xA0mx -all", "a no-break space follows"},
      {"v=spf1; mx; -all", "leave out \";\""},
      {"v=spf1,mx", "leave out \",\""},
      {"v=spf1mx -all", "no space follows"},
      {"V=SPF1\" mx", "a quotation mark"},
      {"spf1 mx -all", "\"v=\" is missing"},
      {"v = spf1 mx -all", "without anything between"},
      {"v:spf1 mx -all", "without anything between"},
      {"v=spf 1 mx -all", "without anything between"},
      {"v=spf10 mx", "the version is not"},
      {"v=spf1.0 mx", "the version is not"},
      {"v=spf2 mx", "the version is not"},
      {"v=spf mx", "the version is not"},
  };
  for (const Case& c : cases) {
    const auto why = near_miss(c.text);
    ASSERT_TRUE(why) << c.text;
    EXPECT_NE(why->find(c.why), std::string::npos) << c.text << ": " << *why;
  }
}

TEST(NearMiss, LeavesAloneWhatIsARecordOrNeverWasMeantAsOne) {
  for (const char* text :
       {"v=spf1", "v=spf1 -all", "V=SPF1 mx", "", "spf2.0/pra mx -all", "google-site=spf1",
        "v=DKIM1; p=", "v=DMARC1", "spf12345", "\"\"\"", "   ", "_spf is at spf.example"})
    EXPECT_FALSE(near_miss(text)) << text;
}

class NearMisses : public testing::Test {
 protected:
  Survey of(const std::vector<std::string>& records) {
    std::vector<RecordData> texts;
    for (const std::string& record : records) texts.push_back(text(record));
    TableView view;
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
    return made;
  }
  static const Finding* found(const std::vector<Finding>& all) {
    const auto one = std::find_if(all.begin(), all.end(),
                                  [](const Finding& f) { return f.code == "near-miss"; });
    return one == all.end() ? nullptr : &*one;
  }
};

TEST_F(NearMisses, AreShownByLintAndByPropose) {
  const Survey alone = of({" v=spf1 ip4:192.0.2.1 -all"});
  const auto findings = lint(alone);
  ASSERT_TRUE(found(findings));
  EXPECT_EQ(found(findings)->level, Finding::Level::error);
  EXPECT_NE(found(findings)->text.find("\" v=spf1 ip4:192.0.2.1 -all\""), std::string::npos);
  const auto proposal = propose(alone.root, {"include:spf.filter.example"});
  ASSERT_TRUE(proposal);
  ASSERT_EQ(proposal->notes.size(), 1u);
  EXPECT_NE(proposal->notes[0].find("a blank stands before it"), std::string::npos);
}

TEST_F(NearMisses, BesideARecordAreAWarning) {
  const auto findings = lint(of({"v=spf1 ip4:192.0.2.1 -all", "v=spf1; mx"}));
  ASSERT_TRUE(found(findings));
  EXPECT_EQ(found(findings)->level, Finding::Level::warning);
}

}  // namespace
}  // namespace mxswitch::probes::spf
