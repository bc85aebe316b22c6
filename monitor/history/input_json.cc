#include "monitor/history/input_json.h"

#include <fmt/format.h>

#include <stdexcept>

#include "monitor/history/sighting.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using nlohmann::json;

struct DurationField {
  const char* name;
  Duration Policy::*field;
};

constexpr DurationField kDurations[] = {
    {"authority_poll_before_ms", &Policy::authority_poll_before},
    {"authority_poll_ms", &Policy::authority_poll},
    {"authority_poll_done_ms", &Policy::authority_poll_done},
    {"authority_spread_ms", &Policy::authority_spread},
    {"delta_ms", &Policy::delta},
    {"clock_error_ms", &Policy::clock_error},
    {"floor_ms", &Policy::floor},
    {"sample_spacing_ms", &Policy::sample_spacing},
    {"reprobe_first_ms", &Policy::reprobe_first},
    {"reprobe_second_ms", &Policy::reprobe_second},
    {"reprobe_most_ms", &Policy::reprobe_most},
    {"stretcher_after_ms", &Policy::stretcher_after},
    {"violator_after_ms", &Policy::violator_after},
    {"settle_ms", &Policy::settle},
    {"validity_ms", &Policy::validity},
    {"query_deadline_ms", &Policy::query_deadline},
    {"stale_allowance_ms", &Policy::stale_allowance},
    {"history_ttl_ms", &Policy::history_ttl},
    {"recovery_ms", &Policy::recovery},
    {"failing_retry_ms", &Policy::failing_retry},
    {"failing_most_ms", &Policy::failing_most},
    {"failing_rest_ms", &Policy::failing_rest},
};

constexpr std::int64_t kMost = 100'000;
constexpr Duration kLongest = std::chrono::hours(24 * 366 * 100);

json policy_json(const Policy& policy) {
  json all = {{"k", policy.k},
              {"min_operators", policy.min_operators},
              {"min_countries", policy.min_countries},
              {"seed", policy.seed}};
  for (const DurationField& one : kDurations) all[one.name] = (policy.*one.field).count();
  return all;
}

// What a plan can say, with room to spare; a file of a stranger must not overflow a sum.
std::int64_t bounded(const json& all, const char* name, std::int64_t least, std::int64_t most) {
  const auto number = all.at(name).get<std::int64_t>();
  if (number < least || number > most)
    throw std::runtime_error(fmt::format("{}: {} is out of bounds", name, number));
  return number;
}

Policy policy_from_json(const json& all) {
  Policy policy;
  policy.k = static_cast<int>(bounded(all, "k", 1, kMost));
  policy.min_operators = static_cast<int>(bounded(all, "min_operators", 0, kMost));
  policy.min_countries = static_cast<int>(bounded(all, "min_countries", 0, kMost));
  policy.seed = all.at("seed").get<bool>();
  for (const DurationField& one : kDurations)
    if (all.contains(one.name))  // older files lack the younger ones
      policy.*one.field = Duration(bounded(all, one.name, 0, kLongest.count()));
  return policy;
}

template <class T>
T take(Result<T> parsed) {
  if (!parsed) throw std::runtime_error(parsed.error().text());
  return std::move(*parsed);
}

json resolver_json(const probes::Resolver& resolver) {
  json row = {{"address", resolver.endpoint.text()},
              {"operator", resolver.operator_name},
              {"name", resolver.name},
              {"place", resolver.place},
              {"country", resolver.country_code},
              {"latitude", resolver.latitude},
              {"longitude", resolver.longitude},
              {"anycast", resolver.anycast},
              {"filtering", resolver.filtering},
              {"tier", resolver.tier == probes::Tier::isp ? "isp" : "public"},
              {"upstream", resolver.upstream}};
  if (!resolver.dot_name.empty()) row["dot_name"] = resolver.dot_name;
  return row;
}

