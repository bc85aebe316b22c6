#include "monitor/simulation/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <variant>

#include "monitor/simulation/world.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor::simulation {
namespace {

using What = Expectation::What;
using Sample = std::variant<AuthoritySample, ResolverSample, ControlSample>;

const Time kStart{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};
constexpr int kMostIdleSteps = 1000;  // without time moving: the schedule hangs

std::string since_start(Duration d) {
  return fmt::format("{}.{:03}s", d.count() / 1000, d.count() % 1000);
}

class Run {
 public:
  Run(const Scenario& scenario, std::string name)
      : scenario_(scenario), name_(std::move(name)), world_(scenario, kStart) {
    for (const Expectation& e : scenario.expectations) looks_.emplace(look_at(e), &e);
  }

  RunResult run() {
    while (now_ <= kStart + scenario_.end && step()) {
    }
    finish();
    return std::move(result_);
  }

 private:
  static Duration look_at(const Expectation& e) {
    switch (e.what) {
      case What::ready_between:
      case What::never_ready:
        return Duration::max();  // at the end
      case What::strict_between:
        return Duration(std::stoll(e.code));
      default:
        return e.at;
    }
  }

  void blame(int line, const std::string& what) {
    result_.failures.push_back(fmt::format("{}:{}: {}", name_, line, what));
  }

  bool step() {
    world_.pass(now_);
    while (next_event_ < scenario_.events.size() &&
           kStart + scenario_.events[next_event_].at <= now_)
      apply(scenario_.events[next_event_++]);
    deliver();
    if (core_) {
      ask();
      look();
    }
    const Time next = next_time();
    idle_ = next <= now_ ? idle_ + 1 : 0;
    if (idle_ > kMostIdleSteps) {
      blame(0, "the schedule hangs at " + since_start(now_ - kStart));
      return false;
    }
    now_ = std::max(now_, next);
    return true;
  }

  Time next_time() const {
    Time next = kStart + scenario_.end + seconds(1);
    if (next_event_ < scenario_.events.size())
      next = std::min(next, kStart + scenario_.events[next_event_].at);
    if (!in_flight_.empty()) next = std::min(next, in_flight_.begin()->first);
    if (!looks_.empty() && looks_.begin()->first != Duration::max())
      next = std::min(next, kStart + looks_.begin()->first);
    if (core_ && wake_) next = std::min(next, *wake_);
    return next;
  }

  void ask() {
    const Duration limit = scenario_.input.policy.query_deadline;
    const Wanted wanted = core_->wanted(now_);
    wake_ = wanted.next;
    for (const ProbeDue& probe : wanted.due) {
      core_->started(probe, now_, now_);
      if (probe.kind == ProbeKind::authority) {
        ++result_.authority_queries;
        send(world_.ask_authority(probe, now_, limit));
      } else if (probe.kind == ProbeKind::control) {
        ++result_.control_queries;
        send(world_.ask_control(probe.endpoint, now_, limit));
      } else {
        ++result_.resolver_queries;
        send(world_.ask_resolver(probe.endpoint, now_, limit));
      }
    }
  }

  template <class S>
  void send(S sample) {
    in_flight_.emplace(sample.received_at, Sample(std::move(sample)));
  }

  void deliver() {
    while (!in_flight_.empty() && in_flight_.begin()->first <= now_) {
      const Sample sample = std::move(in_flight_.begin()->second);
      in_flight_.erase(in_flight_.begin());
      if (core_) std::visit([&](const auto& s) { core_->observe(s); }, sample);
    }
  }

  void look() {
    const PropagationReport report = core_->report(now_);
    note(report);
    while (!looks_.empty() && looks_.begin()->first != Duration::max() &&
           kStart + looks_.begin()->first <= now_) {
      check(*looks_.begin()->second, report);
      looks_.erase(looks_.begin());
    }
  }

  void note(const PropagationReport& report) {
    if (report.ready()) {
      if (!result_.first_ready) result_.first_ready = now_ - kStart;
      check_truth(report);
    }
    std::string codes(to_text(report.verdict));
    for (const auto& reason : report.reasons)
      if (codes.find(" " + reason.code) == std::string::npos) codes += " " + reason.code;
    if (codes == last_codes_) return;
    last_codes_ = codes;
    result_.timeline += fmt::format("{:>12} {}\n", since_start(now_ - kStart), codes);
  }

  // READY while a listed, unwaived resolver would still answer another set is premature.
  void check_truth(const PropagationReport& report) {
    if (scenario_.stale_truth_allowed || blamed_truth_) return;
    for (const Endpoint& holder : world_.holders_of_others(expected_, now_)) {
      const auto row = std::find_if(report.resolvers.begin(), report.resolvers.end(),
                                    [&](const auto& r) { return r.endpoint == holder; });
      if (row == report.resolvers.end() || row->waived || row->excluded) continue;
      blamed_truth_ = true;
      blame(0, fmt::format("premature READY at {}: {} still holds an earlier set",
                           since_start(now_ - kStart), holder.text()));
      return;
    }
  }

