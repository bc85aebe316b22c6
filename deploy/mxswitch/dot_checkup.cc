#include "deploy/mxswitch/dot_checkup.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include "probes/dns/dot.h"

namespace mxswitch {
namespace {

asio::awaitable<void> ask_one(probes::DotAsker& asker, probes::Resolver resolver,
                              DotCheckup& checkup) {
  probes::DotQuery query;
  query.server = {resolver.endpoint.address, probes::kDotPort};
  query.name = resolver.dot_name;
  query.question.type = probes::RrType::soa;  // of the root
  const probes::Reply reply = co_await asker.ask(query);
  if (reply.answer)
    ++checkup.answered;
  else
    ++checkup.faults[reply.answer.error().what];
}

}  // namespace

Result<DotCheckup> check_dot(const probes::ResolverList& resolvers, const Clock& clock,
                             const std::string& ca_file) {
  asio::io_context loop(1);
  const auto asker = probes::make_dot_asker(loop.get_executor(), clock, ca_file);
  if (!asker) return tl::unexpected(asker.error());
  DotCheckup checkup;
  for (const probes::Resolver& resolver : resolvers) {
    if (resolver.dot_name.empty()) continue;
    ++checkup.named;
    asio::co_spawn(loop, ask_one(**asker, resolver, checkup), asio::detached);
  }
  loop.run();
  return checkup;
}

}  // namespace mxswitch
