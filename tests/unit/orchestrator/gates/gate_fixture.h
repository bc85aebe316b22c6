// A world in which every gate opens; each test breaks one thing of it.
#pragma once

#include "orchestrator/gates/judge.h"
#include "probes/base/time_text.h"
#include "tests/fakes/dkim_keys.h"

namespace mxswitch::orchestrator {

inline Time at(std::string_view text = "2026-11-22T12:00:00Z") { return *parse_time(text); }

inline GatePlan good_plan() {
  GatePlan plan;
  plan.domain = "shop.example";
  plan.digest = "d1";
  plan.old_server_exempts = true;
  plan.spf_asked = true;
  return plan;
}

inline monitor::PropagationReport ready_report(Time now) {
  monitor::PropagationReport report;
  report.owner = *probes::DnsName::parse("shop.example");
  report.at = now;
  report.verdict = monitor::Verdict::ready;
  report.a.holds = report.b.holds = report.c.holds = report.d.holds = monitor::Holds::yes;
  report.change_started_at = now - std::chrono::hours(2);
  report.strict_until = now - std::chrono::minutes(30);
  report.opens_at = report.strict_until;
  report.ready_from = *report.strict_until + seconds(120);
  monitor::AuthorityReport authority;
  authority.last_at = now - seconds(5);
  report.authorities = {authority};
  report.counted = 48;
  return report;
}

inline RelayNodeFacts good_node(const std::string& id, const std::string& address) {
  RelayNodeFacts node;
  node.id = id;
  node.addresses = {address};
  node.reachable = node.authenticated = node.in_force = true;
  node.mode = Mode::forward;
  node.dry_run = node.dry_run_back = DryRun::accepted;
  return node;
}

inline SpfFacts right_spf(const std::string& owner, Time now) {
  SpfFacts spf;
  spf.owner = owner;
  spf.matrix.state = monitor::SpfState::right;
  spf.matrix.why = "old and new senders pass at 12 resolvers and 2 authorities";
  spf.matrix.authorities = 2;
  spf.matrix.resolvers = 12;
  spf.observed_at = now;
  return spf;
}

// Makes one of the reports another one, which is the caller's to change.
inline monitor::PropagationReport& edit(Facts& facts, std::size_t index = 0) {
  const auto changed = std::make_shared<monitor::PropagationReport>(*facts.reports.at(index));
  facts.reports[index] = changed;
  return *changed;
}

inline ReportPtr shared(monitor::PropagationReport report) {
  return std::make_shared<const monitor::PropagationReport>(std::move(report));
}

inline Facts good_facts(Time now) {
  Facts f;
  f.reports = {shared(ready_report(now))};
  f.relay.nodes = {good_node("node-1", "192.0.2.1"), good_node("node-2", "192.0.2.2")};
  f.relay.exchanges = {{"mx1.filter.example", {"192.0.2.1"}},
                       {"mx2.filter.example", {"192.0.2.2"}}};
  f.relay.observed_at = f.relay.dry_run_at = f.relay.exchanges_at = now;
  f.old_server.nodes = {{"node-1", ProbeResult::accepted, "250 ok", false, ""},
                        {"node-2", ProbeResult::accepted, "250 ok", false, ""}};
  f.old_server.size_asked = true;
  f.old_server.size_old = 20'000'000;
  f.old_server.size_relay = 10'000'000;
  f.old_server.observed_at = now;
  f.mta_sts = {true, true, false, {}, "", now, {}, {}, {"mx1.filter.example"}};
  f.flow.addresses = {{"mx1.filter.example", "192.0.2.1", now - seconds(60), ""},
                      {"mx2.filter.example", "192.0.2.2", now - seconds(60), ""}};
  f.flow.last_message_at = now - std::chrono::hours(1);
  f.flow.observed_at = now;
  f.roster.given = f.roster.flow_known = true;
  f.roster.accounts = 3;
  f.roster.aliases = 6;
  f.roster.observed_at = now;
  f.contact.channels = {
      {"email", "ops@elsewhere.example", "", true, true, now - seconds(30), "", ""}};
  f.contact.observed_at = now;
  f.spf = {right_spf("shop.example", now)};
  const std::string key = std::string("v=DKIM1; k=rsa; p=") + fakes::kRsa2048;
  f.outbound.selectors = {{"s1", {"the authorities", "", {key}}, {{"Quad9 9.9.9.9", "", {key}}}}};
  f.outbound.dmarc.resize(1);
  f.outbound.dmarc[0].asked = {{"shop.example", {"v=DMARC1; p=reject", "unrelated"}, ""}};
  f.outbound.observed_at = now;
  f.operator_ = {true, "jo", "moving day", "d1", {}, true, {}, "", now};
  return f;
}

}  // namespace mxswitch::orchestrator
