#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>

#include "monitor/simulation/scenario.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor::simulation {
namespace {

using Verb = Event::Verb;
using What = Expectation::What;

// Throws std::string inside this file only: a line that can't be read.
[[noreturn]] void refuse(const std::string& what) { throw what; }

template <class T>
T value_of(Result<T> result) {
  if (!result) refuse(result.error().what);
  return std::move(*result);
}

struct Line {
  std::vector<std::string> words;
  std::size_t next = 0;

  bool done() const { return next >= words.size(); }
  std::string word() {
    if (done()) refuse("the line ends too early");
    return words[next++];
  }
  bool take(std::string_view expected) {
    if (done() || words[next] != expected) return false;
    ++next;
    return true;
  }
  std::string rest() {
    std::string text;
    while (!done()) text += (text.empty() ? "" : " ") + words[next++];
    return text;
  }
  Duration duration() { return value_of(parse_duration(word())); }
  std::uint32_t number() {
    try {
      return static_cast<std::uint32_t>(std::stoul(word()));
    } catch (const std::exception&) {
      refuse("a number is wanted");
    }
  }
};

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
  policy.seed = true;
  return policy;
}

class Parser {
 public:
  Scenario scenario;

  void line(int number, Line line) {
    line_ = number;
    const std::string key = line.word();
    const auto known = directives().find(key);
    if (known == directives().end()) refuse(fmt::format("unknown directive \"{}\"", key));
    known->second(*this, line);
    if (!line.done()) refuse(fmt::format("\"{}\" is one word too many", line.word()));
  }

 private:
  using Directive = std::function<void(Parser&, Line&)>;

  static const std::map<std::string, Directive>& directives() {
    static const std::map<std::string, Directive> all = {
        {"title", [](Parser& p, Line& l) { p.scenario.title = l.rest(); }},
        {"seed", [](Parser& p, Line& l) { p.scenario.seed = l.number(); }},
        {"owner",
         [](Parser& p, Line& l) { p.scenario.owner = value_of(DnsName::parse(l.word())); }},
        {"set", &Parser::named_set},
        {"policy", &Parser::policy},
        {"declare", &Parser::declare},
        {"ignore",
         [](Parser& p, Line& l) {
           const std::string server = l.word();
           p.scenario.input.ignored_authorities.push_back({server, l.rest()});
         }},
        {"authority", &Parser::authority},
        {"resolver", &Parser::resolver},
        {"resolvers", &Parser::resolvers},
        {"at", &Parser::timed},
        {"expect", [](Parser& p, Line& l) { p.expect(l, Duration(0)); }},
        {"end", [](Parser& p, Line& l) { p.scenario.end = l.duration(); }},
        {"allow", [](Parser& p, Line& l) {
           if (l.rest() != "a stale cache at READY") refuse("only \"a stale cache at READY\"");
           p.scenario.stale_truth_allowed = true;
         }}};
    return all;
  }

  void named_set(Line& line) {
    const std::string name = line.word();
    const std::string text = line.rest();
    scenario.sets[name] = text == "nothing" ? MxSet() : value_of(MxSet::parse(text));
  }

  const MxSet& set(Line& line) {
    const std::string name = line.word();
    const auto found = scenario.sets.find(name);
    if (found == scenario.sets.end()) refuse(fmt::format("no set is called \"{}\"", name));
    return found->second;
  }

  Zone zone(Line& line) {
    Zone zone{set(line), 0};
    if (!line.take("ttl")) refuse("\"ttl SECONDS\" is wanted");
    zone.ttl = line.number();
    return zone;
  }

  void policy(Line& line) {
    Policy& policy = scenario.input.policy;
    const std::string key = line.word();
    if (key == "lab")
      policy = lab_policy();
    else if (key == "k")
      policy.k = static_cast<int>(line.number());
    else if (key == "min_operators")
      policy.min_operators = static_cast<int>(line.number());
    else if (key == "min_countries")
      policy.min_countries = static_cast<int>(line.number());
    else if (key == "seed")
      policy.seed = line.word() == "true";
    else if (key == "floor")
      policy.floor = line.duration();
    else if (key == "settle")
      policy.settle = line.duration();
    else if (key == "violator_after")
      policy.violator_after = line.duration();
    else
      refuse(fmt::format("unknown policy \"{}\"", key));
  }

