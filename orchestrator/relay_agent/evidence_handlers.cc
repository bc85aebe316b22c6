// /v1/domains/{domain}/flow, /probes and /queue
#include <charconv>
#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/control_api.h"
#include "orchestrator/relay_agent/flow.h"
#include "orchestrator/relay_agent/netstring.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kFlowLimit = 10000;

std::string query(const ServerRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

std::size_t flow_limit(const ServerRequest& request) {
  const std::string text = query(request, "limit");
  if (text.empty()) return 1000;
  std::size_t limit = 0;
  std::from_chars(text.data(), text.data() + text.size(), limit);
  return limit > kFlowLimit ? 0 : limit;
}

bool is_covered(const RelayState& state, const DomainState& domain, const std::string& address) {
  const DomainState* owner = state.roster_owner(domain);
  const auto key = split_address(address);
  return owner && key && owner->own_roster->resolve(key->local_part).known();
}

}  // namespace

ServerResponse ControlApi::get_flow(const ServerRequest& request) {
  const std::string name = request.captures[0];
  const auto state = parts_.registry.state();
  const auto* domain = state->find(name);
  if (!domain) return no_such_domain(name);
  const auto since = parse_time(query(request, "since"));
  if (!since) return problem(400, "Malformed since", since.error().text());
  const std::size_t limit = flow_limit(request);
  if (limit == 0) return problem(400, "Malformed limit", "a number from 1 to 10000");
  parts_.store_flow();
  auto flow = parts_.registry.database().transact_blocking([&](monitor::Transaction& transaction) {
    return read_flow(transaction, name, *since, limit, query(request, "after"));
  });
  if (!flow) return problem(503, "Store not available", flow.error().text());
  flow->node = options_.node;
  for (auto& recipient : flow->recipients) {
    recipient.covered = is_covered(*state, *domain, recipient.address);
  }
  return json_response(to_json(*flow));
}

ServerResponse ControlApi::post_probe(const ServerRequest& request) {
  const std::string name = request.captures[0];
  const auto write = parse<ProbeWrite>(request.body);
  if (!write) return problem(write.error());
  const auto state = parts_.registry.state();
  const auto* domain = state->find(name);
  if (!domain) return no_such_domain(name);
  if (write->recipient && write->kind != ProbeKind::forward) {
    return problem(422, "Not acceptable", "recipient belongs to a forward probe only");
  }
  if (write->kind == ProbeKind::forward && !domain->forward) {
    return problem(409, "No old server", "the domain has no forward next hop");
  }
  if (write->kind == ProbeKind::forward && write->recipient && !split_address(*write->recipient)) {
    return problem(422, "Not acceptable", "recipient is no address");
  }
  auto probe = parts_.probes.make(name, *write, parts_.clock.now());
  const auto stored = parts_.registry.database().transact_blocking(
      [&](monitor::Transaction& transaction) { save_probe(transaction, name, probe); });
  if (!stored) return problem(503, "Not stored", stored.error().text());
  if (write->kind == ProbeKind::forward) {
    const auto reply = parts_.ask(*domain->forward, probe.address);
    const auto result = reply.code == 0                         ? ProbeResult::waiting
                        : reply.code >= 200 && reply.code < 300 ? ProbeResult::accepted
                                                                : ProbeResult::refused;
    const Time now = parts_.clock.now();
    const auto code = reply.code == 0 ? std::string() : std::to_string(reply.code) + " ";
    parts_.probes.note_reply(probe.id, result, code + reply.text, now);
    probe = parts_.probes.find(name, probe.id, now).value_or(probe);
  }
  return json_response(to_json(probe), 201);
}

ServerResponse ControlApi::get_probe(const ServerRequest& request) {
  const auto probe =
      parts_.probes.find(request.captures[0], request.captures[1], parts_.clock.now());
  if (!probe) return problem(404, "Unknown probe", "probes are kept for an hour");
  return json_response(to_json(*probe));
}

ServerResponse ControlApi::get_queue(const ServerRequest& request) {
  const auto state = parts_.registry.state();
  const auto* domain = state->find(request.captures[0]);
  if (!domain) return no_such_domain(request.captures[0]);
  const auto messages = parts_.queue.list(request.captures[0]);
  if (!messages) return problem(503, "Queue not readable", messages.error().text());
  Queue queue;
  queue.node = options_.node;
  queue.messages = static_cast<std::int64_t>(messages->size());
  for (const auto& message : *messages) {
    if (!queue.oldest_at || message.arrived_at < *queue.oldest_at) {
      queue.oldest_at = message.arrived_at;
    }
    if (message.arrived_at < domain->record.route_at) ++queue.accepted_before_route;
  }
  return json_response(to_json(queue));
}

ServerResponse ControlApi::post_flush(const ServerRequest& request) {
  const std::string name = request.captures[0];
  if (!parts_.registry.state()->find(name)) return no_such_domain(name);
  const Time now = parts_.clock.now();
  {
    const std::lock_guard lock(mutex_);
    auto& last = flushed_[name];
    if (now - last < options_.flush_pause) {
      auto response = problem(503, "Too soon", "the domain's queue was flushed a moment ago");
      response.headers["Retry-After"] = "10";
      return response;
    }
    last = now;
  }
  const auto messages = parts_.queue.list(name);
  if (!messages) return problem(503, "Queue not readable", messages.error().text());
  if (const auto flushed = parts_.queue.flush(*messages); !flushed) {
    return problem(503, "Queue not flushed", flushed.error().text());
  }
  ServerResponse response;
  response.status = 202;
  return response;
}

}  // namespace mxswitch::orchestrator
