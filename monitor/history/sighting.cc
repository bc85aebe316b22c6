#include "monitor/history/sighting.h"

#include <fmt/format.h>

#include <array>
#include <sstream>
#include <stdexcept>

#include "probes/base/json_text.h"

namespace mxswitch::monitor {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<Outcome, const char*>, 7> kOutcomes{
    {{Outcome::answered, "answered"},
     {Outcome::no_data, "no_data"},
     {Outcome::nxdomain, "nxdomain"},
     {Outcome::servfail, "servfail"},
     {Outcome::refused, "refused"},
     {Outcome::timed_out, "timed_out"},
     {Outcome::malformed, "malformed"}}};

const char* word_of(Outcome outcome) {
  for (const auto& [value, word] : kOutcomes)
    if (value == outcome) return word;
  return "malformed";
}

Outcome outcome_from(const json& answer) {
  const auto& given = answer.at("outcome").get_ref<const std::string&>();
  for (const auto& [value, word] : kOutcomes)
    if (given == word) return value;
  throw std::runtime_error(fmt::format("unknown outcome \"{}\"", given));
}

template <class T>
T take(Result<T> parsed) {
  if (!parsed) throw std::runtime_error(parsed.error().text());
  return std::move(*parsed);
}

probes::RrType type_from(const std::string& word) {
  using probes::RrType;
  for (const RrType type : {RrType::a, RrType::aaaa, RrType::cname, RrType::ds, RrType::dnskey})
    if (word == probes::to_text(type)) return type;
  throw std::runtime_error(fmt::format("unknown type \"{}\"", word));
}

json addresses_json(const std::vector<AuthorityAddress>& addresses) {
  json list = json::array();
  for (const AuthorityAddress& one : addresses)
    list.push_back({{"server", one.server.text()}, {"address", one.endpoint.text()}});
  return list;
}

std::vector<AuthorityAddress> addresses_from(const json& list) {
  std::vector<AuthorityAddress> addresses;
  for (const json& one : list)
    addresses.push_back({take(DnsName::parse(one.at("server").get<std::string>())),
                         take(Endpoint::parse(one.at("address").get<std::string>()))});
  return addresses;
}

json companions_json(const std::vector<ListedCompanion>& companions) {
  json list = json::array();
  for (const ListedCompanion& one : companions) {
    json row = {{"name", one.name.text()},
                {"type", probes::to_text(one.type)},
                {"endpoints", addresses_json(one.endpoints)},
                {"ns_ttl_s", one.ns_ttl.count()}};
    if (!one.fault.empty()) row["fault"] = one.fault;
    if (one.nonexistent) row["nonexistent"] = true;
    list.push_back(std::move(row));
  }
  return list;
}

std::vector<ListedCompanion> companions_from(const json& list) {
  std::vector<ListedCompanion> companions;
  for (const json& row : list) {
    ListedCompanion& one = companions.emplace_back();
    one.name = take(DnsName::parse(row.at("name").get<std::string>()));
    one.type = type_from(row.at("type").get<std::string>());
    one.endpoints = addresses_from(row.at("endpoints"));
    one.ns_ttl = seconds(row.at("ns_ttl_s").get<std::int64_t>());
    one.fault = row.value("fault", "");
    one.nonexistent = row.value("nonexistent", false);
  }
  return companions;
}

// Absent means no: most answers have none of these.
void flag(json& answer, const char* name, bool set) {
  if (set) answer[name] = true;
}

bool has(const json& answer, const char* name) { return answer.value(name, false); }

// The dates only where they don't hold: some servers sign each answer anew, which is no news.
void note_signature(json& answer, const AuthoritySample& sample) {
  if (!sample.signature) return;
  const auto second = [](Time time) {
    return std::chrono::floor<seconds>(time).time_since_epoch().count();
  };
  if (sample.signature->holds_at(sample.received_at))
    answer["signature_holds"] = true;
  else
    answer["signature"] = {{"from_s", second(sample.signature->inception)},
                           {"until_s", second(sample.signature->expiration)}};
}

std::optional<SignatureSpan> signature_from(const json& answer, Time received_at) {
  if (has(answer, "signature_holds")) return SignatureSpan{received_at, received_at};
  if (!answer.contains("signature")) return std::nullopt;
  const json& span = answer.at("signature");
  return SignatureSpan{Time(seconds(span.at("from_s").get<std::int64_t>())),
                       Time(seconds(span.at("until_s").get<std::int64_t>()))};
}

template <class Sample>
json common_json(const Sample& sample) {
  json answer = {{"outcome", word_of(sample.outcome)}};
  if (sample.outcome == Outcome::answered) answer["mx"] = mx_json(sample.set);
  if (!sample.nsid.empty()) answer["nsid"] = sample.nsid;
  flag(answer, "through_cname", sample.through_cname);
  return answer;
}

template <class Sample>
void read_common(const Sighting& sighting, const json& answer, Sample& sample) {
  sample.received_at = sighting.moment.received_at;
  sample.sent_at = sighting.moment.received_at - sighting.moment.took;
  sample.ttl = sighting.moment.ttl;
  sample.outcome = outcome_from(answer);
  if (answer.contains("mx")) sample.set = mx_from_json(answer.at("mx"));
  sample.nsid = answer.value("nsid", "");
  sample.through_cname = has(answer, "through_cname");
}

// Which set a conclusive answer gave; empty for others.
std::string set_of(const json& answer) {
  if (answer.contains("mx")) return json_text(answer.at("mx"));
  const std::string outcome = answer.value("outcome", "");
  return outcome == "no_data" || outcome == "nxdomain" ? "no MX" : "";
}

template <class Sample>
Moment moment_of(const Sample& sample) {
  return {0, sample.received_at, sample.received_at - sample.sent_at, sample.ttl};
}

void feed_authority(Propagation& core, const Sighting& sighting, const json& answer) {
  AuthoritySample sample;
  const std::size_t space = sighting.server.rfind(' ');
  if (space == std::string::npos) throw std::runtime_error("server: a name and an address");
  sample.owner = core.mx_name();
  sample.server = take(DnsName::parse(sighting.server.substr(0, space)));
  sample.endpoint = take(Endpoint::parse(sighting.server.substr(space + 1)));
  read_common(sighting, answer, sample);
  sample.authoritative = has(answer, "aa");
  sample.signatures_asked = has(answer, "signatures_asked");
  sample.signature = signature_from(answer, sample.received_at);
  if (answer.contains("serial")) sample.serial = answer.at("serial").get<std::uint32_t>();
  sample.soa_refresh = answer.value("soa_refresh_s", 0u);
  sample.soa_retry = answer.value("soa_retry_s", 0u);
  sample.soa_expire = answer.value("soa_expire_s", 0u);
  core.observe(sample);
}

void feed_companion(Propagation& core, const Sighting& sighting, const json& answer) {
  CompanionSample sample;
  std::istringstream words(sighting.server);
  std::string name, type, server, address;
  words >> name >> type >> server >> address;
  sample.name = take(DnsName::parse(name));
  sample.type = type_from(type);
  sample.server = take(DnsName::parse(server));
  sample.endpoint = take(Endpoint::parse(address));
  sample.received_at = sighting.moment.received_at;
  sample.sent_at = sighting.moment.received_at - sighting.moment.took;
  sample.ttl = sighting.moment.ttl;
  sample.outcome = outcome_from(answer);
  sample.data = answer.value("data", "");
  sample.authoritative = has(answer, "aa");
  sample.aliased = has(answer, "aliased");
  core.observe(sample);
}

void feed_resolver(Propagation& core, const Sighting& sighting, const json& answer) {
  ResolverSample sample;
  sample.owner = core.input().owner;
  sample.resolver = take(Endpoint::parse(sighting.server));
  read_common(sighting, answer, sample);
  sample.authenticated = has(answer, "authenticated");
  sample.stale_marked = has(answer, "stale_marked");
  sample.bogus_marked = has(answer, "bogus_marked");
  sample.filter_marked = has(answer, "filter_marked");
  core.observe(sample);
}

void feed_control(Propagation& core, const Sighting& sighting, const json& answer) {
  ControlSample sample;
  sample.resolver = take(Endpoint::parse(sighting.server));
  sample.received_at = sighting.moment.received_at;
  sample.root_answered = has(answer, "root_answered");
  sample.root_only = has(answer, "root_only");
  sample.lies = has(answer, "lies");
  sample.intercepted = has(answer, "intercepted");
  core.observe(sample);
}

void feed_identity(Propagation& core, const Sighting& sighting, const json& answer) {
  IdentitySample sample;
  sample.resolver = take(Endpoint::parse(sighting.server));
  sample.received_at = sighting.moment.received_at;
  sample.answered = has(answer, "answered");
  sample.id_server = answer.value("id_server", "");
  core.observe(sample);
}

void feed_dot(Propagation& core, const Sighting& sighting, const json& answer) {
  DotSample sample;
  sample.resolver = take(Endpoint::parse(sighting.server));
  sample.received_at = sighting.moment.received_at;
  sample.sent_at = sighting.moment.received_at - sighting.moment.took;
  sample.outcome = outcome_from(answer);
  if (answer.contains("mx")) sample.set = mx_from_json(answer.at("mx"));
  sample.stale_marked = has(answer, "stale_marked");
  sample.fault = answer.value("fault", "");
  core.observe(sample);
}

json limits_json(const WalkLimits& limits) {
  json all = json::object();
  flag(all, "no_v4", limits.no_v4);
  flag(all, "no_v6", limits.no_v6);
  for (const WalkLimits::LeftOut& one : limits.left_out)
    all["left_out"].push_back({{"zone", one.zone.text()}, {"server", one.server.text()}});
  return all;
}

WalkLimits limits_from(const json& all) {
  WalkLimits limits;
  limits.no_v4 = has(all, "no_v4");
  limits.no_v6 = has(all, "no_v6");
  for (const json& one : all.value("left_out", json::array()))
    limits.left_out.push_back({take(DnsName::parse(one.at("zone").get<std::string>())),
                               take(DnsName::parse(one.at("server").get<std::string>()))});
  return limits;
}

void feed_walk(Propagation& core, const Sighting& sighting, const json& answer) {
  const Time at = sighting.moment.received_at;
  if (answer.contains("fault")) return core.enumeration_failed(answer.at("fault"), at);
  const DnsName mx_name = answer.contains("mx_name")
                              ? take(DnsName::parse(answer.at("mx_name").get<std::string>()))
                              : core.input().owner;
  core.set_chain(mx_name, companions_from(answer.value("companions", json::array())), at);
  core.set_limits(limits_from(answer.value("limits", json::object())), at);
  core.set_endpoints(addresses_from(answer.at("endpoints")), at,
                     answer.value("warnings", std::vector<std::string>()),
                     seconds(answer.value("ns_ttl_s", std::int64_t{0})), has(answer, "signed"));
}

}  // namespace

