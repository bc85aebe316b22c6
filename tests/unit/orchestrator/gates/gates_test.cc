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

constexpr auto kPass = GateVerdict::pass;
constexpr auto kFail = GateVerdict::fail;
constexpr auto kUnknown = GateVerdict::unknown;
constexpr auto kStale = GateVerdict::stale;
constexpr auto kNotAsked = GateVerdict::not_asked;

const std::vector<Case>& cases() {
  static const std::vector<Case> table = {
      {"authorities", "authority", [](Facts&, GatePlan&) {}, kPass, "all 1 authoritative"},
      {"authority lags", "authority",
       [](Facts& f, GatePlan&) { f.reports[0].a = held_by(Holds::no, "ns2 still serves old"); },
       kFail, "ns2 still serves old"},
      {"authority silent", "authority",
       [](Facts& f, GatePlan&) { f.reports[0].a = held_by(Holds::unknown, "ns2 is silent"); },
       kUnknown, "ns2 is silent"},
      {"authority long ago", "authority",
       [](Facts& f, GatePlan&) { f.reports[0].authorities[0].last_at -= seconds(600); }, kStale,
       "last observed"},
      {"no report", "authority", [](Facts& f, GatePlan&) { f.reports.clear(); }, kUnknown,
       "nothing was observed"},
      {"alias domain lags", "authority",
       [](Facts& f, GatePlan&) {
         f.reports.push_back(ready_report(at()));
         f.reports[1].a = held_by(Holds::no, "ns1 of the alias domain");
       },
       kFail, "ns1 of the alias domain"},
      {"propagation", "propagation", [](Facts&, GatePlan&) {}, kPass, "no cache of 48"},
      {"caches", "propagation",
       [](Facts& f, GatePlan&) { f.reports[0].c = held_by(Holds::no, "isp-a is old"); }, kFail,
       "isp-a is old"},
      {"fail beats unknown", "propagation",
       [](Facts& f, GatePlan&) {
         f.reports[0].b = held_by(Holds::no, "drain");
         f.reports[0].d = held_by(Holds::unknown, "unclear");
       },
       kFail, "drain"},
      {"settling", "propagation",
       [](Facts& f, GatePlan&) { f.reports[0].ready_from = at() + seconds(30); }, kFail,
       "settling until 12:00:30Z"},
      {"a report that nobody renewed", "propagation",
       [](Facts& f, GatePlan&) { f.reports[0].at -= std::chrono::minutes(16); }, kStale,
       "valid for 15 min"},
      {"no spf", "spf", [](Facts&, GatePlan& p) { p.spf_asked = false; }, kNotAsked, "no [spf]"},
      {"spf", "spf", [](Facts&, GatePlan&) {}, kPass, "old and new senders pass"},
      {"spf wrong", "spf", [](Facts& f, GatePlan&) { f.spf[0].matrix = wrong_matrix(); }, kFail,
       "Quad9 9.9.9.9: the new sender 198.51.100.7 gets fail"},
      {"spf not evaluated", "spf",
       [](Facts& f, GatePlan&) {
         f.spf[0].matrix.state = monitor::SpfState::unknown;
         f.spf[0].matrix.why = "Quad9 9.9.9.9: its record was not evaluated yet";
       },
       kUnknown, "not evaluated yet"},
      {"spf not seen", "spf", [](Facts& f, GatePlan&) { f.spf = {SpfFacts{}}; }, kUnknown,
       "no SPF record was asked for yet"},
      {"spf long ago", "spf",
       [](Facts& f, GatePlan&) { f.spf[0].observed_at -= std::chrono::hours(1); }, kStale,
       "last observed"},
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
       "s2._domainkey.shop.example was not asked for yet"},
      {"key missing", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.texts.clear();
       }),
       kFail, "s1._domainkey.shop.example: no key is published: publish"},
      {"two keys", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.texts.push_back("v=DKIM1; p=");
       }),
       kFail, "2 TXT records stand there"},
      {"key revoked", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.texts = {"v=DKIM1; p="};
       }),
       kFail, "revoked"},
      {"key too small", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.texts = {std::string("p=") + fakes::kRsa512};
       }),
       kFail, "an RSA key of 512 bits is refused"},
      {"key small", "outbound", with_key([](OutboundFacts& o) {
         const std::string small = std::string("p=") + fakes::kRsa1024;
         o.selectors[0].authorities.texts = o.selectors[0].resolvers[0].texts = {small};
       }),
       kPass, "the RSA key has 1024 bits, 2048 are advised"},
      {"no key at all", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.texts = {"hello"};
       }),
       kFail, "no DKIM key record"},
      {"another key than planned", "outbound",
       [](Facts&, GatePlan& p) {
         p.dkim_selectors = {"s1"};
         p.dkim_keys["s1"] = fakes::kBareRsa2048;
       },
       kFail, "another key than the planned one"},
      {"the planned key", "outbound",
       [](Facts&, GatePlan& p) {
         p.dkim_selectors = {"s1"};
         p.dkim_keys["s1"] = fakes::kRsa2048;
       },
       kPass, "1 key published"},
      {"key at a resolver", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].resolvers[0].texts.clear();
       }),
       kFail, "no key is published at Quad9 9.9.9.9"},
      {"key, resolver silent", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].resolvers[0].error = "timed out";
       }),
       kUnknown, "no answer from Quad9 9.9.9.9"},
      {"key, no resolver", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].resolvers.clear();
       }),
       kUnknown, "no resolver was asked yet"},
      {"key, authorities silent", "outbound", with_key([](OutboundFacts& o) {
         o.selectors[0].authorities.error = "no authority answered";
       }),
       kUnknown, "no authority answered"},
      {"DMARC silent", "outbound", with_key([](OutboundFacts& o) {
         o.dmarc[0].asked[0].error = "SERVFAIL";
       }),
       kUnknown, "_dmarc.shop.example: SERVFAIL"},
      {"DMARC not asked", "outbound", with_key([](OutboundFacts& o) { o.dmarc.clear(); }), kUnknown,
       "_dmarc.shop.example was not asked for yet"},
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
       kUnknown, "no key was asked for yet"},
      {"mta-sts", "mta-sts", [](Facts&, GatePlan&) {}, kPass, "neither"},
      {"mta-sts published", "mta-sts", [](Facts& f, GatePlan&) { f.mta_sts.txt_published = true; },
       kUnknown, "_mta-sts.shop.example is published"},
      {"mta-sts TLSA", "mta-sts", [](Facts& f, GatePlan&) { f.mta_sts.tlsa_at = {"_25._tcp.mx1"}; },
       kUnknown, "TLSA at _25._tcp.mx1"},
      {"mta-sts not asked yet", "mta-sts",
       [](Facts& f, GatePlan&) { f.mta_sts.tlsa_asked = false; }, kUnknown, "not asked for yet"},
      {"mta-sts silent", "mta-sts", [](Facts& f, GatePlan&) { f.mta_sts.error = "SERVFAIL"; },
       kUnknown, "SERVFAIL"},
      {"relay", "relay", [](Facts&, GatePlan&) {}, kPass, "2 nodes on forward"},
      {"relay node dead", "relay",
       [](Facts& f, GatePlan&) {
         f.relay.nodes[1].reachable = false;
         f.relay.nodes[1].error = "connection refused";
       },
       kFail, "node-2 does not answer: connection refused"},
      {"relay token", "relay", [](Facts& f, GatePlan&) { f.relay.nodes[1].authenticated = false; },
       kFail, "node-2 refused the token"},
      {"relay on hosted", "relay",
       [](Facts& f, GatePlan&) { f.relay.nodes[0].mode = Mode::hosted; }, kFail,
       "node-1 is on hosted, not on forward"},
      {"relay without domain", "relay", [](Facts& f, GatePlan&) { f.relay.nodes[0].mode.reset(); },
       kFail, "node-1 does not know the domain"},
      {"unlisted address", "relay",
       [](Facts& f, GatePlan&) { f.relay.exchanges["mx2.filter.example"].push_back("192.0.2.9"); },
       kFail, "192.0.2.9 of mx2.filter.example is no address of a listed node"},
      {"exchange without address", "relay",
       [](Facts& f, GatePlan&) { f.relay.exchanges["mx2.filter.example"].clear(); }, kFail,
       "mx2.filter.example has no address"},
      {"exchange is an alias", "relay",
       [](Facts& f, GatePlan&) {
         f.relay.exchange_aliases = {{"mx2.filter.example", "a.b.example"}};
       },
       kFail, "mx2.filter.example is a CNAME to a.b.example"},
      {"a next hop is the relay", "relay",
       [](Facts& f, GatePlan&) { f.relay.loops = {"the next hop is node-1"}; }, kFail,
       "the next hop is node-1"},
      {"exchanges not asked", "relay", [](Facts& f, GatePlan&) { f.relay.exchanges.clear(); },
       kUnknown, "not asked yet"},
      {"dry run refused", "relay",
       [](Facts& f, GatePlan&) {
         f.relay.nodes[0].dry_run = DryRun::refused;
         f.relay.nodes[0].dry_run_error = "empty roster";
       },
       kFail, "node-1 refused a dry run of the write to hosted: empty roster"},
      {"way back refused", "relay",
       [](Facts& f, GatePlan&) { f.relay.nodes[0].dry_run_back = DryRun::refused; }, kFail,
       "dry run of the write back"},
      {"no dry run", "relay",
       [](Facts& f, GatePlan&) { f.relay.nodes[0].dry_run_back = DryRun::not_run; }, kUnknown,
       "no dry run"},
      {"dry run long ago", "relay",
       [](Facts& f, GatePlan&) { f.relay.dry_run_at -= std::chrono::minutes(11); }, kStale,
       "valid for 10 min"},
      {"hosted as expected", "relay",
       [](Facts& f, GatePlan&) {
         f.relay.expected = Mode::hosted;
         for (auto& node : f.relay.nodes) node.mode = Mode::hosted;
       },
       kPass, "2 nodes on hosted"},
      {"driver none", "relay", [](Facts&, GatePlan& p) { p.has_relay = false; }, kUnknown,
       "only watched"},
      {"old server", "old-server", [](Facts&, GatePlan&) {}, kPass, "accepts RCPT from 2 nodes"},
      {"no old server", "old-server", [](Facts&, GatePlan& p) { p.has_old_server = false; },
       kNotAsked, "no old server"},
      {"old server refuses", "old-server",
       [](Facts& f, GatePlan&) {
         f.old_server.nodes[1].result = ProbeResult::refused;
         f.old_server.nodes[1].reply = "550 no";
       },
       kFail, "refused from node-2: 550 no"},
      {"old server down", "old-server",
       [](Facts& f, GatePlan&) { f.old_server.nodes[1].result = ProbeResult::expired; }, kFail,
       "no answer from node-2"},
      {"old server too small", "old-server",
       [](Facts& f, GatePlan&) { f.old_server.size_relay = 30'000'000; }, kFail,
       "larger messages would bounce"},
      {"relay without a limit", "old-server",
       [](Facts& f, GatePlan&) { f.old_server.size_relay = 0; }, kFail, "any number"},
      {"old server without a limit", "old-server",
       [](Facts& f, GatePlan&) { f.old_server.size_old = 0; }, kPass, "accepts RCPT"},
      {"exemption not told", "old-server",
       [](Facts&, GatePlan& p) { p.old_server_exempts = false; }, kUnknown,
       "old_server_exempts = true"},
      {"size not asked", "old-server", [](Facts& f, GatePlan&) { f.old_server.size_asked = false; },
       kUnknown, "SIZE was not compared"},
      {"flow", "flow", [](Facts&, GatePlan&) {}, kPass, "not proved from outside"},
      {"probe_from set", "flow", [](Facts&, GatePlan& p) { p.probe_from = "smtp://out:25"; },
       kUnknown, "probe_from = \"smtp://out:25\" is not carried out"},
      {"probe missing", "flow",
       [](Facts& f, GatePlan&) {
         f.flow.addresses[1].arrived_at = at() - std::chrono::minutes(16);
       },
       kFail, "no probe arrived through 192.0.2.2"},
      {"no mail", "flow", [](Facts& f, GatePlan&) { f.flow.last_message_at.reset(); }, kFail,
       "no real message"},
      {"quiet", "flow",
       [](Facts& f, GatePlan& p) {
         f.flow.last_message_at.reset();
         p.quiet = true;
       },
       kPass, "probes came through 2 addresses"},
      {"flow unknown", "flow", [](Facts& f, GatePlan&) { f.flow.addresses.clear(); }, kUnknown,
       "no probe was sent"},
      {"accounts", "accounts", [](Facts&, GatePlan&) {}, kPass, "3 accounts at the relay"},
      {"accounts of files never loaded", "accounts",
       [](Facts& f, GatePlan& p) {
         f.roster.given = false;
         p.has_roster_files = true;
       },
       kUnknown, "never loaded: mxswitch roster load shop.example"},
      {"aliases of files never loaded", "aliases",
       [](Facts& f, GatePlan& p) {
         f.roster.given = false;
         p.has_roster_files = true;
       },
       kUnknown, "never loaded"},
      {"no files and no load", "accounts", [](Facts& f, GatePlan&) { f.roster.given = false; },
       kPass, "the plan names no files"},
      {"alias domain", "relay",
       [](Facts&, GatePlan& p) { p.other_domains = {"shop2.example"}; }, kUnknown,
       "shop2.example would not be switched"},
      {"next hop of another plan", "relay",
       [](Facts& f, GatePlan&) { f.relay.nodes[0].hop_faults = {"node-1 has forward = a"}; }, kFail,
       "node-1 has forward = a"},
      {"account missing", "accounts",
       [](Facts& f, GatePlan&) {
         f.roster.missing_accounts = {"joe", "mary"};
       },
       kFail, "2 missing: joe, mary"},
      {"extra is fine", "accounts", [](Facts& f, GatePlan&) { f.roster.extra_accounts = {"x"}; },
       kPass, "none missing"},
      {"uncovered", "accounts",
       [](Facts& f, GatePlan&) { f.roster.uncovered = {"ann@shop.example"}; }, kFail,
       "1 recipient that the old server accepted has no mailbox: ann@shop.example"},
      {"uncovered but ignored", "accounts",
       [](Facts& f, GatePlan& p) {
         f.roster.uncovered = {"ann@shop.example"};
         p.ignored_recipients = {"ann@shop.example"};
       },
       kPass, "every recipient"},
      {"recipients unknown", "accounts", [](Facts& f, GatePlan&) { f.roster.flow_known = false; },
       kUnknown, "not read yet"},
      {"recipients cut short", "accounts",
       [](Facts& f, GatePlan&) { f.roster.flow_truncated = true; }, kUnknown, "cut short"},
      {"roster unreadable", "accounts",
       [](Facts& f, GatePlan&) { f.roster.error = "node-1 is silent"; }, kUnknown,
       "node-1 is silent"},
      {"rosters differ", "accounts",
       [](Facts& f, GatePlan&) {
         f.roster.nodes_differ = true;
         f.roster.differ_text = "node-1 a, node-2 b";
       },
       kFail, "node-1 a, node-2 b"},
      {"aliases", "aliases", [](Facts&, GatePlan&) {}, kPass, "6 aliases"},
      {"alias missing", "aliases",
       [](Facts& f, GatePlan&) { f.roster.missing_aliases = {"sales"}; }, kFail,
       "1 missing or different: sales"},
      {"alias to nobody", "aliases",
       [](Facts& f, GatePlan&) { f.roster.broken_targets = {"sales: nobody"}; }, kFail,
       "no such target: sales: nobody"},
      {"contact", "contact", [](Facts&, GatePlan&) {}, kPass, "email was acknowledged"},
      {"contact inside", "contact",
       [](Facts& f, GatePlan&) { f.contact.channels[0].not_external = "it is in shop.example"; },
       kFail, "it is in shop.example"},
      {"contact not looked up", "contact",
       [](Facts& f, GatePlan&) { f.contact.channels[0].not_known = "no authority answered"; },
       kUnknown, "no authority answered"},
      {"contact not acknowledged", "contact",
       [](Facts& f, GatePlan&) { f.contact.channels[0].acknowledged = false; }, kFail,
       "not acknowledged"},
      {"contact dead", "contact",
       [](Facts& f, GatePlan&) { f.contact.channels[0].last_delivery_ok = false; }, kFail,
       "the last delivery failed on every"},
      {"one of two dead", "contact",
       [](Facts& f, GatePlan&) {
         f.contact.channels.insert(f.contact.channels.begin(),
                                   {"webhook", "https://x", "", true, false, at(), "refused", ""});
       },
       kPass, "email was acknowledged"},
      {"no contact", "contact", [](Facts& f, GatePlan&) { f.contact.channels.clear(); }, kFail,
       "names no external contact"},
      {"operator", "operator", [](Facts&, GatePlan&) {}, kPass, "asked by jo: moving day"},
      {"nobody asked", "operator", [](Facts& f, GatePlan&) { f.operator_.commanded = false; },
       kFail, "mxswitch switch shop.example"},
      {"it is done", "operator",
       [](Facts& f, GatePlan&) {
         f.operator_.commanded = false;
         f.operator_.carried_out = true;
       },
       kPass, "the switch was asked for"},
      {"other digest", "operator", [](Facts& f, GatePlan&) { f.operator_.digest = "d0"; }, kFail,
       "another plan digest"},
      {"approvals", "operator", [](Facts&, GatePlan& p) { p.approvers = 2; }, kFail,
       "0 of 2 approvals"},
      {"window", "operator",
       [](Facts& f, GatePlan&) {
         f.operator_.window_open = false;
         f.operator_.window_opens_at = at() + std::chrono::hours(3);
       },
       kFail, "the window opens at 2026-11-22T15:00:00Z"},
      {"frozen", "operator", [](Facts& f, GatePlan&) { f.operator_.frozen = true; }, kFail,
       "frozen"},
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
  }
}

