#include "dashboards/views/json.h"

namespace mxswitch::dashboards {
namespace {

using nlohmann::json;

json counts_json(const monitor::LookCounts& counts) {
  json by_class = json::object();
  for (const auto c : {AnswerClass::new_, AnswerClass::old, AnswerClass::mixed, AnswerClass::absent,
                       AnswerClass::foreign, AnswerClass::failed})
    by_class[monitor::to_text(c)] = counts.of(c);
  return {{"asked", counts.asked},
          {"counted", counts.counted()},
          {"split", counts.split},
          {"by_class", by_class}};
}

}  // namespace

json to_json(const monitor::OneLook& look) {
  json facts = json::array(), reasons = json::array();
  for (const auto& fact : look.facts)
    facts.push_back({{"weight", monitor::to_text(fact.weight)},
                     {"code", fact.code},
                     {"text", fact.text},
                     {"who", fact.who}});
  for (const auto& reason : look.reasons())
    reasons.push_back({{"code", reason.code}, {"text", reason.text}});
  return {{"look", monitor::to_text(look.look)},
          {"facts", facts},
          {"reasons", reasons},
          {"counts",
           {{"authorities", counts_json(look.authorities)},
            {"resolvers", counts_json(look.resolvers)}}},
          {"not_looked_at", look.not_looked_at},
          {"drain_judged", false}};
}

}  // namespace mxswitch::dashboards