probes::Resolver resolver_from_json(const json& row) {
  probes::Resolver resolver;
  resolver.endpoint = take(Endpoint::parse(row.at("address").get<std::string>()));
  resolver.operator_name = row.value("operator", "");
  resolver.name = row.value("name", "");
  resolver.place = row.value("place", "");
  resolver.country_code = row.value("country", "");
  resolver.latitude = row.value("latitude", 0.0);
  resolver.longitude = row.value("longitude", 0.0);
  resolver.anycast = row.value("anycast", false);
  resolver.filtering = row.value("filtering", false);
  resolver.tier = row.value("tier", "public") == "isp" ? probes::Tier::isp : probes::Tier::public_;
  resolver.upstream = row.value("upstream", "");
  resolver.dot_name = row.value("dot_name", "");
  return resolver;
}

}  // namespace

json resolvers_json(const probes::ResolverList& resolvers) {
  json list = json::array();
  for (const probes::Resolver& resolver : resolvers) list.push_back(resolver_json(resolver));
  return list;
}

probes::ResolverList resolvers_from_json(const json& list) {
  std::vector<probes::Resolver> resolvers;
  for (const json& row : list) resolvers.push_back(resolver_from_json(row));
  return resolvers;
}

json input_json(const PropagationInput& input, const std::string& resolvers_digest) {
  json all = {{"owner", input.owner.text()},
              {"expected", mx_json(input.expected)},
              {"policy", policy_json(input.policy)},
              {"resolvers", resolvers_digest}};
  if (input.declared_old) all["declared_old"] = mx_json(*input.declared_old);
  if (input.declared_old_ttl) all["declared_old_ttl_s"] = input.declared_old_ttl->count();
  if (input.changed_at) all["changed_at"] = format_time_ms(*input.changed_at);
  for (const DnsName& one : input.formerly) all["formerly"].push_back(one.text());
  for (const IgnoredAuthority& one : input.ignored_authorities)
    all["ignored_authorities"].push_back({{"server", one.server}, {"reason", one.reason}});
  if (input.ns_drain_by_ttl) all["ns_drain_by_ttl"] = true;
  if (input.compares_dot) all["compares_dot"] = true;
  for (const Endpoint& control : input.family_controls)
    all["family_controls"].push_back(control.text());
  return all;
}

PropagationInput input_from_json(const json& all, const ResolverLists& lists) {
  PropagationInput input;
  input.owner = take(DnsName::parse(all.at("owner").get<std::string>()));
  input.expected = mx_from_json(all.at("expected"));
  if (all.contains("declared_old")) input.declared_old = mx_from_json(all.at("declared_old"));
  if (all.contains("declared_old_ttl_s"))
    input.declared_old_ttl = seconds(bounded(all, "declared_old_ttl_s", 0, UINT32_MAX));
  if (all.contains("changed_at"))
    input.changed_at = take(parse_time(all.at("changed_at").get<std::string>()));
  input.policy = policy_from_json(all.at("policy"));
  if (all.contains("formerly"))
    for (const json& one : all.at("formerly"))
      input.formerly.push_back(take(DnsName::parse(one.get<std::string>())));
  if (all.contains("ignored_authorities"))
    for (const json& one : all.at("ignored_authorities"))
      input.ignored_authorities.push_back(
          {one.at("server").get<std::string>(), one.at("reason").get<std::string>()});
  input.ns_drain_by_ttl = all.value("ns_drain_by_ttl", false);
  input.compares_dot = all.value("compares_dot", false);
  if (all.contains("family_controls"))
    for (const json& control : all.at("family_controls"))
      input.family_controls.push_back(take(Endpoint::parse(control.get<std::string>())));
  const auto digest = all.at("resolvers").get<std::string>();
  const auto list = lists.find(digest);
  if (list == lists.end())
    throw std::runtime_error(fmt::format("no list of resolvers has the digest \"{}\"", digest));
  input.resolvers = list->second;
  return input;
}

}  // namespace mxswitch::monitor
