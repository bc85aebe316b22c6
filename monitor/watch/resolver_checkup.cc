#include "monitor/watch/resolver_checkup.h"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "monitor/watch/identity.h"
#include "monitor/watch/interception.h"
#include "probes/base/secrets.h"
#include "probes/dns/ask_all.h"

namespace mxswitch::monitor {
namespace {

using probes::Query;
using probes::Rcode;
using probes::Reply;
using probes::RrType;

// One that does not recurse for us says nothing of a name that it has no records for.
bool speaks_to_us(const probes::Answer& answer) {
  return answer.aa || answer.ra || !answer.answer.empty();
}

bool is_answered(const Reply& reply) {
  return reply.answer && reply.answer->rcode == Rcode::noerror && speaks_to_us(*reply.answer);
}

std::string how_it_failed(const Result<probes::Answer>& answer) {
  if (!answer) return answer.error().what;
  const bool empty = answer->rcode == Rcode::noerror || answer->rcode == Rcode::nxdomain;
  return empty ? "no recursion (RA is not set)" : probes::rcode_text(answer->rcode);
}

Duration median(std::vector<Duration> all) {
  if (all.empty()) return Duration(0);
  std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2),
                   all.end());
  return all[all.size() / 2];
}

// Blocking resolvers give no address, or one that leads nowhere.
NameSaid said_of(const Reply& reply) {
  if (!reply.answer) return NameSaid::silent;
  const auto& errors = reply.answer->extended_errors;
  const bool blocked = std::any_of(errors.begin(), errors.end(), [](const auto& error) {
    return error.code >= 15 && error.code <= 17;  // RFC 8914: blocked, censored, filtered
  });
  if (blocked) return NameSaid::none;
  const Rcode rcode = reply.answer->rcode;
  if (rcode != Rcode::noerror && rcode != Rcode::nxdomain) return NameSaid::silent;
  for (const auto& record : reply.answer->answer) {
    const auto* address = std::get_if<probes::IpAddress>(&record.data);
    if (address && *address != probes::IpAddress() && !address->text().starts_with("127."))
      return NameSaid::address;
  }
  return NameSaid::none;
}

// One resolver's check-up.
class Checkup {
 public:
  Checkup(probes::Transport& transport, const CheckupRequest& request, probes::Resolver resolver)
      : transport_(transport), request_(request) {
    health.resolver = std::move(resolver);
  }

  asio::awaitable<void> run() {
    if (!co_await ask_root()) co_return;
    co_await ask_nowhere();
    co_await ask_names();
    if (health.nsid.empty()) {
      const auto identity = co_await ask_identity(transport_, health.resolver.endpoint);
      health.id_server = identity.id_server;
    }
    co_await ask_at_once();
    health.rtt = median(times_);
  }

  ResolverHealth health;
  NameSaid said = NameSaid::silent;

 private:
  Query query(const probes::DnsName& name, RrType type) const {
    Query query;
    query.server = health.resolver.endpoint;
    query.question = {name, type};
    query.deadline = request_.deadline;
    return query;
  }

  asio::awaitable<bool> ask_root() {
    Query root = query(probes::DnsName(), RrType::soa);
    root.flags.nsid = true;
    root.flags.authentic_data = true;
    const Reply reply = co_await transport_.ask(root);
    health.answered = is_answered(reply);
    if (!health.answered) {
      health.failure = how_it_failed(reply.answer);
      co_return false;
    }
    times_.push_back(reply.rtt);
    health.nsid = reply.answer->nsid;
    health.validates = reply.answer->ad ? Told::yes : Told::no;
    co_return true;
  }

  asio::awaitable<void> ask_nowhere() {
    const auto nowhere = probes::DnsName::parse("mxswitch-" + random_hex(8) + ".com");
    if (!nowhere) co_return;
    const Query asked = query(*nowhere, RrType::a);
    const Reply reply = co_await transport_.ask(asked);
    if (!reply.answer || !speaks_to_us(*reply.answer)) co_return;
    times_.push_back(reply.rtt);
    if (reply.answer->rcode == Rcode::nxdomain) health.honest = Told::yes;
    if (reply.answer->rcode == Rcode::noerror) health.honest = Told::no;
  }

  asio::awaitable<void> ask_names() {
    if (!request_.bogus_name.is_root() && health.validates == Told::yes) {
      const Query asked = query(request_.bogus_name, RrType::a);
      const Reply reply = co_await transport_.ask(asked);
      // It says AD and hands on what is broken: then it does not validate.
      if (is_answered(reply)) health.validates = Told::no;
    }
    if (request_.filtered_name.is_root()) co_return;
    const Query asked = query(request_.filtered_name, RrType::a);
    const Reply reply = co_await transport_.ask(asked);
    said = said_of(reply);
  }

  asio::awaitable<void> ask_at_once() {
    health.burst = request_.burst;
    std::vector<Query> queries(static_cast<std::size_t>(std::max(0, request_.burst)),
                               query(probes::DnsName(), RrType::soa));
    const auto replies = co_await probes::ask_all(transport_, std::move(queries));
    for (const Reply& reply : replies) {
      if (is_answered(reply))
        times_.push_back(reply.rtt);
      else
        ++health.burst_failed;
    }
  }

  probes::Transport& transport_;
  const CheckupRequest& request_;
  std::vector<Duration> times_;
};

}  // namespace

asio::awaitable<std::vector<ResolverHealth>> check_up(probes::Transport& transport,
                                                      CheckupRequest request) {
  const auto loop = co_await asio::this_coro::executor;
  asio::steady_timer finished(loop, asio::steady_timer::time_point::max());
  std::vector<std::unique_ptr<Checkup>> all;
  int left = 0;
  const int count = static_cast<int>(request.resolvers.size());
  for (const probes::Resolver& resolver : request.resolvers) {
    Checkup& one = *all.emplace_back(std::make_unique<Checkup>(transport, request, resolver));
    ++left;
    asio::co_spawn(loop, one.run(), [&](const std::exception_ptr&) {
      if (request.progress) request.progress(count - left + 1, count);
      if (--left == 0) finished.cancel();
    });
  }
  const bool intercepted = co_await ask_nobody(transport);
  if (left > 0) {
    std::error_code woken;
    co_await finished.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  std::vector<ResolverHealth> made;
  std::vector<NameSaid> said;
  for (const auto& one : all) {
    one->health.intercepted = intercepted;
    made.push_back(std::move(one->health));
    said.push_back(one->said);
  }
  compare_filtering(made, said);
  co_return made;
}

}  // namespace mxswitch::monitor
