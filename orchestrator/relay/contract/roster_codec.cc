// Accounts and aliases: Roster, RosterWrite, AccountWrite, AliasWrite. Names are judged by the
// roster rules, not here; here they are only bounded.
#include "orchestrator/relay/contract/codec.h"
#include "orchestrator/relay/contract/field_reader.h"

namespace mxswitch::orchestrator {
namespace {

constexpr const char* kDelimiter = "+";

std::vector<Alias> read_aliases(FieldReader& fields, bool request) {
  std::vector<Alias> aliases;
  for (FieldReader& item : fields.objects("aliases", kNamesLimit)) {
    Alias alias;
    alias.name = item.text("name", kLocalPartLimit);
    alias.targets = item.texts("targets", 1, kTargetsLimit, kAddressLimit);
    if (request) item.refuse_unknown();
    aliases.push_back(std::move(alias));
  }
  return aliases;
}

std::optional<std::string> checked_delimiter(FieldReader& fields,
                                             std::optional<std::string> delimiter) {
  if (delimiter && delimiter->size() != 1) fields.refuse("delimiter", "is not one character");
  return delimiter;
}

Roster read_roster(FieldReader& fields) {
  Roster roster;
  for (FieldReader& item : fields.objects("accounts", kNamesLimit)) {
    std::string name = item.text("name", kLocalPartLimit);
    roster.accounts.push_back({std::move(name), item.boolean("must_change_password")});
  }
  roster.aliases = read_aliases(fields, false);
  roster.catch_all = fields.nullable_text("catch_all", kAddressLimit, Presence::required);
  roster.delimiter =
      checked_delimiter(fields, fields.nullable_text("delimiter", kWordLimit, Presence::required));
  roster.same_as = fields.nullable_text("same_as", kDomainLimit, Presence::required);
  roster.digest = fields.text("digest", kWordLimit);
  return roster;
}

void read_initial_password(FieldReader& fields, AccountWrite& account) {
  account.password_hash = fields.optional_text("password_hash", kHashLimit);
  account.must_change_password = fields.boolean("must_change_password", true);
  account.reset_password = fields.boolean("reset_password", false);
  account.initial_expires_at = fields.nullable_time("initial_expires_at", Presence::optional);
  fields.refuse_unknown();
}

AccountWrite read_account_write(FieldReader& fields) {
  AccountWrite account;
  read_initial_password(fields, account);
  return account;
}

RosterWrite read_roster_write(FieldReader& fields) {
  RosterWrite write;
  for (FieldReader& item : fields.objects("accounts", kNamesLimit)) {
    AccountWrite account;
    account.name = item.text("name", kLocalPartLimit);
    read_initial_password(item, account);
    write.accounts.push_back(std::move(account));
  }
  write.aliases = read_aliases(fields, true);
  write.catch_all = fields.nullable_text("catch_all", kAddressLimit, Presence::optional);
  write.delimiter = fields.has("delimiter")
                        ? fields.nullable_text("delimiter", kWordLimit, Presence::required)
                        : kDelimiter;
  write.delimiter = checked_delimiter(fields, write.delimiter);
  write.same_as = fields.nullable_text("same_as", kDomainLimit, Presence::optional);
  write.op_id = fields.optional_uuid("op_id");
  fields.refuse_unknown();
  return write;
}

AliasWrite read_alias_write(FieldReader& fields) {
  AliasWrite write;
  write.targets = fields.texts("targets", 1, kTargetsLimit, kAddressLimit);
  fields.refuse_unknown();
  return write;
}

nlohmann::json aliases_json(const std::vector<Alias>& aliases) {
  auto out = nlohmann::json::array();
  for (const Alias& alias : aliases) {
    out.push_back({{"name", alias.name}, {"targets", alias.targets}});
  }
  return out;
}

}  // namespace

nlohmann::json to_json(const Roster& r) {
  auto accounts = nlohmann::json::array();
  for (const Account& account : r.accounts) {
    accounts.push_back(
        {{"name", account.name}, {"must_change_password", account.must_change_password}});
  }
  return {{"accounts", std::move(accounts)},        {"aliases", aliases_json(r.aliases)},
          {"catch_all", text_or_null(r.catch_all)}, {"delimiter", text_or_null(r.delimiter)},
          {"same_as", text_or_null(r.same_as)},     {"digest", r.digest}};
}

nlohmann::json to_json(const AccountWrite& w) {
  nlohmann::json out = {{"must_change_password", w.must_change_password},
                        {"reset_password", w.reset_password},
                        {"initial_expires_at", time_or_null(w.initial_expires_at)}};
  if (!w.name.empty()) out["name"] = w.name;
  if (w.password_hash) out["password_hash"] = *w.password_hash;
  return out;
}

nlohmann::json to_json(const AliasWrite& w) { return {{"targets", w.targets}}; }

nlohmann::json to_json(const RosterWrite& w) {
  auto accounts = nlohmann::json::array();
  for (const AccountWrite& account : w.accounts) accounts.push_back(to_json(account));
  nlohmann::json out = {{"accounts", std::move(accounts)},
                        {"aliases", aliases_json(w.aliases)},
                        {"catch_all", text_or_null(w.catch_all)},
                        {"delimiter", text_or_null(w.delimiter)},
                        {"same_as", text_or_null(w.same_as)}};
  if (w.op_id) out["op_id"] = *w.op_id;
  return out;
}

template <>
Result<Roster> parse(std::string_view json_text) {
  return parse_object(json_text, read_roster);
}
template <>
Result<RosterWrite> parse(std::string_view json_text) {
  return parse_object(json_text, read_roster_write);
}
template <>
Result<AccountWrite> parse(std::string_view json_text) {
  return parse_object(json_text, read_account_write);
}
template <>
Result<AliasWrite> parse(std::string_view json_text) {
  return parse_object(json_text, read_alias_write);
}

}  // namespace mxswitch::orchestrator
