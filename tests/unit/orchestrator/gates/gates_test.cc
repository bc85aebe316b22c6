#include <gtest/gtest.h>

#include <functional>

#include "orchestrator/gates/bugs.h"
#include "tests/unit/orchestrator/gates/gate_fixture.h"

namespace mxswitch::orchestrator {
namespace {

using monitor::Holds;

const GateResult& gate(const std::vector<GateResult>& gates, const std::string& id) {
  for (const GateResult& g : gates) {
    if (g.id == id) return g;
  }
  throw std::runtime_error("no gate " + id);
}

struct Case {
  const char* name;
  const char* gate;
  std::function<void(Facts&, GatePlan&)> change;
  GateVerdict verdict;
  const char* why;  // a part of the sentence
  Turn turn = Turn::none;
};

monitor::Condition held_by(Holds holds, const char* text) {
  return {holds, {{"code", text, at() + std::chrono::hours(1)}}};
}

monitor::SpfMatrix wrong_matrix() {
  monitor::SpfMatrix matrix;
  matrix.state = monitor::SpfState::wrong;
  matrix.why = "Quad9 9.9.9.9: the new sender 198.51.100.7 gets fail: publish the include";
  matrix.errors = {matrix.why};
  matrix.converges_at = at() + seconds(300);
  monitor::SpfRow authorities, resolver;
  authorities.authorities = 2;
  authorities.state = monitor::SpfState::right;
  resolver.resolvers = 1;
  resolver.state = monitor::SpfState::wrong;
  matrix.rows = {resolver, authorities};
  return matrix;
}

// Asks for the selector, and breaks something of what was found.
std::function<void(Facts&, GatePlan&)> with_key(std::function<void(OutboundFacts&)> change) {
  return [change](Facts& f, GatePlan& p) {
    p.dkim_selectors = {"s1"};
    change(f.outbound);
  };
}

// Nobody serves the new set yet.
void not_changed(Facts& f) {
  monitor::PropagationReport& report = edit(f);
  report.change_started_at.reset();
  report.strict_until = report.opens_at = report.ready_from = {};
  report.a = {Holds::no, {{"authority-old", "ns1 still serves 10 mail.shop.example", {}}}};
  report.b = {Holds::no,
              {{"drain-not-started", "the drain has not begun: ns1 must serve the new set first",
                at() + std::chrono::hours(1)}}};
  report.c = {Holds::unknown, {{"not-sampled", "later", at() + std::chrono::hours(1)}}};
  report.d = {Holds::unknown, {{"not-judged", "later", at() + std::chrono::hours(1)}}};
}

// One server is not well, `since` the change.
std::function<void(Facts&, GatePlan&)> lagging(const char* code, Duration since) {
  return [code, since](Facts& f, GatePlan&) {
    edit(f).change_started_at = at() - since;
    edit(f).a = {Holds::no, {{code, code, {}}}};
  };
}

std::function<void(Facts&, GatePlan&)> undrained(Duration since) {
  return [since](Facts& f, GatePlan& p) {
    not_changed(f);
    lagging("authority-old", since)(f, p);
  };
}

// Condition C waits for one thing, which ends in so many seconds; 0: nobody knows when.
std::function<void(Facts&, GatePlan&)> held_back(const char* code, int in_seconds) {
  return [code, in_seconds](Facts& f, GatePlan&) {
    std::optional<Time> until;
    if (in_seconds > 0) until = at() + seconds(in_seconds);
    edit(f).c = {Holds::no, {{code, code, until}}};
  };
}

std::function<void(Facts&, GatePlan&)> spf_at_authorities(const char* code) {
  return [code](Facts& f, GatePlan&) {
    f.spf[0].matrix = wrong_matrix();
    monitor::SpfRow& row = f.spf[0].matrix.rows[1];
    row.state = monitor::SpfState::wrong;
    row.faults = {{monitor::SpfFault::Level::error, code, "text", "mend"}};
  };
}

constexpr auto kPass = GateVerdict::pass;
constexpr auto kWaits = GateVerdict::waits;
constexpr auto kFail = GateVerdict::fail;
constexpr auto kUnknown = GateVerdict::unknown;
constexpr auto kStale = GateVerdict::stale;
constexpr auto kNotAsked = GateVerdict::not_asked;

const std::vector<Case>& cases() {
  static const std::vector<Case> table = {
      {"authorities", "authority", [](Facts&, GatePlan&) {}, kPass, "all 1 authoritative"},
      {"authority lags", "authority",
       [](Facts& f, GatePlan&) { edit(f).a = held_by(Holds::no, "ns2 still serves old"); },
       kWaits, "ns2 still serves old", Turn::time},
      {"authority silent", "authority",
       [](Facts& f, GatePlan&) { edit(f).a = held_by(Holds::unknown, "ns2 is silent"); },
       kUnknown, "ns2 is silent", Turn::time},
      {"authority long ago", "authority",
       [](Facts& f, GatePlan&) { edit(f).authorities[0].last_at -= seconds(600); }, kStale,
       "last observed", Turn::time},
      {"no report", "authority", [](Facts& f, GatePlan&) { f.reports.clear(); }, kUnknown,
       "nothing was observed", Turn::time},
      {"alias domain lags", "authority",
       [](Facts& f, GatePlan&) {
         f.reports.push_back(shared(ready_report(at())));
         edit(f, 1).a = held_by(Holds::no, "ns1 of the alias domain");
       },
       kWaits, "ns1 of the alias domain", Turn::time},
      {"propagation", "propagation", [](Facts&, GatePlan&) {}, kPass, "no cache of 48"},
      {"caches", "propagation",
       [](Facts& f, GatePlan&) { edit(f).c = held_by(Holds::no, "isp-a is old"); }, kWaits,
       "isp-a is old", Turn::time},
      {"fail beats unknown", "propagation",
       [](Facts& f, GatePlan&) {
         edit(f).b = held_by(Holds::no, "drain");
         edit(f).d = held_by(Holds::unknown, "unclear");
       },
       kWaits, "drain", Turn::time},
      {"settling", "propagation",
       [](Facts& f, GatePlan&) { edit(f).ready_from = at() + seconds(30); }, kWaits,
       "settling until 12:00:30Z", Turn::time},
      {"a report that nobody renewed", "propagation",
       [](Facts& f, GatePlan&) { edit(f).at -= std::chrono::minutes(16); }, kStale,
       "valid for 15 min", Turn::time},
      {"no spf", "spf", [](Facts&, GatePlan& p) { p.spf_asked = false; }, kNotAsked, "no [spf]"},
      {"spf", "spf", [](Facts&, GatePlan&) {}, kPass, "old and new senders pass"},
      {"spf wrong", "spf", [](Facts& f, GatePlan&) { f.spf[0].matrix = wrong_matrix(); }, kWaits,
       "Quad9 9.9.9.9: the new sender 198.51.100.7 gets fail", Turn::time},
      {"spf not evaluated", "spf",
       [](Facts& f, GatePlan&) {
         f.spf[0].matrix.state = monitor::SpfState::unknown;
         f.spf[0].matrix.why = "Quad9 9.9.9.9: its record was not evaluated yet";
       },
       kUnknown, "not evaluated yet", Turn::time},
      {"spf not seen", "spf", [](Facts& f, GatePlan&) { f.spf = {SpfFacts{}}; }, kUnknown,
       "no SPF record was asked for yet", Turn::time},
      {"spf long ago", "spf",
       [](Facts& f, GatePlan&) { f.spf[0].observed_at -= std::chrono::hours(1); }, kStale,
       "last observed", Turn::time},
      {"outbound", "outbound", [](Facts&, GatePlan&) {}, kNotAsked, "no DKIM selector"},
      {"key", "outbound", [](Facts&, GatePlan& p) { p.dkim_selectors = {"s1"}; }, kPass,
       "1 key published and sound at the authorities and 1 resolver; DMARC: p=reject: passes by "
       "DKIM where the hosted side signs with d=shop.example; not proved by SPF"},
      {"key and SPF", "outbound",
       [](Facts&, GatePlan& p) {
         p.dkim_selectors = {"s1"};
         p.spf_has_new_senders = true;
       },
       kPass, "and by SPF from the new senders"},
      {"key of another selector", "outbound",
       [](Facts&, GatePlan& p) { p.dkim_selectors = {"s2"}; }, kUnknown,
       "s2._domainkey.shop.example was not asked for yet", Turn::time},
      {"key missing", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.texts.clear();
       }),
       kWaits, "s1._domainkey.shop.example: no key is published: publish", Turn::customer},
      {"two keys", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.texts.push_back("v=DKIM1; p=");
       }),
       kFail, "2 TXT records stand there", Turn::customer},
      {"key revoked", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.texts = {"v=DKIM1; p="};
       }),
       kFail, "revoked", Turn::customer},
      {"key too small", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.texts = {std::string("p=") + fakes::kRsa512};
       }),
       kFail, "an RSA key of 512 bits is refused", Turn::customer},
      {"key small", "outbound", with_key([](OutboundFacts& o) {
         const std::string small = std::string("p=") + fakes::kRsa1024;
         o.selectors[0].authorities.texts = o.selectors[0].resolvers[0].texts = {small};
       }),
       kPass, "the RSA key has 1024 bits, 2048 are advised"},
      {"no key at all", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.texts = {"hello"};
       }),
       kFail, "no DKIM key record", Turn::customer},
      {"another key than planned", "outbound",
       [](Facts&, GatePlan& p) {
         p.dkim_selectors = {"s1"};
         p.dkim_keys["s1"] = fakes::kBareRsa2048;
       },
       kFail, "another key than the planned one", Turn::customer},
      {"the planned key", "outbound",
       [](Facts&, GatePlan& p) {
         p.dkim_selectors = {"s1"};
         p.dkim_keys["s1"] = fakes::kRsa2048;
       },
       kPass, "1 key published"},
      {"key at a resolver", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].resolvers[0].texts.clear();
       }),
       kWaits, "no key is published at Quad9 9.9.9.9", Turn::time},
      {"key, resolver silent", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].resolvers[0].error = "timed out";
       }),
       kUnknown, "no answer from Quad9 9.9.9.9", Turn::time},
      {"key, no resolver", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].resolvers.clear();
       }),
       kUnknown, "no resolver was asked yet", Turn::time},
      {"key, authorities silent", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.error = "no authority answered";
       }),
       kUnknown, "no authority answered", Turn::time},
      {"DMARC silent", "outbound", with_key([](OutboundFacts& o) {
         o.dmarc[0].asked[0].error = "SERVFAIL";
       }),
       kUnknown, "_dmarc.shop.example: SERVFAIL", Turn::time},
      {"DMARC not asked", "outbound", with_key([](OutboundFacts& o) { o.dmarc.clear(); }), kUnknown,
       "_dmarc.shop.example was not asked for yet", Turn::time},
      {"no DMARC", "outbound", with_key([](OutboundFacts& o) {
         o.dmarc[0].asked[0].texts.clear();
       }),
       kPass, "no policy at _dmarc.shop.example"},
      {"two DMARC records", "outbound", with_key([](OutboundFacts& o) {
         o.dmarc[0].asked[0].texts.push_back("v=DMARC1; p=none");
       }),
       kPass,
       "_dmarc.shop.example: 2 DMARC records stand there, so receivers apply no policy: leave one"},
      {"outbound not asked yet", "outbound",
       [](Facts& f, GatePlan& p) {
         p.dkim_selectors = {"s1"};
         f.outbound = OutboundFacts{};
       },
       kUnknown, "no key was asked for yet", Turn::time},
      {"mta-sts", "mta-sts", [](Facts&, GatePlan&) {}, kPass, "neither"},
      {"mta-sts published", "mta-sts", [](Facts& f, GatePlan&) { f.mta_sts.txt_published = true; },
       kUnknown, "_mta-sts.shop.example is published", Turn::operator_},
      {"mta-sts TLSA", "mta-sts", [](Facts& f, GatePlan&) { f.mta_sts.tlsa_at = {"_25._tcp.mx1"}; },
       kUnknown, "TLSA at _25._tcp.mx1", Turn::operator_},
      {"mta-sts not asked yet", "mta-sts",
       [](Facts& f, GatePlan&) { f.mta_sts.tlsa_asked = false; }, kUnknown, "not asked for yet", Turn::time},
      {"mta-sts silent", "mta-sts", [](Facts& f, GatePlan&) { f.mta_sts.error = "SERVFAIL"; },
       kUnknown, "SERVFAIL", Turn::time},
      {"relay", "relay", [](Facts&, GatePlan&) {}, kPass, "2 nodes on forward"},
      {"relay node dead", "relay",
       [](Facts& f, GatePlan&) {
         f.relay.nodes[1].reachable = false;
         f.relay.nodes[1].error = "connection refused";
       },
       kFail, "node-2 does not answer: connection refused", Turn::operator_},
      {"relay token", "relay", [](Facts& f, GatePlan&) { f.relay.nodes[1].authenticated = false; },
       kFail, "node-2 refused the token", Turn::operator_},
      {"relay on hosted", "relay",
       [](Facts& f, GatePlan&) { f.relay.nodes[0].mode = Mode::hosted; }, kFail,
       "node-1 is on hosted, not on forward", Turn::operator_},
      {"relay without domain", "relay", [](Facts& f, GatePlan&) { f.relay.nodes[0].mode.reset(); },
       kFail, "node-1 does not know the domain", Turn::operator_},
      {"unlisted address", "relay",
       [](Facts& f, GatePlan&) { f.relay.exchanges["mx2.filter.example"].push_back("192.0.2.9"); },
       kFail, "192.0.2.9 of mx2.filter.example is no address of a listed node", Turn::operator_},
      {"exchange without address", "relay",
       [](Facts& f, GatePlan&) { f.relay.exchanges["mx2.filter.example"].clear(); }, kFail,
       "mx2.filter.example has no address", Turn::operator_},
      {"exchange is an alias", "relay",
       [](Facts& f, GatePlan&) {
         f.relay.exchange_aliases = {{"mx2.filter.example", "a.b.example"}};
       },
       kFail, "mx2.filter.example is a CNAME to a.b.example", Turn::operator_},
      {"a next hop is the relay", "relay",
       [](Facts& f, GatePlan&) { f.relay.loops = {"the next hop is node-1"}; }, kFail,
       "the next hop is node-1", Turn::operator_},
      {"exchanges not asked", "relay", [](Facts& f, GatePlan&) { f.relay.exchanges.clear(); },
       kUnknown, "not asked yet", Turn::time},
      {"dry run refused", "relay",
       [](Facts& f, GatePlan&) {
         f.relay.nodes[0].dry_run = DryRun::refused;
         f.relay.nodes[0].dry_run_error = "empty roster";
       },
       kFail, "node-1 refused a dry run of the write to hosted: empty roster", Turn::operator_},
      {"way back refused", "relay",
       [](Facts& f, GatePlan&) { f.relay.nodes[0].dry_run_back = DryRun::refused; }, kFail,
       "dry run of the write back", Turn::operator_},
      {"no dry run", "relay",
       [](Facts& f, GatePlan&) { f.relay.nodes[0].dry_run_back = DryRun::not_run; }, kUnknown,
       "no dry run", Turn::time},
      {"dry run long ago", "relay",
       [](Facts& f, GatePlan&) { f.relay.dry_run_at -= std::chrono::minutes(11); }, kStale,
       "valid for 10 min", Turn::time},
      {"hosted as expected", "relay",
       [](Facts& f, GatePlan&) {
         f.relay.expected = Mode::hosted;
         for (auto& node : f.relay.nodes) node.mode = Mode::hosted;
       },
       kPass, "2 nodes on hosted"},
      {"driver none", "relay", [](Facts&, GatePlan& p) { p.has_relay = false; }, kUnknown,
       "only watched", Turn::operator_},
      {"old server", "old-server", [](Facts&, GatePlan&) {}, kPass, "accepts RCPT from 2 nodes"},
      {"no old server", "old-server", [](Facts&, GatePlan& p) { p.has_old_server = false; },
       kNotAsked, "no old server"},
      {"old server refuses", "old-server",
       [](Facts& f, GatePlan&) {
         f.old_server.nodes[1].result = ProbeResult::refused;
         f.old_server.nodes[1].reply = "550 no";
       },
       kFail, "refused from node-2: 550 no", Turn::customer},
      {"old server down", "old-server",
       [](Facts& f, GatePlan&) { f.old_server.nodes[1].result = ProbeResult::expired; }, kFail,
       "no answer from node-2", Turn::customer},
      {"old server too small", "old-server",
       [](Facts& f, GatePlan&) { f.old_server.size_relay = 30'000'000; }, kFail,
       "larger messages would bounce", Turn::operator_},
      {"relay without a limit", "old-server",
       [](Facts& f, GatePlan&) { f.old_server.size_relay = 0; }, kFail, "any number", Turn::operator_},
      {"old server without a limit", "old-server",
       [](Facts& f, GatePlan&) { f.old_server.size_old = 0; }, kPass, "accepts RCPT"},
      {"exemption not told", "old-server",
       [](Facts&, GatePlan& p) { p.old_server_exempts = false; }, kWaits,
       "old_server_exempts = true", Turn::customer},
      {"size not asked", "old-server", [](Facts& f, GatePlan&) { f.old_server.size_asked = false; },
       kUnknown, "SIZE was not compared", Turn::time},
      {"flow", "flow", [](Facts&, GatePlan&) {}, kPass, "not proved from outside"},
      {"probe_from set", "flow", [](Facts&, GatePlan& p) { p.probe_from = "smtp://out:25"; },
       kUnknown, "probe_from = \"smtp://out:25\" is not carried out", Turn::operator_},
      {"probe missing", "flow",
       [](Facts& f, GatePlan&) {
         f.flow.addresses[1].arrived_at = at() - std::chrono::minutes(16);
       },
       kFail, "no probe arrived through 192.0.2.2", Turn::operator_},
      {"no mail", "flow", [](Facts& f, GatePlan&) { f.flow.last_message_at.reset(); }, kWaits,
       "no real message", Turn::time},
      {"quiet", "flow",
       [](Facts& f, GatePlan& p) {
         f.flow.last_message_at.reset();
         p.quiet = true;
       },
       kPass, "probes came through 2 addresses"},
      {"flow unknown", "flow", [](Facts& f, GatePlan&) { f.flow.addresses.clear(); }, kUnknown,
       "no probe was sent", Turn::time},
      {"accounts", "accounts", [](Facts&, GatePlan&) {}, kPass, "3 accounts at the relay"},
      {"accounts of files never loaded", "accounts",
       [](Facts& f, GatePlan& p) {
         f.roster.given = false;
         p.has_roster_files = true;
       },
       kWaits, "never loaded: mxswitch roster load shop.example", Turn::operator_},
      {"aliases of files never loaded", "aliases",
       [](Facts& f, GatePlan& p) {
         f.roster.given = false;
         p.has_roster_files = true;
       },
       kWaits, "never loaded", Turn::operator_},
      {"no files and no load", "accounts", [](Facts& f, GatePlan&) { f.roster.given = false; },
       kPass, "the plan names no files"},
      {"alias domain", "relay",
       [](Facts&, GatePlan& p) { p.other_domains = {"shop2.example"}; }, kUnknown,
       "shop2.example would not be switched", Turn::operator_},
      {"next hop of another plan", "relay",
       [](Facts& f, GatePlan&) { f.relay.nodes[0].hop_faults = {"node-1 has forward = a"}; }, kFail,
       "node-1 has forward = a", Turn::operator_},
      {"account missing", "accounts",
       [](Facts& f, GatePlan&) {
         f.roster.missing_accounts = {"joe", "mary"};
       },
       kFail, "2 missing: joe, mary", Turn::operator_},
      {"extra is fine", "accounts", [](Facts& f, GatePlan&) { f.roster.extra_accounts = {"x"}; },
       kPass, "none missing"},
      {"uncovered", "accounts",
       [](Facts& f, GatePlan&) { f.roster.uncovered = {"ann@shop.example"}; }, kFail,
       "1 recipient that the old server accepted has no mailbox: ann@shop.example", Turn::operator_},
      {"uncovered but ignored", "accounts",
       [](Facts& f, GatePlan& p) {
         f.roster.uncovered = {"ann@shop.example"};
         p.ignored_recipients = {"ann@shop.example"};
       },
       kPass, "every recipient"},
      {"recipients unknown", "accounts", [](Facts& f, GatePlan&) { f.roster.flow_known = false; },
       kUnknown, "not read yet", Turn::time},
      {"recipients cut short", "accounts",
       [](Facts& f, GatePlan&) { f.roster.flow_truncated = true; }, kUnknown, "cut short", Turn::time},
      {"roster unreadable", "accounts",
       [](Facts& f, GatePlan&) { f.roster.error = "node-1 is silent"; }, kUnknown,
       "node-1 is silent", Turn::time},
      {"rosters differ", "accounts",
       [](Facts& f, GatePlan&) {
         f.roster.nodes_differ = true;
         f.roster.differ_text = "node-1 a, node-2 b";
       },
       kFail, "node-1 a, node-2 b", Turn::operator_},
      {"aliases", "aliases", [](Facts&, GatePlan&) {}, kPass, "6 aliases"},
      {"alias missing", "aliases",
       [](Facts& f, GatePlan&) { f.roster.missing_aliases = {"sales"}; }, kFail,
       "1 missing or different: sales", Turn::operator_},
      {"alias to nobody", "aliases",
       [](Facts& f, GatePlan&) { f.roster.broken_targets = {"sales: nobody"}; }, kFail,
       "no such target: sales: nobody", Turn::operator_},
      {"contact", "contact", [](Facts&, GatePlan&) {}, kPass, "email was acknowledged"},
      {"contact inside", "contact",
       [](Facts& f, GatePlan&) { f.contact.channels[0].not_external = "it is in shop.example"; },
       kFail, "it is in shop.example", Turn::operator_},
      {"contact not looked up", "contact",
       [](Facts& f, GatePlan&) { f.contact.channels[0].not_known = "no authority answered"; },
       kUnknown, "no authority answered", Turn::time},
      {"contact not acknowledged", "contact",
       [](Facts& f, GatePlan&) { f.contact.channels[0].acknowledged = false; }, kWaits,
       "not acknowledged", Turn::operator_},
      {"contact dead", "contact",
       [](Facts& f, GatePlan&) { f.contact.channels[0].last_delivery_ok = false; }, kFail,
       "the last proof failed on every", Turn::operator_},
      {"contact reached since", "contact",
       [](Facts& f, GatePlan&) {
         ContactChannelFacts& c = f.contact.channels[0];
         c.last_delivery_at = at() - std::chrono::hours(50);
         c.reached_ok = true;
         c.reached_at = at() - seconds(60);
       },
       kPass, "is reachable, not proved"},
      {"contact out of reach since", "contact",
       [](Facts& f, GatePlan&) {
         ContactChannelFacts& c = f.contact.channels[0];
         c.reached_ok = false;
         c.reached_at = at();
         c.last_delivery_at = at() - seconds(60);
       },
       kFail, "the last proof failed on every", Turn::operator_},
      {"contact that refused a message and is reached", "contact",
       [](Facts& f, GatePlan&) {
         ContactChannelFacts& c = f.contact.channels[0];
         c.last_delivery_ok = false;
         c.last_delivery_at = at() - seconds(60);
         c.reached_ok = true;
         c.reached_at = at();
       },
       kFail, "the last proof failed on every", Turn::operator_},
      {"contact proved long ago", "contact",
       [](Facts& f, GatePlan&) {
         f.contact.channels[0].last_delivery_at = at() - std::chrono::minutes(16);
       },
       kStale, "valid for 15 min", Turn::time},
      {"one of two dead", "contact",
       [](Facts& f, GatePlan&) {
         f.contact.channels.insert(f.contact.channels.begin(),
                                   {"webhook", "https://x", "", true, false, at(), "refused", ""});
       },
       kPass, "email was acknowledged"},
      {"no contact", "contact", [](Facts& f, GatePlan&) { f.contact.channels.clear(); }, kFail,
       "names no external contact", Turn::operator_},
      {"operator", "operator", [](Facts&, GatePlan&) {}, kPass, "asked by jo: moving day"},
      {"nobody asked", "operator", [](Facts& f, GatePlan&) { f.operator_.commanded = false; },
       kWaits, "mxswitch switch shop.example", Turn::operator_},
      {"it is done", "operator",
       [](Facts& f, GatePlan&) {
         f.operator_.commanded = false;
         f.operator_.carried_out = true;
       },
       kPass, "the switch was asked for"},
      {"other digest", "operator", [](Facts& f, GatePlan&) { f.operator_.digest = "d0"; }, kFail,
       "another plan digest", Turn::operator_},
      {"approvals", "operator", [](Facts&, GatePlan& p) { p.approvers = 2; }, kWaits,
       "0 of 2 approvals", Turn::approver},
      {"window", "operator",
       [](Facts& f, GatePlan&) {
         f.operator_.window_open = false;
         f.operator_.window_opens_at = at() + std::chrono::hours(3);
       },
       kWaits, "the window opens at 2026-11-22T15:00:00Z", Turn::time},
      {"frozen", "operator",
       [](Facts& f, GatePlan&) { f.operator_.frozen = "frozen since 10:00:00Z by jo: holiday"; },
       kWaits, "frozen since 10:00:00Z by jo: holiday", Turn::operator_},
      {"the MX is not changed", "authority",
       [](Facts& f, GatePlan&) { not_changed(f); }, kWaits, "still serves", Turn::customer},
      {"the MX is not changed, so nothing drains", "propagation",
       [](Facts& f, GatePlan&) { not_changed(f); }, kWaits, "the drain has not begun",
       Turn::customer},
      {"a zone transfer", "authority", lagging("authority-old", std::chrono::minutes(59)), kWaits,
       "authority-old", Turn::time},
      {"no transfer takes so long", "authority", lagging("authority-old", std::chrono::hours(1)),
       kFail, "authority-old", Turn::customer},
      {"a site follows", "authority", lagging("authority-rolled-back", seconds(299)), kWaits,
       "authority-rolled-back", Turn::time},
      {"the MX was taken back", "authority", lagging("authority-rolled-back", seconds(300)), kFail,
       "authority-rolled-back", Turn::customer},
      {"the MX was changed wrongly", "authority", lagging("authority-foreign", seconds(1)), kFail,
       "authority-foreign", Turn::customer},
      {"a mix of old and new", "authority", lagging("authority-mixed", seconds(1)), kFail,
       "authority-mixed", Turn::customer},
      {"no MX any more", "authority", lagging("authority-absent", seconds(1)), kFail,
       "authority-absent", Turn::customer},
      {"a server is dead", "authority", lagging("authority-unreachable", seconds(1)), kFail,
       "authority-unreachable", Turn::customer},
      {"a server misses a poll", "authority", lagging("authority-unknown", seconds(1)), kUnknown,
       "authority-unknown", Turn::time},
      {"an alias at the name", "authority", lagging("cname-not-covered", seconds(1)), kUnknown,
       "cname-not-covered", Turn::operator_},
      {"rounds go on", "authority", lagging("authority-rounds", seconds(1)), kWaits,
       "authority-rounds", Turn::time},
      {"the drain waits for a transfer", "propagation", undrained(std::chrono::minutes(5)), kWaits,
       "the drain has not begun", Turn::time},
      {"the drain waits for a mend", "propagation", undrained(std::chrono::hours(2)), kFail,
       "the drain has not begun", Turn::customer},
      {"a copy expires", "propagation", held_back("stale-cache", 600), kWaits, "stale-cache",
       Turn::time},
      {"an expired copy is looked for", "propagation", held_back("stale-cache", 0), kWaits,
       "stale-cache", Turn::time},
      {"a violator", "propagation", held_back("violator", 600), kFail, "violator",
       Turn::operator_},
      {"a bound ahead", "propagation", held_back("some-new-code", 600), kWaits, "some-new-code",
       Turn::time},
      {"no bound ahead", "propagation", held_back("some-new-code", 0), kFail, "some-new-code",
       Turn::operator_},
      {"interception", "propagation", held_back("interception", 0), kFail, "interception",
       Turn::operator_},
      {"samples go on, operators may pass", "propagation",
       [](Facts& f, GatePlan&) {
         edit(f).c = {Holds::no,
                           {{"operators", "3 of 8", {}}, {"samples", "2 of 23", at() + seconds(60)}}};
       },
       kWaits, "3 of 8", Turn::time},
      {"too few operators for good", "propagation", held_back("operators", 0), kFail, "operators",
       Turn::operator_},
      {"sampling has not begun, and copies are held", "propagation",
       [](Facts& f, GatePlan&) {
         edit(f).b = {Holds::no, {{"caches", "until 14:32", at() + seconds(600)}}};
         edit(f).c = {Holds::unknown, {{"not-sampled", "later", at() + seconds(600)}}};
         edit(f).d = {Holds::unknown, {{"not-judged", "later", at() + seconds(600)}}};
       },
       kWaits, "until 14:32", Turn::time},
      {"a mend is told before a turn", "propagation",
       [](Facts& f, GatePlan&) {
         edit(f).c = {Holds::no,
                           {{"stale-cache", "isp-a", at() + seconds(60)}, {"violator", "isp-b", {}}}};
       },
       kFail, "isp-b, isp-a", Turn::operator_},
      {"SPF not published yet", "spf", spf_at_authorities("new-sender"), kWaits, "the new sender",
       Turn::customer},
      {"no SPF record yet", "spf", spf_at_authorities("no-record"), kWaits, "the new sender",
       Turn::customer},
      {"SPF broken", "spf", spf_at_authorities("permerror"), kFail, "the new sender",
       Turn::customer},
      {"SPF hurts the old senders", "spf", spf_at_authorities("old-sender"), kFail,
       "the new sender", Turn::customer},
      {"first probe under way", "flow",
       [](Facts& f, GatePlan&) {
         f.flow.addresses[1].arrived_at.reset();
         f.flow.addresses[1].under_way_since = at() - seconds(30);
       },
       kWaits, "a probe through 192.0.2.2 (mx2.filter.example) is under way", Turn::time},
      {"probes that never arrive", "flow",
       [](Facts& f, GatePlan&) {
         f.flow.addresses[1].arrived_at.reset();
         f.flow.addresses[1].under_way_since = at() - std::chrono::minutes(16);
         f.flow.addresses[1].error = "sent, not seen to arrive yet";
       },
       kFail, "no probe arrived through 192.0.2.2", Turn::operator_},
      {"nothing was loaded", "accounts",
       [](Facts& f, GatePlan&) {
         f.roster.given = false;
         f.roster.accounts = f.roster.aliases = 0;
       },
       kWaits, "the relay's roster is empty: mxswitch roster load", Turn::operator_},
      {"an empty roster was loaded", "accounts",
       [](Facts& f, GatePlan&) { f.roster.accounts = f.roster.aliases = 0; }, kFail,
       "the relay's roster is empty", Turn::operator_},
      {"contact not delivered yet", "contact",
       [](Facts& f, GatePlan&) { f.contact.channels[0].last_delivery_ok.reset(); }, kWaits,
       "no delivery yet", Turn::time},
      {"a turn that went stale", "contact",
       [](Facts& f, GatePlan&) {
         f.contact.channels[0].acknowledged = false;
         f.contact.observed_at -= std::chrono::minutes(16);
       },
       kStale, "it was: not acknowledged", Turn::time},
  };
  return table;
}