  void apply(const Event& event) {
    using Verb = Event::Verb;
    SimulatedAuthority* authority = world_.authority(event.target);
    switch (event.verb) {
      case Verb::watch:
        return watch();
      case Verb::serve:
        if (authority) authority->plan.zone = event.zone;
        break;
      case Verb::down:
      case Verb::up:
        if (authority) authority->up = event.verb == Verb::up;
        break;
      case Verb::leave:
        left_.push_back(event.target);
        return enumerate();
      case Verb::waive:
        return waive(event);
      case Verb::restart:
        return restart(event.text);
      case Verb::plan:
        expected_ = event.zone.set;
        return core_->replace_input(input(), now_);
    }
    if (!authority) blame(event.line, "no authority is called " + event.target);
  }

  PropagationInput input() const {
    PropagationInput input = scenario_.input;
    input.expected = expected_;
    if (scenario_.changed_at) input.changed_at = kStart + *scenario_.changed_at;
    return input;
  }

  void watch() {
    core_.emplace(input(), now_);
    enumerate();
  }

  void enumerate() {
    std::vector<AuthorityAddress> endpoints;
    for (const AuthorityPlan& plan : scenario_.authorities)
      if (std::find(left_.begin(), left_.end(), plan.name.text()) == left_.end())
        endpoints.push_back({plan.name, plan.endpoint});
    core_->set_endpoints(endpoints, now_, {}, seconds(172800));
  }

  void waive(const Event& event) {
    const auto endpoint = Endpoint::parse(event.target);
    const auto done = core_->waive(*endpoint, event.text, std::nullopt, now_);
    if (!done) blame(event.line, "the waiver was refused: " + done.error().text());
  }

  // "restart", "restart rebooted", "restart unsynchronised": what the clock can account for.
  void restart(const std::string& how) {
    ClockReading before{now_, now_ - kStart, "boot-1", true, Duration(10)};
    const nlohmann::json saved = nlohmann::json::parse(core_->save(now_, before).dump());
    ClockReading after = before;
    if (!how.empty()) after.boot_id = "boot-2";
    if (how == "unsynchronised") after.synchronised = false;
    auto restored = Propagation::restore(input(), saved, now_, after);
    in_flight_.clear();  // answers to a process that is gone
    if (restored)
      core_ = std::move(*restored);
    else
      blame(0, restored.error().text());
  }

  void check(const Expectation& e, const PropagationReport& report) {
    const auto has = [&](const std::vector<std::string>& texts) {
      return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
        return text.find(e.words) != std::string::npos;
      });
    };
    bool held = true;
    switch (e.what) {
      case What::hold:
        held = report.verdict == Verdict::hold;
        break;
      case What::ready:
        held = report.ready();
        break;
      case What::unknown:
        held = report.verdict == Verdict::unknown;
        break;
      case What::assumed:
        held = report.drain_assumed;
        break;
      case What::warning:
        held = has(report.warnings);
        break;
      case What::waiver:
        held = has(report.waivers);
        break;
      case What::reason:
        held = std::any_of(report.reasons.begin(), report.reasons.end(), [&](const auto& r) {
          return r.code == e.code && r.text.find(e.words) != std::string::npos;
        });
        break;
      case What::strict_between:
        held = report.strict_until && *report.strict_until >= kStart + e.at &&
               *report.strict_until <= kStart + e.until;
        break;
      default:
        break;
    }
    if (!held) blame(e.line, "not so at " + since_start(now_ - kStart) + ": " + shown(report));
  }

  static std::string shown(const PropagationReport& report) {
    std::string text(to_text(report.verdict));
    if (report.strict_until)
      text += fmt::format(", strict at {}", since_start(*report.strict_until - kStart));
    for (const auto& reason : report.reasons)
      text += fmt::format("\n    {}: {}", reason.code, reason.text);
    for (const auto& warning : report.warnings) text += "\n    warning: " + warning;
    return text;
  }

  void finish() {
    for (const auto& [at, e] : looks_) {
      const auto first = result_.first_ready;
      if (e->what == What::never_ready && first) blame(e->line, "READY at " + since_start(*first));
      if (e->what == What::ready_between && (!first || *first < e->at || *first > e->until))
        blame(e->line, first ? "READY first at " + since_start(*first) : "READY never came");
      if (at != Duration::max()) blame(e->line, "the scenario ended before it was looked at");
    }
  }

  const Scenario& scenario_;
  std::string name_;
  World world_;
  MxSet expected_ = scenario_.input.expected;
  std::optional<Propagation> core_;
  std::vector<std::string> left_;
  Time now_ = kStart;
  std::optional<Time> wake_;
  std::size_t next_event_ = 0;
  int idle_ = 0;
  bool blamed_truth_ = false;
  std::string last_codes_;
  std::multimap<Time, Sample> in_flight_;
  std::multimap<Duration, const Expectation*> looks_;
  RunResult result_;
};

}  // namespace

RunResult run_scenario(const Scenario& scenario, const std::string& name) {
  return Run(scenario, name).run();
}

}  // namespace mxswitch::monitor::simulation
