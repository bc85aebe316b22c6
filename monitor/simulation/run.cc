#include "monitor/simulation/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "monitor/simulation/expectations.h"
#include "monitor/simulation/words.h"
#include "probes/base/json_text.h"

namespace mxswitch::monitor::simulation {
namespace {

constexpr Duration kWaivingRound = std::chrono::minutes(10);
constexpr int kMostIdleSteps = 1000;            // without time moving: the schedule hangs
constexpr Duration kClockJump = seconds(3600);  // of "restart jumped"
constexpr Duration kReboot = seconds(5);

class Run {
 public:
  Run(const Scenario& scenario, std::string name, const RunOptions& options)
      : scenario_(scenario), name_(std::move(name)), options_(options), world_(scenario, kStart) {
    for (const Expectation& e : scenario.expectations) {
      if (!is_about_the_run(e)) looks_.emplace(e.look_at, &e);
      if (e.what == Expectation::What::at_most) counted_.push_back({&e});
    }
    for (const AuthorityPlan& plan : scenario.authorities)
      if (plan.later) away_.insert(plan.name.text());
    change_at_ = change_of(scenario);
  }

  RunResult run() {
    while (now_ <= kStart + scenario_.end && step()) {
    }
    if (options_.whole) finish();
    if (core_ && !result_.ready) result_.last_reasons = core_->report(told(now_)).reasons;
    return std::move(result_);
  }

 private:
  void blame(int line, const std::string& what) {
    result_.failures.push_back(line > 0 ? fmt::format("{}:{}: {}", name_, line, what)
                                        : fmt::format("{}: {}", name_, what));
  }

  // A moment as the cores are told it: their clock may have been set.
  Time told(Time at) const { return at + clock_ahead_; }
  Time zero() const { return told(kStart); }
  Duration elapsed() const { return now_ - kStart; }

  bool step() {
    while (next_event_ < scenario_.events.size() &&
           kStart + scenario_.events[next_event_].at <= now_)
      apply(scenario_.events[next_event_++]);
    if (now_ >= asleep_until_) {
      if (killed_) restore();
      deliver();
      if (core_) {
        ask();
        look();
      }
    }
    if (is_over()) return false;
    const Time next = next_time();
    idle_ = next <= now_ ? idle_ + 1 : 0;
    if (idle_ > kMostIdleSteps) {
      blame(0, "the schedule hangs at " + since_start(elapsed()));
      return false;
    }
    now_ = std::max(now_, next);
    return true;
  }

  bool is_over() const {
    return !options_.whole && result_.ready &&
           elapsed() >= result_.ready->at + options_.after_ready;
  }

  Time next_time() const {
    Time next = kStart + scenario_.end + seconds(1);
    if (next_event_ < scenario_.events.size())
      next = std::min(next, kStart + scenario_.events[next_event_].at);
    if (now_ < asleep_until_) return std::min(next, asleep_until_);
    if (!in_flight_.empty()) next = std::min(next, in_flight_.begin()->first);
    if (!looks_.empty() && options_.whole) next = std::min(next, kStart + looks_.begin()->first);
    if (core_ && wake_) next = std::min(next, *wake_);
    return next;
  }

  void ask() {
    const Wanted wanted = core_->wanted(told(now_));
    wake_ = wanted.next;
    if (wake_) *wake_ -= clock_ahead_;
    for (const ProbeDue& probe : wanted.due) {
      core_->started(probe, told(now_), told(now_));
      ask(probe);
    }
  }

  void ask(const ProbeDue& probe) {
    const Duration limit = scenario_.input.policy.query_deadline;
    const int before = world_.packets();
    if (probe.kind == ProbeKind::authority)
      send(world_.ask_authority(probe, now_, limit));
    else if (probe.kind == ProbeKind::companion)
      send(world_.ask_companion(probe, now_, limit));
    else if (probe.kind == ProbeKind::control)
      send(world_.ask_control(probe.endpoint, now_, limit, probe.sparing));
    else if (probe.kind == ProbeKind::identity)
      send(world_.ask_identity(probe.endpoint, now_, limit));
    else if (probe.kind == ProbeKind::dot)
      send(world_.ask_dot(probe.endpoint, now_, limit));
    else
      send(world_.ask_resolver(probe.endpoint, now_, limit, probe.sparing));
    count(probe, world_.packets() - before);
  }

