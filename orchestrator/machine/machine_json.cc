// The machine's state as the journal keeps it.

#include <fmt/format.h>

#include "orchestrator/machine/machine.h"
#include "probes/base/json_text.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

using nlohmann::json;

std::int64_t stamp(Time t) { return t.time_since_epoch().count(); }
Time time_of(const json& j) { return Time(Duration(j.get<std::int64_t>())); }

State state_of(const json& j) {
  const auto state = state_from(j.get<std::string>());
  if (!state) throw std::runtime_error("unknown state " + json_text(j));
  return *state;
}
Mode mode_of(const json& j) {
  const auto mode = mode_from(j.get<std::string>());
  if (!mode) throw std::runtime_error("unknown mode " + json_text(j));
  return *mode;
}

json armed_json(const Armed& a) {
  return {{"op_id", a.op_id},   {"author", a.author},   {"reason", a.reason},
          {"digest", a.digest}, {"at_ms", stamp(a.at)}, {"approvals", a.approvals}};
}
Armed armed_of(const json& j) {
  return Armed{j.at("op_id"),  j.at("author"),         j.at("reason"),
               j.at("digest"), time_of(j.at("at_ms")), j.at("approvals")};
}

json writing_json(const Writing& w) {
  return {{"op_id", w.op_id},   {"author", w.author},
          {"reason", w.reason}, {"target", to_text(w.target)},
          {"done", w.done},     {"total", w.total},
          {"stuck", w.stuck},   {"begun_ms", stamp(w.begun_at)}};
}
Writing writing_of(const json& j) {
  const Time begun(Duration(j.value("begun_ms", std::int64_t{0})));
  return Writing{j.at("op_id"), j.at("author"), j.at("reason"), mode_of(j.at("target")),
                 j.at("done"),  j.at("total"),  j.at("stuck"),  begun};
}

json freeze_json(const Freeze& f) {
  return {{"author", f.author},
          {"reason", f.reason},
          {"since_ms", stamp(f.since)},
          {"by_rollback", f.by_rollback}};
}
Freeze freeze_of(const json& j) {
  return Freeze{j.at("author"), j.at("reason"), time_of(j.at("since_ms")), j.at("by_rollback")};
}

MachineState read(const json& j) {
  MachineState s;
  s.domain = j.at("domain");
  s.state = state_of(j.at("state"));
  s.since = time_of(j.at("since_ms"));
  s.generation = j.at("generation");
  s.digest = j.at("digest");
  s.base = mode_of(j.at("base"));
  if (j.at("frozen").get<bool>()) {
    s.frozen = j.contains("freeze") ? freeze_of(j.at("freeze")) : Freeze{};
  }
  s.gates_lost = j.at("gates_lost");
  s.relay_unreadable = j.at("relay_unreadable");
  s.told = j.value("told", std::set<std::string>{});
  s.closed = j.at("closed").get<std::vector<std::string>>();
  if (j.contains("armed")) s.armed = armed_of(j.at("armed"));
  if (j.contains("authorised")) {
    s.authorised =
        Authorisation{j.at("authorised").at("digest"), j.at("authorised").at("generation")};
  }
  if (j.contains("writing")) s.writing = writing_of(j.at("writing"));
  s.return_to = state_of(j.at("return_to"));
  if (j.contains("blocked_from")) s.blocked_from = state_of(j.at("blocked_from"));
  s.blocked_why = j.at("blocked_why");
  return s;
}

}  // namespace

json to_json(const MachineState& s) {
  json j = {{"domain", s.domain},
            {"state", to_text(s.state)},
            {"since_ms", stamp(s.since)},
            {"generation", s.generation},
            {"digest", s.digest},
            {"base", to_text(s.base)},
            {"frozen", s.frozen.has_value()},
            {"gates_lost", s.gates_lost},
            {"relay_unreadable", s.relay_unreadable},
            {"told", s.told},
            {"closed", s.closed},
            {"return_to", to_text(s.return_to)},
            {"blocked_why", s.blocked_why}};
  if (s.frozen) j["freeze"] = freeze_json(*s.frozen);
  if (s.armed) j["armed"] = armed_json(*s.armed);
  if (s.authorised) {
    j["authorised"] = {{"digest", s.authorised->digest}, {"generation", s.authorised->generation}};
  }
  if (s.writing) j["writing"] = writing_json(*s.writing);
  if (s.blocked_from) j["blocked_from"] = to_text(*s.blocked_from);
  return j;
}

Result<MachineState> machine_state_from(const json& j) {
  try {
    return read(j);
  } catch (const std::exception& e) {
    return fail(Fault::malformed, fmt::format("the journal's machine state: {}", e.what()), {},
                "the store was written by another version");
  }
}

}  // namespace mxswitch::orchestrator