json mx_json(const MxSet& set) {
  json records = json::array();
  for (const probes::Mx& mx : set.records())
    records.push_back({{"preference", mx.preference}, {"exchange", mx.exchange.text()}});
  return records;
}

MxSet mx_from_json(const json& records) {
  std::vector<probes::Mx> all;
  for (const json& mx : records)
    all.push_back({mx.at("preference").get<std::uint16_t>(),
                   take(DnsName::parse(mx.at("exchange").get<std::string>()))});
  return MxSet(std::move(all));
}

namespace {

Sighting sighting(const char* kind, std::string server, const json& answer, Moment moment) {
  Sighting sighting;
  sighting.kind = kind;
  sighting.server = std::move(server);
  sighting.answer = json_text(answer);
  sighting.moment = std::move(moment);
  return sighting;
}

}  // namespace

Sighting sighting_of(const AuthoritySample& sample) {
  json answer = common_json(sample);
  flag(answer, "aa", sample.authoritative);
  flag(answer, "signatures_asked", sample.signatures_asked);
  note_signature(answer, sample);
  Sighting seen = sighting("authority", sample.server.text() + " " + sample.endpoint.text(), answer,
                           moment_of(sample));
  seen.site = sample.nsid;
  json soa = json::object();
  if (sample.serial) soa["serial"] = *sample.serial;
  if (sample.soa_expire != 0) {
    soa["soa_refresh_s"] = sample.soa_refresh;
    soa["soa_retry_s"] = sample.soa_retry;
    soa["soa_expire_s"] = sample.soa_expire;
  }
  if (!soa.empty()) seen.occasional = json_text(soa);
  seen.set = set_of(answer);
  return seen;
}

