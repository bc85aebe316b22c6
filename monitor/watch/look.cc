#include "monitor/watch/look.h"

#include <asio/co_spawn.hpp>
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

// One look under way: the questions run side by side, and the last that ends wakes the caller.
class Gathering {
 public:
  Gathering(const asio::any_io_executor& loop, probes::Transport& transport, LookRequest request)
      : loop_(loop), transport_(transport), request_(std::move(request)), finished_(loop) {
    finished_.expires_at(asio::steady_timer::time_point::max());
  }

  asio::awaitable<Result<LookSeen>> run() {
    seen_.owner = request_.owner;
    seen_.expected = request_.expected;
    seen_.old_sets = request_.old_sets;
    seen_.resolvers = request_.resolvers;
    if (auto found = co_await find_servers(); !found) co_return tl::unexpected(found.error());
    ask_all();
    if (done_ < all_) {
      std::error_code woken;
      co_await finished_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    for (ControlSample& control : seen_.controls) control.intercepted = seen_.intercepted;
    co_return std::move(seen_);
  }

 private:
  asio::awaitable<Result<void>> find_servers() {
    seen_.mx_name = request_.owner;
    seen_.endpoints = request_.fixed_authorities;
    seen_.walked = seen_.endpoints.empty();
    if (!seen_.walked) {
      seen_.limits = unrouted_families(seen_.endpoints, request_.delegation);
      co_return Result<void>();
    }
    EnumerateRequest walk;
    walk.owner = request_.owner;
    walk.expected = request_.expected;
    walk.delegation = request_.delegation;
    WalkResult found = co_await enumerate(transport_, std::move(walk));
    if (found.endpoints.empty()) {
      const auto why =
          co_await probes::find_delegation(transport_, request_.owner, request_.delegation);
      if (!why && why.error().fault == Fault::not_found) co_return tl::unexpected(why.error());
    }
    if (!found.mx_name.is_root()) seen_.mx_name = found.mx_name;
    seen_.endpoints = std::move(found.endpoints);
    seen_.companions = std::move(found.companions);
    seen_.warnings = std::move(found.warnings);
    seen_.limits = std::move(found.limits);
    signed_zone_ = found.signed_zone;
    seen_.fault = std::move(found.fault);
    co_return Result<void>();
  }

  void ask_all() {
    begin(look_for_interception());
    for (const AuthorityAddress& authority : seen_.endpoints) begin(look_at_authority(authority));
    for (const ListedCompanion& one : seen_.companions)
      if (one.type == probes::RrType::a || one.type == probes::RrType::aaaa)
        for (const AuthorityAddress& server : one.endpoints)
          begin(look_at_exchange(one.name, one.type, server));
    for (const probes::Resolver& resolver : request_.resolvers)
      begin(look_at_resolver(resolver.endpoint));
  }

  void begin(asio::awaitable<void> question) {
    ++all_;
    asio::co_spawn(loop_, std::move(question), [this](const std::exception_ptr&) {
      ++done_;
      if (request_.progress) request_.progress(done_, all_);
      if (done_ == all_) finished_.cancel();
    });
  }

  asio::awaitable<void> look_at_authority(AuthorityAddress authority) {
    AuthorityAsk ask;
    ask.owner = seen_.mx_name;
    ask.server = authority.server;
    ask.with_signatures = signed_zone_;
    ask.endpoint = authority.endpoint;
    ask.deadline = kAuthorityTry;
    seen_.authorities.push_back(co_await ask_authority(transport_, ask));
  }

  asio::awaitable<void> look_at_exchange(DnsName name, probes::RrType type,
                                         AuthorityAddress server) {
    CompanionAsk ask;
    ask.name = name;
    ask.type = type;
    ask.server = server.server;
    ask.endpoint = server.endpoint;
    ask.deadline = kAuthorityTry;
    seen_.exchanges.push_back(co_await ask_companion(transport_, ask));
  }

  asio::awaitable<void> look_at_resolver(Endpoint resolver) {
    const ResolverSample sample =
        co_await ask_resolver(transport_, request_.owner, resolver, request_.deadline);
    seen_.samples.push_back(sample);
    if (sample.outcome != Outcome::timed_out) {
      std::string label = "mxswitch-" + random_hex(8);
      seen_.controls.push_back(
          co_await ask_control(transport_, resolver, std::move(label), request_.deadline));
    }
    if (is_conclusive(sample.outcome) && sample.nsid.empty())
      seen_.identities.push_back(co_await ask_identity(transport_, resolver));
  }

  asio::awaitable<void> look_for_interception() {
    seen_.intercepted = co_await ask_nobody(transport_);
  }

  asio::any_io_executor loop_;
  probes::Transport& transport_;
  LookRequest request_;
  LookSeen seen_;
  bool signed_zone_ = false;
  asio::steady_timer finished_;
  int done_ = 0, all_ = 0;
};

}  // namespace

asio::awaitable<Result<LookSeen>> look(probes::Transport& transport, LookRequest request) {
  const auto loop = co_await asio::this_coro::executor;
  Gathering gathering(loop, transport, std::move(request));
  auto seen = co_await gathering.run();
  co_return seen;
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