TEST(Gates, JudgeTheTable) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Facts facts = good_facts(at());
    GatePlan plan = good_plan();
    c.change(facts, plan);
    const GateResult g = gate(judge_all(facts, plan, {}, at()), c.gate);
    EXPECT_EQ(g.verdict, c.verdict) << to_text(g.verdict) << ": " << g.why;
    EXPECT_NE(g.why.find(c.why), std::string::npos) << g.why;
    EXPECT_EQ(g.open(), c.verdict == kPass || c.verdict == kNotAsked);
    EXPECT_EQ(g.turn, c.turn) << to_text(g.turn) << ": " << g.why;
  }
}

TEST(Gates, OneBrokenThingClosesNoOtherGate) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Facts facts = good_facts(at());
    GatePlan plan = good_plan();
    c.change(facts, plan);
    for (const std::string& id : closed_gates(judge_all(facts, plan, {}, at()), true)) {
      const bool drains = !facts.reports.empty() && !facts.reports[0]->strict_until;
      const bool shared = facts.reports.empty() || drains || facts.reports[0]->at != at() ||
                          !facts.roster.error.empty() || facts.roster.nodes_differ ||
                          plan.has_roster_files;
      EXPECT_TRUE(id == c.gate || shared) << id;
    }
  }
}

TEST(Gates, EveryClosedGateSaysWhoseTurnItIs) {
  for (const Case& c : cases()) {
    Facts facts = good_facts(at());
    GatePlan plan = good_plan();
    c.change(facts, plan);
    for (const GateResult& g : judge_all(facts, plan, {}, at()))
      EXPECT_EQ(g.open(), g.turn == Turn::none) << c.name << ", " << g.id << ": " << g.why;
  }
}

