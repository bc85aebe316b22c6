#include "orchestrator/plan/digest.h"

#include <algorithm>

#include "probes/base/json_text.h"
#include "probes/base/secrets.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

using Json = nlohmann::json;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

template <class T, class Text>
Json sorted(const std::vector<T>& values, Text text) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const T& value : values) texts.push_back(text(value));
  std::sort(texts.begin(), texts.end());
  return texts;
}

Json sorted_texts(const std::vector<std::string>& values) {
  return sorted(values, [](const std::string& value) { return value; });
}
std::string name_text(const probes::DnsName& name) { return lower_case(name.text()); }
std::string address_text(const probes::IpAddress& address) { return address.text(); }

template <class T, class Text>
Json or_null(const std::optional<T>& value, Text text) {
  return value ? Json(text(*value)) : Json();
}
Json or_null(const std::optional<std::string>& value) { return value ? Json(*value) : Json(); }
std::string mx_text(const probes::MxSet& set) { return lower_case(set.text()); }

Json authority_json(const AuthorityPlan& authority) {
  const auto ignored = sorted(authority.ignore, [](const IgnoredServer& entry) {
    return lower_case(entry.server) + " " + entry.reason;
  });
  Json all = {{"ignore", ignored}, {"ns_drain_by_ttl", authority.ns_drain_by_ttl}};
  for (const auto& server : authority.formerly) all["formerly"].push_back(server.text());
  return all;
}

Json spf_json(const SpfPlan& spf) {
  return {{"require", sorted_texts(spf.require)},
          {"all", spf.all},
          {"senders_old", sorted(spf.senders_old, address_text)},
          {"senders_new", sorted(spf.senders_new, address_text)},
          {"helo", or_null(spf.helo, name_text)}};
}

Json policy_json(const monitor::Policy& p) {
  const auto ms = [](Duration d) { return d.count(); };
  Json all = {{"authority_poll_before", ms(p.authority_poll_before)},
              {"authority_poll", ms(p.authority_poll)},
              {"authority_poll_done", ms(p.authority_poll_done)},
              {"authority_spread", ms(p.authority_spread)},
              {"delta", ms(p.delta)},
              {"clock_error", ms(p.clock_error)},
              {"floor", ms(p.floor)},
              {"k", p.k},
              {"sample_spacing", ms(p.sample_spacing)},
              {"min_operators", p.min_operators},
              {"min_countries", p.min_countries},
              {"reprobe", {ms(p.reprobe_first), ms(p.reprobe_second), ms(p.reprobe_most)}},
              {"stretcher_after", ms(p.stretcher_after)},
              {"violator_after", ms(p.violator_after)},
              {"settle", ms(p.settle)},
              {"validity", ms(p.validity)},
              {"query_deadline", ms(p.query_deadline)},
              {"stale_allowance", ms(p.stale_allowance)},
              {"seed", p.seed}};
  // Younger than plans that were applied: those keep their digest.
  const monitor::Policy usual;
  if (p.history_ttl != usual.history_ttl) all["history_ttl"] = ms(p.history_ttl);
  if (p.recovery != usual.recovery) all["recovery"] = ms(p.recovery);
  const Json retry = {ms(p.failing_retry), ms(p.failing_most), ms(p.failing_rest)};
  if (retry != Json{ms(usual.failing_retry), ms(usual.failing_most), ms(usual.failing_rest)})
    all["failing_retry"] = retry;
  return all;
}

Json rules_json(const Plan& plan) {
  return {{"quiet", plan.quiet},
          {"window", or_null(plan.window, [](const Window& window) { return window.text(); })},
          {"approvers", plan.approvers},
          {"unknown_grace", plan.unknown_grace.count()},
          {"probe_from", plan.probe_from}};
}

Json relay_json(const RelayPlan& relay) {
  return {{"name", relay.name},
          {"forward", or_null(relay.forward)},
          {"hosted", or_null(relay.hosted)},
          {"probe_recipient", or_null(relay.probe_recipient)},
          {"old_server_exempts", relay.old_server_exempts}};
}

Json roster_json(const RosterPlan& roster) {
  return {{"given", roster.given()},
          {"catch_all", or_null(roster.catch_all)},
          {"ignore", sorted_texts(roster.ignore)}};
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

Json canonical_json(const Plan& plan) {
  Json canonical = {{"domain", plan.domain},
                    {"alias_domains", sorted(plan.alias_domains, name_text)},
                    {"subdomains", sorted(plan.subdomains, name_text)},
                    {"new_mx", mx_text(plan.new_mx)},
                    {"old_mx", or_null(plan.old_mx, mx_text)},
                    {"old_ttl", or_null(plan.old_ttl, [](seconds ttl) { return ttl.count(); })},
                    {"changed_at", or_null(plan.changed_at, format_time_ms)},
                    {"authority", authority_json(plan.authority)},
                    {"spf", or_null(plan.spf, spf_json)},
                    {"dkim_selectors", sorted_texts(plan.dkim_selectors)},
                    {"relay", relay_json(plan.relay)},
                    {"roster", roster_json(plan.roster)},
                    {"contact", sorted_texts(plan.contact_external)},
                    {"policy", policy_json(plan.policy)},
                    {"rules", rules_json(plan)}};
  // Absent from plans that were given before keys could be planned: their digests stay.
  if (!plan.dkim_keys.empty()) canonical["dkim_keys"] = plan.dkim_keys;
  return canonical;
}

std::string plan_digest(const Plan& plan, const DigestContext& context) {
  const Json whole = {{"format", "mxswitch plan 1"},
                      {"plan", canonical_json(plan)},
                      {"relay_baseline", context.relay_baseline},
                      {"generation", context.generation},
                      {"roster_digest", or_null(context.roster_digest)}};
  return sha256_hex(json_text(whole));
}

bool matches_digest(std::string_view given, std::string_view digest) {
  const std::string prefix = lower_case(given);
  return prefix.size() >= kDigestPrefix && is_hex(prefix) && digest.starts_with(prefix);
}

}  // namespace mxswitch::orchestrator
