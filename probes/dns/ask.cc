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

Failure no_answer(const Query& query, bool truncated) {
  const std::string cut = truncated ? "truncated over UDP, and TCP brings " : "";
  return fail(Fault::timed_out, cut + "no answer within " + in_words(query.deadline),
              query.server.text());
}

Failure network_error(const Query& query, int status, bool truncated) {
  if (status == ARES_ETIMEOUT) return no_answer(query, truncated);
  if (status == ARES_ECANCELLED || status == ARES_EDESTRUCTION)
    return fail(Fault::unavailable, "the query was cancelled", query.server.text());
  if (truncated)
    return fail(Fault::unavailable, "truncated over UDP, and TCP is closed", query.server.text());
  // c-ares's own words for it speak of servers in the plural.
  const bool unreached = status == ARES_ECONNREFUSED;
  return fail(Fault::unavailable, unreached ? "it can't be reached" : ares_strerror(status),
              query.server.text());
}

Result<Answer> read_answer(const Query& query, const Attempt& attempt) {
  if (!attempt.done) return no_answer(query, attempt.truncated);
  if (attempt.status != ARES_SUCCESS)
    return network_error(query, attempt.status, attempt.truncated);
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

bool refuses_edns(Rcode rcode) {
  return rcode == Rcode::formerr || rcode == Rcode::notimp || rcode == Rcode::badvers;
}

AttemptEnd describe(const Reply& reply, const Attempt& attempt) {
  AttemptEnd end;
  end.answered = reply.answer.has_value();
  end.refuses_edns = end.answered && refuses_edns(reply.answer->rcode);
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

// A server that refuses on every rung is asked on the lowest for a while: the rungs above brought
// nothing, and would cost three queries each time.
void learn_edns(Exchange& exchange, const Query& query, const AttemptShape& first,
                const AttemptShape& last, const Reply& reply) {
  if (reply.answer && rung_of(last) != rung_of(first)) exchange.learn(query.server, rung_of(last));
}

Reply refused_to_leave(const Exchange& exchange, const Error& error) {
  Reply reply;
  reply.sent_at = reply.received_at = exchange.now();
  reply.answer = Failure(error);
  return reply;
}

Reply cancelled(const Query& query, const Exchange& exchange) {
  return refused_to_leave(exchange, network_error(query, ARES_ECANCELLED, false).value());
}

}  // namespace

asio::awaitable<Reply> ask_by_attempts(std::shared_ptr<Exchange> exchange, Query query) {
  const auto deadline = Steady::now() + query.deadline;
  const auto cancellations = exchange->cancellations();
  const AttemptShape first = first_shape(query.tcp, query.flags, exchange->habit(query.server),
                                         exchange->edns_rung(query.server));
  auto shape = std::optional(first);
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
    learn_edns(*exchange, query, first, *shape, reply);
    exchange->count_end(reply.answer.has_value());
    shape = next_shape(*shape, describe(reply, **attempt), exchange->habit(query.server));
    if (shape && Steady::now() >= deadline) break;
  }
  co_return reply;
}

}  // namespace mxswitch::probes