// A time is told only where nothing but time is awaited.
TEST(Gates, NobodyKnowsWhenAPersonWillAct) {
  for (const Case& c : cases()) {
    Facts facts = good_facts(at());
    GatePlan plan = good_plan();
    c.change(facts, plan);
    for (const GateResult& g : judge_all(facts, plan, {}, at())) {
      EXPECT_TRUE(!g.earliest || g.turn == Turn::time) << c.name << ", " << g.id << ": " << g.why;
    }
  }
}

TEST(Gates, AnOverriddenGateIsNobodysTurn) {
  Facts facts = good_facts(at());
  facts.flow.last_message_at.reset();
  const GateOverride o{"flow", "d1", "jo", "it is new", at() + seconds(60)};
  EXPECT_EQ(gate(judge_all(facts, good_plan(), {o}, at()), "flow").turn, Turn::none);
}

TEST(Gates, NothingKnownOpensNothingButWhatIsNotAsked) {
  const auto gates = judge_all(Facts{}, good_plan(), {}, at());
  EXPECT_EQ(gates.size(), gate_ids().size());
  for (const GateResult& g : gates) {
    EXPECT_EQ(g.open(), g.id == "outbound") << g.id;
    EXPECT_FALSE(g.why.empty()) << g.id;
  }
}

