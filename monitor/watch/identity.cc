#include "monitor/watch/identity.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <span>

#include "probes/dns/edns.h"

namespace mxswitch::monitor {
namespace {

constexpr Duration kDeadline = seconds(4);

// Of several texts the first; a name has one.
std::string name_in(const probes::Answer& answer, const probes::Question& question) {
  for (const probes::Record& record : answer.answer) {
    const auto* txt = std::get_if<probes::Txt>(&record.data);
    if (txt == nullptr || record.owner != question.name) continue;
    const std::string text = txt->joined();
    return probes::identity_text({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  return "";
}

}  // namespace

asio::awaitable<IdentitySample> ask_identity(probes::Transport& transport, Endpoint resolver) {
  IdentitySample sample;
  sample.resolver = resolver;
  const auto name = DnsName::parse("id.server");
  probes::Query query;
  query.server = resolver;
  query.question = {*name, probes::RrType::txt, probes::RrClass::chaos};
  query.deadline = kDeadline;
  const probes::Reply reply = co_await transport.ask(query);
  sample.received_at = reply.received_at;
  sample.answered = reply.answer.has_value();
  if (sample.answered && reply.answer->rcode == probes::Rcode::noerror)
    sample.id_server = name_in(*reply.answer, query.question);
  co_return sample;
}

bool Identities::is_fresh(const Known& known) const {
  return known.ended_at &&
         clock_.now() - *known.ended_at < (known.sample.answered ? kFresh : kSilent);
}

asio::awaitable<IdentitySample> Identities::of(probes::Transport& transport, Endpoint resolver) {
  Known& known = known_.try_emplace(resolver, loop_).first->second;
  if (!is_fresh(known) && known.under_way) {
    std::error_code woken;
    co_await known.ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  } else if (!is_fresh(known)) {
    known.under_way = true;
    known.sample = co_await ask_identity(transport, resolver);
    known.under_way = false;
    known.ended_at = clock_.now();
    known.ended.cancel();
  }
  IdentitySample sample = known.sample;
  sample.received_at = clock_.now();
  co_return sample;
}

}  // namespace mxswitch::monitor
