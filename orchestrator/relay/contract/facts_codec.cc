// What a node saw: Flow, Probe, Queue, Health; and ProbeWrite.
#include "orchestrator/relay/contract/codec.h"
#include "orchestrator/relay/contract/field_reader.h"

namespace mxswitch::orchestrator {
namespace {

FlowRecipient read_recipient(FieldReader& fields) {
  FlowRecipient recipient;
  recipient.address = fields.foreign_text("address", kAddressLimit);
  recipient.count = fields.integer("count", 0);
  recipient.old_accepted = fields.integer("old_accepted", 0);
  recipient.old_rejected = fields.integer("old_rejected", 0);
  recipient.last_at = fields.time("last_at");
  recipient.covered = fields.boolean("covered");
  return recipient;
}

Flow read_flow(FieldReader& fields) {
  Flow flow;
  flow.node = fields.text("node", kWordLimit);
  flow.since = fields.time("since");
  flow.accepted = fields.integer("accepted", 0);
  flow.forwarded = fields.integer("forwarded", 0);
  flow.hosted = fields.integer("hosted", 0);
  flow.deferred = fields.integer("deferred", 0);
  flow.rejected = fields.integer("rejected", 0);
  flow.last_accepted_at = fields.nullable_time("last_accepted_at", Presence::optional);
  flow.truncated = fields.boolean("truncated");
  for (FieldReader& item : fields.objects("recipients", kNamesLimit)) {
    flow.recipients.push_back(read_recipient(item));
  }
  return flow;
}

ProbeWrite read_probe_write(FieldReader& fields) {
  ProbeWrite write;
  write.kind = fields.choice("kind", probe_kind_from);
  write.recipient = fields.optional_text("recipient", kAddressLimit);
  fields.refuse_unknown();
  return write;
}

Probe read_probe(FieldReader& fields) {
  Probe probe;
  probe.id = fields.uuid("id");
  probe.kind = fields.choice("kind", probe_kind_from);
  probe.address = fields.text("address", kAddressLimit);
  probe.node = fields.text("node", kWordLimit);
  probe.expires_at = fields.time("expires_at");
  probe.result = fields.choice("result", probe_result_from);
  probe.accepted_at = fields.nullable_time("accepted_at", Presence::optional);
  probe.delivered_at = fields.nullable_time("delivered_at", Presence::optional);
  probe.reply = fields.nullable_foreign_text("reply", kReplyLimit);
  return probe;
}

Queue read_queue(FieldReader& fields) {
  Queue queue;
  queue.node = fields.text("node", kWordLimit);
  queue.messages = fields.integer("messages", 0);
  queue.oldest_at = fields.nullable_time("oldest_at", Presence::required);
  queue.accepted_before_route = fields.integer("accepted_before_route", 0);
  return queue;
}

Health read_health(FieldReader& fields) {
  Health health;
  health.status = fields.text("status", kWordLimit);
  if (health.status != "ok" && health.status != "degraded") {
    fields.refuse("status", "is none of the values the contract lists");
  }
  health.version = fields.text("version", kWordLimit);
  health.node = fields.text("node", kWordLimit);
  health.modes = fields.choices("modes", mode_from);
  for (FieldReader& item : fields.objects("peers", kNodesLimit)) {
    std::string node = item.text("node", kWordLimit);
    health.peers.push_back({std::move(node), item.boolean("reachable")});
  }
  return health;
}

}  // namespace

nlohmann::json to_json(const Flow& f) {
  auto recipients = nlohmann::json::array();
  for (const FlowRecipient& r : f.recipients) {
    recipients.push_back({{"address", r.address},
                          {"count", r.count},
                          {"old_accepted", r.old_accepted},
                          {"old_rejected", r.old_rejected},
                          {"last_at", format_time_ms(r.last_at)},
                          {"covered", r.covered}});
  }
  return {{"node", f.node},           {"since", format_time_ms(f.since)},
          {"accepted", f.accepted},   {"forwarded", f.forwarded},
          {"hosted", f.hosted},       {"deferred", f.deferred},
          {"rejected", f.rejected},   {"last_accepted_at", time_or_null(f.last_accepted_at)},
          {"truncated", f.truncated}, {"recipients", std::move(recipients)}};
}

nlohmann::json to_json(const ProbeWrite& w) {
  nlohmann::json out = {{"kind", to_text(w.kind)}};
  if (w.recipient) out["recipient"] = *w.recipient;
  return out;
}

nlohmann::json to_json(const Probe& p) {
  return {{"id", p.id},
          {"kind", to_text(p.kind)},
          {"address", p.address},
          {"node", p.node},
          {"expires_at", format_time_ms(p.expires_at)},
          {"result", to_text(p.result)},
          {"accepted_at", time_or_null(p.accepted_at)},
          {"delivered_at", time_or_null(p.delivered_at)},
          {"reply", text_or_null(p.reply)}};
}

nlohmann::json to_json(const Queue& q) {
  return {{"node", q.node},
          {"messages", q.messages},
          {"oldest_at", time_or_null(q.oldest_at)},
          {"accepted_before_route", q.accepted_before_route}};
}

nlohmann::json to_json(const Health& h) {
  auto modes = nlohmann::json::array();
  for (const Mode mode : h.modes) modes.push_back(to_text(mode));
  auto peers = nlohmann::json::array();
  for (const PeerHealth& peer : h.peers) {
    peers.push_back({{"node", peer.node}, {"reachable", peer.reachable}});
  }
  return {{"status", h.status},
          {"version", h.version},
          {"node", h.node},
          {"modes", std::move(modes)},
          {"peers", std::move(peers)}};
}

template <>
Result<Flow> parse(std::string_view json_text) {
  return parse_object(json_text, read_flow);
}
template <>
Result<ProbeWrite> parse(std::string_view json_text) {
  return parse_object(json_text, read_probe_write);
}
template <>
Result<Probe> parse(std::string_view json_text) {
  return parse_object(json_text, read_probe);
}
template <>
Result<Queue> parse(std::string_view json_text) {
  return parse_object(json_text, read_queue);
}
template <>
Result<Health> parse(std::string_view json_text) {
  return parse_object(json_text, read_health);
}

}  // namespace mxswitch::orchestrator