TEST(Gates, EveryPassGoesStale) {
  const Facts facts = good_facts(at());
  for (const GateResult& g : judge_all(facts, good_plan(), {}, at() + std::chrono::hours(5))) {
    if (g.id == "operator" || g.id == "outbound") continue;
    EXPECT_FALSE(g.open()) << g.id << ": " << g.why;
  }
}

TEST(Gates, AnOverrideHoldsForOneGateOneDigestAndItsTime) {
  Facts facts = good_facts(at());
  facts.mta_sts.txt_published = true;
  const GateOverride good{"mta-sts", "d1", "jo", "looked at it", at() + seconds(60)};
  const auto judged = [&](GateOverride o, Time now) {
    return gate(judge_all(facts, good_plan(), {std::move(o)}, now), "mta-sts");
  };
  EXPECT_TRUE(judged(good, at()).open());
  EXPECT_TRUE(judged(good, at()).overridden);
  EXPECT_EQ(judged(good, at()).verdict, kUnknown);
  EXPECT_FALSE(judged(good, at() + seconds(60)).open());
  GateOverride other = good;
  other.digest = "d0";
  EXPECT_FALSE(judged(other, at()).open());
  other = good;
  other.gate = "spf";
  EXPECT_FALSE(judged(other, at()).open());
}

