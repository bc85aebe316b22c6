#include "monitor/watch/look.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "monitor/propagation/classify.h"
#include "monitor/watch/ask.h"
#include "monitor/watch/enumerate.h"
#include "monitor/watch/identity.h"
#include "monitor/watch/interception.h"
#include "probes/base/secrets.h"

namespace mxswitch::monitor {
namespace {

// Of one try at an authority; three make a poll.
constexpr Duration kAuthorityTry = seconds(2);

// Counts the questions under way; the timer wakes the caller when the last one ended.
struct Gathering {
  explicit Gathering(const asio::any_io_executor& loop) : finished(loop) {
    finished.expires_at(asio::steady_timer::time_point::max());
  }
  void one_more_done(const LookRequest& request) {
    ++done;
    if (request.progress) request.progress(done, all);
    if (done == all) finished.cancel();
  }

  LookResult result;
  asio::steady_timer finished;
  int done = 0, all = 0;
};

asio::awaitable<void> look_at_authority(probes::Transport& transport, LookRequest request,
                                        AuthorityAddress authority, Gathering& gathering) {
  AuthorityAsk ask;
  ask.owner = request.owner;
  ask.server = authority.server;
  ask.endpoint = authority.endpoint;
  ask.deadline = kAuthorityTry;
  gathering.result.authorities.push_back(co_await ask_authority(transport, ask));
  gathering.one_more_done(request);
}

asio::awaitable<void> look_at_resolver(probes::Transport& transport, LookRequest request,
                                       Endpoint resolver, Gathering& gathering) {
  const ResolverSample sample =
      co_await ask_resolver(transport, request.owner, resolver, request.deadline);
  gathering.result.resolvers.push_back(sample);
  if (sample.outcome != Outcome::timed_out) {
    std::string label = "mxswitch-" + random_hex(8);
    gathering.result.controls.push_back(
        co_await ask_control(transport, resolver, std::move(label), request.deadline));
  }
  if (is_conclusive(sample.outcome) && sample.nsid.empty())
    gathering.result.identities.push_back(co_await ask_identity(transport, resolver));
  gathering.one_more_done(request);
}

asio::awaitable<void> look_for_interception(probes::Transport& transport, LookRequest request,
                                            Gathering& gathering) {
  gathering.result.intercepted = co_await ask_nobody(transport);
  gathering.one_more_done(request);
}

asio::awaitable<Result<void>> find_endpoints(probes::Transport& transport, LookRequest request,
                                             LookResult& result) {
  result.endpoints = request.fixed_authorities;
  if (result.endpoints.empty()) {
    const auto delegation =
        co_await probes::find_delegation(transport, request.owner, request.delegation);
    if (!delegation) co_return tl::unexpected(delegation.error());
    result.endpoints = addresses_of(*delegation);
    result.warnings = warnings_of(*delegation);
    result.signed_zone = delegation->signed_zone;
    for (const probes::NameServer& server : delegation->servers)
      if (server.left_out) result.limits.left_out.push_back({delegation->zone, server.name});
  }
  const WalkLimits unrouted = unrouted_families(result.endpoints, request.delegation);
  result.limits.no_v4 = unrouted.no_v4;
  result.limits.no_v6 = unrouted.no_v6;
  co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<LookResult>> look(probes::Transport& transport, LookRequest request) {
  const auto loop = co_await asio::this_coro::executor;
  Gathering gathering(loop);
  const auto found = co_await find_endpoints(transport, request, gathering.result);
  if (!found) co_return tl::unexpected(found.error());

  gathering.all =
      static_cast<int>(gathering.result.endpoints.size() + request.resolvers.size()) + 1;
  asio::co_spawn(loop, look_for_interception(transport, request, gathering), asio::detached);
  for (const AuthorityAddress& authority : gathering.result.endpoints) {
    asio::co_spawn(loop, look_at_authority(transport, request, authority, gathering),
                   asio::detached);
  }
  for (const probes::Resolver& resolver : request.resolvers) {
    asio::co_spawn(loop, look_at_resolver(transport, request, resolver.endpoint, gathering),
                   asio::detached);
  }
  if (gathering.done < gathering.all) {
    std::error_code woken;
    co_await gathering.finished.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  for (ControlSample& control : gathering.result.controls)
    control.intercepted = gathering.result.intercepted;
  co_return std::move(gathering.result);
}

std::vector<AuthorityAddress> addresses_of(const probes::Delegation& delegation) {
  std::vector<AuthorityAddress> addresses;
  for (const auto& server : delegation.servers) {
    for (const Endpoint& endpoint : server.endpoints) addresses.push_back({server.name, endpoint});
  }
  return addresses;
}

std::vector<std::string> warnings_of(const probes::Delegation& delegation) {
  std::vector<std::string> warnings = delegation.notes;
  if (delegation.parent_child_differ) {
    warnings.push_back("the parent and " + delegation.zone.text() +
                       " itself name different servers: all of them are watched");
  }
  return warnings;
}

}  // namespace mxswitch::monitor
