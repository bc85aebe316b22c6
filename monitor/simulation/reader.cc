// Joins the parts of the reader: one directive a line, and what must fit together in the end.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "monitor/simulation/reader_parts.h"

namespace mxswitch::monitor::simulation {
namespace {

using Directive = std::function<void(Scenario&, Line&, int)>;

void read_set(Scenario& scenario, Line& line, int) {
  const std::string name = line.word();
  const std::string text = line.rest();
  scenario.sets[name] = text == "nothing" ? MxSet() : value_of(MxSet::parse(text));
}

void read_declaration(Scenario& scenario, Line& line, int) {
  const std::string key = line.word();
  if (key == "changed_at")
    scenario.changed_at = line.duration();
  else if (key == "old_ttl")
    scenario.input.declared_old_ttl = seconds(line.number());
  else if (key == "old")
    scenario.input.declared_old = named_set(scenario, line);
  else
    refuse(fmt::format("unknown declaration \"{}\"", key));
}

void read_ignored(Scenario& scenario, Line& line, int) {
  const std::string server = line.word();
  scenario.input.ignored_authorities.push_back({server, line.rest()});
}

void read_timed(Scenario& scenario, Line& line, int number) {
  const Duration at = line.duration();
  if (line.take("expect"))
    read_expectation(scenario, line, at, number);
  else
    read_event(scenario, line, at, number);
}

void read_allowance(Scenario& scenario, Line& line, int) {
  if (line.rest() != "a stale cache at READY") refuse("only \"a stale cache at READY\"");
  scenario.stale_truth_allowed = true;
}

Directive without_number(void (*read)(Scenario&, Line&)) {
  return [read](Scenario& scenario, Line& line, int) { read(scenario, line); };
}

const std::map<std::string, Directive>& directives() {
  static const std::map<std::string, Directive> all = {
      {"title", [](Scenario& s, Line& l, int) { s.title = l.rest(); }},
      {"seed", [](Scenario& s, Line& l, int) { s.seed = l.number(); }},
      {"owner", [](Scenario& s, Line& l, int) { s.owner = value_of(DnsName::parse(l.word())); }},
      {"set", read_set},
      {"policy", without_number(read_policy)},
      {"declare", read_declaration},
      {"ignore", read_ignored},
      {"formerly", [](Scenario& s, Line& l,
                      int) { s.input.formerly.push_back(value_of(DnsName::parse(l.word()))); }},
      {"authority", without_number(read_authority)},
      {"record", without_number(read_record)},
      {"delegation", without_number(read_delegation)},
      {"ns_drain",
       [](Scenario& s, Line& l, int) {
         l.want("ttl", "ns_drain ttl");
         s.input.ns_drain_by_ttl = true;
       }},
      {"control",
       [](Scenario& s, Line& l, int) {
         s.input.family_controls.push_back(value_of(Endpoint::parse(l.word())));
       }},
      {"signed", [](Scenario& s, Line&, int) { s.signed_zone = true; }},
      {"resolver", without_number(read_resolver)},
      {"resolvers", without_number(read_resolvers)},
      {"at", read_timed},
      {"expect", [](Scenario& s, Line& l, int n) { read_expectation(s, l, Duration(0), n); }},
      {"end", [](Scenario& s, Line& l, int) { s.end = l.duration(); }},
      {"allow", read_allowance}};
  return all;
}

void read_line(Scenario& scenario, Line& line, int number) {
  const std::string key = line.word();
  const auto known = directives().find(key);
  if (known == directives().end()) refuse(fmt::format("unknown directive \"{}\"", key));
  known->second(scenario, line, number);
  if (!line.done()) refuse(fmt::format("\"{}\" is one word too many", line.word()));
}

bool may_befall_resolvers(Event::Verb verb) {
  using Verb = Event::Verb;
  return verb == Verb::down || verb == Verb::up || verb == Verb::refuse || verb == Verb::slow;
}

// Servers and resolvers may be named before the lines that describe them.
Result<void> check_targets(const Scenario& scenario, const std::string& name) {
  using Verb = Event::Verb;
  std::set<std::string> servers, resolvers;
  for (const ResolverPlan& plan : scenario.resolvers)
    resolvers.insert(plan.resolver.endpoint.text());
  for (const AuthorityPlan& plan : scenario.authorities) {
    servers.insert(plan.name.text());
    servers.insert(plan.endpoint.text());
  }
  for (const RecordPlan& plan : scenario.records) servers.insert(plan.server.text());
  for (const Event& event : scenario.events) {
    if (event.target.empty() || event.verb == Verb::waive) continue;
    if (may_befall_resolvers(event.verb) && resolvers.count(event.target) != 0) continue;
    if (servers.count(event.target) == 0)
      return fail(Fault::usage, fmt::format("no authority is called \"{}\"", event.target),
                  fmt::format("{}:{}", name, event.line));
  }
  return {};
}

Result<void> complete(Scenario& scenario, const std::string& name) {
  const auto expected = scenario.sets.find("new");
  if (expected == scenario.sets.end() || scenario.owner.is_root() || scenario.end == Duration(0) ||
      scenario.authorities.empty() || scenario.events.empty())
    return fail(Fault::usage, "owner, set new, an authority, an event and end are wanted", name);
  const bool watched = std::any_of(scenario.events.begin(), scenario.events.end(),
                                   [](auto& e) { return e.verb == Event::Verb::watch; });
  if (!watched) return fail(Fault::usage, "nobody watches: \"at 0s watch\" is wanted", name);
  scenario.input.owner = scenario.owner;
  scenario.input.expected = expected->second;
  std::vector<probes::Resolver> resolvers;
  for (const ResolverPlan& plan : scenario.resolvers)
    if (!plan.unlisted) resolvers.push_back(plan.resolver);
  scenario.input.compares_dot = std::any_of(resolvers.begin(), resolvers.end(),
                                            [](const auto& r) { return !r.dot_name.empty(); });
  scenario.input.resolvers = std::move(resolvers);
  std::stable_sort(scenario.events.begin(), scenario.events.end(),
                   [](const Event& a, const Event& b) { return a.at < b.at; });
  return check_targets(scenario, name);
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view text, const std::string& name) {
  Scenario scenario;
  std::istringstream in{std::string(text)};
  int number = 0;
  for (std::string raw; std::getline(in, raw);) {
    ++number;
    Line line(raw);
    if (line.done()) continue;
    try {
      read_line(scenario, line, number);
    } catch (const BadLine& bad) {
      return fail(Fault::usage, bad.what, fmt::format("{}:{}", name, number));
    }
  }
  if (auto whole = complete(scenario, name); !whole) return Failure(whole.error());
  return scenario;
}

Result<Scenario> read_scenario(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  if (in && in.peek() == std::ifstream::traits_type::eof() && !in.bad())
    return fail(Fault::usage, "the file is empty", path,
                "its format stands in tests/scenarios/README.md");
  if (!in || !(text << in.rdbuf()))
    return fail(Fault::usage, "can't be read", path, "give the path of a *.scn file");
  return parse_scenario(text.str(), path);
}

}  // namespace mxswitch::monitor::simulation
