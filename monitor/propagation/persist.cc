#include "monitor/propagation/persist.h"

#include <stdexcept>

// Readings of foreign types and of optionals.
namespace nlohmann {

template <>
struct adl_serializer<mxswitch::Duration> {
  static void to_json(json& j, mxswitch::Duration d) { j = d.count(); }
  static void from_json(const json& j, mxswitch::Duration& d) {
    d = mxswitch::Duration(j.get<std::int64_t>());
  }
};

template <>
struct adl_serializer<mxswitch::seconds> {
  static void to_json(json& j, mxswitch::seconds s) { j = s.count(); }
  static void from_json(const json& j, mxswitch::seconds& s) {
    s = mxswitch::seconds(j.get<std::int64_t>());
  }
};

template <>
struct adl_serializer<mxswitch::Time> {
  static void to_json(json& j, mxswitch::Time t) { j = {{"at_ms", t.time_since_epoch().count()}}; }
  static void from_json(const json& j, mxswitch::Time& t) {
    t = mxswitch::Time(mxswitch::Duration(j.at("at_ms").get<std::int64_t>()));
  }
};

template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& j, const std::optional<T>& value) {
    if (value)
      j = *value;
    else
      j = nullptr;
  }
  static void from_json(const json& j, std::optional<T>& value) {
    if (j.is_null())
      value.reset();
    else
      value = j.get<T>();
  }
};

template <>
struct adl_serializer<mxswitch::probes::DnsName> {
  static void to_json(json& j, const mxswitch::probes::DnsName& name) { j = name.text(); }
  static void from_json(const json& j, mxswitch::probes::DnsName& name) {
    auto parsed = mxswitch::probes::DnsName::parse(j.get<std::string>());
    if (!parsed) throw std::runtime_error(parsed.error().text());
    name = std::move(*parsed);
  }
};

template <>
struct adl_serializer<mxswitch::probes::Endpoint> {
  static void to_json(json& j, const mxswitch::probes::Endpoint& e) { j = e.text(); }
  static void from_json(const json& j, mxswitch::probes::Endpoint& e) {
    auto parsed = mxswitch::probes::Endpoint::parse(j.get<std::string>());
    if (!parsed) throw std::runtime_error(parsed.error().text());
    e = *parsed;
  }
};

template <>
struct adl_serializer<mxswitch::probes::SignatureSpan> {
  static void to_json(json& j, const mxswitch::probes::SignatureSpan& span) {
    j = {{"inception", span.inception}, {"expiration", span.expiration}};
  }
  static void from_json(const json& j, mxswitch::probes::SignatureSpan& span) {
    span.inception = j.at("inception").get<mxswitch::Time>();
    span.expiration = j.at("expiration").get<mxswitch::Time>();
  }
};

template <>
struct adl_serializer<mxswitch::probes::MxSet> {
  static void to_json(json& j, const mxswitch::probes::MxSet& set) {
    j = json::array();
    for (const auto& mx : set.records()) j.push_back({mx.preference, mx.exchange});
  }
  static void from_json(const json& j, mxswitch::probes::MxSet& set) {
    std::vector<mxswitch::probes::Mx> records;
    for (const json& mx : j)
      records.push_back({mx.at(0).get<std::uint16_t>(), mx.at(1).get<mxswitch::probes::DnsName>()});
    set = mxswitch::probes::MxSet(std::move(records));
  }
};

}  // namespace nlohmann