TEST(Gates, OneBrokenThingClosesNoOtherGate) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Facts facts = good_facts(at());
    GatePlan plan = good_plan();
    c.change(facts, plan);
    for (const std::string& id : closed_gates(judge_all(facts, plan, {}, at()), true)) {
      const bool shared = facts.reports.empty() || facts.reports[0].at != at() ||
                          !facts.roster.error.empty() || facts.roster.nodes_differ ||
                          plan.has_roster_files;
      EXPECT_TRUE(id == c.gate || shared) << id;
    }
  }
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
  facts.reports[0].b = held_by(Holds::no, "ns2 served the old set");
  facts.reports[0].ready_from = at() + std::chrono::hours(2);
  const GateResult g = gate(judge_all(facts, good_plan(), {}, at()), "propagation");
  ASSERT_TRUE(g.earliest);
  EXPECT_EQ(*g.earliest, at() + std::chrono::hours(2));
}

TEST(Gates, ManyReasonsOfOneKindAreOneSentence) {
  Facts facts = good_facts(at());
  monitor::Condition& c = facts.reports[0].c;
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
  monitor::Condition& b = facts.reports[0].b;
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

TEST(Gates, EligibleDoesNotAskForTheOperator) {
  Facts facts = good_facts(at());
  facts.operator_.commanded = false;
  const auto gates = judge_all(facts, good_plan(), {}, at());
  EXPECT_TRUE(closed_gates(gates, false).empty());
  EXPECT_EQ(closed_gates(gates, true), std::vector<std::string>{"operator"});
}

}  // namespace
}  // namespace mxswitch::orchestrator
