#include "monitor/watch/shared_answers.h"

#include <algorithm>
#include <iterator>

namespace mxswitch::monitor {

std::variant<SharedAnswers::Ask, SharedAnswers::Joined, CompanionSample> SharedAnswers::want(
    const ProbeDue& probe, const std::shared_ptr<Watched>& owner, Time now) {
  forget(now);
  const auto found = questions_.find({probe.endpoint, probe.name, probe.type});
  if (found == questions_.end()) return Ask{};
  Known& known = found->second;
  if (known.newest && known.newest->sent_at >= probe.fresh_since) {
    CompanionSample sample = *known.newest;
    sample.server = probe.server;
    return sample;
  }
  if (!known.under_way || known.under_way->leaves_at < probe.fresh_since) return Ask{};
  known.waiters.push_back({owner, probe.server, probe.fresh_since});
  return Joined{known.under_way->leaves_at};
}

void SharedAnswers::asked(const ProbeDue& probe, Time leaves_at, Time now) {
  const Question question{probe.endpoint, probe.name, probe.type};
  questions_[question].under_way = UnderWay{now, leaves_at};
  remember(question, now);
}

std::vector<SharedAnswers::Waiter> SharedAnswers::answered(const CompanionSample& sample,
                                                           Time now) {
  forget(now);
  const Question question{sample.endpoint, sample.name, sample.type};
  Known& known = questions_[question];
  if (!known.newest || known.newest->sent_at < sample.sent_at) {
    known.newest = sample;
    remember(question, now);
  }
  // A later question than the one that this answers goes on.
  if (known.under_way && known.under_way->leaves_at <= sample.sent_at) known.under_way.reset();
  const auto fed_from =
      std::partition(known.waiters.begin(), known.waiters.end(),
                     [&](const Waiter& waiter) { return waiter.fresh_since > sample.sent_at; });
  std::vector<Waiter> fed(std::make_move_iterator(fed_from),
                          std::make_move_iterator(known.waiters.end()));
  known.waiters.erase(fed_from, known.waiters.end());
  return fed;
}

void SharedAnswers::remember(const Question& question, Time now) {
  ages_.emplace_back(now, question);
  while (ages_.size() > kMostKept) forget_oldest();
}

void SharedAnswers::forget(Time now) {
  while (!ages_.empty() && now - ages_.front().first >= kKept) forget_oldest();
}

void SharedAnswers::forget_oldest() {
  const auto [since, question] = std::move(ages_.front());
  ages_.pop_front();
  const auto found = questions_.find(question);
  if (found == questions_.end()) return;
  Known& known = found->second;
  if (known.newest && known.newest->received_at <= since) known.newest.reset();
  if (known.under_way && known.under_way->asked_at <= since) {
    known.under_way.reset();
    known.waiters.clear();
  }
  if (!known.newest && !known.under_way) questions_.erase(found);
}

}  // namespace mxswitch::monitor
