// The assertions of SWITCHOVER.md section 5 that the machine alone can break, over random walks.

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/orchestrator/machine/machine_fixture.h"

namespace mxswitch::orchestrator {
namespace {

// Events of every kind with what varies drawn at random, so that walks go deep and also stray.
class Walk {
 public:
  explicit Walk(unsigned seed) : random_(seed) {
    s_.domain = "shop.example";
    s_.digest = "digest-1";
  }

  // What leads on from here: without it, walks hardly ever reach a switch.
  std::string next_name() const {
    switch (s_.state) {
      case State::draft:
        return "relay on forward";
      case State::forwarding:
        return "first new answer";
      case State::propagating:
        return "gates open";
      case State::ready:
        return "switch";
      case State::armed:
        return "gates open, fresh";
      case State::switching:
        return "hosted in force";
      case State::verifying:
        return "verified";
      default:
        return "plan";
    }
  }

  Event draw() {
    const auto& events = every_event();
    Event event = events[pick(events.size())].second;
    if (pick(3) == 0) {
      for (const auto& [name, next] : events) {
        if (name == next_name()) event = next;
      }
    }
    const std::string fresh_op = "op-" + std::to_string(++ops_);
    if (auto* e = std::get_if<SwitchCommand>(&event)) {
      e->op_id = fresh_op;
      e->digest = pick(8) == 0 ? "digest-x" : s_.digest;
    } else if (auto* roll = std::get_if<RollbackCommand>(&event)) {
      roll->op_id = fresh_op;
    } else if (auto* resolve = std::get_if<ResolveCommand>(&event)) {
      resolve->op_id = fresh_op;
      if (pick(2) == 0) resolve->closed = {"spf"};
    } else if (auto* plan = std::get_if<PlanGiven>(&event)) {
      plan->digest = "digest-" + std::to_string(pick(4));
    } else if (auto* gates = std::get_if<GatesJudged>(&event)) {
      gates->digest = pick(8) == 0 ? "digest-x" : s_.digest;
      gates->operator_open = pick(3) != 0;
      if (s_.armed && pick(8) != 0) gates->op_id = s_.armed->op_id;
    } else if (auto* over = std::get_if<OverrideCommand>(&event)) {
      over->digest = s_.digest;
    } else if (auto* waive = std::get_if<WaiveCommand>(&event)) {
      waive->digest = s_.digest;
    } else if (auto* all = std::get_if<AllInForce>(&event)) {
      if (s_.writing) all->op_id = s_.writing->op_id;
      if (s_.writing && pick(4) != 0) all->mode = s_.writing->target;
    } else if (auto* refused = std::get_if<DryRunRefused>(&event)) {
      if (s_.writing) refused->op_id = s_.writing->op_id;
    }
    return event;
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      now_ += seconds(static_cast<int>(pick(7200)));
      const Event event = draw();
      const auto result = advance(s_, event, now_);
      check(event, result);
      if (result) s_ = result->state;
    }
  }
  int hosted_writes() const { return hosted_writes_; }

 private:
  std::size_t pick(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }

  bool opens_for_write(const Event& event) const {
    const auto* e = std::get_if<GatesJudged>(&event);
    return e != nullptr && s_.state == State::armed && e->fresh && e->operator_open &&
           e->closed.empty() && e->digest == s_.digest && s_.armed->digest == s_.digest &&
           e->op_id == s_.armed->op_id && !s_.frozen;
  }

  // 1 and 9: hosted is written only for a digest and generation whose gates were all open; the
  // only way without a fresh judgement is a person's restore of what was authorised.
  void check_hosted_write(const Event& event, const Step& step) {
    for (const auto& write : effects_of<BeginWriteEffect>(step)) {
      if (write.target != Mode::hosted) continue;
      ++hosted_writes_;
      if (opens_for_write(event)) {
        granted_ = {s_.digest, s_.generation};
        continue;
      }
      ASSERT_TRUE(std::holds_alternative<ResolveCommand>(event));
      ASSERT_EQ(granted_, std::make_pair(s_.digest, s_.generation));
    }
    // Adopting hosted with every gate open grants it too.
    const auto* resolve = std::get_if<ResolveCommand>(&event);
    if (resolve != nullptr && resolve->adopt && step.state.state == State::verifying) {
      ASSERT_TRUE(resolve->closed.empty());
      granted_ = {s_.digest, s_.generation};
    }
  }

  // 5: nothing but the missing reason keeps a rollback from being begun.
  void check_rollback() {
    const bool must = s_.state == State::switching || s_.state == State::verifying ||
                      s_.state == State::hosted || s_.state == State::blocked;
    if (!must) return;
    for (const Mode to : {Mode::forward, Mode::hold}) {
      const auto result = advance(s_, RollbackCommand{"op-r", "jo", "why", to, ""}, now_);
      ASSERT_TRUE(result) << to_text(s_.state) << ": " << result.error().error.text();
      ASSERT_EQ(result->state.state, State::rolling_back);
    }
  }

  // 6: after an abort or a rollback no judgement starts the pending switch.
  void check_beaten(const Event& event, const Step& step) {
    const bool beats = std::holds_alternative<AbortCommand>(event) ||
                       std::holds_alternative<RollbackCommand>(event);
    if (!beats) return;
    ASSERT_FALSE(step.state.armed);
    const auto next = advance(step.state, all_open(true), now_);
    ASSERT_NE(next->state.state, State::switching);
  }

  // 7: the same command once more changes nothing, or is refused.
  void check_repeat(const Event& event, const Step& step) {
    if (event.index() >= kCommandKinds) return;
    const auto again = advance(step.state, event, now_);
    if (again) {
      ASSERT_TRUE(effects_of<BeginWriteEffect>(*again).empty() ||
                  std::holds_alternative<RollbackCommand>(event));
    }
  }

  void check(const Event& event, const tl::expected<Step, Refusal>& result) {
    ASSERT_TRUE(result || event.index() < kCommandKinds) << "an observation was refused";
    check_rollback();
    if (!result) return;
    const Step& step = *result;
    check_hosted_write(event, step);
    check_beaten(event, step);
    check_repeat(event, step);
    if (step.state.state != s_.state) {  // 8
      ASSERT_FALSE(effects_of<AuditEffect>(step).empty());
    }
    ASSERT_EQ(step.state.state == State::armed, step.state.armed.has_value());
    ASSERT_EQ(step.state.state == State::blocked, step.state.blocked_from.has_value());
    const bool writes =
        step.state.state == State::switching || step.state.state == State::rolling_back;
    ASSERT_TRUE(!writes || step.state.writing);
  }

  std::mt19937 random_;
  MachineState s_;
  Time now_ = noon();
  int ops_ = 0;
  int hosted_writes_ = 0;
  std::pair<std::string, std::int64_t> granted_;
};

TEST(Assertions, HoldOnRandomWalks) {
  int hosted_writes = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Walk walk(seed);
    walk.run(600);
    if (testing::Test::HasFatalFailure()) return;
    hosted_writes += walk.hosted_writes();
  }
  EXPECT_GT(hosted_writes, 200) << "the walks never came far enough to prove anything";
}

}  // namespace
}  // namespace mxswitch::orchestrator
