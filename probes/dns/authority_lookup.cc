#include "probes/dns/authority_lookup.h"

namespace mxswitch::probes {
namespace {

constexpr Duration kTry = seconds(3);

}  // namespace

asio::awaitable<Result<std::vector<Record>>> look_up_at_authorities(Transport& transport,
                                                                    DnsName name, RrType type,
                                                                    DelegationOptions options) {
  options.compares_parents = false;  // any server of the zone will do
  const auto delegation = co_await find_delegation(transport, name, options);
  if (!delegation) {
    // A parent that knows nothing of the name has answered: there are no such records.
    if (delegation.error().fault == Fault::not_found) co_return std::vector<Record>();
    co_return tl::unexpected(delegation.error());
  }
  Query query;
  query.question = Question{name, type};
  query.flags.recursion_desired = false;
  query.deadline = kTry;
  for (const NameServer& server : delegation->servers) {
    for (const Endpoint& endpoint : server.endpoints) {
      query.server = endpoint;
      const Reply reply = co_await transport.ask(query);
      // A lame server's NOERROR, mostly a referral, says nothing of the name.
      if (!reply.answer || !reply.answer->aa) continue;
      const Rcode rcode = reply.answer->rcode;
      if (rcode == Rcode::noerror || rcode == Rcode::nxdomain) {
        co_return follow_chain(reply.answer->answer, query.question).records;
      }
    }
  }
  co_return fail(Fault::unavailable, "no authority answered", name.text(),
                 "it is asked again at the next round");
}

}  // namespace mxswitch::probes
