#include "monitor/watch/shared_answers.h"

#include <algorithm>
#include <iterator>

namespace mxswitch::monitor {

template <class Sample>
auto SharedAnswers<Sample>::question_of(const ProbeDue& probe) -> Question {
  return {probe.endpoint, probe.name, probe.type};
}

template <>
auto SharedAnswers<ControlSample>::question_of(const ProbeDue& probe) -> Question {
  return {probe.endpoint, {}, probes::RrType::soa};
}

template <>
auto SharedAnswers<CompanionSample>::question_of(const CompanionSample& sample) -> Question {
  return {sample.endpoint, sample.name, sample.type};
}

template <>
auto SharedAnswers<ControlSample>::question_of(const ControlSample& sample) -> Question {
  return {sample.resolver, {}, probes::RrType::soa};
}

void name_server(CompanionSample& sample, const DnsName& server) { sample.server = server; }
void name_server(ControlSample&, const DnsName&) {}

template <class Sample>
auto SharedAnswers<Sample>::want(const ProbeDue& probe, const std::shared_ptr<Watched>& owner,
                                 Time now) -> std::variant<Ask, Joined, Sample> {
  forget(now);
  const auto found = questions_.find(question_of(probe));
  if (found == questions_.end()) return Ask{};
  Known& known = found->second;
  if (known.newest && known.newest->sent_at >= probe.fresh_since) {
    Sample sample = *known.newest;
    name_server(sample, probe.server);
    return sample;
  }
  if (!known.under_way || known.under_way->leaves_at < probe.fresh_since) return Ask{};
  known.waiters.push_back({owner, probe.server, probe.fresh_since});
  return Joined{known.under_way->leaves_at};
}

template <class Sample>
void SharedAnswers<Sample>::asked(const ProbeDue& probe, Time leaves_at, Time now) {
  const Question question = question_of(probe);
  questions_[question].under_way = UnderWay{now, leaves_at};
  remember(question, now);
}

template <class Sample>
std::vector<AnswerWaiter> SharedAnswers<Sample>::answered(const Sample& sample, Time now) {
  forget(now);
  const Question question = question_of(sample);
  Known& known = questions_[question];
  if (!known.newest || known.newest->sent_at < sample.sent_at) {
    known.newest = sample;
    remember(question, now);
  }
  // A later question than the one that this answers goes on.
  if (known.under_way && known.under_way->leaves_at <= sample.sent_at) known.under_way.reset();
  const auto fed_from = std::partition(
      known.waiters.begin(), known.waiters.end(),
      [&](const AnswerWaiter& waiter) { return waiter.fresh_since > sample.sent_at; });
  std::vector<AnswerWaiter> fed(std::make_move_iterator(fed_from),
                                std::make_move_iterator(known.waiters.end()));
  known.waiters.erase(fed_from, known.waiters.end());
  return fed;
}

template <class Sample>
void SharedAnswers<Sample>::remember(const Question& question, Time now) {
  ages_.emplace_back(now, question);
  while (ages_.size() > kMostKept) forget_oldest();
}

template <class Sample>
void SharedAnswers<Sample>::forget(Time now) {
  while (!ages_.empty() && now - ages_.front().first >= kKept) forget_oldest();
}

template <class Sample>
void SharedAnswers<Sample>::forget_oldest() {
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

template class SharedAnswers<CompanionSample>;
template class SharedAnswers<ControlSample>;

}  // namespace mxswitch::monitor
