// /v1/domains and /v1/domains/{domain}
#include <charconv>
#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/control_api.h"
#include "orchestrator/relay_agent/flow.h"
#include "orchestrator/relay_agent/record_codec.h"
#include "orchestrator/roster/digest.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

constexpr auto kQuietBeforeDelete = std::chrono::hours(24 * 5);

Result<std::size_t> page_limit(const ServerRequest& request, std::size_t most,
                               std::size_t fallback) {
  const auto found = request.query.find("limit");
  if (found == request.query.end()) return fallback;
  std::size_t limit = 0;
  const auto& text = found->second;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (parsed.ptr != text.data() + text.size() || limit == 0 || limit > most) {
    return fail(Fault::usage, "limit is a number from 1 to " + std::to_string(most));
  }
  return limit;
}

// Both next hops parse, and neither leads back to this relay.
Result<void> check_next_hops(AddressBook& book, const DomainWrite& write) {
  for (const auto& text : {std::optional(write.hosted), write.forward}) {
    if (!text) continue;
    const auto hop = parse_next_hop(*text);
    if (!hop) return tl::unexpected(hop.error());
    if (auto checked = book.check(*hop); !checked) return checked;
  }
  return {};
}

bool in_use_differs(const DomainRecord& before, const DomainWrite& write) {
  const bool forward = before.row.forward != write.forward;
  const bool hosted = before.row.hosted != write.hosted;
  switch (before.row.mode) {
    case Mode::forward:
      return forward;
    case Mode::hold:
      return false;
    case Mode::split:
    case Mode::hosted:
      break;
  }
  return forward || hosted;  // hosted: unknown names accepted earlier still go forward
}

}  // namespace

RelayDomain ControlApi::shown(const DomainRecord& record) const {
  RelayDomain row = record.row;
  row.roster_digest = record.roster.digest;
  row.in_force.node = options_.node;
  row.in_force.generation = row.generation;
  return row;
}

ServerResponse ControlApi::show_domain(const DomainRecord& record, int status) const {
  auto response = json_response(to_json(shown(record)), status);
  response.headers["ETag"] = domain_etag(record);
  return response;
}

ServerResponse ControlApi::list_domains(const ServerRequest& request) {
  const auto limit = page_limit(request, 1000, 100);
  if (!limit) return problem(limit.error());
  std::optional<Time> since;
  if (const auto text = request.query.find("updated_since"); text != request.query.end()) {
    const auto time = parse_time(text->second);
    if (!time) return problem(400, "Malformed updated_since", time.error().text());
    since = *time;
  }
  const auto after = request.query.find("after");
  const auto state = parts_.registry.state();
  auto next = after == request.query.end() ? state->domains.begin()
                                           : state->domains.upper_bound(after->second);
  auto page = nlohmann::json::array();
  for (; next != state->domains.end() && page.size() < *limit; ++next) {
    const auto& record = next->second->record;
    if (!since || record.row.updated_at >= *since) page.push_back(to_json(shown(record)));
  }
  return json_response(page);
}

ServerResponse ControlApi::get_domain(const ServerRequest& request) {
  const auto state = parts_.registry.state();
  const auto* domain = state->find(request.captures[0]);
  if (!domain) return no_such_domain(request.captures[0]);
  const auto& record = domain->record;
  if (!record.row.in_force.route_seen_at) {
    // Whoever reads wants to know: ask once more, but not at every reading.
    const Time now = parts_.clock.now();
    bool again = false;
    {
      const std::lock_guard lock(mutex_);
      auto& last = provoked_[record.row.domain];
      again = now - last > std::chrono::seconds(5);
      if (again) last = now;
    }
    if (again && provoke(record)) {
      return show_domain(parts_.registry.state()->find(request.captures[0])->record, 200);
    }
  }
  return show_domain(record, 200);
}

// For the other nodes alone, who need the hashes of passwords too: not part of the contract.
ServerResponse ControlApi::get_copy(const ServerRequest& request) {
  const auto state = parts_.registry.state();
  const auto* domain = state->find(request.captures[0]);
  if (!domain) return no_such_domain(request.captures[0]);
  auto record = domain->record;
  record.row = shown(record);
  return json_response(to_json(record));
}

