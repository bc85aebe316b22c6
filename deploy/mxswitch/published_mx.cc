#include "deploy/mxswitch/published_mx.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include "monitor/propagation/classify.h"

namespace mxswitch {
namespace {

constexpr int kMostLinks = 8;

using Servers = std::vector<std::pair<probes::DnsName, probes::Endpoint>>;

asio::awaitable<Result<Servers>> servers_of(probes::NetworkTransport& transport,
                                            probes::DnsName domain, const DnsSetup& setup) {
  Servers servers;
  for (const auto& given : setup.authorities) servers.emplace_back(given.server, given.endpoint);
  if (!servers.empty()) co_return servers;
  const auto walked = co_await probes::find_delegation(transport, domain, setup.delegation);
  if (!walked && walked.error().fault == Fault::not_found) co_return Failure(walked.error());
  if (!walked) co_return servers;
  for (const auto& server : walked->servers)
    for (const auto& endpoint : server.endpoints) servers.emplace_back(server.name, endpoint);
  co_return servers;
}

// What the first server that knows says.
asio::awaitable<std::optional<monitor::AuthoritySample>> ask_mx(probes::NetworkTransport& transport,
                                                                probes::DnsName domain,
                                                                const Servers& servers) {
  for (const auto& [name, endpoint] : servers) {
    monitor::AuthorityAsk ask;
    ask.owner = domain;
    ask.server = name;
    ask.endpoint = endpoint;
    const auto sample = co_await monitor::ask_authority(transport, ask);
    if (monitor::is_conclusive(sample.outcome) && sample.authoritative) co_return sample;
  }
  co_return std::nullopt;
}

asio::awaitable<std::string> ask_text(probes::NetworkTransport& transport, probes::DnsName name,
                                      probes::RrType type,
                                      const monitor::AuthoritySample& answered) {
  monitor::CompanionAsk ask;
  ask.name = name;
  ask.type = type;
  ask.server = answered.server;
  ask.endpoint = answered.endpoint;
  const auto sample = co_await monitor::ask_companion(transport, ask);
  co_return sample.data;
}

asio::awaitable<Result<PublishedMx>> ask_authorities(probes::NetworkTransport& transport,
                                                     probes::DnsName domain, DnsSetup setup) {
  PublishedMx found;
  for (int link = 0; link < kMostLinks; ++link) {
    const auto servers = co_await servers_of(transport, domain, setup);
    if (!servers && link == 0) co_return Failure(servers.error());
    if (!servers) co_return found;
    found.answer = co_await ask_mx(transport, domain, *servers);
    if (!found.answer || !found.answer->set.empty() || !found.answer->through_cname) break;
    // The rest of the chain stands in zones of others.
    const auto target = probes::DnsName::parse(
        co_await ask_text(transport, domain, probes::RrType::cname, *found.answer));
    if (!target) break;
    found.alias_of = domain = *target;
  }
  if (found.answer && found.answer->set.empty())
    for (const auto type : {probes::RrType::a, probes::RrType::aaaa})
      found.has_address =
          found.has_address || !(co_await ask_text(transport, domain, type, *found.answer)).empty();
  co_return found;
}

}  // namespace

bool PublishedMx::is_null() const {
  return known() && answer->set.records().size() == 1 &&
         answer->set.records().front().exchange.is_root();
}

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
