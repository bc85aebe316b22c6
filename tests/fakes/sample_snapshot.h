// Snapshots as the daemon would compose them, for tests of what shows them. Made by hand, so that
// every row of a view has something to show; nothing here is judged.
#pragma once

#include <memory>
#include <string>

#include "orchestrator/switchover/snapshot.h"

namespace mxswitch::fakes {

using monitor::AnswerClass;
using monitor::AuthorityReport;
using monitor::MxSet;
using monitor::ResolverReport;
using orchestrator::GateResult;
using orchestrator::GateVerdict;
using orchestrator::Snapshot;
using orchestrator::State;
using std::chrono::minutes;

inline constexpr const char* kOldSet = "10 mail.shop.example";
inline constexpr const char* kNewSet = "10 mx1.filter.example, 20 mx2.filter.example";

inline MxSet set_of(const std::string& text) { return MxSet::parse(text).value(); }

struct ResolverRow {
  const char *address, *name, *place, *country;
  AnswerClass last_class;
  int ttl;
  bool anycast = false;
};

inline ResolverReport resolver_of(const ResolverRow& row, Time now) {
  ResolverReport r;
  r.endpoint = probes::Endpoint::parse(row.address).value();
  r.operator_name = row.name;
  r.name = row.name;
  r.place = row.place;
  r.country_code = row.country;
  r.anycast = row.anycast;
  r.last_class = row.last_class;
  if (row.last_class == AnswerClass::new_) r.set = set_of(kNewSet);
  if (row.last_class == AnswerClass::old) r.set = set_of(kOldSet);
  if (row.last_class == AnswerClass::foreign) r.set = set_of("5 mx.parked.example");
  r.ttl = static_cast<std::uint32_t>(row.ttl);
  if (row.ttl > 0) r.expires_at = now + seconds(row.ttl);
  r.last_at = now - seconds(5);
  r.rtt = Duration(9 + row.ttl % 140);
  r.counted = row.last_class != AnswerClass::failed;
  r.warm = row.ttl % 2 == 0;
  r.wanted_samples = 23;
  r.new_samples = row.last_class == AnswerClass::new_ ? 23 : 0;
  if (r.expires_at)
    r.caches.push_back(
        {"site-1", row.last_class, r.warm, r.expires_at, r.set, r.ttl, now - seconds(5)});
  if (row.last_class == AnswerClass::old) r.reason = "its cache still holds the old set";
  if (row.last_class == AnswerClass::failed) r.reason = "no answer in 6 s, three times";
  return r;
}

inline void add_resolvers(monitor::PropagationReport& report, Time now, bool all_new) {
  using enum AnswerClass;
  const ResolverRow rows[] = {
      {"192.0.2.11", "Northnet", "Oslo", "NO", old, 842},
      {"192.0.2.12", "Lagoon", "Lagos", "NG", old, 1211},
      {"192.0.2.13", "Quadrant", "", "", new_, 212, true},
      {"192.0.2.14", "Openresolve", "", "", new_, 3041, true},
      {"192.0.2.15", "Alpina", "Bern", "CH", new_, 2520},
      {"192.0.2.16", "Kiwi DNS", "Wellington", "NZ", new_, 1188},
      {"192.0.2.17", "Sakura", "Osaka", "JP", failed, 0},
      {"192.0.2.18", "Prairie", "Winnipeg", "CA", new_, 96},
      {"192.0.2.19", "Bharat Net", "Pune", "IN", new_, 3310},
      {"192.0.2.20", "Rhein", "Bonn", "DE", new_, 2001},
      {"192.0.2.21", "Parker", "Austin", "US", foreign, 300},
      {"[2001:db8::35]", "Nordpol", "Tromso", "NO", new_, 1760},
  };
  for (const auto& row : rows) {
    ResolverRow made = row;
    if (all_new) made.last_class = new_;
    report.resolvers.push_back(resolver_of(made, now));
  }
  if (!all_new) {
    auto& farm = report.resolvers[2];
    farm.split = true;
    farm.caches.push_back(
        {"site-2", old, true, now + seconds(640), set_of(kOldSet), 660, now - seconds(20)});
    farm.reason = "1 of 2 caches is old";
    report.resolvers[1].stretcher = true;
  }
  for (const auto& r : report.resolvers) {
    report.by_class[r.split ? mixed : r.last_class] += 1;
    report.split += r.split ? 1 : 0;
    report.counted += r.counted ? 1 : 0;
    (r.warm ? report.warm : report.cold) += 1;
  }
  report.operators = 12;
  report.countries = 9;
}

inline void add_authorities(monitor::PropagationReport& report, Time now) {
  for (const int number : {1, 2}) {
    AuthorityReport a;
    a.server = probes::DnsName::parse("ns" + std::to_string(number) + ".shop.example").value();
    a.endpoint = probes::Endpoint::parse("198.51.100." + std::to_string(number)).value();
    a.nsid = "ams-" + std::to_string(number);
    a.last_class = AnswerClass::new_;
    a.set = set_of(kNewSet);
    a.ttl = 3600;
    a.serial = 2026112203;
    a.authoritative = true;
    a.reach = AuthorityReport::Reach::answering;
    a.new_rounds = 3;
    a.new_since = now - minutes(18 * number);
    a.last_at = now - seconds(12);
    a.rtt = Duration(21);
    report.authorities.push_back(a);
  }
  report.authorities_consistent = true;
}

inline void add_forecast(monitor::PropagationReport& report, Time now) {
  using Effect = monitor::Forecast::Move::Effect;
  auto& forecast = report.forecast;
  forecast.earliest = now + minutes(41);
  forecast.latest = now + minutes(47);
  forecast.waits_for = {"caches", "ns2 served the old set until 18 min ago, TTL 1 h",
                        report.strict_until};
  forecast.moves = {
      {Effect::later,
       "rollback",
       "an old answer from any authoritative server starts the drain again: READY 1 h 8 min after "
       "the last one",
       {}},
      {Effect::part,
       "samples",
       "23 samples at each of 11 resolvers, 5 s apart, take 1 min 50 s, inside the settle time",
       {}},
      {Effect::part, "stretcher", "Stretcher: Lagoon keeps records 7200 s", now + minutes(45)}};
  report.assumptions = {{"spread", "sites that can't be seen from here follow within 5 min"},
                        {"floor", "no resolver keeps a record longer than its TTL or 1 h"}};
}

inline void add_spf(monitor::PropagationReport& report, Time now) {
  using monitor::SpfText;
  monitor::SpfTextReport spf;
  spf.verdict = SpfText::term_missing;
  spf.why = "Lagoon (192.0.2.12) has one SPF record without \"include:_spf.filter.example\"";
  spf.required = {"include:_spf.filter.example"};
  spf.resolvers = 2;
  spf.seeing = spf.current = 1;
  spf.converges_at = now + minutes(12);
  spf.views =
      "1 of 2 resolvers see include:_spf.filter.example; not Lagoon (192.0.2.12); 1 holds another "
      "record than the authorities, until 14:03:10Z at most";
  const std::string fresh = "v=spf1 mx include:_spf.filter.example -all";
  spf.servers = {
      {false, "Lagoon", probes::Endpoint::parse("192.0.2.12").value(), now - seconds(9),
       SpfText::term_missing, "v=spf1 mx -all", spf.why, false, spf.converges_at},
      {true,
       "ns1.shop.example",
       probes::Endpoint::parse("198.51.100.1").value(),
       now - seconds(9),
       SpfText::term_present,
       fresh,
       "it has it",
       true,
       {}},
      {false, "Northnet", probes::Endpoint::parse("192.0.2.11").value(), now - seconds(9),
       SpfText::term_present, fresh, "it has it", true, now + minutes(30)}};
  spf.targets = {{"_spf.filter.example",
                  "2 of 2 resolvers see one SPF record at "
                  "_spf.filter.example, in 2 versions; the last copy expires 13:58:10Z",
                  2, 2, 2, now + minutes(7)}};
  report.spf = spf;
}

inline monitor::PropagationReport propagating_report(Time now) {
  monitor::PropagationReport report;
  report.owner = probes::DnsName::parse("shop.example").value();
  report.expected = set_of(kNewSet);
  report.old_sets = {set_of(kOldSet)};
  report.at = now;
  report.verdict = monitor::Verdict::hold;
  report.reasons = {{"caches", "caches of the old MX: ns2 served it until a while ago, TTL 1 h",
                     now + minutes(41)}};
  report.change_started_at = now - minutes(20);
  report.drain_started_at = now - minutes(18);
  report.strict_until = now + minutes(39);
  report.opens_at = report.strict_until;
  report.ready_from = now + minutes(41);
  report.next_change_at = report.ready_from;
  report.stale_until = now + std::chrono::hours(72);
  report.a = {monitor::Holds::yes, {}};
  report.b = {monitor::Holds::no,
              {{"caches", "caches may hold 10 mail.shop.example", report.strict_until}}};
  report.c = {monitor::Holds::no,
              {{"stale", "Northnet, Lagoon and Quadrant still answer old", {}}}};
  report.d = {monitor::Holds::yes, {}};
  report.obligations = {{monitor::Obligation::Kind::authority, set_of(kOldSet),
                         "ns2.shop.example 198.51.100.2", now - minutes(18), seconds(3600),
                         now + minutes(39), "ns2 served the old set until 18 min ago, TTL 1 h"}};
  add_authorities(report, now);
  add_resolvers(report, now, false);
  report.stale = 3;
  report.stale_share_upper = 0.412;
  add_forecast(report, now);
  add_spf(report, now);
  return report;
}

inline monitor::PropagationReport ready_report(Time now) {
  auto report = propagating_report(now);
  report.verdict = monitor::Verdict::ready;
  report.reasons.clear();
  report.strict_until = report.opens_at = report.ready_from = now - minutes(3);
  report.next_change_at.reset();
  report.b = report.c = {monitor::Holds::yes, {}};
  report.forecast = {};
  report.resolvers.clear();
  report.by_class.clear();
  report.split = report.counted = report.warm = report.cold = report.stale = 0;
  add_resolvers(report, now, true);
  report.stale_share_upper = 0.139;
  return report;
}

inline GateResult gate_of(std::string id, GateVerdict verdict, std::string why, Time now,
                          orchestrator::Turn turn = orchestrator::Turn::none) {
  GateResult gate;
  gate.id = std::move(id);
  gate.verdict = verdict;
  gate.turn = turn;
  gate.why = std::move(why);
  gate.observed_at = now - seconds(8);
  gate.evidence = {{"seen", 1}};
  return gate;
}

inline void add_gates(Snapshot& s, Time now) {
  using enum GateVerdict;
  using orchestrator::Turn;
  const bool ready = s.report.ready();
  const bool commanded = s.state == State::hosted;
  s.gates = {
      gate_of("authority", pass, "both servers serve the expected set in 3 rounds", now),
      gate_of("propagation", ready ? pass : waits,
              ready ? "drain bound passed; 12 resolvers sampled, none old"
                    : "caches may hold the old MX; 3 of 12 resolvers answer old",
              now, ready ? Turn::none : Turn::time),
      gate_of("spf", pass, "one record; include:_spf.filter.example is in it", now),
      gate_of("mta-sts", pass, "neither _mta-sts TXT nor TLSA is published", now),
      gate_of("relay", pass, "2 of 2 nodes on forward, dry run accepted by all", now),
      gate_of("old-server", pass, "250 for probe@shop.example from both nodes", now),
      gate_of("flow", pass, "probe through both exchanges 2 min ago; 42 real messages", now),
      gate_of("accounts", ready ? pass : waits,
              ready ? "all 14 accounts are at the relay"
                    : "the plan's files were never loaded: mxswitch roster load shop.example",
              now, ready ? Turn::none : Turn::operator_),
      gate_of("aliases", pass, "all 7 aliases are at the relay", now),
      gate_of("contact", pass, "acknowledged by its button; last delivery arrived", now),
      gate_of("outbound", not_asked, "the plan names no dkim_selectors", now),
      gate_of("operator", commanded ? pass : waits,
              commanded ? "the switch was asked for"
                        : "nobody asked yet: mxswitch switch shop.example --reason \"...\"",
              now, commanded ? Turn::none : Turn::operator_),
  };
  s.gates[1].earliest = s.report.ready_from;
  s.gates[4].overridable = s.gates.back().overridable = false;
  for (const auto& gate : s.gates) {
    if (!gate.open()) s.blocked_by.push_back(gate.id);
  }
  s.turn = turn_of(s);
}

inline void add_relay(Snapshot& s, Time now, const std::string& mode) {
  s.relay.name = "filter";
  s.relay.driver = "native";
  s.relay.desired = s.relay.observed = mode;
  s.relay.generation = 7;
  for (const char* id : {"node-1", "node-2"}) {
    orchestrator::RelayNodeView node;
    node.id = id;
    node.reachable = node.in_force = true;
    node.mode = mode;
    node.generation = 7;
    node.accepted = 1042;
    node.forwarded = mode == "hosted" ? 980 : 1042;
    node.hosted = mode == "hosted" ? 62 : 0;
    node.rejected = 11;
    node.queued = 1;
    node.observed_at = now - seconds(4);
    s.relay.nodes.push_back(node);
  }
}

inline Snapshot base_snapshot(State state, Time now) {
  Snapshot s;
  s.domain = "shop.example";
  s.state = state;
  s.state_since = now - minutes(18);
  s.at = now;
  s.sequence = 42;
  s.plan_digest = "6d1f0c9b52ae47d88e1f3c5a7b9d0e24";
  s.contact = {{"webhook", "https://hooks.example/…", true, true, now - seconds(70)},
               {"email", "o***@outside.example", true, true, now - seconds(70)}};
  s.history = {
      {now - minutes(64), "anna", "plan", "customer moves on Sunday", "digest 6d1f0c9b52ae"},
      {now - minutes(63), "mxswitch", "draft -> forwarding", "both nodes forward", "generation 7"},
      {now - minutes(20), "mxswitch", "forwarding -> propagating",
       "first new answer of an authority", "ns1.shop.example serial 2026112203"}};
  return s;
}

// How the new sender comes to "fail" at Lagoon.
inline std::shared_ptr<const probes::spf::TraceTerm> spf_trace(const std::string& text) {
  auto root = std::make_shared<probes::spf::TraceTerm>();
  root->term = "v=spf1";
  root->domain = root->why = text;
  root->result = "fail";
  root->terms.resize(2);
  root->terms[0].term = "mx";
  root->terms[0].result = "no match";
  root->terms[0].lookups = 1;
  root->terms[0].asked.resize(1);
  root->terms[0].asked[0].name = text;
  root->terms[0].asked[0].type = probes::RrType::mx;
  root->terms[0].asked[0].outcome = probes::spf::Lookup::Outcome::found;
  root->terms[0].asked[0].records = {probes::Txt{{text}}};
  root->terms[0].asked[0].ttl = 300;
  root->terms[1].term = "-all";
  root->terms[1].result = "match";
  return root;
}

// What the record evaluates to at the servers of add_spf: Lagoon still holds the one before.
inline void add_spf_matrix(Snapshot& s, Time now) {
  using probes::spf::SpfResult;
  const auto ip = [](const char* text) { return probes::IpAddress::parse(text).value(); };
  monitor::SpfMove move;
  move.owner = s.report.owner;
  move.required = s.report.spf->required;
  move.all = "-all";
  move.senders = monitor::matrix_senders({ip("203.0.113.25")}, {ip("192.0.2.71")});
  monitor::SpfSeen seen;
  for (const auto& server : s.report.spf->servers) {
    const bool fresh = server.current;
    seen.samples.push_back({server.from_authority,
                            server.server,
                            server.endpoint,
                            now - seconds(9),
                            monitor::Outcome::answered,
                            {server.record},
                            720,
                            move.owner});
    monitor::SpfEvaluation made;
    made.from_authority = server.from_authority;
    if (!made.from_authority) made.resolver = server.endpoint;
    made.record = server.record;
    made.at = now - seconds(9);
    made.expires_at = now + minutes(12);
    made.senders = move.senders;
    made.cells = {{SpfResult::pass, "", 1, 0},
                  {fresh ? SpfResult::pass : SpfResult::fail, "", fresh ? 2 : 1, 0},
                  {SpfResult::fail, "", fresh ? 2 : 1, 0},
                  {SpfResult::fail, "", fresh ? 2 : 1, 0}};
    if (!fresh) made.cells[1].trace = spf_trace("shop.example");
    made.terms = {{move.required[0],
                   fresh ? monitor::SpfEffect::effective : monitor::SpfEffect::without_effect,
                   fresh ? "" : "it stands nowhere in the record"}};
    made.cost.lookups = 2;
    seen.evaluations.push_back(made);
  }
  s.spf = monitor::judge_spf_matrix(move, seen, {}, false, now);
}

inline Snapshot propagating_snapshot(Time now) {
  Snapshot s = base_snapshot(State::propagating, now);
  s.report = propagating_report(now);
  s.waiting_for =
      "time, until 14:32:10Z: propagation: caches of the old MX; meanwhile you: accounts: the "
      "plan's files were never loaded: mxswitch roster load shop.example";
  s.next_change_at = s.report.ready_from;
  s.roster.missing_accounts = {"joe", "mary", "newbie"};
  s.roster.uncovered = {"info-old"};
  add_spf_matrix(s, now);
  add_gates(s, now);
  add_relay(s, now, "forward");
  return s;
}

inline Snapshot ready_snapshot(Time now) {
  Snapshot s = base_snapshot(State::ready, now);
  s.report = ready_report(now);
  s.waiting_for = "you: mxswitch switch shop.example";
  s.history.push_back({now - minutes(3), "mxswitch", "propagating -> ready",
                       "every gate opens and settle has run", "12 resolvers, 10 operators"});
  add_gates(s, now);
  add_relay(s, now, "forward");
  return s;
}

inline Snapshot hosted_snapshot(Time now) {
  Snapshot s = base_snapshot(State::hosted, now);
  s.report = ready_report(now);
  s.waiting_for = "the soak: 7 days without stray mail, then finalize";
  s.history.push_back(
      {now - minutes(9), "anna", "switch", "customer agreed by phone", "2 of 2 nodes"});
  s.history.push_back({now - minutes(8), "mxswitch", "verifying -> hosted",
                       "a hosted probe was read back on each node", "2 probes"});
  add_gates(s, now);
  add_relay(s, now, "hosted");
  return s;
}

inline Snapshot blocked_snapshot(Time now) {
  Snapshot s = base_snapshot(State::blocked, now);
  s.report = propagating_report(now);
  s.frozen = true;
  s.freeze = orchestrator::FreezeView{
      "anna", "mail for sales was missing", now - minutes(10), true,
      "frozen since the rollback of 13:41:10Z by anna: mail for sales was missing"};
  s.waiting_for = "a person: node-2 was changed by another writer; mxswitch resolve shop.example";
  s.overrides = {{"spf", "customer adds the include on Monday", "anna", s.plan_digest,
                  now - minutes(5), now + minutes(55)}};
  s.waivers = {
      {"Lagoon", "ISP ignores TTLs, told its desk", "anna", now - minutes(4), {}, s.domain}};
  s.report.warnings = {"parent and child disagree about ns3.shop.example"};
  add_spf_matrix(s, now);
  add_gates(s, now);
  s.gates[2].verdict = GateVerdict::fail;
  s.gates[2].overridden = true;
  add_relay(s, now, "forward");
  s.relay.observed = "differs";
  s.relay.nodes[1].reachable = false;
  s.relay.nodes[1].error = "connection refused at 198.51.100.72:8443";
  return s;
}

// As it lies on the board in the first second of a plan's life.
inline Snapshot empty_snapshot(Time now) {
  Snapshot s;
  s.domain = "new.example";
  s.at = s.state_since = now;
  s.report.owner = probes::DnsName::parse("new.example").value();
  s.report.at = now;
  return s;
}

// The same text in every field of text.
inline Snapshot filled_snapshot(Time now, const std::string& text) {
  Snapshot s = blocked_snapshot(now);
  s.waiting_for = s.operation = text;
  for (auto& gate : s.gates) gate.why = text;
  for (auto& r : s.report.resolvers) {
    r.name = r.operator_name = r.reason = r.country_code = text;
    if (!r.anycast) r.place = text;
    for (auto& cache : r.caches) cache.nsid = text;
  }
  for (auto& a : s.report.authorities) a.nsid = a.note = text;
  for (auto& o : s.report.obligations) o.evidence = o.endpoint = text;
  for (auto* condition : {&s.report.b, &s.report.c}) condition->reasons[0].text = text;
  for (auto& move : s.report.forecast.moves) move.text = move.code = text;
  s.report.forecast.waits_for.text = text;
  for (auto& assumption : s.report.assumptions) assumption.text = text;
  s.report.spf->views = text;
  for (auto& server : s.report.spf->servers) server.record = server.server = server.why = text;
  for (auto& target : s.report.spf->targets) target.name = target.why = text;
  s.spf->why = s.spf->views = text;
  s.spf->errors = s.spf->warnings = s.spf->unknowns = {text};
  for (auto& row : s.spf->rows) {
    row.record = text;
    for (auto& server : row.servers) server.name = text;
    for (auto& cell : row.cells) {
      cell.why = text;
      cell.trace = spf_trace(text);
    }
    for (auto& term : row.terms) term.term = term.why = text;
    for (auto& fault : row.faults) fault.text = text;
  }
  s.other_spf = {*s.spf};
  s.other_spf[0].owner = text;
  for (auto& node : s.relay.nodes) node.error = node.id = text;
  for (auto& entry : s.history) entry.who = entry.what = entry.why = entry.evidence = text;
  for (auto& o : s.overrides) o.gate = o.reason = o.author = text;
  for (auto& w : s.waivers) w.resolver = w.reason = text;
  for (auto& c : s.contact) c.channel = c.address = text;
  s.report.warnings = s.report.waivers = {text};
  s.relay.name = s.relay.driver = s.relay.observed = text;
  s.roster.missing_accounts = s.roster.uncovered = s.approvals = {text};
  return s;
}

// What people and servers outside may send us.
inline const std::string kHostile = "<script>alert('x')</script>\"onload=\"\x1b[2J\xff&amp;";

inline Snapshot hostile_snapshot(Time now) { return filled_snapshot(now, kHostile); }

inline orchestrator::SnapshotPtr shared(Snapshot s) {
  return std::make_shared<const Snapshot>(std::move(s));
}

}  // namespace mxswitch::fakes