Sighting sighting_of(const CompanionSample& sample) {
  json answer = {{"outcome", word_of(sample.outcome)}};
  if (!sample.data.empty()) answer["data"] = sample.data;
  flag(answer, "aa", sample.authoritative);
  flag(answer, "aliased", sample.aliased);
  return sighting("companion",
                  fmt::format("{} {} {} {}", sample.name.text(), probes::to_text(sample.type),
                              sample.server.text(), sample.endpoint.text()),
                  answer, moment_of(sample));
}

Sighting sighting_of(const ResolverSample& sample) {
  json answer = common_json(sample);
  flag(answer, "authenticated", sample.authenticated);
  flag(answer, "stale_marked", sample.stale_marked);
  flag(answer, "bogus_marked", sample.bogus_marked);
  flag(answer, "filter_marked", sample.filter_marked);
  return sighting("resolver", sample.resolver.text(), answer, moment_of(sample));
}

Sighting sighting_of(const ControlSample& sample) {
  json answer = json::object();
  flag(answer, "root_answered", sample.root_answered);
  flag(answer, "root_only", sample.root_only);
  flag(answer, "lies", sample.lies);
  flag(answer, "intercepted", sample.intercepted);
  return sighting("control", sample.resolver.text(), answer, {.received_at = sample.received_at});
}

