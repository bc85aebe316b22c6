#include "orchestrator/switchover/write_planner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

namespace mxswitch::orchestrator {
namespace {

const std::set<std::string> kKnown = {"old"};

WriteIntent intent_to(Mode target) {
  WriteIntent intent;
  intent.op_id = "op";
  intent.domain = "shop.example";
  intent.reason = "moving day";
  intent.target = target;
  intent.nodes = {"n1", "n2"};
  intent.roster_digest = "r";
  return intent;
}

// "forward/old" is in force; "split/op~" is written, not yet in force; "dead" does not answer.
ObservedNode node(const std::string& id, const std::string& text) {
  ObservedNode n;
  n.node = id;
  if (text == "dead") {
    n.error = "connection refused";
    return n;
  }
  n.readable = true;
  n.in_force = text.back() != '~';
  const std::string plain = n.in_force ? text : text.substr(0, text.size() - 1);
  const auto slash = plain.find('/');
  n.mode = mode_from(plain.substr(0, slash)).value();
  n.op_id = plain.substr(slash + 1);
  return n;
}

std::string said(const NextStep& step) {
  if (std::holds_alternative<DryRunStep>(step)) return "dry run";
  if (std::holds_alternative<DoneStep>(step)) return "done";
  if (const auto* w = std::get_if<NodeWriteStep>(&step)) {
    return fmt::format("write {} {}", w->node, to_text(w->mode));
  }
  if (const auto* w = std::get_if<WaitStep>(&step)) return "wait " + w->node;
  return "foreign " + std::get<ForeignStep>(step).node;
}

struct Case {
  Mode target;
  const char* n1;
  const char* n2;
  const char* next;
};

// Each row is also a place where the process may have died: what follows depends on nothing else.
const Case kCases[] = {
    {Mode::hosted, "forward/old", "forward/old", "write n1 split"},
    {Mode::hosted, "split/op~", "forward/old", "wait n1"},
    {Mode::hosted, "split/op", "forward/old", "write n2 split"},
    {Mode::hosted, "split/op", "split/op~", "wait n2"},
    {Mode::hosted, "split/op", "split/op", "write n1 hosted"},
    {Mode::hosted, "hosted/op~", "split/op", "wait n1"},
    {Mode::hosted, "hosted/op", "split/op", "write n2 hosted"},
    {Mode::hosted, "hosted/op", "hosted/op~", "wait n2"},
    {Mode::hosted, "hosted/op", "hosted/op", "done"},
    {Mode::hosted, "forward/old", "dead", "write n1 split"},
    {Mode::hosted, "split/op", "dead", "wait n2"},
    {Mode::hosted, "dead", "split/op", "wait n1"},
    {Mode::hosted, "hosted/op", "dead", "wait n2"},
    {Mode::hosted, "forward/x", "forward/old", "foreign n1"},
    {Mode::hosted, "split/op", "hosted/x", "foreign n2"},
    {Mode::hosted, "hosted/old", "split/op", "write n1 split"},
    {Mode::forward, "hosted/old", "hosted/old", "write n1 split"},
    {Mode::forward, "split/op", "hosted/old", "write n2 split"},
    {Mode::forward, "split/op", "split/op", "write n1 forward"},
    {Mode::forward, "forward/op~", "split/op", "write n2 forward"},
    {Mode::forward, "forward/op", "forward/op~", "wait n2"},
    {Mode::forward, "forward/op", "forward/op", "done"},
    {Mode::forward, "forward/old", "split/old", "write n1 forward"},
    {Mode::forward, "dead", "hosted/old", "write n2 split"},
    {Mode::forward, "dead", "split/op", "write n2 forward"},
    {Mode::forward, "dead", "forward/op", "wait n1"},
    {Mode::forward, "forward/op", "dead", "wait n2"},
    {Mode::forward, "forward/op", "split/x", "foreign n2"},
    {Mode::hold, "split/op", "split/old", "write n1 hold"},
    {Mode::hold, "hold/op", "hold/op", "done"},
};

TEST(WritePlanner, FollowsTheTable) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(fmt::format("{} {} {}", to_text(c.target), c.n1, c.n2));
    const std::vector<ObservedNode> nodes = {node("n1", c.n1), node("n2", c.n2)};
    EXPECT_EQ(said(next_write(intent_to(c.target), nodes, kKnown)), c.next);
  }
}