  void count(const ProbeDue& probe, int packets) {
    count(probe.kind, packets, result_.queries);
    if (change_at_ && elapsed() >= *change_at_) count(probe.kind, packets, since_change_);
    if (options_.ledger) options_.ledger->push_back({elapsed(), probe.endpoint, packets});
    for (Counted& one : counted_)
      if (elapsed() >= one.expectation->from && elapsed() < one.expectation->until &&
          (one.expectation->target.empty() || one.expectation->target == probe.endpoint.text()))
        one.queries += packets;
  }

  void count(ProbeKind kind, int packets, QueryCounts& counts) const {
    switch (kind) {
      case ProbeKind::authority:
        counts.authority += packets;
        break;
      case ProbeKind::companion:
        counts.companion += packets;
        break;
      case ProbeKind::seed:
        counts.seed += packets;
        break;
      case ProbeKind::control:
      case ProbeKind::identity:
        counts.control += packets;
        break;
      case ProbeKind::dot:
      case ProbeKind::resolver:
        (sampling_ ? counts.sampling : counts.draining) += packets;
        break;
    }
  }

  // Answers that a draw needs: so many new ones of each resolver. What fails, and what is asked
  // again, is not among them.
  void note_draw(const Sample& sample) {
    const auto* one = std::get_if<ResolverSample>(&sample);
    if (!one || !sampling_ || one->outcome != Outcome::answered || one->set != expected_) return;
    if (++drawn_[one->resolver] <= scenario_.input.policy.k) ++drawn_in_all_;
  }

  template <class S>
  void send(S sample) {
    in_flight_.emplace(sample.received_at, Sample(std::move(sample)));
  }

  void move(AuthoritySample& sample) const { sample.sent_at += clock_ahead_; }
  void move(CompanionSample& sample) const { sample.sent_at += clock_ahead_; }
  void move(ResolverSample& sample) const { sample.sent_at += clock_ahead_; }
  void move(ControlSample&) const {}
  void move(DotSample& sample) const { sample.sent_at += clock_ahead_; }
  void move(IdentitySample&) const {}

  void deliver() {
    while (!in_flight_.empty() && in_flight_.begin()->first <= now_) {
      Sample sample = std::move(in_flight_.begin()->second);
      in_flight_.erase(in_flight_.begin());
      if (!core_) continue;
      std::visit(
          [&](auto& s) {
            s.received_at += clock_ahead_;
            move(s);
            core_->observe(s);
          },
          sample);
      note_draw(sample);
      if (options_.witness) options_.witness->took(sample, *core_, told(now_));
    }
  }

  void look() {
    const Phase phase = core_->phase(told(now_));
    sampling_ = phase != Phase::draining;
    if (phase != Phase::ready && options_.waives_violators) waive_violators();
    if (!options_.whole && (phase != Phase::ready || result_.ready)) return;
    const PropagationReport report = core_->report(told(now_));
    if (report.ready() != (phase == Phase::ready))
      blame(0, "the phase and the report disagree at " + since_start(elapsed()));
    if (report.ready()) note_ready(report);
    if (!options_.whole) return;
    if (options_.witness) options_.witness->reported(report);
    note(report);
    while (!looks_.empty() && kStart + looks_.begin()->first <= now_) {
      const Expectation& e = *looks_.begin()->second;
      if (e.what == Expectation::What::waiver_refused)
        try_waiver(e);
      else if (!holds_in(report, e, zero()))
        blame(e.line, "not so at " + since_start(elapsed()) + ": " + shown(report, zero()));
      looks_.erase(looks_.begin());
    }
  }

  void note_ready(const PropagationReport& report) {
    if (result_.ready && (scenario_.stale_truth_allowed || blamed_truth_)) return;
    Truth truth = world_.truth(now_);
    if (options_.whole) check_truth(report, truth);
    if (result_.ready) return;
    FirstReady& ready = result_.ready.emplace();
    ready.at = elapsed();
    if (report.strict_until) ready.strict_until = *report.strict_until - zero();
    ready.stale_share_upper = report.stale_share_upper;
    ready.warm = report.warm;
    for (const ResolverReport& row : report.resolvers)
      if (row.waived || row.excluded) ready.waived.push_back(row.endpoint);
    ready.truth = std::move(truth);
    ready.since_change = since_change_;
    ready.drawn = drawn_in_all_;
  }