Sighting sighting_of(const IdentitySample& sample) {
  json answer = json::object();
  flag(answer, "answered", sample.answered);
  if (!sample.id_server.empty()) answer["id_server"] = sample.id_server;
  return sighting("identity", sample.resolver.text(), answer, {.received_at = sample.received_at});
}

Sighting sighting_of(const DotSample& sample) {
  json answer = {{"outcome", word_of(sample.outcome)}};
  if (sample.outcome == Outcome::answered) answer["mx"] = mx_json(sample.set);
  flag(answer, "stale_marked", sample.stale_marked);
  if (!sample.fault.empty()) answer["fault"] = sample.fault;
  return sighting("dot", sample.resolver.text(), answer,
                  {0, sample.received_at, sample.received_at - sample.sent_at});
}

Sighting sighting_of(const WalkResult& walk, Time at) {
  json answer = json::object();
  if (walk.endpoints.empty()) {
    answer["fault"] = walk.fault;
  } else {
    if (!walk.mx_name.is_root()) answer["mx_name"] = walk.mx_name.text();
    answer["endpoints"] = addresses_json(walk.endpoints);
    if (!walk.companions.empty()) answer["companions"] = companions_json(walk.companions);
    answer["warnings"] = walk.warnings;
    answer["ns_ttl_s"] = walk.ns_ttl.count();
    flag(answer, "signed", walk.signed_zone);
    if (json limits = limits_json(walk.limits); !limits.empty()) answer["limits"] = limits;
  }
  return sighting("walk", {}, answer, {.received_at = at});
}

Sighting sighting_of_row(const std::string& kind, const std::string& server,
                         const std::string& body) {
  json answer = json::parse(body), soa = json::object();
  for (const char* name : {"serial", "soa_refresh_s", "soa_retry_s", "soa_expire_s"}) {
    if (!answer.contains(name)) continue;
    soa[name] = answer.at(name);
    answer.erase(name);
  }
  Sighting sighting;
  sighting.kind = kind;
  sighting.server = server;
  sighting.answer = json_text(answer);
  if (!soa.empty()) sighting.occasional = json_text(soa);
  if (kind != "authority") return sighting;
  sighting.site = answer.value("nsid", "");
  sighting.set = set_of(answer);
  return sighting;
}

Result<void> feed(Propagation& core, const Sighting& sighting) {
  using Feed = void (*)(Propagation&, const Sighting&, const json&);
  constexpr std::array<std::pair<const char*, Feed>, 7> kFeeds{{{"authority", feed_authority},
                                                                {"companion", feed_companion},
                                                                {"resolver", feed_resolver},
                                                                {"control", feed_control},
                                                                {"identity", feed_identity},
                                                                {"dot", feed_dot},
                                                                {"walk", feed_walk}}};
  try {
    for (const auto& [kind, give] : kFeeds)
      if (sighting.kind == kind) give(core, sighting, json::parse(sighting.answer));
    return {};
  } catch (const std::exception& error) {
    return fail(Fault::malformed, fmt::format("the answer can't be read: {}", error.what()),
                sighting.kind + " " + sighting.server);
  }
}

}  // namespace mxswitch::monitor