ServerResponse ControlApi::put_domain(const ServerRequest& request, KeptAnswer& answer) {
  const auto write = parse<DomainWrite>(request.body);
  if (!write) return problem(write.error());
  if (const auto checked = check_next_hops(parts_.addresses, *write); !checked) {
    return not_acceptable(checked.error());
  }
  const auto lock = parts_.registry.writing();
  const auto state = parts_.registry.state();
  const auto* domain = state->find(request.captures[0]);
  const std::string none_match = header(request, "if-none-match");
  if (none_match.empty()) {
    if (header(request, "if-match").empty()) {
      return problem(428, "Precondition missing", "send If-None-Match: * or If-Match");
    }
    if (!domain) return problem(412, "Stale", "there is no such domain any more");
    if (auto refused = check_match(request, domain_etag(domain->record))) return *refused;
    return change_domain(request, *write, domain->record, answer);
  }
  if (none_match != "*") return problem(400, "Malformed If-None-Match", "only * is understood");
  if (domain) return problem(412, "It exists", "read it, then send If-Match");
  const Mode mode = write->mode.value_or(Mode::forward);
  if (mode == Mode::forward && !write->forward) {
    return problem(422, "Not acceptable", "mode forward needs a forward next hop");
  }
  DomainRecord record;
  record.row.domain = request.captures[0];
  record.row.mode = mode;
  record.row.forward = write->forward;
  record.row.hosted = write->hosted;
  record.row.op_id = write->op_id;
  record.row.updated_at = record.route_at = parts_.clock.now();
  record.roster.digest = roster_digest(record.roster);
  const auto response = show_domain(record, 201);
  fill(answer, response);
  if (const auto saved = parts_.registry.save(record, true, answer); !saved) {
    return problem(503, "Not stored", saved.error().text());
  }
  return response;
}

ServerResponse ControlApi::change_domain(const ServerRequest&, const DomainWrite& write,
                                         DomainRecord record, KeptAnswer& answer) {
  if (write.mode && *write.mode != record.row.mode) {
    return problem(422, "Not acceptable", "the mode of a domain is changed at its route");
  }
  const bool in_use = in_use_differs(record, write);
  if (in_use && record.open) {
    return problem(409, "Operation open", "the next hop in use can't change during a switch");
  }
  if (record.row.mode == Mode::forward && !write.forward) {
    return problem(422, "Not acceptable", "mode forward needs a forward next hop");
  }
  record.row.forward = write.forward;
  record.row.hosted = write.hosted;
  record.row.op_id = write.op_id;
  record.row.updated_at = parts_.clock.now();
  ++record.version;
  if (in_use) {
    ++record.row.generation;
    record.row.in_force.route_seen_at.reset();
  }
  const auto response = show_domain(record, 200);
  fill(answer, response);
  if (const auto saved = parts_.registry.save(record, false, answer); !saved) {
    return problem(503, "Not stored", saved.error().text());
  }
  return response;
}

ServerResponse ControlApi::delete_domain(const ServerRequest& request, KeptAnswer& answer) {
  const std::string name = request.captures[0];
  const auto lock = parts_.registry.writing();
  const auto state = parts_.registry.state();
  const auto* domain = state->find(name);
  if (!domain) return no_such_domain(name);
  if (auto refused = check_match(request, domain_etag(domain->record))) return *refused;
  if (domain->record.row.mode != Mode::hold) {
    return problem(409, "Not on hold", "set the mode to hold first");
  }
  const auto queued = parts_.queue.list(name);
  if (!queued) return problem(503, "Queue not readable", queued.error().text());
  if (!queued->empty()) {
    return problem(409, "Mail is queued", std::to_string(queued->size()) + " messages");
  }
  parts_.store_flow();
  const auto last = parts_.registry.database().transact_blocking(
      [&](monitor::Transaction& transaction) { return last_accepted(transaction, name); });
  if (!last) return problem(503, "Store not available", last.error().text());
  if (*last && parts_.clock.now() - **last < kQuietBeforeDelete) {
    return problem(409, "Mail came lately", "last at " + format_time(**last));
  }
  ServerResponse response;
  response.status = 204;
  fill(answer, response);
  if (const auto gone = parts_.registry.erase(name, answer); !gone) {
    return problem(503, "Not stored", gone.error().text());
  }
  return response;
}

}  // namespace mxswitch::orchestrator