  void declare(Line& line) {
    const std::string key = line.word();
    if (key == "changed_at")
      scenario.changed_at = line.duration();
    else if (key == "old_ttl")
      scenario.input.declared_old_ttl = seconds(line.number());
    else if (key == "old")
      scenario.input.declared_old = set(line);
    else
      refuse(fmt::format("unknown declaration \"{}\"", key));
  }

  void authority(Line& line) {
    AuthorityPlan plan;
    plan.name = value_of(DnsName::parse(line.word()));
    plan.endpoint = value_of(Endpoint::parse(line.word()));
    if (!line.take("serves")) refuse("\"serves SET ttl SECONDS\" is wanted");
    plan.zone = zone(line);
    if (line.take("expire")) plan.expire = line.number();
    scenario.authorities.push_back(plan);
  }

  void traits(Line& line, ResolverPlan& plan) {
    while (!line.done()) {
      const std::string word = line.word();
      if (word == "in")
        plan.resolver.country_code = line.word();
      else if (word == "anycast")
        plan.resolver.anycast = true;
      else if (word == "upstream")
        plan.resolver.upstream = line.word();
      else if (word == "caches")
        plan.caches = static_cast<int>(line.number());
      else if (word == "min-ttl")
        plan.min_ttl = line.number();
      else if (word == "max-ttl")
        plan.max_ttl = line.number();
      else if (word == "serves-stale")
        plan.serves_stale = true;
      else if (word == "forever")
        plan.forever = true;
      else if (word == "refuses")
        plan.refuses = true;
      else if (word == "refuses-owner")
        plan.refuses_owner = true;
      else if (word == "lies")
        plan.lies = true;
      else if (word == "loss")
        plan.loss_percent = static_cast<int>(line.number());
      else if (word == "clients")
        plan.clients = line.duration();
      else
        refuse(fmt::format("unknown trait \"{}\"", word));
    }
  }

  void resolver(Line& line) {
    ResolverPlan plan;
    plan.resolver.endpoint = value_of(Endpoint::parse(line.word()));
    plan.resolver.operator_name = line.word();
    traits(line, plan);
    scenario.resolvers.push_back(std::move(plan));
  }

  // "resolvers 48 TRAITS": each of an operator of its own, in 4 countries by turns.
  void resolvers(Line& line) {
    const std::uint32_t count = line.number();
    if (count > 200) refuse("at most 200 resolvers");
    ResolverPlan like;
    traits(line, like);
    for (std::uint32_t i = 0; i < count; ++i) {
      static constexpr std::array kCountries = {"DE", "US", "JP", "BR"};
      const auto number = ++generated_;
      ResolverPlan plan = like;
      plan.resolver.endpoint = value_of(Endpoint::parse(fmt::format("203.0.113.{}", number)));
      plan.resolver.operator_name = fmt::format("Operator-{}", number);
      if (plan.resolver.country_code.empty())
        plan.resolver.country_code = kCountries[number % kCountries.size()];
      scenario.resolvers.push_back(std::move(plan));
    }
  }

  void timed(Line& line) {
    const Duration at = line.duration();
    if (line.take("expect")) return expect(line, at);
    static const std::map<std::string, Verb> kVerbs = {
        {"watch", Verb::watch},     {"serve", Verb::serve}, {"down", Verb::down},
        {"up", Verb::up},           {"leave", Verb::leave}, {"waive", Verb::waive},
        {"restart", Verb::restart}, {"plan", Verb::plan}};
    const std::string verb = line.word();
    const auto known = kVerbs.find(verb);
    if (known == kVerbs.end()) refuse(fmt::format("unknown event \"{}\"", verb));
    Event event;
    event.at = at;
    event.line = line_;
    event.verb = known->second;
    if (event.verb == Verb::plan)
      event.zone.set = set(line);
    else if (event.verb != Verb::watch && event.verb != Verb::restart)
      event.target = line.word();
    if (event.verb == Verb::serve) event.zone = zone(line);
    if (event.verb == Verb::waive || event.verb == Verb::restart) event.text = line.rest();
    scenario.events.push_back(std::move(event));
  }

