#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "probes/dns/exchange.h"

namespace mxswitch::probes {
namespace {

using Steady = std::chrono::steady_clock;

std::string in_words(Duration d) {
  return d.count() % 1000 == 0 ? std::to_string(d.count() / 1000) + " s"
                               : std::to_string(d.count()) + " ms";
}

Failure no_answer(const Query& query) {
  return fail(Fault::timed_out, "no answer within " + in_words(query.deadline),
              query.server.text());
}

Failure network_error(const Query& query, int status) {
  if (status == ARES_ETIMEOUT) return no_answer(query);
  const bool cancelled = status == ARES_ECANCELLED || status == ARES_EDESTRUCTION;
  return fail(Fault::unavailable, cancelled ? "the query was cancelled" : ares_strerror(status),
              query.server.text());
}

Result<Answer> read_answer(const Query& query, const Attempt& attempt) {
  if (!attempt.done) return no_answer(query);
  if (attempt.status != ARES_SUCCESS) return network_error(query, attempt.status);
  auto answer = parse_answer(attempt.message, query.wanted);
  if (!answer) {
    answer.error().where = query.server.text();
  } else if (answer->question && *answer->question != query.question) {
    return fail(Fault::malformed, "the answer is to another question", query.server.text());
  }
  return answer;
}

Reply make_reply(const Query& query, const Attempt& attempt, const Exchange& exchange) {
  Reply reply;
  reply.sent_at = attempt.sent_at;
  reply.received_at = attempt.done ? attempt.ended_at : exchange.now();
  reply.rtt = reply.received_at - reply.sent_at;
  reply.over_tcp = attempt.over_tcp;
  reply.answer = read_answer(query, attempt);
  return reply;
}

AttemptEnd describe(const Reply& reply, const Attempt& attempt) {
  AttemptEnd end;
  end.answered = reply.answer.has_value();
  end.formerr_without_edns =
      end.answered && reply.answer->rcode == Rcode::formerr && !reply.answer->edns;
  end.case_changed = attempt.case_changed;
  return end;
}

Duration between(Steady::time_point now, Steady::time_point end) {
  return std::max(Duration(0), std::chrono::ceil<Duration>(end - now));
}

// Waits for the attempt's end, at most its share of the time that is left; a changed case cuts
// the wait short.
asio::awaitable<void> wait_for(std::shared_ptr<Exchange> exchange, std::shared_ptr<Attempt> attempt,
                               AttemptShape shape, Steady::time_point deadline) {
  auto now = Steady::now();
  auto give_up = now + share_of(shape, between(now, deadline));
  bool shortened = false;
  while (!attempt->done && now < give_up) {
    if (attempt->case_changed && !shortened) {
      shortened = true;
      const auto habit = exchange->habit(attempt->server);
      const auto patience = patience_after_changed_case(between(now, deadline), habit);
      give_up = std::min(give_up, now + patience);
    }
    attempt->timer.expires_at(give_up);
    std::error_code ignored;
    co_await attempt->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!attempt->done) now = Steady::now();
  }
}

void learn_case(Exchange& exchange, const Query& query, const AttemptShape& shape,
                const Attempt& attempt) {
  if (!attempt.done || attempt.status != ARES_SUCCESS || attempt.over_tcp) return;
  if (shape.random_case) exchange.learn(query.server, CaseHabit::keeps);
  if (shape.after_changed_case) exchange.learn(query.server, CaseHabit::changes);
}

Reply refused_to_leave(const Exchange& exchange, const Error& error) {
  Reply reply;
  reply.sent_at = reply.received_at = exchange.now();
  reply.answer = Failure(error);
  return reply;
}

Reply cancelled(const Query& query, const Exchange& exchange) {
  return refused_to_leave(exchange, network_error(query, ARES_ECANCELLED).value());
}

}  // namespace

asio::awaitable<Reply> ask_by_attempts(std::shared_ptr<Exchange> exchange, Query query) {
  const auto deadline = Steady::now() + query.deadline;
  const auto cancellations = exchange->cancellations();
  auto shape = std::optional(first_shape(query.tcp, query.flags, exchange->habit(query.server)));
  Reply reply;
  while (shape) {
    if (exchange->stopped() || exchange->cancellations() != cancellations) {
      co_return cancelled(query, *exchange);
    }
    const auto attempt = exchange->start(query, *shape);
    if (!attempt) co_return refused_to_leave(*exchange, attempt.error());
    co_await wait_for(exchange, *attempt, *shape, deadline);
    reply = make_reply(query, **attempt, *exchange);
    learn_case(*exchange, query, *shape, **attempt);
    exchange->count_end(reply.answer.has_value());
    shape = next_shape(*shape, describe(reply, **attempt), exchange->habit(query.server));
    if (shape && Steady::now() >= deadline) break;
  }
  co_return reply;
}

}  // namespace mxswitch::probes
