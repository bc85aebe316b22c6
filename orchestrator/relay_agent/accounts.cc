#include "orchestrator/relay_agent/accounts.h"

#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/netstring.h"
#include "orchestrator/relay_agent/probe_board.h"
#include "orchestrator/roster/address.h"

namespace mxswitch::orchestrator {
namespace {

std::string home(const MailStore& store, const std::string& domain, const std::string& name) {
  return dict_found(nlohmann::json{{"home", store.root + "/" + domain + "/" + name}}.dump());
}

std::string answer_home(const AddressKey& address, const DomainState* owner,
                        const MailStore& store) {
  const std::string local_part = lower_case(address.local_part);
  const std::string whole = local_part + "@" + address.domain;
  // Any node may have made the token, so its form is enough here: the relay lets none other pass.
  if (whole == store.probe_user || (owner && looks_like_token(local_part))) {
    return dict_found(nlohmann::json{{"home", store.root + "/.probes"}}.dump());
  }
  if (!owner) return dict_not_found();
  const auto found = owner->own_roster->resolve(local_part);
  const auto& credentials = owner->record.credentials;
  if (found.name.empty() || !credentials.contains(found.name)) return dict_not_found();
  return home(store, owner->record.row.domain, found.name);
}

std::string answer_password(const std::string& service, const AddressKey& address,
                            const DomainState* owner, Time now) {
  if (!owner) return dict_not_found();
  const auto& credentials = owner->record.credentials;
  const auto found = credentials.find(lower_case(address.local_part));
  if (found == credentials.end() || found->second.hash.empty()) return dict_not_found();
  const Credential& credential = found->second;
  nlohmann::json answer{{"password", credential.hash}};
  if (credential.must_change) {
    const bool hands_in = service == "smtp" || service == "submission";
    const bool over = credential.initial_expires_at && now >= *credential.initial_expires_at;
    if (hands_in || over) return dict_not_found();
    answer["nologin"] = "y";
    answer["reason"] = "Choose a password of your own first: open the password page";
  }
  return dict_found(answer.dump());
}

}  // namespace

std::string answer_account(const AccountKey& key, const RelayState& state, const MailStore& store,
                           Time now) {
  const auto address = split_address(key.name);
  if (!address) return dict_not_found();
  const DomainState* domain = state.find(address->domain);
  const DomainState* owner = domain ? state.roster_owner(*domain) : nullptr;
  if (key.table == AccountTable::userdb) return answer_home(*address, owner, store);
  return answer_password(key.service, *address, owner, now);
}

}  // namespace mxswitch::orchestrator
