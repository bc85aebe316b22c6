// Every state x every event. A cell is the state that follows; a digit is the exit code of a
// refusal; "-" nothing at all; "=" the same state with effects.

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "tests/unit/orchestrator/machine/machine_fixture.h"

namespace mxswitch::orchestrator {
namespace {

// clang-format off
const std::map<std::string, std::string> kGrid = {
//                          dr fo pr el ar sw ve ho fi ro he ab bl
{"plan",                   "=  dr dr dr 3  4  4  3  3  4  3  dr 5"},
{"switch",                 "3  3  3  ar 4  4  4  6  6  4  3  3  5"},
{"abort",                  "ab ab ab ab ab 3  3  3  6  4  ab 6  5"},
{"rollback",               "6  6  6  6  pr ro ro ro 3  4  ro 6  ro"},
{"rollback hold",          "6  6  6  6  pr ro ro ro 3  =  6  6  ro"},
{"freeze",                 "=  =  =  =  =  =  =  =  =  =  =  =  ="},
{"unfreeze",               "6  6  6  6  6  6  6  6  6  6  6  6  6"},
{"override",               "=  =  =  =  =  6  6  6  6  6  6  6  ="},
{"waive",                  "=  =  =  =  =  6  6  6  6  6  6  6  ="},
{"unwaive",                "=  =  =  =  =  =  =  =  =  =  =  =  ="},
{"approve",                "6  6  6  6  =  6  6  6  6  6  6  6  6"},
{"adopt",                  "6  6  6  6  6  6  6  6  6  6  6  6  ve"},
{"restore",                "6  6  6  6  6  6  6  6  6  6  6  6  sw"},
{"verify",                 "3  3  3  3  3  4  ho 6  6  4  3  3  3"},
{"finalize",               "3  3  3  3  3  4  4  fi 6  4  3  3  5"},
{"relay on forward",       "fo -  -  -  -  -  -  -  -  -  -  -  -"},
{"first new answer",       "-  pr -  -  -  -  -  -  -  -  -  -  -"},
{"gates open",             "-  -  re -  -  -  -  -  -  -  -  -  -"},
{"gates closed",           "-  -  -  pr =  -  -  -  -  -  -  -  -"},
{"gates open, fresh",      "-  -  re -  sw -  -  -  -  -  -  -  -"},
{"gates closed, fresh",    "-  -  -  pr pr -  -  -  -  -  -  -  -"},
{"window",                 "-  -  -  -  =  -  -  -  -  -  -  -  -"},
{"dry run refused",        "-  -  -  -  -  pr -  -  -  -  -  -  -"},
{"node written",           "-  -  -  -  -  =  -  -  -  =  -  -  -"},
{"node stuck",             "-  -  -  -  -  =  -  -  -  =  -  -  -"},
{"hosted in force",        "-  -  -  -  -  ve -  -  -  -  -  -  -"},
{"forward in force",       "-  -  -  -  -  -  -  -  -  fo -  -  -"},
{"in force for another op","-  -  -  -  -  -  -  -  -  -  -  -  -"},
{"verified",               "-  -  -  -  -  -  ho -  -  -  -  -  -"},
{"verify failed",          "-  -  -  -  -  -  =  -  -  -  -  -  -"},
{"foreign write",          "-  bl bl bl bl bl bl bl -  bl bl bl -"},
{"next hop loops",         "-  bl bl bl bl bl bl bl -  bl bl bl -"},
{"unreadable",             "=  =  =  =  =  =  =  =  =  =  =  =  ="},
{"readable",               "-  -  -  -  -  -  -  -  -  -  -  -  -"},
{"time",                   "-  -  -  -  -  -  -  -  -  -  -  -  -"},
{"noticed",                "=  =  =  =  =  =  =  =  =  =  =  =  ="},
{"noticed no more",        "-  -  -  -  -  -  -  -  -  -  -  -  -"},
};
// clang-format on

std::string cell(const std::string& row, std::size_t column) {
  std::istringstream words(row);
  std::string word;
  for (std::size_t i = 0; i <= column; ++i) words >> word;
  return word;
}

std::string outcome(const MachineState& before, const tl::expected<Step, Refusal>& result) {
  if (!result) return std::to_string(result.error().exit_code);
  if (result->state.state != before.state)
    return std::string(to_text(result->state.state)).substr(0, 2);
  return result->effects.empty() ? "-" : "=";
}

TEST(Machine, FollowsTheGrid) {
  for (const auto& [name, event] : every_event()) {
    ASSERT_TRUE(kGrid.contains(name)) << name;
    for (std::size_t i = 0; i < every_state().size(); ++i) {
      const MachineState before = in_state(every_state()[i]);
      SCOPED_TRACE(std::string(to_text(before.state)) + " x " + name);
      EXPECT_EQ(outcome(before, advance(before, event, noon())), cell(kGrid.at(name), i));
    }
  }
}

TEST(Machine, TheGridHasNoOtherRows) { EXPECT_EQ(kGrid.size(), every_event().size()); }

TEST(Machine, EveryTransitionIsAuditedOnce) {
  for (const auto& [name, event] : every_event()) {
    for (const State state : every_state()) {
      const auto result = advance(in_state(state), event, noon());
      if (!result || result->state.state == state) continue;
      SCOPED_TRACE(std::string(to_text(state)) + " x " + name);
      EXPECT_EQ(effects_of<AuditEffect>(*result).size(), 1u);
      EXPECT_EQ(result->state.since, noon());
    }
  }
}

TEST(Machine, EveryRefusalSaysWhyAndForWhom) {
  for (const auto& [name, event] : every_event()) {
    for (const State state : every_state()) {
      const auto result = advance(in_state(state), event, noon());
      if (result) continue;
      SCOPED_TRACE(std::string(to_text(state)) + " x " + name);
      EXPECT_FALSE(result.error().error.what.empty());
      EXPECT_EQ(result.error().error.where, "shop.example");
    }
  }
}

TEST(Machine, EveryStateSurvivesTheJournal) {
  for (const State state : every_state()) {
    const MachineState before = in_state(state);
    const auto after = machine_state_from(to_json(before));
    ASSERT_TRUE(after) << after.error().text();
    EXPECT_EQ(to_json(*after), to_json(before));
    EXPECT_EQ(state_from(to_text(state)), state);
  }
  EXPECT_FALSE(machine_state_from({{"state", "nonsense"}}));
}

}  // namespace
}  // namespace mxswitch::orchestrator