  void note(const PropagationReport& report) {
    std::string codes(to_text(report.verdict));
    for (const auto& reason : report.reasons)
      if (codes.find(" " + reason.code) == std::string::npos) codes += " " + reason.code;
    if (codes == last_codes_) return;
    last_codes_ = codes;
    result_.timeline.push_back({elapsed(), {}, report.verdict, report.reasons});
  }

  // READY while a listed, unwaived resolver would still answer another set is premature.
  void check_truth(const PropagationReport& report, const Truth& truth) {
    if (scenario_.stale_truth_allowed || blamed_truth_) return;
    for (const Endpoint& holder : truth.stale_listed) {
      const auto row = std::find_if(report.resolvers.begin(), report.resolvers.end(),
                                    [&](const auto& r) { return r.endpoint == holder; });
      if (row == report.resolvers.end() || row->waived || row->excluded) continue;
      blamed_truth_ = true;
      blame(0, fmt::format("premature READY at {}: {} could still answer an earlier set",
                           since_start(elapsed()), holder.text()));
      return;
    }
  }

  void apply(const Event& event) {
    using Verb = Event::Verb;
    if (options_.whole) result_.timeline.push_back({elapsed(), words_of(event), {}, {}});
    switch (event.verb) {
      case Verb::watch:
        return watch();
      case Verb::leave:
        away_.insert(event.target);
        world_.apply(event, now_);
        return enumerate();
      case Verb::join:
        away_.erase(event.target);
        world_.apply(event, now_);
        return enumerate();
      case Verb::waive:
        return waive(event);
      case Verb::restart:
        return restart(event.text);
      case Verb::suspend:
        asleep_until_ = now_ + event.lasting;
        return in_flight_.clear();  // nobody was there to take the answers
      case Verb::plan:
        expected_ = event.zone.set;
        world_.expect(expected_);
        return plan();
      default:
        return world_.apply(event, now_);
    }
  }

  PropagationInput input() const {
    PropagationInput input = scenario_.input;
    input.expected = expected_;
    if (scenario_.changed_at) input.changed_at = zero() + *scenario_.changed_at;
    return input;
  }

  void plan() {
    if (!core_) return;
    if (options_.witness) options_.witness->planned(input(), *core_, told(now_));
    core_->replace_input(input(), told(now_));
  }

  void watch() {
    core_.emplace(input(), told(now_));
    if (options_.witness) options_.witness->began(input(), told(now_));
    enumerate();
  }

  void enumerate() {
    if (!core_) return;
    std::vector<AuthorityAddress> endpoints;
    const auto& formerly = scenario_.input.formerly;
    for (const AuthorityPlan& plan : scenario_.authorities) {
      const bool away = away_.contains(plan.name.text()) || away_.contains(plan.endpoint.text());
      const bool former = std::find(formerly.begin(), formerly.end(), plan.name) != formerly.end();
      if (!plan.unlisted && (!away || former)) endpoints.push_back({plan.name, plan.endpoint});
    }
    const DelegationTtls& ttls = scenario_.delegation;
    const seconds ns_ttl{std::max({ttls.parent, ttls.child, ttls.addresses})};
    const Enumerated found{endpoints, world_.companions(), ns_ttl, scenario_.signed_zone};
    core_->set_chain(scenario_.owner, found.companions, told(now_));
    core_->set_endpoints(endpoints, told(now_), {}, ns_ttl, scenario_.signed_zone);
    if (options_.witness) options_.witness->enumerated(found, *core_, told(now_));
  }

  void waive(const Event& event) {
    if (!core_) return;
    const auto endpoint = Endpoint::parse(event.target);
    const auto done = core_->waive(*endpoint, event.text, std::nullopt, told(now_));
    if (!done)
      blame(event.line, "the waiver was refused: " + done.error().text());
    else if (options_.witness)
      options_.witness->waived(*endpoint, event.text, told(now_));
  }

  void try_waiver(const Expectation& e) {
    const auto done = core_->waive(*Endpoint::parse(e.target), "a try", std::nullopt, told(now_));
    if (done)
      blame(e.line, "the waiver was taken");
    else if (done.error().text().find(e.words) == std::string::npos)
      blame(e.line, "refused for another reason: " + done.error().text());
  }

