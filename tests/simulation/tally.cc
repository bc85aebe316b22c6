#include "tests/simulation/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mxswitch::simulation {
namespace {

using monitor::simulation::Truth;

double in_seconds(Duration d) { return static_cast<double>(d.count()) / 1000; }

using Addresses = std::vector<probes::Endpoint>;

bool holds(const Addresses& all, const probes::Endpoint& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// Whether each of `some` is among `all`.
bool are_within(const Addresses& some, const Addresses& all) {
  return std::all_of(some.begin(), some.end(), [&](const auto& one) { return holds(all, one); });
}

void judge(Outcome& outcome, Duration ready_at, const Truth& truth, const Addresses& waived = {}) {
  outcome.ready = true;
  outcome.premature =
      truth.authority_other || truth.record_other || !are_within(truth.stale_at, waived);
  outcome.waived_stale = !outcome.premature && (truth.stale > 0 || truth.excused > 0);
  outcome.listed_premature = !are_within(truth.stale_listed, waived);
  if (truth.clean_since)
    outcome.delay = monitor::simulation::kStart + ready_at - *truth.clean_since;
}

// P(at least `hits` of `runs`) at probability p.
double at_least(int hits, int runs, double p) {
  double sum = 0;
  for (int i = hits; i <= runs; ++i)
    sum += std::exp(std::lgamma(runs + 1.0) - std::lgamma(i + 1.0) - std::lgamma(runs - i + 1.0) +
                    i * std::log(p) + (runs - i) * std::log1p(-p));
  return sum;
}

// The p at which P(at least `hits`) is `wanted`.
double where(int hits, int runs, double wanted) {
  double low = 0, high = 1;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (at_least(hits, runs, middle) < wanted ? low : high) = middle;
  }
  return low;
}

}  // namespace

Outcome outcome_of(const monitor::simulation::RunResult& result) {
  Outcome outcome;
  outcome.queries = result.ready ? result.ready->since_change.all() : result.queries.all();
  if (!result.ready) return outcome;
  const auto& waived = result.ready->waived;
  judge(outcome, result.ready->at, result.ready->truth, waived);
  const auto is_waived = [&](const auto& one) { return holds(waived, one); };
  for (const auto& one : result.ready->truth.shown_other)
    if (!is_waived(one)) outcome.shown_other = true;
  const auto strict = result.ready->strict_until;
  for (const auto& [one, seen] : result.ready->truth.last_seen_other) {
    if (is_waived(one)) continue;
    const bool beyond = strict && seen >= monitor::simulation::kStart + *strict;
    (beyond ? outcome.shown_other : outcome.farm_missed) = true;
  }
  return outcome;
}

Outcome outcome_of(const NaiveOutcome& result) {
  Outcome outcome;
  outcome.queries = result.queries;
  if (result.ready) judge(outcome, *result.ready, result.truth);
  return outcome;
}

void Tally::add(const Outcome& outcome) {
  ++runs;
  queries += outcome.queries;
  ready += outcome.ready ? 1 : 0;
  premature += outcome.premature ? 1 : 0;
  listed_premature += outcome.listed_premature ? 1 : 0;
  shown_other += outcome.shown_other ? 1 : 0;
  farm_missed += outcome.farm_missed ? 1 : 0;
  waived_stale += outcome.waived_stale ? 1 : 0;
  if (outcome.ready && !outcome.premature) delays.push_back(in_seconds(outcome.delay));
}

void Tally::add(const Tally& other) {
  runs += other.runs;
  ready += other.ready;
  premature += other.premature;
  listed_premature += other.listed_premature;
  shown_other += other.shown_other;
  farm_missed += other.farm_missed;
  waived_stale += other.waived_stale;
  queries += other.queries;
  delays.insert(delays.end(), other.delays.begin(), other.delays.end());
}

double Tally::delay_at(double share) const { return at_share(delays, share); }

double at_share(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(std::lround(share * last));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

std::string table_head() {
  return "| rule | worlds | premature | waived alone | never READY | delay after the truth: median "
         "| "
         "p95 | queries |\n|---|---:|---:|---:|---:|---:|---:|---:|\n";
}

std::string table_row(const std::string& name, const Tally& tally) {
  const double runs = std::max(1, tally.runs);
  return fmt::format(
      "| {} | {} | {} ({:.2f} %) | {} | {} ({:.2f} %) | {:.0f} s | {:.0f} s | {:.0f} |\n", name,
      tally.runs, tally.premature, 100 * tally.premature / runs, tally.waived_stale,
      tally.runs - tally.ready, 100 * (tally.runs - tally.ready) / runs, tally.delay_at(0.5),
      tally.delay_at(0.95), tally.queries / runs);
}

Interval share_between(int hits, int runs) {
  Interval interval;
  if (hits > 0) interval.low = where(hits, runs, 0.025);
  if (hits < runs) interval.high = where(hits + 1, runs, 0.975);
  return interval;
}

}  // namespace mxswitch::simulation