TEST(WritePlanner, TheDryRunComesFirstAndOnce) {
  WriteIntent intent = intent_to(Mode::hosted);
  intent.dry_run = true;
  const std::vector<ObservedNode> nodes = {node("n1", "forward/old"), node("n2", "dead")};
  EXPECT_EQ(said(next_write(intent, nodes, kKnown)), "dry run");
  intent.dry_run_passed = true;
  EXPECT_EQ(said(next_write(intent, nodes, kKnown)), "write n1 split");
}

TEST(WritePlanner, ARollbackNeverWaitsForSplit) {
  WriteIntent intent = intent_to(Mode::forward);
  intent.refusals["n1/split"] = 1;
  const std::vector<ObservedNode> nodes = {node("n1", "hosted/old"), node("n2", "forward/op")};
  EXPECT_EQ(said(next_write(intent, nodes, kKnown)), "write n1 forward");
}

TEST(WritePlanner, ALoneNodeGoesBackInOneWrite) {
  WriteIntent intent = intent_to(Mode::forward);
  intent.nodes = {"n1"};
  EXPECT_EQ(said(next_write(intent, {node("n1", "hosted/old")}, kKnown)), "write n1 forward");
}

// Assertion 3: from any mixture, step by step, no node rejects names while the nodes differ.
TEST(WritePlanner, NoNameIsRejectedWhileNodesDiffer) {
  for (const Mode target : {Mode::hosted, Mode::forward, Mode::hold}) {
    const Mode start = target == Mode::hosted ? Mode::forward : Mode::hosted;
    std::vector<ObservedNode> nodes;
    for (const char* id : {"n1", "n2"})
      nodes.push_back(node(id, std::string(to_text(start)) + "/old"));
    int writes = 0;
    for (;;) {
      const NextStep step = next_write(intent_to(target), nodes, kKnown);
      if (std::holds_alternative<DoneStep>(step)) break;
      const auto& write = std::get<NodeWriteStep>(step);
      ObservedNode& n = nodes[write.node == "n1" ? 0 : 1];
      n.mode = write.mode;
      n.op_id = "op";
      ASSERT_LT(++writes, 10);
      const bool one_rejects = (nodes[0].mode == Mode::hosted) != (nodes[1].mode == Mode::hosted);
      const bool other_forwards = nodes[0].mode == Mode::forward || nodes[1].mode == Mode::forward;
      EXPECT_FALSE(one_rejects && other_forwards);
    }
    EXPECT_EQ(nodes[0].mode, target);
    EXPECT_EQ(nodes[1].mode, target);
    EXPECT_EQ(nodes_done(intent_to(target), nodes), 2);
  }
}

TEST(WritePlanner, KeysAreDerivedAndChangeWithTheAttempt) {
  WriteIntent intent = intent_to(Mode::hosted);
  const std::string first = write_key(intent, "n1", Mode::split);
  EXPECT_EQ(first, write_key(intent, "n1", Mode::split));
  EXPECT_EQ(first.size(), 32u);
  EXPECT_NE(first, write_key(intent, "n2", Mode::split));
  EXPECT_NE(first, write_key(intent, "n1", Mode::hosted));
  intent.refusals["n1/split"] = 1;
  EXPECT_NE(first, write_key(intent, "n1", Mode::split));
}

TEST(WritePlanner, AnIntentSurvivesTheJournal) {
  WriteIntent intent = intent_to(Mode::hold);
  intent.dry_run = intent.dry_run_passed = true;
  intent.unknown = UnknownNames::defer;
  intent.refusals["n1/split"] = 2;
  const auto read = write_intent_from(to_json(intent));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(intent));
  EXPECT_FALSE(write_intent_from({{"op_id", 7}}));
}

// A relay refuses a longer one, and half a character would make it longer.
TEST(WritePlanner, ALongReasonIsCutBetweenCharacters) {
  WriteIntent intent = intent_to(Mode::hosted);
  intent.reason = std::string(499, 'a') + "\xc3\xbc" + std::string(20, 'b');
  EXPECT_EQ(route_write(intent, Mode::hosted).reason, std::string(499, 'a'));
}

TEST(WritePlanner, ARollbackNamesNoRoster) {
  EXPECT_FALSE(route_write(intent_to(Mode::forward), Mode::forward).roster_digest);
  EXPECT_EQ(route_write(intent_to(Mode::hosted), Mode::split).roster_digest, "r");
}

}  // namespace
}  // namespace mxswitch::orchestrator