  // Each that holds READY back is tried, and the program says which it takes. Where three
  // operators' never let go, the third is refused: it stays a HOLD.
  void waive_violators() {
    if (now_ < next_waiving_) return;
    next_waiving_ = now_ + kWaivingRound;
    for (const ResolverReport& row : core_->report(told(now_)).resolvers)
      if (row.last_class != AnswerClass::new_ && !row.waived && !row.excluded)
        static_cast<void>(core_->waive(row.endpoint, "a violator", std::nullopt, told(now_)));
  }

  // What the clock can account for: see the format of `restart`. A reboot takes its time.
  void restart(const std::string& how) {
    if (!core_) return;
    killed_ = Killed{how, json_text(core_->save(reading("boot-1", true)))};
    core_.reset();
    in_flight_.clear();  // answers to a process that is gone
    if (how == "rebooted" || how == "unsynchronised")
      asleep_until_ = now_ + kReboot;
    else
      restore();
  }

  void restore() {
    const bool same_boot = killed_->how.empty() || killed_->how == "jumped";
    if (killed_->how == "jumped") clock_ahead_ += kClockJump;
    const ClockReading after =
        reading(same_boot ? "boot-1" : "boot-2", killed_->how != "unsynchronised");
    auto restored = Propagation::restore(input(), nlohmann::json::parse(killed_->saved), after);
    if (!restored) return blame(0, restored.error().text());
    core_ = std::move(*restored);
    if (options_.witness)
      options_.witness->restarted(input(), nlohmann::json::parse(killed_->saved).at("clock"),
                                  heartbeat_json(after), told(now_));
    killed_.reset();
  }

  ClockReading reading(const char* boot, bool synchronised) const {
    return {told(now_), told(now_), elapsed(), boot, synchronised, Duration(10)};
  }

  void finish() {
    for (const auto& [at, e] : looks_) blame(e->line, "the scenario ended before it was looked at");
    const auto first = result_.ready ? std::optional(result_.ready->at) : std::nullopt;
    for (const Counted& one : counted_)
      if (one.queries > static_cast<int>(one.expectation->most))
        blame(one.expectation->line, fmt::format("{} queries", one.queries));
    for (const Expectation& e : scenario_.expectations)
      if (const auto unmet = unmet_by(first, e)) blame(e.line, *unmet);
  }

  const Scenario& scenario_;
  std::string name_;
  RunOptions options_;
  World world_;
  MxSet expected_ = scenario_.input.expected;
  std::optional<Propagation> core_;
  std::set<std::string> away_;  // servers that the delegation does not name, now or yet
  Time now_ = kStart, next_waiving_ = kStart;
  Time asleep_until_ = kStart;
  struct Killed {
    std::string how, saved;
  };
  std::optional<Killed> killed_;
  Duration clock_ahead_{0};  // of the cores' clock
  std::optional<Time> wake_;
  std::optional<Duration> change_at_;
  std::size_t next_event_ = 0;
  int idle_ = 0;
  bool blamed_truth_ = false, sampling_ = false;
  std::string last_codes_;
  std::multimap<Time, Sample> in_flight_;
  std::multimap<Duration, const Expectation*> looks_;
  struct Counted {
    const Expectation* expectation;
    int queries = 0;
  };
  std::vector<Counted> counted_;
  std::map<Endpoint, int> drawn_;
  int drawn_in_all_ = 0;
  QueryCounts since_change_;
  RunResult result_;
};

}  // namespace

std::optional<Duration> change_of(const Scenario& scenario) {
  const auto joins_new = [&](const Event& event) {
    return event.verb == Event::Verb::join &&
           std::any_of(scenario.authorities.begin(), scenario.authorities.end(), [&](auto& plan) {
             return plan.name.text() == event.target && plan.zone.set == scenario.input.expected;
           });
  };
  for (const Event& event : scenario.events)
    if ((event.verb == Event::Verb::serve && event.zone.set == scenario.input.expected) ||
        joins_new(event))
      return event.at;
  for (const Event& event : scenario.events)
    if (event.verb == Event::Verb::record) return event.at;
  return std::nullopt;
}

RunResult run_scenario(const Scenario& scenario, const std::string& name,
                       const RunOptions& options) {
  return Run(scenario, name, options).run();
}

}  // namespace mxswitch::monitor::simulation
