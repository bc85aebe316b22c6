// Reads who is in the world: authorities, resolvers, and the settings of the verdict.
#include <fmt/format.h>

#include <array>
#include <functional>

#include "monitor/simulation/reader_parts.h"

namespace mxswitch::monitor::simulation {
namespace {

constexpr std::uint32_t kMostResolvers = 250;  // of one address block, generated
constexpr std::uint32_t kMostCaches = 1000;

using Trait = std::function<void(ResolverPlan&, Line&)>;

Trait flag(bool ResolverPlan::*member) {
  return [member](ResolverPlan& plan, Line&) { plan.*member = true; };
}

Trait habit(bool Habits::*member) {
  return [member](ResolverPlan& plan, Line&) { plan.habits.*member = true; };
}

int count(Line& line) {
  const std::uint32_t number = line.number();
  if (number == 0 || number > kMostCaches)
    refuse(fmt::format("{} is not between 1 and {}", number, kMostCaches));
  return static_cast<int>(number);
}

void read_dot(ResolverPlan& plan, Line& line) {
  static const std::map<std::string, DotSays> kWords = {{"same", DotSays::the_same},
                                                        {"nxdomain", DotSays::nxdomain},
                                                        {"unproved", DotSays::unproved}};
  const std::string word = line.word();
  const auto found = kWords.find(word);
  if (found == kWords.end()) refuse(fmt::format("dot \"{}\": same, nxdomain or unproved", word));
  plan.dot = found->second;
  plan.resolver.dot_name = "dot.example";
}

void read_filter(ResolverPlan& plan, Line& line) {
  static const std::map<std::string, Filter> kWords = {{"nxdomain", {Outcome::nxdomain, false}},
                                                       {"nodata", {Outcome::no_data, false}},
                                                       {"refused", {Outcome::refused, true}}};
  const std::string word = line.word();
  const auto found = kWords.find(word);
  if (found == kWords.end())
    refuse(fmt::format("filters \"{}\": nxdomain, nodata or refused", word));
  plan.filter = found->second;
}

const std::map<std::string, Trait>& traits() {
  static const std::map<std::string, Trait> all = {
      {"in", [](ResolverPlan& p, Line& l) { p.resolver.country_code = l.word(); }},
      {"anycast", [](ResolverPlan& p, Line&) { p.resolver.anycast = true; }},
      {"upstream", [](ResolverPlan& p, Line& l) { p.resolver.upstream = l.word(); }},
      {"nsid", [](ResolverPlan& p, Line& l) { p.nsid = l.word(); }},
      {"shares-nsid", flag(&ResolverPlan::shares_nsid)},
      {"dot", read_dot},
      {"id-server", [](ResolverPlan& p, Line& l) { p.id_server = l.word(); }},
      {"caches", [](ResolverPlan& p, Line& l) { p.caches = count(l); }},
      {"sticky", [](ResolverPlan& p, Line&) { p.dispatch = Dispatch::sticky; }},
      {"pinned", [](ResolverPlan& p, Line&) { p.dispatch = Dispatch::pinned; }},
      {"min-ttl", [](ResolverPlan& p, Line& l) { p.habits.min_ttl = l.number(); }},
      {"max-ttl", [](ResolverPlan& p, Line& l) { p.habits.max_ttl = l.number(); }},
      {"serves-stale", habit(&Habits::serves_stale)},
      {"stale-on-failure", habit(&Habits::stale_on_failure)},
      {"prefetches", habit(&Habits::prefetches)},
      {"forever", habit(&Habits::forever)},
      {"child-centric", habit(&Habits::child_centric)},
      {"asks-parent", habit(&Habits::asks_parent)},
      {"recheck", [](ResolverPlan& p, Line& l) { p.habits.recheck = seconds(l.number()); }},
      {"filters", read_filter},
      {"only-v4", [](ResolverPlan& p, Line&) { p.families = Families::v4; }},
      {"only-v6", [](ResolverPlan& p, Line&) { p.families = Families::v6; }},
      {"habits-of", [](ResolverPlan& p, Line& l) { p.habitual = count(l); }},
      {"marks-stale", flag(&ResolverPlan::marks_stale)},
      {"refuses", flag(&ResolverPlan::refuses)},
      {"refuses-owner", flag(&ResolverPlan::refuses_owner)},
      {"silent", flag(&ResolverPlan::silent)},
      {"truncates", flag(&ResolverPlan::truncates)},
      {"lies", flag(&ResolverPlan::lies)},
      {"validates", flag(&ResolverPlan::validates)},
      {"intercepted", flag(&ResolverPlan::intercepted)},
      {"unlisted", flag(&ResolverPlan::unlisted)},
      {"limit", [](ResolverPlan& p, Line& l) { p.limit = count(l); }},
      {"loss", [](ResolverPlan& p, Line& l) { p.loss_percent = l.percent(); }},
      {"clients", [](ResolverPlan& p, Line& l) { p.clients = l.duration(); }}};
  return all;
}

void read_traits(const Scenario& scenario, ResolverPlan& plan, Line& line) {
  while (!line.done()) {
    const std::string word = line.word();
    if (word == "holds") {
      plan.holds = read_zone(scenario, line);
      continue;
    }
    const auto known = traits().find(word);
    if (known == traits().end()) refuse(fmt::format("unknown trait \"{}\"", word));
    known->second(plan, line);
  }
}

Policy lab_policy() {
  Policy policy;
  policy.authority_poll_before = policy.authority_poll = policy.authority_spread = seconds(1);
  policy.authority_poll_done = seconds(5);
  policy.delta = seconds(2);
  policy.floor = policy.stretcher_after = policy.settle = seconds(10);
  policy.violator_after = seconds(60);
  policy.k = 7;
  policy.sample_spacing = seconds(1);
  policy.reprobe_second = seconds(5);
  policy.history_ttl = seconds(0);
  policy.recovery = policy.failing_most = policy.failing_rest = seconds(10);
  policy.failing_retry = seconds(1);
  policy.seed = true;
  return policy;
}

const std::map<std::string, int Policy::*>& counts() {
  static const std::map<std::string, int Policy::*> all = {
      {"k", &Policy::k},
      {"min_operators", &Policy::min_operators},
      {"min_countries", &Policy::min_countries}};
  return all;
}

const std::map<std::string, Duration Policy::*>& durations() {
  static const std::map<std::string, Duration Policy::*> all = {
      {"floor", &Policy::floor},
      {"settle", &Policy::settle},
      {"delta", &Policy::delta},
      {"authority_spread", &Policy::authority_spread},
      {"authority_poll", &Policy::authority_poll},
      {"authority_poll_before", &Policy::authority_poll_before},
      {"sample_spacing", &Policy::sample_spacing},
      {"stretcher_after", &Policy::stretcher_after},
      {"violator_after", &Policy::violator_after},
      {"stale_allowance", &Policy::stale_allowance},
      {"history_ttl", &Policy::history_ttl},
      {"recovery", &Policy::recovery},
      {"failing_retry", &Policy::failing_retry}};
  return all;
}

}  // namespace

const MxSet& named_set(const Scenario& scenario, Line& line) {
  const std::string name = line.word();
  const auto found = scenario.sets.find(name);
  if (found == scenario.sets.end()) refuse(fmt::format("no set is called \"{}\"", name));
  return found->second;
}

Zone read_zone(const Scenario& scenario, Line& line) {
  Zone zone{named_set(scenario, line), 0};
  line.want("ttl", "ttl SECONDS");
  zone.ttl = line.number();
  return zone;
}

void read_policy(Scenario& scenario, Line& line) {
  Policy& policy = scenario.input.policy;
  const std::string key = line.word();
  if (key == "lab") {
    policy = lab_policy();
  } else if (key == "seed") {
    policy.seed = line.word() == "true";
  } else if (const auto number = counts().find(key); number != counts().end()) {
    policy.*number->second = static_cast<int>(line.number());
  } else if (const auto time = durations().find(key); time != durations().end()) {
    policy.*time->second = line.duration();
  } else {
    refuse(fmt::format("unknown policy \"{}\"", key));
  }
}

void read_authority(Scenario& scenario, Line& line) {
  AuthorityPlan plan;
  plan.name = value_of(DnsName::parse(line.word()));
  plan.endpoint = value_of(Endpoint::parse(line.word()));
  line.want("serves", "serves SET ttl SECONDS");
  plan.zone = read_zone(scenario, line);
  while (!line.done()) {
    if (line.take("expire"))
      plan.expire = line.number();
    else if (line.take("serial"))
      plan.serial = line.number();
    else if (line.take("sites"))
      plan.sites = count(line);
    else if (line.take("seen"))
      plan.seen = count(line);
    else if (line.take("unlisted"))
      plan.unlisted = true;
    else if (line.take("later"))
      plan.later = true;
    else
      refuse(fmt::format("unknown trait \"{}\" of an authority", line.word()));
  }
  if (plan.seen > plan.sites) refuse("more sites are seen than there are");
  scenario.authorities.push_back(std::move(plan));
}

void read_delegation(Scenario& scenario, Line& line) {
  line.want("ttl", "delegation ttl SECONDS");
  DelegationTtls& ttls = scenario.delegation;
  ttls.parent = ttls.child = ttls.addresses = line.number();
  if (line.take("child")) ttls.child = line.number();
  if (line.take("addresses")) ttls.addresses = line.number();
}

void read_resolver(Scenario& scenario, Line& line) {
  ResolverPlan plan;
  plan.resolver.endpoint = value_of(Endpoint::parse(line.word()));
  plan.resolver.operator_name = line.word();
  read_traits(scenario, plan, line);
  scenario.resolvers.push_back(std::move(plan));
}

// Each of an operator of its own, in 4 countries by turns.
void read_resolvers(Scenario& scenario, Line& line) {
  const std::uint32_t count = line.number();
  ResolverPlan like;
  read_traits(scenario, like, line);
  std::uint32_t number = 0;  // of those that earlier lines made
  for (const ResolverPlan& plan : scenario.resolvers)
    number += plan.resolver.operator_name.starts_with("Operator-") ? 1 : 0;
  if (number + count > kMostResolvers)
    refuse(fmt::format("at most {} resolvers can be made so", kMostResolvers));
  for (std::uint32_t i = 0; i < count; ++i) {
    static constexpr std::array kCountries = {"DE", "US", "JP", "BR"};
    ++number;
    ResolverPlan plan = like;
    plan.resolver.endpoint = value_of(Endpoint::parse(fmt::format("203.0.113.{}", number)));
    plan.resolver.operator_name = fmt::format("Operator-{}", number);
    if (plan.resolver.country_code.empty())
      plan.resolver.country_code = kCountries[number % kCountries.size()];
    scenario.resolvers.push_back(std::move(plan));
  }
}

}  // namespace mxswitch::monitor::simulation