  void between(Line& line, Expectation& expectation) {
    if (!line.take("between")) refuse("\"between TIME and TIME\" is wanted");
    expectation.at = line.duration();
    if (!line.take("and")) refuse("\"and TIME\" is wanted");
    expectation.until = line.duration();
  }

  void expect(Line& line, Duration at) {
    Expectation expectation;
    expectation.at = at;
    expectation.line = line_;
    const std::string what = line.word();
    if (what == "hold")
      expectation.what = What::hold;
    else if (what == "unknown")
      expectation.what = What::unknown;
    else if (what == "assumed")
      expectation.what = What::assumed;
    else if (what == "never-ready")
      expectation.what = What::never_ready;
    else if (what == "ready")
      expect_ready(line, expectation);
    else if (what == "strict")
      expect_strict(line, expectation);
    else if (what == "warning" || what == "waiver") {
      expectation.what = what == "warning" ? What::warning : What::waiver;
      expectation.words = line.rest();
    } else if (what == "reason") {
      expectation.what = What::reason;
      expectation.code = line.word();
      expectation.words = line.rest();
    } else {
      refuse(fmt::format("unknown expectation \"{}\"", what));
    }
    scenario.expectations.push_back(std::move(expectation));
  }

  void expect_ready(Line& line, Expectation& expectation) {
    expectation.what = line.done() ? What::ready : What::ready_between;
    if (!line.done()) between(line, expectation);
  }

  void expect_strict(Line& line, Expectation& expectation) {
    expectation.what = What::strict_between;
    const Duration at = expectation.at;
    between(line, expectation);
    expectation.code = std::to_string(at.count());  // when to look
  }

  int line_ = 0;
  std::uint32_t generated_ = 0;
};

Line split(const std::string& text) {
  Line line;
  std::istringstream in(text.substr(0, text.find('#')));
  for (std::string word; in >> word;) line.words.push_back(word);
  return line;
}

Result<void> complete(Scenario& scenario, const std::string& name) {
  const auto expected = scenario.sets.find("new");
  if (expected == scenario.sets.end() || scenario.owner.is_root() || scenario.end == Duration(0) ||
      scenario.authorities.empty() || scenario.events.empty())
    return fail(Fault::usage, "owner, set new, an authority, an event and end are wanted", name);
  scenario.input.owner = scenario.owner;
  scenario.input.expected = expected->second;
  std::vector<probes::Resolver> resolvers;
  for (const ResolverPlan& plan : scenario.resolvers) resolvers.push_back(plan.resolver);
  scenario.input.resolvers = std::move(resolvers);
  std::stable_sort(scenario.events.begin(), scenario.events.end(),
                   [](const Event& a, const Event& b) { return a.at < b.at; });
  return {};
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view text, const std::string& name) {
  Parser parser;
  std::istringstream in{std::string(text)};
  int number = 0;
  for (std::string raw; std::getline(in, raw);) {
    ++number;
    Line line = split(raw);
    if (line.done()) continue;
    try {
      parser.line(number, std::move(line));
    } catch (const std::string& what) {
      return fail(Fault::usage, what, fmt::format("{}:{}", name, number));
    }
  }
  if (auto whole = complete(parser.scenario, name); !whole) return Failure(whole.error());
  return std::move(parser.scenario);
}

Result<Scenario> read_scenario(const std::string& path) {
  std::ifstream in(path);
  if (!in) return fail(Fault::usage, "can't be read", path);
  std::ostringstream text;
  text << in.rdbuf();
  return parse_scenario(text.str(), path.substr(path.rfind('/') + 1));
}

}  // namespace mxswitch::monitor::simulation
