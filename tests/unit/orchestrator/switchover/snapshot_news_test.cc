#include "orchestrator/switchover/snapshot_news.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/fakes/sample_snapshot.h"

namespace mxswitch::orchestrator {
namespace {

using monitor::PropagationReport;
using Change = std::function<void(Snapshot&)>;

const Time kNow(std::chrono::hours(500'000));

// Every part has something in it.
Snapshot full() {
  Snapshot s = fakes::propagating_snapshot(kNow);
  s.overrides = {{"spf", "why", "anna", "digest", kNow, kNow + seconds(60)}};
  s.waivers = {{"Lagoon", "why", "anna", kNow, kNow + seconds(60), s.domain}};
  s.approvals = {"bert"};
  s.other_owners = {fakes::propagating_report(kNow)};
  s.other_spf = {*s.spf};
  s.spf->converges_at = kNow + seconds(60);
  s.gates[0].evidence = nlohmann::json::parse(
      R"({"seen_at": "then", "nodes": [{"node": "a", "arrived_at": "then"}]})");
  PropagationReport& r = s.report;
  r.waivers = {"Lagoon"};
  r.resolvers[0].failed_draws = {kNow};
  r.resolvers[0].e0 = kNow;
  r.resolvers[0].control_at = kNow;
  r.authorities[0].note = "note";
  r.stretched = "a courtesy limit";
  return s;
}

struct Row {
  const char* what;
  Change change;
};

News after(const Change& change) {
  const Snapshot before = full();
  Snapshot changed = before;
  change(changed);
  return news_between(before, changed);
}

void expect_all(const std::vector<Row>& rows, News wanted) {
  for (const Row& row : rows) EXPECT_EQ(after(row.change), wanted) << row.what;
}

#define CHANGE(statement)                       \
  Row {                                         \
#statement, [](Snapshot & s) { statement; } \
  }

TEST(SnapshotNews, TheSameIsNone) {
  const Snapshot one = full();
  EXPECT_EQ(news_between(one, one), News::none);
  EXPECT_EQ(news_between(one, full()), News::ages) << "composed again, with traces of its own";
}

TEST(SnapshotNews, EveryFieldOfASnapshotIsNews) {
  expect_all({CHANGE(s.domain += "x"),
              CHANGE(s.generation++),
              CHANGE(s.state = State::ready),
              CHANGE(s.state_since += seconds(1)),
              CHANGE(s.other_owners.clear()),
              CHANGE(s.other_owners[0].counted++),
              CHANGE(s.spf.reset()),
              CHANGE(s.other_spf.clear()),
              CHANGE(s.gates.pop_back()),
              CHANGE(s.blocked_by.push_back("x")),
              CHANGE(s.waiting_for += "x"),
              CHANGE(*s.next_change_at += seconds(1)),
              CHANGE(s.next_change_at.reset()),
              CHANGE(s.plan_digest += "x"),
              CHANGE(s.frozen = !s.frozen),
              CHANGE(s.operation = "switching 1/2"),
              CHANGE(s.approvals.clear()),
              CHANGE(s.overrides[0].gate += "x"),
              CHANGE(s.overrides[0].reason += "x"),
              CHANGE(s.overrides[0].author += "x"),
              CHANGE(s.overrides[0].digest += "x"),
              CHANGE(s.overrides[0].at += seconds(1)),
              CHANGE(s.overrides[0].expires_at += seconds(1)),
              CHANGE(s.waivers[0].resolver += "x"),
              CHANGE(s.waivers[0].reason += "x"),
              CHANGE(s.waivers[0].author += "x"),
              CHANGE(s.waivers[0].at += seconds(1)),
              CHANGE(s.waivers[0].until.reset()),
              CHANGE(s.waivers[0].owner += "x"),
              CHANGE(s.roster.missing_accounts.pop_back()),
              CHANGE(s.roster.missing_aliases.push_back("x")),
              CHANGE(s.roster.extra_accounts.push_back("x")),
              CHANGE(s.roster.extra_aliases.push_back("x")),
              CHANGE(s.roster.uncovered.clear()),
              CHANGE(s.roster.digest += "x"),
              CHANGE(s.roster.accounts_file += "x"),
              CHANGE(s.roster.aliases_file += "x"),
              CHANGE(s.contact[0].channel += "x"),
              CHANGE(s.contact[0].address += "x"),
              CHANGE(s.contact[0].acknowledged = false),
              CHANGE(s.contact[0].last_delivery_ok = false),
              CHANGE(s.history[0].at += seconds(1)),
              CHANGE(s.history[0].who += "x"),
              CHANGE(s.history[0].what += "x"),
              CHANGE(s.history[0].why += "x"),
              CHANGE(s.history[0].evidence += "x"),
              CHANGE(s.relay.name += "x"),
              CHANGE(s.relay.driver += "x"),
              CHANGE(s.relay.desired += "x"),
              CHANGE(s.relay.observed += "x"),
              CHANGE(s.relay.generation++),
              CHANGE(s.relay.nodes[1].id += "x"),
              CHANGE(s.relay.nodes[1].reachable = false),
              CHANGE(s.relay.nodes[1].mode = "hold"),
              CHANGE(s.relay.nodes[1].generation++),
              CHANGE(s.relay.nodes[1].in_force = false),
              CHANGE(s.relay.nodes[1].accepted++),
              CHANGE(s.relay.nodes[1].forwarded++),
              CHANGE(s.relay.nodes[1].hosted++),
              CHANGE(s.relay.nodes[1].rejected++),
              CHANGE(s.relay.nodes[1].queued++),
              CHANGE(s.relay.nodes[1].error += "x"),
              CHANGE(s.gates[1].id += "x"),
              CHANGE(s.gates[1].verdict = GateVerdict::stale),
              CHANGE(s.gates[1].turn = Turn::customer),
              CHANGE(s.gates[1].why += "x"),
              CHANGE(s.gates[1].evidence["seen"] = 2),
              CHANGE(s.gates[1].evidence["more"] = 2),
              CHANGE(s.gates[0].evidence["nodes"][0]["node"] = "b"),
              CHANGE(s.gates[0].evidence["nodes"].push_back(1)),
              CHANGE(s.gates[1].valid_for += seconds(1)),
              CHANGE(s.gates[1].overridable = !s.gates[1].overridable),
              CHANGE(s.gates[1].overridden = !s.gates[1].overridden),
              CHANGE(*s.gates[1].earliest += seconds(1))},
             News::meaning);
}

TEST(SnapshotNews, EveryFieldOfAReportIsNews) {
  expect_all({CHANGE(s.report.owner = probes::DnsName::parse("other.example").value()),
              CHANGE(s.report.expected = fakes::set_of(fakes::kOldSet)),
              CHANGE(s.report.old_sets.clear()),
              CHANGE(s.report.verdict = monitor::Verdict::ready),
              CHANGE(s.report.reasons[0].code += "x"),
              CHANGE(s.report.reasons[0].text += "x"),
              CHANGE(*s.report.reasons[0].until += seconds(1)),
              CHANGE(s.report.waivers.clear()),
              CHANGE(s.report.warnings.push_back("x")),
              CHANGE(s.report.change_started_at.reset()),
              CHANGE(*s.report.ready_from += seconds(1)),
              CHANGE(s.report.a.holds = monitor::Holds::no),
              CHANGE(s.report.b.reasons.clear()),
              CHANGE(s.report.c.holds = monitor::Holds::unknown),
              CHANGE(s.report.d.holds = monitor::Holds::unknown),
              CHANGE(*s.report.forecast.earliest += seconds(1)),
              CHANGE(s.report.forecast.latest.reset()),
              CHANGE(s.report.forecast.waits_for.text += "x"),
              CHANGE(s.report.forecast.moves[0].effect = monitor::Forecast::Move::Effect::part),
              CHANGE(s.report.forecast.moves[0].code += "x"),
              CHANGE(s.report.forecast.moves[0].text += "x"),
              CHANGE(s.report.forecast.moves[0].until = kNow),
              CHANGE(s.report.assumptions[0].code += "x"),
              CHANGE(s.report.assumptions[0].text += "x"),
              CHANGE(s.report.authorities_consistent = false),
              CHANGE(s.report.drain_started_at.reset()),
              CHANGE(*s.report.strict_until += seconds(1)),
              CHANGE(*s.report.opens_at += seconds(1)),
              CHANGE(*s.report.stale_until += seconds(1)),
              CHANGE(s.report.drain_assumed = true),
              CHANGE(s.report.stale_allowance = true),
              CHANGE(s.report.counted++),
              CHANGE(s.report.warm++),
              CHANGE(s.report.cold++),
              CHANGE(s.report.stale++),
              CHANGE(s.report.operators++),
              CHANGE(s.report.countries++),
              CHANGE(s.report.by_class.clear()),
              CHANGE(s.report.split++),
              CHANGE(s.report.stale_share_upper.reset()),
              CHANGE(s.report.stretched += "x"),
              CHANGE(s.report.spf.reset())},
             News::meaning);
}

TEST(SnapshotNews, EveryFieldOfAServerIsNews) {
  const auto other = probes::Endpoint::parse("192.0.2.99").value();
  const Change changes[] = {
      [](Snapshot& s) { s.report.authorities[0].server = s.report.authorities[1].server; },
      [&](Snapshot& s) { s.report.authorities[0].endpoint = other; },
      [&](Snapshot& s) { s.report.resolvers[0].endpoint = other; },
      [&](Snapshot& s) { s.report.spf->servers[0].endpoint = other; },
      [&](Snapshot& s) { s.spf->rows[0].servers[0].endpoint = other; },
  };
  for (const Change& change : changes) EXPECT_EQ(after(change), News::meaning);
  expect_all({CHANGE(s.report.authorities[0].nsid += "x"),
              CHANGE(s.report.authorities[0].last_class = monitor::AnswerClass::old),
              CHANGE(s.report.authorities[0].set = fakes::set_of(fakes::kOldSet)),
              CHANGE(s.report.authorities[0].ttl++),
              CHANGE(*s.report.authorities[0].serial += 1),
              CHANGE(s.report.authorities[0].authoritative = false),
              CHANGE(s.report.authorities[0].reach = monitor::AuthorityReport::Reach::silent),
              CHANGE(s.report.authorities[0].new_since.reset()),
              CHANGE(s.report.authorities[0].note += "x"),
              CHANGE(s.report.obligations[0].kind = monitor::Obligation::Kind::ds),
              CHANGE(s.report.obligations[0].set = fakes::set_of(fakes::kNewSet)),
              CHANGE(s.report.obligations[0].endpoint += "x"),
              CHANGE(s.report.obligations[0].ended_at.reset()),
              CHANGE(s.report.obligations[0].ttl += seconds(1)),
              CHANGE(*s.report.obligations[0].until += seconds(1)),
              CHANGE(s.report.obligations[0].evidence += "x"),
              CHANGE(s.report.obligations[0].what += "x"),
              CHANGE(s.report.resolvers[0].operator_name += "x"),
              CHANGE(s.report.resolvers[0].name += "x"),
              CHANGE(s.report.resolvers[0].place += "x"),
              CHANGE(s.report.resolvers[0].country_code += "x"),
              CHANGE(s.report.resolvers[0].latitude += 1),
              CHANGE(s.report.resolvers[0].longitude += 1),
              CHANGE(s.report.resolvers[0].anycast = true),
              CHANGE(s.report.resolvers[0].split = true),
              CHANGE(s.report.resolvers[0].last_class = monitor::AnswerClass::new_),
              CHANGE(s.report.resolvers[0].set = fakes::set_of(fakes::kNewSet)),
              CHANGE(s.report.resolvers[0].caches.clear()),
              CHANGE(s.report.resolvers[0].caches[0].nsid += "x"),
              CHANGE(s.report.resolvers[0].caches[0].last_class = monitor::AnswerClass::new_),
              CHANGE(s.report.resolvers[0].caches[0].warm = !s.report.resolvers[0].caches[0].warm),
              CHANGE(s.report.resolvers[0].caches[0].set = fakes::set_of(fakes::kNewSet)),
              CHANGE(s.report.resolvers[0].new_samples++),
              CHANGE(s.report.resolvers[0].wanted_samples++),
              CHANGE(s.report.resolvers[0].failed_draws.clear()),
              CHANGE(s.report.resolvers[0].e0.reset()),
              CHANGE(s.report.resolvers[0].counted = false),
              CHANGE(s.report.resolvers[0].warm = !s.report.resolvers[0].warm),
              CHANGE(s.report.resolvers[0].stretcher = true),
              CHANGE(s.report.resolvers[0].violator = true),
              CHANGE(s.report.resolvers[0].waived = true),
              CHANGE(s.report.resolvers[0].excluded = true),
              CHANGE(s.report.resolvers[0].reason += "x"),
              CHANGE(s.report.resolvers[0].dot += "x")},
             News::meaning);
}

TEST(SnapshotNews, EveryFieldOfSpfIsNews) {
  using monitor::SpfText;
  expect_all({CHANGE(s.report.spf->verdict = SpfText::no_record),
              CHANGE(s.report.spf->required.clear()),
              CHANGE(s.report.spf->why += "x"),
              CHANGE(s.report.spf->servers.pop_back()),
              CHANGE(s.report.spf->servers[0].from_authority = true),
              CHANGE(s.report.spf->servers[0].server += "x"),
              CHANGE(s.report.spf->servers[0].verdict = SpfText::no_record),
              CHANGE(s.report.spf->servers[0].record += "x"),
              CHANGE(s.report.spf->servers[0].why += "x"),
              CHANGE(s.report.spf->servers[0].current = true),
              CHANGE(s.report.spf->resolvers++),
              CHANGE(s.report.spf->seeing++),
              CHANGE(s.report.spf->current++),
              CHANGE(s.report.spf->converges_at.reset()),
              CHANGE(s.report.spf->views += "x"),
              CHANGE(s.report.spf->targets[0].name += "x"),
              CHANGE(s.report.spf->targets[0].why += "x"),
              CHANGE(s.report.spf->targets[0].resolvers++),
              CHANGE(s.report.spf->targets[0].with_record++),
              CHANGE(s.report.spf->targets[0].texts++),
              CHANGE(s.report.spf->targets[0].converges_at.reset()),
              CHANGE(s.spf->owner += "x"),
              CHANGE(s.spf->sends_nothing = true),
              CHANGE(s.spf->state = monitor::SpfState::unknown),
              CHANGE(s.spf->why += "x"),
              CHANGE(s.spf->switched = true),
              CHANGE(s.spf->senders.pop_back()),
              CHANGE(s.spf->errors.push_back("x")),
              CHANGE(s.spf->warnings.push_back("x")),
              CHANGE(s.spf->unknowns.push_back("x")),
              CHANGE(s.spf->authorities++),
              CHANGE(s.spf->resolvers++),
              CHANGE(s.spf->silent++),
              CHANGE(s.spf->texts++),
              CHANGE(s.spf->results++),
              CHANGE(s.spf->converges_at.reset()),
              CHANGE(s.spf->views += "x"),
              CHANGE(s.spf->rows.pop_back()),
              CHANGE(s.spf->rows[0].servers[0].from_authority = true),
              CHANGE(s.spf->rows[0].servers[0].name += "x"),
              CHANGE(s.spf->rows[0].authorities++),
              CHANGE(s.spf->rows[0].resolvers++),
              CHANGE(s.spf->rows[0].state = monitor::SpfState::unknown),
              CHANGE(s.spf->rows[0].evaluated = false),
              CHANGE(s.spf->rows[0].record += "x"),
              CHANGE(s.spf->rows[0].texts++),
              CHANGE(s.spf->rows[0].cells[0].result = probes::spf::SpfResult::neutral),
              CHANGE(s.spf->rows[0].cells[0].why += "x"),
              CHANGE(s.spf->rows[0].cells[0].lookups++),
              CHANGE(s.spf->rows[0].cells[0].voids++),
              CHANGE(s.spf->rows[0].terms[0].term += "x"),
              CHANGE(s.spf->rows[0].terms[0].effect = monitor::SpfEffect::unknown),
              CHANGE(s.spf->rows[0].terms[0].why += "x"),
              CHANGE(s.spf->rows[0].faults.clear())},
             News::meaning);
}

TEST(SnapshotNews, AgesAloneAreNone) {
  expect_all(
      {
        CHANGE(s.at += seconds(1)),
            CHANGE(s.report.at += seconds(1); *s.report.forecast.earliest += seconds(1)),
            CHANGE(s.sequence++), CHANGE(s.report.at += seconds(1)),
            CHANGE(s.report.next_change_at.reset()), CHANGE(s.report.queries_a_day += 1),
            CHANGE(s.report.authorities[0].new_rounds++),
            CHANGE(s.report.authorities[0].last_at += seconds(1)),
            CHANGE(s.report.authorities[0].rtt += Duration(1)),
            CHANGE(s.report.resolvers[0].expires_at.reset()), CHANGE(s.report.resolvers[0].ttl++),
            CHANGE(s.report.resolvers[0].control_at.reset()),
            CHANGE(s.report.resolvers[0].last_at += seconds(1)),
            CHANGE(s.report.resolvers[0].rtt += Duration(1)),
            CHANGE(s.report.resolvers[0].caches[0].expires_at.reset()),
            CHANGE(s.report.resolvers[0].caches[0].ttl++),
            CHANGE(s.report.resolvers[0].caches[0].received_at.reset()),
            CHANGE(s.report.spf->oldest_at += seconds(1)),
            CHANGE(s.report.spf->newest_at += seconds(1)),
            CHANGE(s.report.spf->servers[0].at += seconds(1)),
            CHANGE(s.report.spf->servers[0].expires_at.reset()),
            CHANGE(s.spf->observed_at += seconds(1)),
            CHANGE(s.spf->rows[0].servers[0].expires_at = kNow),
            CHANGE(s.spf->rows[0].cells[1].trace = fakes::spf_trace("other.example")),
            CHANGE(s.gates[1].observed_at += seconds(1)),
            CHANGE(s.gates[0].evidence["seen_at"] = "now"),
            CHANGE(s.gates[0].evidence["nodes"][0]["arrived_at"] = "now"),
            CHANGE(s.relay.nodes[0].route_seen_at = kNow),
            CHANGE(s.relay.nodes[0].observed_at += seconds(1)),
            CHANGE(s.contact[0].last_delivery_at.reset())
      },
      News::ages);
}

// "READY two hours from now, if the change came now" goes along with the clock.
TEST(SnapshotNews, WhatIsReckonedFromNowMovesWithIt) {
  const Snapshot before = full();
  Snapshot later = before;
  later.at += seconds(90);
  later.report.at += seconds(90);
  for (auto* time :
       {&later.report.ready_from, &later.report.forecast.earliest, &later.report.forecast.latest,
        &later.report.strict_until, &later.next_change_at, &later.gates[1].earliest})
    **time += seconds(90);
  EXPECT_EQ(news_between(before, later), News::ages);
  *later.report.forecast.earliest += seconds(1);
  EXPECT_EQ(news_between(before, later), News::meaning);
}

TEST(SnapshotNews, TheAgeInTheSentenceOfAStaleGateIsNone) {
  Snapshot before = full();
  before.gates[1].verdict = GateVerdict::stale;
  Snapshot later = before;
  later.gates[1].why = "last observed 17 min ago";
  EXPECT_EQ(news_between(before, later), News::ages);
}

}  // namespace
}  // namespace mxswitch::orchestrator