namespace mxswitch::monitor {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AuthorityAddress, server, endpoint)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WalkLimits::LeftOut, zone, server)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WalkLimits, left_out, no_v4, no_v6)
// Fields that older states lack take their defaults.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(
    AuthorityState, address, left_at, left_ns_ttl, first_answer_at, last_answer_at, first_set, set,
    ttl, soa_refresh, soa_retry, soa_expire, serial, nsid, polled_at, sent_at, rtt, outcome,
    authoritative, new_rounds, new_since, last_other_at, first_turned_at, failed_polls,
    unknown_since, answers_in_row, through_cname, lame_before, family_dead, spoken_for_since,
    signatures_asked, signature)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(CompanionVersion, data, ttl, first_at, last_at,
                                                ended_at, from_beginning)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(CompanionServer, address, versions, began,
                                                polled_at, failed_polls, rounds, aliased,
                                                lame_before, family_dead, spoken_for_since, left_at,
                                                returns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Companion, name, type, ns_ttl, listed, fault, nonexistent,
                                   servers)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Blackout, zone, evidence, from, to)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Uplink, dead_since, back_at)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(UnseenAuthority, set, fetched_at, ttl, shown_by,
                                                resolvers)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(SuspectFetch, resolver, operator_name, label, set,
                                                fetched_at, ttl)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Cache, nsid, set, ttl, received_at, expires_at, warm)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DotTrack, asked_at, fault, differs, differed_at, agreed_at,
                                   over_udp, over_tls)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OwnName, id_server, asked_at, silent)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SeenCopy, set, ttl, received_at)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ResolverWaiver, reason, until)

void to_json(nlohmann::json& j, const Version& v) {
  j = {{"address", v.address},
       {"nsid", v.nsid},
       {"set", v.set},
       {"ttl", v.ttl},
       {"soa_expire", v.soa_expire},
       {"first_at", v.first_at},
       {"last_at", v.last_at},
       {"ended_at", v.ended_at},
       {"retired_at", v.retired_at},
       {"from_beginning", v.from_beginning}};
}

void from_json(const nlohmann::json& j, Version& v) {
  j.at("address").get_to(v.address);
  j.at("nsid").get_to(v.nsid);
  j.at("set").get_to(v.set);
  j.at("ttl").get_to(v.ttl);
  j.at("soa_expire").get_to(v.soa_expire);
  j.at("first_at").get_to(v.first_at);
  j.at("last_at").get_to(v.last_at);
  j.at("ended_at").get_to(v.ended_at);
  if (j.contains("retired_at")) j.at("retired_at").get_to(v.retired_at);  // older states: none
  v.from_beginning = j.value("from_beginning", true);
}

