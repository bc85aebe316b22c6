// Reads what happens when, and what must be said of it.
#include <fmt/format.h>

#include "monitor/simulation/reader_parts.h"

namespace mxswitch::monitor::simulation {
namespace {

using Verb = Event::Verb;
using What = Expectation::What;

const std::map<std::string, Verb>& verbs() {
  static const std::map<std::string, Verb> all = {{"watch", Verb::watch},
                                                  {"serve", Verb::serve},
                                                  {"down", Verb::down},
                                                  {"up", Verb::up},
                                                  {"refuse", Verb::refuse},
                                                  {"slow", Verb::slow},
                                                  {"join", Verb::join},
                                                  {"leave", Verb::leave},
                                                  {"waive", Verb::waive},
                                                  {"restart", Verb::restart},
                                                  {"suspend", Verb::suspend},
                                                  {"plan", Verb::plan},
                                                  {"loss", Verb::loss},
                                                  {"break-signatures", Verb::break_signatures},
                                                  {"mend-signatures", Verb::mend_signatures},
                                                  {"record", Verb::record},
                                                  {"lose", Verb::lose_family},
                                                  {"regain", Verb::regain_family}};
  return all;
}

std::string server_or_resolver(Line& line) {
  std::string word = line.word();
  if (const auto address = Endpoint::parse(word)) return address->text();
  return word;
}

void read_served(const Scenario& scenario, Line& line, Event& event) {
  event.target = server_or_resolver(line);
  if (line.take("site")) event.site = static_cast<int>(line.number());
  event.zone = read_zone(scenario, line);
  if (line.take("serial")) event.serial = line.number();
}

// "for us" or "for caches"; else nobody is answered.
Whom read_whom(Line& line) {
  if (!line.take("for")) return Whom::all;
  if (line.take("us")) return Whom::us;
  if (line.take("caches")) return Whom::caches;
  refuse("for us or for caches is wanted");
}

void read_restart(Line& line, Event& event) {
  event.text = line.rest();
  if (event.text.empty() || event.text == "rebooted" || event.text == "unsynchronised" ||
      event.text == "jumped")
    return;
  refuse("after restart: nothing, rebooted, unsynchronised or jumped");
}

void read_family(Line& line, Event& event) {
  event.text = line.word();
  if (event.text != "IPv4" && event.text != "IPv6" && event.text != "uplink")
    refuse("IPv4, IPv6 or uplink is wanted");
}

void between(Line& line, Expectation& expectation) {
  line.want("between", "between TIME and TIME");
  expectation.from = line.duration();
  line.want("and", "between TIME and TIME");
  expectation.until = line.duration();
}

// "40 queries between 1h and 25h", or "... queries to 192.0.2.1 between ...".
void read_at_most(Line& line, Expectation& expectation) {
  expectation.what = What::at_most;
  expectation.most = line.number();
  line.want("queries", "at-most NUMBER queries between TIME and TIME");
  if (line.take("to")) expectation.target = value_of(Endpoint::parse(line.word())).text();
  between(line, expectation);
}

std::string words_of(Line& line) {
  std::string words = line.rest();
  if (words.empty()) refuse("the words that must stand there are wanted");
  return words;
}

}  // namespace

void read_event(Scenario& scenario, Line& line, Duration at, int number) {
  const std::string verb = line.word();
  const auto known = verbs().find(verb);
  if (known == verbs().end()) refuse(fmt::format("unknown event \"{}\"", verb));
  Event event;
  event.at = at;
  event.line = number;
  event.verb = known->second;
  switch (event.verb) {
    case Verb::serve:
      read_served(scenario, line, event);
      break;
    case Verb::down:
    case Verb::up:
    case Verb::refuse:
    case Verb::slow:
      event.target = server_or_resolver(line);
      event.whom = read_whom(line);
      break;
    case Verb::join:
    case Verb::leave:
      event.target = server_or_resolver(line);
      break;
    case Verb::waive:
      event.target = value_of(Endpoint::parse(line.word())).text();
      event.text = words_of(line);
      break;
    case Verb::restart:
      read_restart(line, event);
      break;
    case Verb::record:
      read_record_event(scenario, line, event);
      break;
    case Verb::lose_family:
    case Verb::regain_family:
      read_family(line, event);
      break;
    case Verb::suspend:
      event.lasting = line.duration();
      break;
    case Verb::plan:
      event.zone.set = named_set(scenario, line);
      break;
    case Verb::loss:
      event.percent = line.percent();
      break;
    case Verb::watch:
    case Verb::break_signatures:
    case Verb::mend_signatures:
      break;
  }
  scenario.events.push_back(std::move(event));
}

void read_expectation(Scenario& scenario, Line& line, Duration at, int number) {
  static const std::map<std::string, What> kPlain = {{"hold", What::hold},
                                                     {"unknown", What::unknown},
                                                     {"assumed", What::assumed},
                                                     {"never-ready", What::never_ready}};
  static const std::map<std::string, What> kWorded = {{"warning", What::warning},
                                                      {"no-warning", What::no_warning},
                                                      {"waiver", What::waiver},
                                                      {"no-waiver", What::no_waiver},
                                                      {"assumption", What::assumption}};
  Expectation expectation;
  expectation.look_at = at;
  expectation.line = number;
  const std::string what = line.word();
  if (const auto plain = kPlain.find(what); plain != kPlain.end()) {
    expectation.what = plain->second;
  } else if (what == "ready") {
    expectation.what = line.done() ? What::ready : What::ready_between;
    if (!line.done()) between(line, expectation);
  } else if (what == "strict") {
    expectation.what = What::strict_between;
    between(line, expectation);
  } else if (const auto worded = kWorded.find(what); worded != kWorded.end()) {
    expectation.what = worded->second;
    expectation.words = words_of(line);
  } else if (what == "waiver-refused") {
    expectation.what = What::waiver_refused;
    expectation.target = value_of(Endpoint::parse(line.word())).text();
    expectation.words = line.rest();
  } else if (what == "at-most") {
    read_at_most(line, expectation);
  } else if (what == "reason") {
    expectation.what = What::reason;
    expectation.code = line.word();
    expectation.words = line.rest();
  } else if (what == "no-reason") {
    expectation.what = What::no_reason;
    expectation.code = line.word();
  } else {
    refuse(fmt::format("unknown expectation \"{}\"", what));
  }
  scenario.expectations.push_back(std::move(expectation));
}

}  // namespace mxswitch::monitor::simulation