TEST(Gates, RelayAndOperatorAreNeverOverridden) {
  Facts facts = good_facts(at());
  facts.relay.nodes[0].reachable = false;
  facts.operator_.commanded = false;
  for (const char* id : {"relay", "operator"}) {
    EXPECT_FALSE(is_overridable(id));
    const GateOverride o{id, "d1", "jo", "please", at() + seconds(60)};
    EXPECT_FALSE(gate(judge_all(facts, good_plan(), {o}, at()), id).open());
  }
  EXPECT_FALSE(is_overridable("no-such-gate"));
}

TEST(Gates, AHoldTellsWhenItCanOpen) {
  Facts facts = good_facts(at());
  edit(facts).b = held_by(Holds::no, "ns2 served the old set");
  edit(facts).ready_from = at() + std::chrono::hours(2);
  const GateResult g = gate(judge_all(facts, good_plan(), {}, at()), "propagation");
  ASSERT_TRUE(g.earliest);
  EXPECT_EQ(*g.earliest, at() + std::chrono::hours(2));
}

TEST(Gates, ManyReasonsOfOneKindAreOneSentence) {
  Facts facts = good_facts(at());
  monitor::Condition& c = edit(facts).c;
  c.holds = Holds::no;
  for (int i = 0; i < 6; ++i) {
    c.reasons.push_back({i % 2 == 0 ? "stale-cache" : "split",
                         "a resolver of a long name 192.0.2.9 still holds the old set; it expires",
                         at() + seconds(60 * i)});
  }
  const auto gates = judge_all(facts, good_plan(), {}, at());
  EXPECT_EQ(gate(gates, "propagation").why,
            "6 resolvers still hold the old set, the last copy expires 12:05:00Z");
  EXPECT_EQ(gate(gates, "propagation").evidence["reasons"].size(), 6u);
}

