#include "dashboards/views/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dashboards/views/badge.h"
#include "dashboards/views/feed.h"
#include "probes/base/time_text.h"
#include "tests/fakes/sample_states.h"

namespace mxswitch::dashboards {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Time kNow = parse_time("2026-11-22T13:51:10Z").value();
const PageFrame kFrame{"0.1.0", {"/assets/style.css"}, "/assets/main.js"};

std::string page_of(const Snapshot& snapshot, Time now = kNow, const std::string& show = "") {
  std::vector<SharePoint> shares = {share_point(snapshot.report), share_point(snapshot.report)};
  shares[0].at -= std::chrono::minutes(5);
  return render_page({snapshot, shares, now, show}, kFrame);
}

TEST(Page, TheBannerAnswersFirst) {
  const std::string page = page_of(fakes::propagating_snapshot(kNow));
  const auto banner = page.find("role=\"status\"><span class=\"state st-propagating\">PROPAGATING");
  ASSERT_NE(banner, std::string::npos);
  EXPECT_LT(banner, page.find("id=\"gates\""));
  EXPECT_THAT(page, HasSubstr("<b>Waits for</b> time, until 14:32:10Z: propagation: caches of "));
  EXPECT_THAT(page, HasSubstr("data-tick=\"relative\">in 41 min</time>"));
}

TEST(Page, TheSpfMatrixIsATableForEverybody) {
  const std::string page = page_of(fakes::propagating_snapshot(kNow));
  EXPECT_THAT(page,
              HasSubstr("<caption>What each view makes of each sender of shop.example</caption>"));
  EXPECT_THAT(page, HasSubstr("<details><summary>how</summary><pre class=\"trace\">v=spf1"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"col\">new 192.0.2.71</th>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">Lagoon 192.0.2.12</th>"));
  EXPECT_THAT(
      page,
      HasSubstr("<td data-label=\"new 192.0.2.71\">fail <span class=\"why\">1 lookup</span>"));
  EXPECT_THAT(page, HasSubstr("<summary>which</summary>"));
}

TEST(Page, EveryFieldOfOthersIsEscaped) {
  const auto snapshot = fakes::hostile_snapshot(kNow);
  const auto shared = fakes::shared(snapshot);
  for (const auto& text :
       {page_of(snapshot), render_index({shared}, kNow, kFrame),
        render_feed(snapshot, "http://" + fakes::kHostile), render_badge_unknown(fakes::kHostile),
        render_error_page(404, fakes::kHostile, fakes::kHostile, kFrame),
        render_acknowledge(fakes::kHostile, kFrame), render_explain_page(snapshot, kNow, kFrame)}) {
    EXPECT_THAT(text, Not(HasSubstr("<script>")));
    EXPECT_THAT(text, Not(HasSubstr("\"onload")));
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\xff'), std::string::npos);
  }
}

TEST(Page, HasNothingInlineThatThePolicyForbids) {
  for (const auto& snapshot : {fakes::propagating_snapshot(kNow), fakes::blocked_snapshot(kNow),
                               fakes::empty_snapshot(kNow)}) {
    const std::string page = page_of(snapshot);
    EXPECT_THAT(page, Not(HasSubstr(" style=")));
    EXPECT_THAT(page, Not(HasSubstr("<style")));
    EXPECT_THAT(page, Not(HasSubstr("javascript:")));
  }
}

TEST(Page, AFilterShowsOneClassAndAnUnknownOneAll) {
  const auto snapshot = fakes::propagating_snapshot(kNow);
  EXPECT_THAT(page_of(snapshot, kNow, "old"), Not(HasSubstr("data-key=\"192.0.2.15\"")));
  EXPECT_THAT(page_of(snapshot, kNow, "old"), HasSubstr("data-key=\"192.0.2.11\""));
  EXPECT_THAT(page_of(snapshot, kNow, "purple"), HasSubstr("data-key=\"192.0.2.15\""));
}

TEST(Page, AnOldSnapshotIsCalledStale) {
  const auto snapshot = fakes::propagating_snapshot(kNow);
  EXPECT_THAT(page_of(snapshot), Not(HasSubstr("Stale.")));
  EXPECT_THAT(page_of(snapshot, kNow + seconds(61)), HasSubstr("<b>Stale.</b>"));
}

TEST(Page, EmptyStatesSayWhatToExpect) {
  const std::string page = page_of(fakes::empty_snapshot(kNow));
  EXPECT_THAT(page, HasSubstr("No resolver was asked yet"));
  EXPECT_THAT(page, HasSubstr("No gate was judged yet"));
  EXPECT_THAT(render_index({}, kNow, kFrame), HasSubstr("mxswitch plan init"));
}

TEST(Steps, FollowTheState) {
  const struct {
    State state;
    std::string_view current;
  } rows[] = {
      {State::draft, "preflight"}, {State::forwarding, "changed"}, {State::propagating, "drain"},
      {State::ready, "switch"},    {State::verifying, "verified"}, {State::hosted, "final"},
      {State::final_, ""}};
  for (const auto& row : rows) {
    Snapshot snapshot;
    snapshot.state = row.state;
    std::string_view current;
    for (const auto& step : steps_of(snapshot)) {
      if (step.phase == Step::Phase::current) current = step.id;
    }
    EXPECT_EQ(current, row.current);
  }
}

TEST(WorstFirst, OldBeforeSplitBeforeFailedBeforeNew) {
  const auto report = fakes::propagating_report(kNow);
  std::vector<std::string> words;
  for (const auto* r : worst_first(report)) words.emplace_back(sign_of(*r).word);
  EXPECT_EQ(words[0], "old");
  EXPECT_EQ(words[2], "split");
  EXPECT_EQ(words[3], "foreign");
  EXPECT_EQ(words[4], "failed");
  EXPECT_EQ(words.back(), "new");
  EXPECT_TRUE(worst_first(report)[0]->stretcher);
}

TEST(Badge, SaysDomainStateAndShare) {
  EXPECT_THAT(render_badge(fakes::propagating_snapshot(kNow)),
              HasSubstr("<title>shop.example: PROPAGATING 7/12, until 14:32:10Z</title>"));
  EXPECT_THAT(render_badge(fakes::forwarding_snapshot(kNow)),
              HasSubstr("<title>shop.example: FORWARDING waits for the customer</title>"));
  EXPECT_THAT(render_badge(fakes::ready_snapshot(kNow)),
              HasSubstr("<title>shop.example: READY waits for you</title>"));
  EXPECT_THAT(render_badge(fakes::fault_snapshot(kNow)),
              HasSubstr("<title>shop.example: FAULT: relay</title>"));
}

std::string step_at(const Snapshot& snapshot) {
  for (const Step& step : steps_of(snapshot)) {
    if (step.phase == Step::Phase::current)
      return std::string(step.id) + (step.fault ? " (fault)" : "");
  }
  return "none";
}

// What is closed decides, not what the state is called.
TEST(Words, StepsAndHeadlineFollowWhatIsClosed) {
  const auto word = [](const Snapshot& s) { return headline_of(s).word; };
  auto s = fakes::propagating_snapshot(kNow);
  EXPECT_EQ(word(s) + " " + step_at(s), "PROPAGATING drain");
  s.gates[1].verdict = GateVerdict::pass;
  EXPECT_EQ(word(s) + " " + step_at(s), "DNS DONE ready") << "accounts are still to be loaded";
  EXPECT_FALSE(waits_for_dns(s));
  s = fakes::fault_snapshot(kNow);
  EXPECT_EQ(word(s) + " " + step_at(s), "FAULT ready (fault)");
  s = fakes::ready_snapshot(kNow);
  EXPECT_EQ(word(s) + " " + step_at(s), "READY switch");
  s.frozen = true;
  EXPECT_EQ(word(s), "FROZEN") << "no READY is announced";
  s = fakes::forwarding_snapshot(kNow);
  EXPECT_EQ(word(s) + " " + step_at(s), "FORWARDING changed");
}

// Held, frozen and blocked keep their own meaning.
TEST(Words, WhatAPersonDecidedGoesBeforeAFault) {
  auto s = fakes::fault_snapshot(kNow);
  for (const State state : {State::held, State::blocked, State::aborted}) {
    s.state = state;
    EXPECT_NE(headline_of(s).word, "FAULT") << to_text(state);
  }
  s.state = State::propagating;
  s.frozen = true;
  EXPECT_EQ(headline_of(s).word, "FROZEN");
}

// Red stands for what somebody has to mend.
TEST(Page, OnAnOrdinaryDayNothingIsRed) {
  for (const auto& snapshot : {fakes::forwarding_snapshot(kNow), fakes::propagating_snapshot(kNow),
                               fakes::ready_snapshot(kNow), fakes::hosted_snapshot(kNow)}) {
    const std::string page = page_of(snapshot);
    for (const auto red : {"v-fail", "class=\"bad\"", "st-fault", "st-blocked", "v-unreachable"})
      EXPECT_THAT(page, Not(HasSubstr(red))) << to_text(snapshot.state);
  }
  const std::string fault = page_of(fakes::fault_snapshot(kNow));
  EXPECT_THAT(fault, HasSubstr("<span class=\"state st-fault\">FAULT</span>"));
  EXPECT_THAT(fault, HasSubstr("you: relay node-2 does not answer: connection refused at "
                               "198.51.100.72:8443 (DNS done "));
  EXPECT_THAT(fault, HasSubstr("); Postfix there defers mail (451)"));
  EXPECT_THAT(fault, Not(HasSubstr("Earliest READY"))) << "the DNS is done";
}

TEST(Page, EveryClosedGateSaysWhoseTurnItIs) {
  const std::string page = page_of(fakes::propagating_snapshot(kNow));
  EXPECT_THAT(page, HasSubstr("turn: time &middot; "));
  EXPECT_THAT(page, HasSubstr("turn: you &middot; "));
}

TEST(Feed, EntriesAreNewestFirstAndKeepTheirIds) {
  auto snapshot = fakes::propagating_snapshot(kNow);
  const auto before = render_feed(snapshot, "http://127.0.0.1:8053");
  EXPECT_LT(before.find("forwarding -&gt; propagating"), before.find("draft -&gt; forwarding"));
  const auto id = before.substr(before.find("<entry><id>"), 80);
  snapshot.history.push_back({kNow, "anna", "freeze", "", ""});
  EXPECT_THAT(render_feed(snapshot, "http://127.0.0.1:8053"), HasSubstr(id));
  EXPECT_THAT(render_feed(snapshot, "https://status.example"), HasSubstr(id))
      << "the name of the server is no part of it";
  snapshot.history.erase(snapshot.history.begin());
  EXPECT_THAT(render_feed(snapshot, "http://127.0.0.1:8053"), HasSubstr(id));
}

std::vector<std::string> ids_of(const std::string& feed) {
  std::vector<std::string> ids;
  for (auto at = feed.find("<id>"); at != std::string::npos; at = feed.find("<id>", at + 1))
    ids.push_back(feed.substr(at + 4, feed.find("</id>", at) - at - 4));
  return ids;
}

TEST(Feed, EntriesOfOneMomentDiffer) {
  auto snapshot = fakes::propagating_snapshot(kNow);
  snapshot.history = {{kNow, "anna", "waive", "first", "192.0.2.1"},
                      {kNow, "anna", "waive", "first", "192.0.2.2"},
                      {kNow, "anna", "waive", "second", "192.0.2.2"},
                      {kNow, "anna", "waive", "second", "192.0.2.2"},
                      {kNow, "ann", "awaive", "second", "192.0.2.2"}};
  auto ids = ids_of(render_feed(snapshot, "http://127.0.0.1:8053"));
  EXPECT_EQ(ids.size(), 6u);
  for (const auto& id : ids) EXPECT_THAT(id, ::testing::StartsWith("tag:shop.example,2026:"));
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

TEST(Page, WithoutScriptsItIsLoadedAnew) {
  const std::string refresh = "<noscript><meta http-equiv=\"refresh\"";
  EXPECT_THAT(page_of(fakes::propagating_snapshot(kNow)), HasSubstr(refresh));
  EXPECT_THAT(render_index({}, kNow, kFrame), HasSubstr(refresh));
  EXPECT_THAT(render_explain_page(fakes::propagating_snapshot(kNow), kNow, kFrame),
              HasSubstr(refresh));
  EXPECT_THAT(render_error_page(404, "Not found", "", kFrame), Not(HasSubstr("refresh")));
  EXPECT_THAT(render_acknowledge("/ack/x", kFrame), Not(HasSubstr("refresh")));
}

TEST(Page, AnErrorSaysWhatToDo) {
  for (const int status : {400, 401, 403, 404, 405, 414, 421, 500, 502, 503}) {
    const std::string page = render_error_page(status, "Title", "", kFrame);
    EXPECT_THAT(page, HasSubstr("<h1>Title</h1><p>")) << status;
    EXPECT_THAT(page, HasSubstr("href=\"/\"")) << status;
  }
}

}  // namespace
}  // namespace mxswitch::dashboards
