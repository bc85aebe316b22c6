#include "monitor/simulation/words.h"

#include <fmt/format.h>

#include "monitor/propagation/classify.h"
#include "monitor/simulation/expectations.h"
#include "monitor/simulation/run.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor::simulation {
namespace {

std::string served(const Event& event) {
  std::string text = event.target;
  if (event.site > 0) text += fmt::format(", site {},", event.site);
  text += fmt::format(" serves {}, TTL {} s", set_text(event.zone.set), event.zone.ttl);
  if (event.serial) text += fmt::format(", serial {}", *event.serial);
  return text;
}

std::string for_whom(const Event& event) {
  return event.whom == Whom::us ? " us" : event.whom == Whom::caches ? " caches" : "";
}

std::string lost_words(const Event& event) {
  return event.text == "uplink" ? "our uplink" : event.text;
}

std::string restarted(const Event& event) {
  if (event.text == "rebooted") return "the machine that watches reboots; NTP holds its clock";
  if (event.text == "unsynchronised") return "the machine that watches reboots without NTP";
  if (event.text == "jumped") return "the program restarts after the clock was set an hour ahead";
  return "the program that watches is killed and starts again";
}

nlohmann::json reasons_json(const std::vector<Reason>& reasons) {
  nlohmann::json list = nlohmann::json::array();
  for (const Reason& reason : reasons) {
    nlohmann::json one = {{"code", reason.code}, {"text", reason.text}};
    if (reason.until) one["until_at"] = format_time(*reason.until);
    list.push_back(std::move(one));
  }
  return list;
}

nlohmann::json queries_json(const QueryCounts& counts) {
  return {{"authority", counts.authority},
          {"companion", counts.companion},
          {"seed", counts.seed},
          {"draining", counts.draining},
          {"sampling", counts.sampling},
          {"control", counts.control},
          {"all", counts.all()}};
}

}  // namespace

std::string words_of(const Event& event) {
  using Verb = Event::Verb;
  switch (event.verb) {
    case Verb::watch:
      return "the watch begins";
    case Verb::serve:
      return served(event);
    case Verb::record:
      return fmt::format("{} serves {} {} {}, TTL {} s", event.record.server.text(),
                         event.record.name.text(), probes::to_text(event.record.type),
                         event.record.data.empty() ? "nothing" : event.record.data,
                         event.record.ttl);
    case Verb::lose_family:
      return lost_words(event) + (event.text == "uplink" ? " is dead" : " is dead from here");
    case Verb::regain_family:
      return lost_words(event) + " works again";
    case Verb::down:
      return event.target + " stops answering" + for_whom(event);
    case Verb::up:
      return event.target + " answers" + for_whom(event) + " again";
    case Verb::refuse:
      return event.target + " refuses all queries" +
             (event.whom == Whom::all ? "" : " of" + for_whom(event));
    case Verb::slow:
      return event.target + " answers" + for_whom(event) + " slowly";
    case Verb::join:
      return event.target + " is delegated to from now on";
    case Verb::leave:
      return event.target + " is no longer delegated";
    case Verb::waive:
      return fmt::format("{} is waived: {}", event.target, event.text);
    case Verb::restart:
      return restarted(event);
    case Verb::suspend:
      return "the machine that watches sleeps for " + format_duration(event.lasting);
    case Verb::plan:
      return "the plan now expects " + set_text(event.zone.set);
    case Verb::loss:
      return fmt::format("{:g} % of our packets are lost from now on", event.percent);
    case Verb::break_signatures:
      return "the zone's signatures break";
    case Verb::mend_signatures:
      return "the zone's signatures are mended";
  }
  return {};
}

std::string timeline_text(const RunResult& result) {
  std::string text;
  for (const TimelineEntry& entry : result.timeline) {
    const std::string at = entry.at == Duration(0) ? "0 s" : format_duration(entry.at);
    if (!entry.event.empty()) {
      text += fmt::format("{:>12}  {}\n", at, entry.event);
      continue;
    }
    text += fmt::format("{:>12}  {}\n", at,
                        entry.verdict == Verdict::ready  ? "READY"
                        : entry.verdict == Verdict::hold ? "HOLD"
                                                         : "UNKNOWN");
    for (const Reason& reason : entry.reasons)
      text += fmt::format("{:>16}{}: {}\n", "", reason.code, reason.text);
  }
  return text;
}

nlohmann::json timeline_json(const Scenario& scenario, const RunResult& result) {
  nlohmann::json timeline = nlohmann::json::array();
  for (const TimelineEntry& entry : result.timeline) {
    nlohmann::json one = {{"after_ms", entry.at.count()}};
    if (entry.event.empty()) {
      one["verdict"] = std::string(to_text(entry.verdict));
      one["reasons"] = reasons_json(entry.reasons);
    } else {
      one["event"] = entry.event;
    }
    timeline.push_back(std::move(one));
  }
  nlohmann::json body = {{"title", scenario.title},
                         {"owner", scenario.owner.text()},
                         {"timeline", std::move(timeline)},
                         {"queries", queries_json(result.queries)},
                         {"failures", result.failures}};
  if (result.ready) body["ready_after_ms"] = result.ready->at.count();
  return body;
}

}  // namespace mxswitch::monitor::simulation
