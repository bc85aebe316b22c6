#include "probes/spf/asking_budget.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxswitch::probes::spf {

bool AskingBudget::take_query() {
  if (used_up()) return false;
  ++queries_;
  return true;
}

Duration AskingBudget::time_left() const {
  return std::max(Duration(0), kTime - (clock_.now() - began_));
}

std::string AskingBudget::why() const {
  if (queries_ >= kQueries) return fmt::format("the lookups took over {} queries", kQueries);
  return fmt::format("the lookups took over {} s", kTime / seconds(1));
}

asio::awaitable<Reply> BudgetedTransport::ask(Query query) {
  Reply reply;
  reply.answer = fail(Fault::unavailable, "it was not asked: nothing is left of the evaluation");
  if (!budget_.take_query()) co_return reply;
  const Duration left = budget_.time_left();
  query.deadline = std::min(query.deadline, left);
  query.patience = std::min(query.patience, left);
  reply = co_await below_.ask(std::move(query));
  co_return reply;
}

}  // namespace mxswitch::probes::spf