namespace {

nlohmann::json track_to_json(const ResolverTrack& t) {
  return {{"caches", t.caches.all()},
          {"largest_ttl", t.largest_ttl},
          {"sent_at", t.sent_at},
          {"last_at", t.last_at},
          {"rtt", t.rtt},
          {"outcome", t.outcome},
          {"answered_at", t.answered_at},
          {"set", t.set},
          {"ttl", t.ttl},
          {"nsid", t.nsid},
          {"stale_marked", t.stale_marked},
          {"through_cname", t.through_cname},
          {"bogus_at", t.bogus_at},
          {"authenticated_at", t.authenticated_at},
          {"e0", t.e0},
          {"not_new_at", t.not_new_at},
          {"not_new_in_row", t.not_new_in_row},
          {"new_sent", t.new_sent},
          {"failed_draws", t.failed_draws},
          {"outcomes", t.outcomes},
          {"attempts", t.attempts},
          {"held_earlier", t.held_earlier},
          {"filtered_at", t.filtered_at},
          {"failures_in_row", t.failures_in_row},
          {"seeded", t.seeded},
          {"seed_tries", t.seed_tries},
          {"stretches", t.stretches},
          {"fetches_long", t.fetches_long},
          {"long_copy", t.long_copy},
          {"old_copy", t.old_copy},
          {"stretched_ttl", t.stretched_ttl},
          {"given_ttl", t.given_ttl},
          {"incoherent_until", t.incoherent_until},
          {"control_at", t.control_at},
          {"control_answered_at", t.control_answered_at},
          {"control_failures", t.control_failures},
          {"control_root_only", t.control_root_only},
          {"lies", t.lies},
          {"intercepted", t.intercepted},
          {"own_name", t.own_name},
          {"dot", t.dot},
          {"waiver", t.waiver}};
}

void track_from_json(const nlohmann::json& j, ResolverTrack& t) {
  j.at("caches").get_to(t.caches.all());
  j.at("largest_ttl").get_to(t.largest_ttl);
  j.at("sent_at").get_to(t.sent_at);
  j.at("last_at").get_to(t.last_at);
  j.at("rtt").get_to(t.rtt);
  j.at("outcome").get_to(t.outcome);
  j.at("answered_at").get_to(t.answered_at);
  j.at("set").get_to(t.set);
  j.at("ttl").get_to(t.ttl);
  j.at("nsid").get_to(t.nsid);
  j.at("stale_marked").get_to(t.stale_marked);
  t.through_cname = j.value("through_cname", false);  // older states have none
  j.at("bogus_at").get_to(t.bogus_at);
  if (j.contains("authenticated_at")) j.at("authenticated_at").get_to(t.authenticated_at);
  j.at("e0").get_to(t.e0);
  j.at("not_new_at").get_to(t.not_new_at);
  j.at("not_new_in_row").get_to(t.not_new_in_row);
  j.at("new_sent").get_to(t.new_sent);
  j.at("failed_draws").get_to(t.failed_draws);
  j.at("outcomes").get_to(t.outcomes);
  if (j.contains("attempts")) {  // older states have none
    j.at("attempts").get_to(t.attempts);
    j.at("held_earlier").get_to(t.held_earlier);
    j.at("filtered_at").get_to(t.filtered_at);
  } else {
    t.held_earlier = true;  // so that it is taken for no filter
  }
  j.at("failures_in_row").get_to(t.failures_in_row);
  j.at("seeded").get_to(t.seeded);
  j.at("seed_tries").get_to(t.seed_tries);
  j.at("stretches").get_to(t.stretches);
  if (j.contains("long_copy")) {  // older states have none
    j.at("fetches_long").get_to(t.fetches_long);
    j.at("long_copy").get_to(t.long_copy);
    j.at("old_copy").get_to(t.old_copy);
  }
  j.at("stretched_ttl").get_to(t.stretched_ttl);
  j.at("given_ttl").get_to(t.given_ttl);
  j.at("incoherent_until").get_to(t.incoherent_until);
  j.at("control_at").get_to(t.control_at);
  j.at("control_answered_at").get_to(t.control_answered_at);
  j.at("control_failures").get_to(t.control_failures);
  t.control_root_only = j.value("control_root_only", false);
  j.at("lies").get_to(t.lies);
  j.at("intercepted").get_to(t.intercepted);
  if (j.contains("own_name")) j.at("own_name").get_to(t.own_name);
  if (j.contains("dot")) j.at("dot").get_to(t.dot);
  j.at("waiver").get_to(t.waiver);
}

nlohmann::json silences_to_json(const PropagationState& state) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& [key, silence] : state.silences)
    all.push_back({{"zone", key.zone},
                   {"shown", key.shown},
                   {"v6", key.v6},
                   {"since", silence.since},
                   {"complete", silence.complete}});
  return all;
}

void silences_from_json(const nlohmann::json& saved, PropagationState& state) {
  for (const nlohmann::json& one : saved) {
    const SilentZone key{one.at("zone").get<std::string>(), one.at("shown").get<std::string>(),
                         one.at("v6").get<bool>()};
    state.silences[key] = {one.at("since").get<std::optional<Time>>(),
                           one.at("complete").get<bool>()};
  }
}

}  // namespace

nlohmann::json state_to_json(const PropagationState& state) {
  nlohmann::json tracks = nlohmann::json::object();
  for (const auto& [endpoint, track] : state.tracks) tracks[endpoint.text()] = track_to_json(track);
  return {{"expected", state.input.expected},
          {"authorities", state.authorities.all()},
          {"versions", state.versions.all()},
          {"companions", state.companions.all()},
          {"chain_end", state.chain_end},
          {"ns_ttl", state.ns_ttl},
          {"tracks", std::move(tracks)},
          {"suspects", state.suspects},
          {"unseen", state.unseen},
          {"once_expected", state.once_expected},
          {"enumeration_error", state.enumeration_error},
          {"walk_warnings", state.walk_warnings},
          {"limits", state.limits},
          {"gaps", state.gaps},
          {"silences", silences_to_json(state)},
          {"uplinks", state.uplinks},
          {"blackouts", state.blackouts},
          {"bogus_since", state.bogus_since},
          {"signed_zone", state.signed_zone},
          {"change_started_at", state.change_started_at},
          {"last_old_before_change", state.last_old_before_change},
          {"ready_since", state.ready_since}};
}

