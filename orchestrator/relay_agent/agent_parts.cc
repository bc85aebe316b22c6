#include "orchestrator/relay_agent/agent_parts.h"

#include <charconv>

#include "orchestrator/relay_agent/stream_server.h"
#include "probes/smtp/smtp_dialogue.h"

namespace mxswitch::orchestrator {
namespace {

std::string submission_hop(const AgentOptions& options) {
  if (options.own_addresses.empty()) return "retry:4.3.0 the relay agent knows no address";
  return "smtp:[" + options.own_addresses[0] + "]:25";
}

// "reinject:[127.0.0.1]:10026"; 0: there is none.
int port_of(const std::string& transport) {
  int port = 0;
  const char* end = transport.data() + transport.size();
  const auto parsed = std::from_chars(transport.data() + transport.rfind(':') + 1, end, port);
  return parsed.ptr == end && parsed.ec == std::errc() ? port : 0;
}

template <class P>
Result<void> serve(std::shared_ptr<P> protocol, const std::string& place,
                   const asio::any_io_executor& loop,
                   std::vector<std::shared_ptr<Listener>>& listeners) {
  auto listener = Listener::open(loop, place);
  if (!listener) return tl::unexpected(listener.error());
  listeners.push_back(*listener);
  asio::co_spawn(loop, accept_streams<P>(std::move(protocol), *listener), asio::detached);
  return {};
}

}  // namespace

AgentParts::AgentParts(const AgentOptions& options, monitor::Database& database, const Clock& time,
                       asio::any_io_executor loop)
    : clock(time),
      executor(std::move(loop)),
      helo(options.helo),
      probe_sender(options.probe_sender),
      registry(database, time),
      probes(options.control.node),
      addresses(options.relay_addresses),
      queue(options.postfix),
      trail(port_of(options.facts.reinject), !options.mail_log.empty()),
      lookups(registry, probes, time, options.facts,
              SenderRewriting(options.srs_domain, options.peer_token), submission_hop(options)),
      policy(std::make_shared<PolicyService>(
          registry, probes, flow, trail, time,
          [this](NextHop hop, std::vector<std::string> recipients) {
            return ask_old_server(std::move(hop), std::move(recipients), std::chrono::seconds(2));
          })),
      socketmap(std::make_shared<SocketmapProtocol>(lookups)),
      log(options.mail_log, {}) {}

Result<void> AgentParts::listen(const AgentOptions& options, asio::any_io_executor loop,
                                std::vector<std::shared_ptr<Listener>>& listeners) {
  if (auto served = serve(socketmap, options.socketmap, loop, listeners); !served) return served;
  return serve(policy, options.policy, loop, listeners);
}

asio::awaitable<std::vector<OldServerReply>> AgentParts::ask_old_server(
    NextHop hop, std::vector<std::string> recipients, Duration deadline) {
  const auto found = addresses.addresses(hop);
  std::vector<OldServerReply> replies(recipients.size());
  if (found.empty() || hop.kind != NextHopKind::smtp) {
    for (auto& reply : replies) reply.text = "the next hop has no address that is known";
    co_return replies;
  }
  probes::SmtpRequest request;
  request.address = found[0];
  request.port = hop.port;
  request.helo = helo;
  request.mail_from = probe_sender;
  request.recipients = std::move(recipients);
  request.deadline = deadline;
  const auto outcome = co_await probes::run_smtp(executor, request);
  for (std::size_t i = 0; i < replies.size() && i < outcome.recipients.size(); ++i) {
    replies[i] = {outcome.recipients[i].code, outcome.recipients[i].text};
  }
  if (outcome.error && !replies.empty() && replies[0].code == 0) {
    replies[0].text = outcome.error->text();
  }
  co_return replies;
}

bool AgentParts::read_log() {
  return log.read([this](std::string_view line) { policy->read_log_line(line); });
}

}  // namespace mxswitch::orchestrator
