// A domain's route: RelayDomain, DomainWrite, RouteWrite.
#include <fmt/format.h>

#include "orchestrator/relay/contract/codec.h"
#include "orchestrator/relay/contract/domain_page.h"
#include "orchestrator/relay/contract/field_reader.h"
#include "probes/base/json_text.h"

namespace mxswitch::orchestrator {
namespace {

std::string read_next_hop(FieldReader& fields, const char* key) {
  std::string next_hop = fields.text(key, kNextHopLimit);
  if (next_hop.empty()) fields.refuse(key, "is empty");
  return next_hop;
}

InForce read_in_force(FieldReader fields) {
  InForce in_force;
  in_force.node = fields.text("node", kWordLimit);
  in_force.generation = fields.integer("generation", 0);
  in_force.route_seen_at = fields.nullable_time("route_seen_at", Presence::required);
  return in_force;
}

RelayDomain read_domain(FieldReader& fields) {
  RelayDomain domain;
  domain.domain = fields.text("domain", kDomainLimit);
  domain.mode = fields.choice("mode", mode_from);
  domain.unknown = fields.choice("unknown", unknown_names_from);
  domain.forward = fields.nullable_text("forward", kNextHopLimit, Presence::required);
  domain.hosted = read_next_hop(fields, "hosted");
  domain.generation = fields.integer("generation", 1);
  domain.op_id = fields.nullable_text("op_id", kWordLimit, Presence::required);
  domain.updated_at = fields.time("updated_at");
  domain.roster_digest = fields.text("roster_digest", kWordLimit);
  domain.in_force = read_in_force(fields.object("in_force"));
  return domain;
}

// A new domain starts where no roster is needed.
std::optional<Mode> first_mode_from(std::string_view text) {
  const auto mode = mode_from(text);
  return mode == Mode::forward || mode == Mode::hold ? mode : std::nullopt;
}

DomainWrite read_domain_write(FieldReader& fields) {
  DomainWrite write;
  write.forward = fields.nullable_text("forward", kNextHopLimit, Presence::required);
  write.hosted = read_next_hop(fields, "hosted");
  write.mode = fields.optional_choice("mode", first_mode_from);
  write.op_id = fields.uuid("op_id");
  write.reason = fields.text("reason", kReasonLimit);
  fields.refuse_unknown();
  return write;
}

RouteWrite read_route_write(FieldReader& fields) {
  RouteWrite write;
  write.mode = fields.choice("mode", mode_from);
  write.unknown =
      fields.optional_choice("unknown", unknown_names_from).value_or(UnknownNames::reject);
  write.roster_digest = fields.optional_text("roster_digest", kWordLimit);
  write.op_id = fields.uuid("op_id");
  write.reason = fields.text("reason", kReasonLimit);
  fields.refuse_unknown();
  return write;
}

}  // namespace

nlohmann::json to_json(const RelayDomain& d) {
  return {{"domain", d.domain},
          {"mode", to_text(d.mode)},
          {"unknown", to_text(d.unknown)},
          {"forward", text_or_null(d.forward)},
          {"hosted", d.hosted},
          {"generation", d.generation},
          {"op_id", text_or_null(d.op_id)},
          {"updated_at", format_time_ms(d.updated_at)},
          {"roster_digest", d.roster_digest},
          {"in_force",
           {{"node", d.in_force.node},
            {"generation", d.in_force.generation},
            {"route_seen_at", time_or_null(d.in_force.route_seen_at)}}}};
}

nlohmann::json to_json(const DomainWrite& w) {
  nlohmann::json out = {{"forward", text_or_null(w.forward)},
                        {"hosted", w.hosted},
                        {"op_id", w.op_id},
                        {"reason", w.reason}};
  if (w.mode) out["mode"] = to_text(*w.mode);
  return out;
}

nlohmann::json to_json(const RouteWrite& w) {
  nlohmann::json out = {{"mode", to_text(w.mode)},
                        {"unknown", to_text(w.unknown)},
                        {"op_id", w.op_id},
                        {"reason", w.reason}};
  if (w.roster_digest) out["roster_digest"] = *w.roster_digest;
  return out;
}

std::string encode(const nlohmann::json& value) { return json_text(value); }

Result<std::vector<RelayDomain>> parse_domain_page(std::string_view json_text) {
  if (json_text.size() > kBodyLimit) return fail(Fault::malformed, "the JSON body is too long");
  const auto page = nlohmann::json::parse(json_text, nullptr, false);
  if (!page.is_array()) return fail(Fault::malformed, "the body is no JSON array");
  std::vector<RelayDomain> domains;
  for (const auto& element : page) {
    std::optional<Error> error;
    FieldReader reader(element, fmt::format("/{}", domains.size()), error);
    domains.push_back(read_domain(reader));
    if (error) return Failure(*error);
  }
  return domains;
}

template <>
Result<RelayDomain> parse(std::string_view json_text) {
  return parse_object(json_text, read_domain);
}
template <>
Result<DomainWrite> parse(std::string_view json_text) {
  return parse_object(json_text, read_domain_write);
}
template <>
Result<RouteWrite> parse(std::string_view json_text) {
  return parse_object(json_text, read_route_write);
}

}  // namespace mxswitch::orchestrator
