// Reads RRsets that stand beside the MX: "NAME TYPE DATA, DATA ttl SECONDS at SERVER".
#include <fmt/format.h>

#include "monitor/simulation/reader_parts.h"

namespace mxswitch::monitor::simulation {
namespace {

probes::RrType read_type(Line& line) {
  using probes::RrType;
  const std::string word = line.word();
  for (const RrType type : {RrType::a, RrType::aaaa, RrType::cname, RrType::ds, RrType::dnskey})
    if (word == probes::to_text(type)) return type;
  refuse(fmt::format("A, AAAA, CNAME, DS or DNSKEY is wanted, not \"{}\"", word));
}

RecordPlan read_rrset(Line& line) {
  RecordPlan plan;
  plan.name = value_of(DnsName::parse(line.word()));
  plan.type = read_type(line);
  while (!line.done() && !line.take("ttl"))
    plan.data += (plan.data.empty() ? "" : " ") + line.word();
  if (plan.data == "nothing") plan.data.clear();
  plan.ttl = line.number();
  line.want("at", "at SERVER");
  plan.server = value_of(DnsName::parse(line.word()));
  return plan;
}

}  // namespace

void read_record(Scenario& scenario, Line& line) {
  RecordPlan plan = read_rrset(line);
  plan.endpoint = value_of(Endpoint::parse(line.word()));
  scenario.records.push_back(std::move(plan));
}

void read_record_event(Scenario& scenario, Line& line, Event& event) {
  event.record = read_rrset(line);
  for (const RecordPlan& plan : scenario.records)
    if (plan.name == event.record.name && plan.type == event.record.type &&
        plan.server == event.record.server)
      return;
  refuse(fmt::format("no record {} {} stands at {}", event.record.name.text(),
                     probes::to_text(event.record.type), event.record.server.text()));
}

}  // namespace mxswitch::monitor::simulation
