// /v1/domains/{domain}/roster, /accounts/{name} and /aliases/{name}
#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/control_api.h"
#include "orchestrator/roster/address.h"
#include "orchestrator/roster/digest.h"
#include "orchestrator/roster/graph.h"
#include "orchestrator/roster/hashing.h"

namespace mxswitch::orchestrator {
namespace {

Failure refuse(std::string what, std::string where) {
  return fail(Fault::usage, std::move(what), std::move(where));
}

Result<Credential> credential_of(const AccountWrite& write) {
  if (write.password_hash && !is_known_hash(*write.password_hash)) {
    return refuse("the password's hash has a scheme that is not known", write.name);
  }
  return Credential{write.password_hash.value_or(""), write.must_change_password,
                    write.initial_expires_at};
}

// A password of an account that is there stays, unless the caller says otherwise.
Result<void> apply(DomainRecord& record, const AccountWrite& write) {
  const auto name = normalise_local_part(write.name);
  if (!name) return tl::unexpected(name.error());
  if (record.credentials.contains(*name) && !write.reset_password) return {};
  auto credential = credential_of(write);
  if (!credential) return tl::unexpected(credential.error());
  record.credentials[*name] = std::move(*credential);
  return {};
}

Result<Alias> normalised(const Alias& alias, const std::string& domain) {
  const auto name = normalise_local_part(alias.name);
  if (!name) return tl::unexpected(name.error());
  Alias out{*name, {}};
  for (const auto& text : alias.targets) {
    auto target = normalise_target(text, domain);
    if (!target) return tl::unexpected(target.error());
    out.targets.push_back(std::move(*target));
  }
  return out;
}

// Everything but the accounts' names, which stand in the credentials.
Result<void> apply(DomainRecord& record, const RosterWrite& write) {
  std::map<std::string, Credential> before;
  std::swap(before, record.credentials);
  for (const AccountWrite& account : write.accounts) {
    const auto name = normalise_local_part(account.name);
    if (!name) return tl::unexpected(name.error());
    if (record.credentials.contains(*name)) return refuse("an account stands here twice", *name);
    if (const auto kept = before.find(*name); kept != before.end()) {
      record.credentials.insert(*kept);
    }
    if (auto applied = apply(record, account); !applied) return applied;
  }
  record.roster.aliases.clear();
  for (const Alias& alias : write.aliases) {
    auto out = normalised(alias, record.row.domain);
    if (!out) return tl::unexpected(out.error());
    record.roster.aliases.push_back(std::move(*out));
  }
  record.roster.catch_all.reset();
  if (write.catch_all) {
    auto target = normalise_target(*write.catch_all, record.row.domain);
    if (!target) return tl::unexpected(target.error());
    record.roster.catch_all = std::move(*target);
  }
  record.roster.delimiter = write.delimiter;
  record.roster.same_as = write.same_as;
  return {};
}

void finish(DomainRecord& record) {
  record.roster.accounts.clear();
  for (const auto& [name, credential] : record.credentials) {
    record.roster.accounts.push_back({name, credential.must_change});
  }
  std::ranges::sort(record.roster.aliases, {}, &Alias::name);
  record.roster.digest = roster_digest(record.roster);
  record.row.roster_digest = record.roster.digest;
  ++record.roster_version;
}

Result<void> check_same_as(const DomainRecord& record, const RelayState& state) {
  const auto& same_as = record.roster.same_as;
  if (!same_as) return {};
  const auto* other = state.find(*same_as);
  if (!other || *same_as == record.row.domain) {
    return refuse("same_as names no other domain of this relay", *same_as);
  }
  if (other->record.roster.same_as) {
    return refuse("same_as names a domain that is an alias domain itself", *same_as);
  }
  if (!record.credentials.empty() || !record.roster.aliases.empty()) {
    return refuse("an alias domain has no names of its own", record.row.domain);
  }
  return {};
}

bool leads_to_other_domains(const Roster& roster, const RelayState& state) {
  const auto ours = [&state](const std::string& target) {
    const auto at = target.rfind('@');
    return at != target.npos && state.find(std::string_view(target).substr(at + 1)) != nullptr;
  };
  return (roster.catch_all && ours(*roster.catch_all)) ||
         std::ranges::any_of(roster.aliases, [&](const Alias& alias) {
           return std::ranges::any_of(alias.targets, ours);
         });
}

std::vector<RosterFault> faults_of(const DomainRecord& record, const RelayState& state) {
  auto faults = check_roster(record.row.domain, record.roster);
  if (!faults.empty() || !leads_to_other_domains(record.roster, state)) return faults;
  std::map<std::string, Roster> all;
  for (const auto& [name, domain] : state.domains) all[name] = domain->record.roster;
  all[record.row.domain] = record.roster;
  return check_rosters(all);
}

std::string text_of(const std::vector<RosterFault>& faults) {
  std::string text;
  for (const auto& fault : faults) {
    if (!text.empty()) text += "; ";
    text += fault.name + ": " + fault.what;
  }
  return text;
}

ServerResponse show_roster(const DomainRecord& record) {
  auto response = json_response(to_json(record.roster));
  response.headers["ETag"] = roster_etag(record);
  return response;
}

}  // namespace

ServerResponse ControlApi::get_roster(const ServerRequest& request) {
  const auto state = parts_.registry.state();
  const auto* domain = state->find(request.captures[0]);
  return domain ? show_roster(domain->record) : no_such_domain(request.captures[0]);
}

ServerResponse ControlApi::save_roster(DomainRecord record, bool gone, KeptAnswer& answer) {
  const auto state = parts_.registry.state();
  finish(record);
  record.row.updated_at = parts_.clock.now();
  if (const auto sound = check_same_as(record, *state); !sound) {
    return not_acceptable(sound.error());
  }
  if (const auto faults = faults_of(record, *state); !faults.empty()) {
    return problem(gone ? 409 : 422, gone ? "Still in use" : "Not acceptable", text_of(faults));
  }
  ServerResponse response = show_roster(record);
  if (gone) {
    response = ServerResponse{};
    response.status = 204;
  }
  fill(answer, response);
  if (const auto saved = parts_.registry.save(record, true, answer); !saved) {
    return problem(503, "Not stored", saved.error().text());
  }
  return response;
}

ServerResponse ControlApi::put_roster(const ServerRequest& request, KeptAnswer& answer) {
  const auto write = parse<RosterWrite>(request.body);
  if (!write) return problem(write.error());
  const auto lock = parts_.registry.writing();
  const auto state = parts_.registry.state();
  const auto* domain = state->find(request.captures[0]);
  if (!domain) return no_such_domain(request.captures[0]);
  DomainRecord record = domain->record;
  if (auto refused = check_match(request, roster_etag(record))) return *refused;
  if (const auto applied = apply(record, *write); !applied) return not_acceptable(applied.error());
  return save_roster(std::move(record), false, answer);
}

ServerResponse ControlApi::put_account(const ServerRequest& request, KeptAnswer& answer) {
  auto write = parse<AccountWrite>(request.body.empty() ? "{}" : request.body);
  if (!write) return problem(write.error());
  write->name = request.captures[1];
  const auto lock = parts_.registry.writing();
  const auto state = parts_.registry.state();
  const auto* domain = state->find(request.captures[0]);
  if (!domain) return no_such_domain(request.captures[0]);
  DomainRecord record = domain->record;
  if (const auto applied = apply(record, *write); !applied) return not_acceptable(applied.error());
  return save_roster(std::move(record), false, answer);
}

ServerResponse ControlApi::delete_account(const ServerRequest& request, KeptAnswer& answer) {
  const auto lock = parts_.registry.writing();
  const auto state = parts_.registry.state();
  const auto* domain = state->find(request.captures[0]);
  if (!domain) return no_such_domain(request.captures[0]);
  DomainRecord record = domain->record;
  if (record.credentials.erase(lower_case(request.captures[1])) == 0) {
    return problem(404, "Unknown account", "no account has this name");
  }
  return save_roster(std::move(record), true, answer);
}

ServerResponse ControlApi::put_alias(const ServerRequest& request, KeptAnswer& answer) {
  const auto write = parse<AliasWrite>(request.body);
  if (!write) return problem(write.error());
  const auto lock = parts_.registry.writing();
  const auto state = parts_.registry.state();
  const auto* domain = state->find(request.captures[0]);
  if (!domain) return no_such_domain(request.captures[0]);
  DomainRecord record = domain->record;
  auto alias = normalised({request.captures[1], write->targets}, record.row.domain);
  if (!alias) return not_acceptable(alias.error());
  std::erase_if(record.roster.aliases, [&](const Alias& a) { return a.name == alias->name; });
  record.roster.aliases.push_back(std::move(*alias));
  return save_roster(std::move(record), false, answer);
}

ServerResponse ControlApi::delete_alias(const ServerRequest& request, KeptAnswer& answer) {
  const auto lock = parts_.registry.writing();
  const auto state = parts_.registry.state();
  const auto* domain = state->find(request.captures[0]);
  if (!domain) return no_such_domain(request.captures[0]);
  DomainRecord record = domain->record;
  const auto name = lower_case(request.captures[1]);
  if (std::erase_if(record.roster.aliases, [&](const Alias& a) { return a.name == name; }) == 0) {
    return problem(404, "Unknown alias", "no alias has this name");
  }
  return save_roster(std::move(record), true, answer);
}

}  // namespace mxswitch::orchestrator
