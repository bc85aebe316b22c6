#include "orchestrator/machine/state.h"

#include <array>
#include <utility>

namespace mxswitch::orchestrator {
namespace {

constexpr std::array<std::pair<State, std::string_view>, 13> kNames = {{
    {State::draft, "draft"},
    {State::forwarding, "forwarding"},
    {State::propagating, "propagating"},
    {State::ready, "ready"},
    {State::armed, "armed"},
    {State::switching, "switching"},
    {State::verifying, "verifying"},
    {State::hosted, "hosted"},
    {State::final_, "final"},
    {State::rolling_back, "rolling_back"},
    {State::held, "held"},
    {State::aborted, "aborted"},
    {State::blocked, "blocked"},
}};

}  // namespace

std::string_view to_text(State s) {
  for (const auto& [state, name] : kNames) {
    if (state == s) return name;
  }
  return "unknown";
}

bool waits_for_switch(State s) {
  return s == State::forwarding || s == State::propagating || s == State::ready ||
         s == State::armed;
}

std::optional<State> state_from(std::string_view text) {
  if (text == "eligible") return State::ready;  // its name in stores before 0.2
  for (const auto& [state, name] : kNames) {
    if (name == text) return state;
  }
  return std::nullopt;
}

}  // namespace mxswitch::orchestrator