void state_from_json(const nlohmann::json& saved, PropagationState& state) {
  saved.at("expected").get_to(state.input.expected);
  saved.at("authorities").get_to(state.authorities.all());
  saved.at("versions").get_to(state.versions.all());
  if (saved.contains("companions")) {  // older states have none
    saved.at("companions").get_to(state.companions.all());
    saved.at("chain_end").get_to(state.chain_end);
    saved.at("ns_ttl").get_to(state.ns_ttl);
  }
  for (const auto& [address, track] : saved.at("tracks").items()) {
    const auto endpoint = Endpoint::parse(address);
    if (!endpoint) throw std::runtime_error(endpoint.error().text());
    track_from_json(track, state.tracks[*endpoint]);
  }
  saved.at("suspects").get_to(state.suspects);
  saved.at("unseen").get_to(state.unseen);
  saved.at("once_expected").get_to(state.once_expected);
  saved.at("enumeration_error").get_to(state.enumeration_error);
  saved.at("walk_warnings").get_to(state.walk_warnings);
  if (saved.contains("limits")) saved.at("limits").get_to(state.limits);  // older states: none
  saved.at("gaps").get_to(state.gaps);
  if (saved.contains("silences")) {  // older states have none
    silences_from_json(saved.at("silences"), state);
    saved.at("uplinks").get_to(state.uplinks);
    saved.at("blackouts").get_to(state.blackouts);
    saved.at("bogus_since").get_to(state.bogus_since);
  }
  state.signed_zone = saved.value("signed_zone", false);
  saved.at("change_started_at").get_to(state.change_started_at);
  saved.at("last_old_before_change").get_to(state.last_old_before_change);
  saved.at("ready_since").get_to(state.ready_since);
  state.drop_foreign_tracks();
}

nlohmann::json clock_to_json(const ClockReading& clock) {
  return {{"now_ms", clock.now.time_since_epoch().count()},
          {"wall_ms", clock.wall.time_since_epoch().count()},
          {"boot_time", clock.boot_time},
          {"boot_id", clock.boot_id},
          {"synchronised", clock.synchronised},
          {"error", clock.error}};
}

// Two processes' timelines begin at wall times that were rounded, and that may have been slewed
// between the starts. No bound comes earlier for that.
constexpr Duration kSlew = seconds(1);

Credit credit_of(const nlohmann::json& saved, const ClockReading& clock) {
  const Time then(Duration(saved.at("now_ms").get<std::int64_t>()));
  const Time wall(Duration(saved.at("wall_ms").get<std::int64_t>()));
  const bool same_boot =
      !clock.boot_id.empty() && saved.at("boot_id").get<std::string>() == clock.boot_id;
  Credit credit;
  if (same_boot) {
    credit.unwatched = clock.boot_time - saved.at("boot_time").get<Duration>();
  } else {
    const Duration error = saved.at("error").get<Duration>() + clock.error;
    credit.unwatched = clock.wall - wall - error;
    credit.accounted = saved.at("synchronised").get<bool>() && clock.synchronised;
  }
  if (credit.unwatched < Duration(0)) {
    credit.unwatched = Duration(0);
    credit.accounted = false;
  }
  // What was `then` on the saved timeline lies `unwatched` before now on this one.
  credit.shift = clock.now - credit.unwatched - then;
  if (credit.shift < Duration(0) && credit.shift >= -kSlew) credit.shift = Duration(0);
  return credit;
}

void move_times(nlohmann::json& json, Duration shift) {
  if (json.is_object() && json.size() == 1 && json.contains("at_ms")) {
    json["at_ms"] = json["at_ms"].get<std::int64_t>() + shift.count();
    return;
  }
  if (json.is_structured())
    for (auto& element : json) move_times(element, shift);
}

}  // namespace mxswitch::monitor
