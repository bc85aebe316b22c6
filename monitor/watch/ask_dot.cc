#include "monitor/watch/ask_dot.h"

#include "monitor/propagation/classify.h"
#include "monitor/watch/mx_answer.h"

namespace mxswitch::monitor {
namespace {

std::string fault_of(const Result<probes::Answer>& answer, Outcome outcome) {
  const std::string failure = failure_of(answer, outcome);
  return failure.empty() || !answer ? failure : "it answers " + failure;
}

}  // namespace

asio::awaitable<DotSample> ask_dot(probes::DotAsker& asker, DnsName owner,
                                   probes::Resolver resolver, Duration deadline) {
  DotSample sample;
  sample.resolver = resolver.endpoint;
  probes::DotQuery query;
  query.server = {resolver.endpoint.address, probes::kDotPort};
  query.name = resolver.dot_name;
  query.question = {owner, probes::RrType::mx};
  query.deadline = deadline;
  const probes::Reply reply = co_await asker.ask(query);
  sample.sent_at = reply.sent_at;
  sample.received_at = reply.received_at;
  if (reply.answer) {
    sample.set = read_mx(*reply.answer, query.question).set;
    sample.stale_marked = marks_stale(*reply.answer);
  }
  sample.outcome = outcome_of(reply.answer, !sample.set.empty());
  sample.fault = fault_of(reply.answer, sample.outcome);
  co_return sample;
}

}  // namespace mxswitch::monitor
