#include "deploy/mxswitch/published_mx.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

namespace mxswitch {
namespace {

asio::awaitable<Result<PublishedMx>> ask_authorities(probes::NetworkTransport& transport,
                                                     probes::DnsName domain, DnsSetup setup) {
  std::vector<std::pair<probes::DnsName, probes::Endpoint>> servers;
  for (const auto& given : setup.authorities) servers.emplace_back(given.server, given.endpoint);
  if (servers.empty()) {
    const auto walked = co_await probes::find_delegation(transport, domain, setup.delegation);
    if (!walked && walked.error().fault == Fault::not_found) co_return Failure(walked.error());
    if (!walked) co_return PublishedMx();
    for (const auto& server : walked->servers) {
      if (!server.endpoints.empty()) servers.emplace_back(server.name, server.endpoints.front());
    }
  }
  for (const auto& [name, endpoint] : servers) {
    monitor::AuthorityAsk ask;
    ask.owner = domain;
    ask.server = name;
    ask.endpoint = endpoint;
    const auto sample = co_await monitor::ask_authority(transport, ask);
    if (sample.outcome == monitor::Outcome::answered) co_return PublishedMx(sample);
  }
  co_return PublishedMx();
}

}  // namespace

Result<PublishedMx> find_mx(const probes::DnsName& domain, const DnsSetup& setup) {
  const SystemClock clock;
  asio::io_context loop(1);
  const auto transport =
      probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{});
  Result<PublishedMx> found;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        found = co_await ask_authorities(*transport, domain, setup);
        transport->cancel_all();
        loop.stop();
      },
      asio::detached);
  loop.run();
  return found;
}

}  // namespace mxswitch
