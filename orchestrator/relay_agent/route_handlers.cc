// /v1/domains/{domain}/route: the switch itself.
#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/control_api.h"

namespace mxswitch::orchestrator {
namespace {

bool hosts(Mode mode) { return mode == Mode::split || mode == Mode::hosted; }

// What the roster and the next hops must be for this mode. A rollback never fails on the roster.
std::optional<ServerResponse> check_mode(const RelayState& state, const DomainState& domain,
                                         const RouteWrite& write) {
  if (write.mode == Mode::forward && !domain.forward) {
    return problem(409, "No old server", "the domain has no forward next hop");
  }
  if (!hosts(write.mode)) return std::nullopt;
  if (write.roster_digest != domain.record.roster.digest) {
    return problem(412, "Another roster",
                   "roster_digest is not that of the roster in force: read it again");
  }
  const DomainState* owner = state.roster_owner(domain);
  if (!owner || owner->own_roster->empty()) {
    return problem(409, "Empty roster",
                   "no account, alias or catch_all: all mail would be refused");
  }
  return std::nullopt;
}

std::optional<Time> soak_until(const DomainRecord& before, Mode mode, const ControlOptions& options,
                               Time now) {
  if (hosts(mode)) return now + options.soak;
  if (mode == Mode::forward && hosts(before.row.mode)) return now + options.rollback_soak;
  return before.soak_until;
}

}  // namespace

ServerResponse ControlApi::put_route(const ServerRequest& request) {
  const auto dry = request.query.find("dry_run");
  if (dry != request.query.end() && dry->second != "true" && dry->second != "false") {
    return problem(400, "Malformed dry_run", "write true or false");
  }
  if (dry != request.query.end() && dry->second == "true") {
    KeptAnswer unused;
    return write_route(request, unused, true);
  }
  return idempotent(request, [this](const ServerRequest& r, KeptAnswer& answer) {
    return write_route(r, answer, false);
  });
}

ServerResponse ControlApi::write_route(const ServerRequest& request, KeptAnswer& answer,
                                       bool dry_run) {
  const auto write = parse<RouteWrite>(request.body);
  if (!write) return problem(write.error());
  const std::string name = request.captures[0];
  auto lock = parts_.registry.writing();
  const auto state = parts_.registry.state();
  const auto* domain = state->find(name);
  if (!domain) return no_such_domain(name);
  if (auto refused = check_match(request, domain_etag(domain->record))) return *refused;
  if (auto refused = check_mode(*state, *domain, *write)) return *refused;
  for (const auto& hop : {std::optional(domain->hosted), domain->forward}) {
    if (!hop) continue;
    const auto checked = parts_.addresses.check(*hop);
    if (!checked && checked.error().fault == Fault::conflict) {
      return problem(409, "A next hop is this relay", checked.error().text());
    }
  }
  DomainRecord record = domain->record;
  const Time now = parts_.clock.now();
  record.soak_until = soak_until(record, write->mode, options_, now);
  record.row.mode = write->mode;
  record.row.unknown = write->unknown;
  record.row.op_id = write->op_id;
  record.row.updated_at = record.route_at = now;
  ++record.row.generation;
  ++record.version;
  record.row.in_force.route_seen_at.reset();
  record.open = true;
  if (dry_run) {
    auto response = show_domain(domain->record, 200);
    response.headers["Dry-Run"] = "true";
    return response;
  }
  auto response = show_domain(record, 202);
  fill(answer, response);
  if (const auto saved = parts_.registry.save(record, false, answer); !saved) {
    return problem(503, "Not stored", saved.error().text());
  }
  parts_.registry.release(name);
  lock.unlock();
  if (!provoke(record)) return response;
  const auto seen = parts_.registry.state();
  const auto* current = seen->find(name);
  if (!current || current->record.row.generation != record.row.generation) return response;
  response = show_domain(current->record, 200);
  fill(answer, response);
  // The write stands whatever becomes of this: a lost upgrade replays 202, and the caller reads.
  (void)parts_.registry.keep(answer);
  return response;
}

bool ControlApi::provoke(const DomainRecord& record) {
  // The queue manager keeps the last route that it resolved; a fresh address makes it ask anew,
  // and drops what it kept.
  const auto& row = record.row;
  const auto address = parts_.probes.make_canary(row.domain, parts_.clock.now());
  if (!parts_.queue.submit(address)) return false;
  return parts_.registry.wait_seen(row.domain, row.generation, options_.in_force_wait);
}

}  // namespace mxswitch::orchestrator
