#include "tests/simulation/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace mxswitch::simulation {
namespace {

using monitor::simulation::RunResult;
using monitor::simulation::Scenario;

constexpr std::size_t kMostOdd = 40;

void keep_world(const TrialOptions& options, const std::string& text, std::uint64_t seed) {
  if (options.keep.empty()) return;
  std::ofstream(fmt::format("{}/{}.scn", options.keep, seed)) << text;
}

double query_share(const Scenario& scenario, const RunResult& result) {
  const auto& counts = result.ready->since_change;
  const double minutes =
      static_cast<double>((result.ready->at - *change_of(scenario)) / seconds(1)) / 60;
  std::size_t servers = scenario.input.resolvers.size();
  for (const auto& plan : scenario.authorities) servers += plan.unlisted ? 0 : 1;
  return (counts.all() - result.ready->drawn) / (minutes * static_cast<double>(servers));
}

void note_ready(Trial& trial, const Scenario& scenario, const RunResult& result) {
  const auto& ready = *result.ready;
  if (ready.strict_until)
    trial.after_strict.push_back(static_cast<double>((ready.at - *ready.strict_until).count()) /
                                 1000);
  trial.query_shares.push_back(query_share(scenario, result));
  trial.waived += ready.waived.empty() ? 0 : 1;
  if (!ready.stale_share_upper) return;
  ++trial.with_bound;
  if (static_cast<double>(ready.truth.stale) / ready.truth.caches > *ready.stale_share_upper)
    ++trial.above_bound;
}

// The rules of thumb look at the set alone.
bool set_changes(const Scenario& scenario) {
  return std::any_of(scenario.authorities.begin(), scenario.authorities.end(),
                     [&](const auto& one) { return one.zone.set != scenario.input.expected; });
}

void run_one(Trial& trial, const std::string& text, std::uint64_t seed,
             const TrialOptions& options) {
  const auto scenario = monitor::simulation::parse_scenario(text, fmt::format("seed {}", seed));
  if (!scenario) throw std::runtime_error(scenario.error().text() + "\n" + text);
  monitor::simulation::RunOptions quick;
  quick.whole = false;
  quick.waives_violators = options.waives;
  const RunResult result = run_scenario(*scenario, "", quick);
  if (!result.failures.empty()) throw std::runtime_error(result.failures.front() + "\n" + text);
  const Outcome ours = outcome_of(result);
  trial.ours.add(ours);
  if (options.kind) trial.kinds[options.kind(seed)].add(ours);
  if (result.ready) note_ready(trial, *scenario, result);
  if (options.naive && set_changes(*scenario))
    for (const Rule rule : kRules)
      trial.naive[rule].add(outcome_of(judge_naively(*scenario, rule)));
  if (ours.ready && !ours.premature && !ours.shown_other) return;
  if (trial.odd.size() >= kMostOdd && !ours.shown_other) return;
  const char* how = !ours.ready ? "never READY" : ours.shown_other ? "last seen old" : "premature";
  std::string why;
  for (const auto& reason : result.last_reasons)
    if (why.size() < 200) why += "; " + reason.text;
  trial.odd.push_back(fmt::format("seed {}: {}{}", seed, how, why));
  keep_world(options, text, seed);
}

}  // namespace

void Trial::add(const Trial& other) {
  ours.add(other.ours);
  for (const auto& [kind, tally] : other.kinds) kinds[kind].add(tally);
  for (const auto& [rule, tally] : other.naive) naive[rule].add(tally);
  after_strict.insert(after_strict.end(), other.after_strict.begin(), other.after_strict.end());
  query_shares.insert(query_shares.end(), other.query_shares.begin(), other.query_shares.end());
  above_bound += other.above_bound;
  with_bound += other.with_bound;
  waived += other.waived;
  odd.insert(odd.end(), other.odd.begin(), other.odd.end());
}

Trial run_trial(const std::function<std::string(std::uint64_t)>& make, std::uint64_t first,
                int count, const TrialOptions& options) {
  std::atomic<int> next{0}, done{0};
  std::mutex mutex;
  Trial whole;
  std::exception_ptr thrown;
  const auto work = [&] {
    Trial mine;
    try {
      for (int i = next++; i < count; i = next++) {
        const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
        run_one(mine, make(seed), seed, options);
        const int so_far = ++done;
        const std::lock_guard lock(mutex);
        if (options.progress) options.progress(so_far, count);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      thrown = std::current_exception();
      next = count;
    }
    const std::lock_guard lock(mutex);
    whole.add(mine);
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < options.threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  if (thrown) std::rethrow_exception(thrown);
  return whole;
}

}  // namespace mxswitch::simulation