TEST(Gates, SpfOpensWithTheLastCopyOnlyWhereTheAuthoritiesAreRight) {
  Facts facts = good_facts(at());
  facts.spf[0].matrix = wrong_matrix();
  EXPECT_EQ(judge_spf(facts.spf, good_plan(), at()).earliest, at() + seconds(300));
  facts.spf[0].matrix.rows[1].state = monitor::SpfState::wrong;
  EXPECT_FALSE(judge_spf(facts.spf, good_plan(), at()).earliest) << "somebody must publish first";
}

TEST(Gates, AReasonFitsOneLine) {
  Facts facts = good_facts(at());
  monitor::Condition& b = edit(facts).b;
  b.holds = Holds::no;
  for (int i = 0; i < 5; ++i) b.reasons.push_back({"drain", std::string(70, 'x'), {}});
  const std::string why = gate(judge_all(facts, good_plan(), {}, at()), "propagation").why;
  EXPECT_LE(why.size(), 160u);
  EXPECT_NE(why.find(" and 3 more"), std::string::npos) << why;
}

TEST(Gates, ABugIsTold) {
  const auto good = judge_all(good_facts(at()), good_plan(), {}, at());
  auto broken = good;
  broken[2].evidence["bug"] = true;
  EXPECT_TRUE(new_bugs(good, good).empty());
  ASSERT_EQ(new_bugs(good, broken).size(), 1u);
  EXPECT_EQ(new_bugs({}, broken)[0].id, broken[2].id);
  EXPECT_TRUE(new_bugs(broken, broken).empty()) << "once";
}

TEST(Gates, ReadyDoesNotAskForTheOperator) {
  Facts facts = good_facts(at());
  facts.operator_.commanded = false;
  const auto gates = judge_all(facts, good_plan(), {}, at());
  EXPECT_TRUE(closed_gates(gates, false).empty());
  EXPECT_EQ(closed_gates(gates, true), std::vector<std::string>{"operator"});
}

}  // namespace
}  // namespace mxswitch::orchestrator
