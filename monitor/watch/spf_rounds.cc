#include "monitor/watch/spf_rounds.h"

#include <algorithm>

#include "monitor/propagation/classify.h"

namespace mxswitch::monitor {
namespace {

constexpr int kRetriesOfPause = 4;    // of reprobe_second: two minutes by default
constexpr int kRoundsOfValidity = 3;  // near the switch: one lost round must not close the gate

bool lacks_an_answer(const SpfEvaluation& evaluation) {
  return std::any_of(evaluation.cells.begin(), evaluation.cells.end(),
                     [](const SpfCell& cell) {
                       return cell.result == probes::spf::SpfResult::temperror;
                     }) ||
         std::any_of(evaluation.broken.begin(), evaluation.broken.end(),
                     [](const SpfBroken& broken) { return broken.failed; });
}

bool same_outcome(const SpfCell& a, const SpfCell& b) {
  return a.result == b.result && a.why == b.why && a.lookups == b.lookups && a.voids == b.voids;
}

bool same_outcome(const SpfEvaluation& a, const SpfEvaluation& b) {
  return a.senders == b.senders && a.terms == b.terms && a.broken == b.broken &&
         std::equal(a.cells.begin(), a.cells.end(), b.cells.begin(), b.cells.end(),
                    [](const SpfCell& x, const SpfCell& y) { return same_outcome(x, y); });
}

}  // namespace

void SpfRounds::follow(const std::vector<TxtSample>& samples, TxtPhase phase, Time now) {
  const bool closer = phase == TxtPhase::near && phase_ != TxtPhase::near;
  phase_ = phase;
  for (auto& [round, entry] : entries_) entry.current = false;
  for (const TxtSample& sample : samples) {
    const std::vector<std::string> records = spf_records(sample);
    if (!is_conclusive(sample.outcome) || records.size() != 1) continue;
    const Endpoint resolver = sample.from_authority ? Endpoint() : sample.endpoint;
    const SpfRound round{sample.from_authority, resolver, records.front()};
    Entry& entry = entries_.try_emplace(round, Entry{now, now, false, true, {}}).first->second;
    entry.current = true;
    entry.seen_at = now;
  }
  // Several caches behind one address answer in turn: what one of them holds comes back.
  std::erase_if(entries_, [&](const auto& one) {
    return !one.second.current && now - one.second.seen_at > policy_.validity;
  });
  if (!closer) return;
  for (auto& [round, entry] : entries_)
    if (entry.last) entry.due = std::min(entry.due, entry.last->at + pause_after(*entry.last));
}

std::vector<SpfRound> SpfRounds::take_due(Time now) {
  std::vector<SpfRound> due;
  for (auto& [round, entry] : entries_) {
    if (entry.under_way || !entry.current || entry.due > now) continue;
    entry.under_way = true;
    due.push_back(round);
  }
  return due;
}

bool SpfRounds::observe(const SpfRound& round, SpfEvaluation evaluation) {
  const auto found = entries_.find(round);
  if (found == entries_.end()) return false;
  Entry& entry = found->second;
  entry.under_way = false;
  entry.due = evaluation.at + pause_after(evaluation);
  const bool other = !entry.last || !same_outcome(*entry.last, evaluation);
  share_traces(round, evaluation);
  entry.last = std::move(evaluation);
  return other;
}

// Forty resolvers that agree hold one trace, the newest.
void SpfRounds::share_traces(const SpfRound& round, const SpfEvaluation& made) {
  for (auto& [other, entry] : entries_) {
    if (other.record != round.record || !entry.last || entry.last->senders != made.senders)
      continue;
    std::vector<SpfCell>& cells = entry.last->cells;
    for (std::size_t i = 0; i < std::min(cells.size(), made.cells.size()); ++i)
      if (cells[i].trace && made.cells[i].trace && same_outcome(cells[i], made.cells[i]))
        cells[i].trace = made.cells[i].trace;
  }
}

void SpfRounds::restore(std::vector<SpfEvaluation> evaluations) {
  for (SpfEvaluation& made : evaluations) {
    const SpfRound round{made.from_authority, made.resolver, made.record};
    entries_[round] = Entry{made.at + pause_after(made), made.at, false, true, std::move(made)};
  }
}

Duration SpfRounds::pause_after(const SpfEvaluation& evaluation) const {
  if (lacks_an_answer(evaluation)) return policy_.reprobe_second;
  const Duration least = policy_.reprobe_second * kRetriesOfPause;
  Duration wanted = evaluation.expires_at - evaluation.at + policy_.reprobe_first;
  // No TTL runs at the authorities: they are looked at again at the pace of their polls.
  if (evaluation.from_authority) wanted = policy_.authority_poll_before;
  if (phase_ == TxtPhase::near) wanted = std::min(wanted, policy_.validity / kRoundsOfValidity);
  return std::max(least, wanted);
}

std::optional<Time> SpfRounds::next() const {
  std::optional<Time> earliest;
  for (const auto& [round, entry] : entries_) {
    if (entry.under_way || !entry.current) continue;
    if (!earliest || entry.due < *earliest) earliest = entry.due;
  }
  return earliest;
}

std::vector<SpfEvaluation> SpfRounds::evaluations() const {
  std::vector<SpfEvaluation> made;
  for (const auto& [round, entry] : entries_)
    if (entry.last) made.push_back(*entry.last);
  return made;
}

}  // namespace mxswitch::monitor
