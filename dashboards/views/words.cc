#include "dashboards/views/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "probes/base/time_text.h"

namespace mxswitch::dashboards {
namespace {

constexpr ClassSign kOld{"old", 'O', "the set from before the change"};
constexpr ClassSign kSplit{"split", 'S', "caches behind one address disagree"};
constexpr ClassSign kMixed{"mixed", 'M', "exchanges of both sets"};
constexpr ClassSign kAbsent{"absent", 'A', "no MX: senders fall back to the address record"};
constexpr ClassSign kForeign{"foreign", 'F', "a set that is neither"};
constexpr ClassSign kFailed{"failed", 'X', "no usable answer; neither new nor old"};
constexpr ClassSign kNew{"new", 'N', "the expected set"};

std::size_t rank(std::string_view word) {
  const auto& signs = all_signs();
  const auto found = std::ranges::find(signs, word, &ClassSign::word);
  return static_cast<std::size_t>(found - signs.begin());
}

int gate_rank(const GateResult& gate) {
  if (gate.overridden) return 4;
  switch (gate.verdict) {
    case GateVerdict::fail:
      return 0;
    case GateVerdict::unknown:
      return 1;
    case GateVerdict::stale:
      return 2;
    case GateVerdict::waits:
      return 3;
    case GateVerdict::pass:
      return 5;
    case GateVerdict::not_asked:
      return 6;
  }
  return 3;
}

bool is_before_the_switch(State state) {
  return state == State::draft || state == State::forwarding || state == State::propagating ||
         state == State::ready || state == State::armed;
}

// A person decided, or a write is under way: the word of that goes before any fault.
bool keeps_its_word(State state) {
  return state == State::blocked || state == State::held || state == State::aborted ||
         state == State::switching || state == State::rolling_back || state == State::final_;
}

Headline headline(std::string_view text) {
  Headline made{std::string(text), std::string(text)};
  for (char& c : made.tone) {
    if (c == '_') c = '-';
  }
  for (char& c : made.word) {
    if (c == '_' || c == '-') c = ' ';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return made;
}

}  // namespace

ClassSign sign_of(AnswerClass c) {
  switch (c) {
    case AnswerClass::new_:
      return kNew;
    case AnswerClass::old:
      return kOld;
    case AnswerClass::mixed:
      return kMixed;
    case AnswerClass::foreign:
      return kForeign;
    case AnswerClass::absent:
      return kAbsent;
    case AnswerClass::failed:
      return kFailed;
  }
  return kFailed;
}

ClassSign sign_of(const ResolverReport& resolver) {
  return resolver.split ? kSplit : sign_of(resolver.last_class);
}

const std::vector<ClassSign>& all_signs() {
  static const std::vector<ClassSign> signs = {kOld,     kSplit,  kMixed, kAbsent,
                                               kForeign, kFailed, kNew};
  return signs;
}

int count_of(const PropagationReport& report, std::string_view word) {
  if (word == kSplit.word) return report.split;
  for (const auto& [answer_class, count] : report.by_class) {
    if (sign_of(answer_class).word != word) continue;
    // Split resolvers are counted under mixed by the report and shown apart here.
    return answer_class == AnswerClass::mixed ? std::max(0, count - report.split) : count;
  }
  return 0;
}

std::vector<const ResolverReport*> worst_first(const PropagationReport& report) {
  std::vector<const ResolverReport*> rows;
  for (const auto& resolver : report.resolvers) rows.push_back(&resolver);
  std::ranges::stable_sort(rows, {}, [](const ResolverReport* r) {
    const auto left = r->expires_at ? -r->expires_at->time_since_epoch().count() : 0;
    return std::tuple(rank(sign_of(*r).word), !r->violator, !r->stretcher, left, r->operator_name);
  });
  return rows;
}

std::vector<const AuthorityReport*> authorities_worst_first(const PropagationReport& report) {
  std::vector<const AuthorityReport*> rows;
  for (const auto& authority : report.authorities) rows.push_back(&authority);
  std::ranges::stable_sort(
      rows, {}, [](const AuthorityReport* a) { return rank(sign_of(a->last_class).word); });
  return rows;
}

std::vector<const GateResult*> gates_worst_first(const Snapshot& snapshot) {
  std::vector<const GateResult*> rows;
  for (const auto& gate : snapshot.gates) rows.push_back(&gate);
  std::ranges::stable_sort(rows, {}, [](const GateResult* g) { return gate_rank(*g); });
  return rows;
}

std::string_view to_text(AuthorityReport::Reach reach) {
  constexpr std::array<std::string_view, 4> kWords = {"answering", "silent", "unknown",
                                                      "unreachable"};
  return kWords.at(static_cast<std::size_t>(reach));
}

std::string_view to_text(monitor::Obligation::Kind kind) {
  constexpr std::array<std::string_view, 11> kWords = {
      "authority", "absent",  "declared", "assumed", "copies", "unreachable",
      "ns-move",   "address", "cname",    "ds",      "dnskey"};
  return kWords.at(static_cast<std::size_t>(kind));
}

std::string_view to_text(monitor::Holds holds) {
  constexpr std::array<std::string_view, 3> kWords = {"yes", "no", "unknown"};
  return kWords.at(static_cast<std::size_t>(holds));
}

std::string_view word_of(const GateResult& gate) {
  if (gate.overridden) return "overridden";
  if (gate.verdict == GateVerdict::not_asked) return "not asked";
  return orchestrator::to_text(gate.verdict);
}

std::string set_text(const monitor::MxSet& set) { return set.empty() ? "no MX" : set.text(); }

std::string held_text(const monitor::Obligation& obligation) {
  return obligation.what.empty() ? set_text(obligation.set) : obligation.what;
}

std::string old_sets_text(const PropagationReport& report) {
  if (report.old_sets.empty()) return "not recorded";
  std::string out;
  for (const auto& set : report.old_sets) out += (out.empty() ? "" : " or ") + set_text(set);
  return out;
}

std::string place_of(const ResolverReport& resolver) {
  if (resolver.anycast) return "everywhere (anycast)";
  if (resolver.place.empty()) return resolver.country_code;
  if (resolver.country_code.empty()) return resolver.place;
  return resolver.place + ", " + resolver.country_code;
}

std::string name_of(const ResolverReport& resolver) {
  if (!resolver.name.empty()) return resolver.name;
  return resolver.operator_name.empty() ? resolver.endpoint.text() : resolver.operator_name;
}

std::vector<std::string_view> marks_of(const ResolverReport& resolver) {
  std::vector<std::string_view> marks;
  if (resolver.violator) marks.emplace_back("holds beyond every bound");
  if (resolver.stretcher) marks.emplace_back("stretches TTLs");
  if (resolver.waived) marks.emplace_back("waived");
  if (resolver.excluded) marks.emplace_back("excluded");
  if (!resolver.counted && !resolver.excluded) marks.emplace_back("not counted");
  return marks;
}

Headline headline_of(const Snapshot& snapshot) {
  const State state = snapshot.state;
  if (snapshot.frozen && is_before_the_switch(state)) return headline("frozen");
  if (snapshot.fault && !keeps_its_word(state)) return headline("fault");
  const bool drained = state == State::propagating && orchestrator::dns_done_at(snapshot);
  return headline(drained ? "dns-done" : orchestrator::to_text(state));
}

std::string_view tone_of_gate(const Snapshot& snapshot, std::string_view gate) {
  const auto found = std::ranges::find(snapshot.gates, gate, &GateResult::id);
  if (found == snapshot.gates.end()) return "waits";
  if (found->open()) return "good";
  return found->verdict == GateVerdict::fail ? "bad" : "waits";
}

std::vector<const monitor::Forecast::Move*> moves_in_order(const monitor::Forecast& forecast) {
  std::vector<const monitor::Forecast::Move*> moves;
  for (const auto& move : forecast.moves) moves.push_back(&move);
  std::ranges::stable_sort(moves, {}, [](const monitor::Forecast::Move* move) {
    using Effect = monitor::Forecast::Move::Effect;
    if (move->effect == Effect::part) return move->until ? 0 : 3;
    return move->effect == Effect::earlier ? 1 : 2;
  });
  return moves;
}

bool waits_for_dns(const Snapshot& snapshot) {
  const State state = snapshot.state;
  if (state != State::propagating && state != State::forwarding) return false;
  return !orchestrator::dns_done_at(snapshot);
}

std::string waits_for(const Snapshot& snapshot) {
  if (!snapshot.waiting_for.empty()) return snapshot.waiting_for;
  for (const auto& gate : snapshot.gates) {
    if (!gate.open()) return gate.id + ": " + gate.why;
  }
  if (!snapshot.report.reasons.empty()) return snapshot.report.reasons.front().text;
  if (snapshot.state == State::draft) return "the first look at the domain";
  return "nothing";
}

std::string moment(Time t, Time now) {
  const bool same_day =
      std::chrono::floor<std::chrono::days>(t) == std::chrono::floor<std::chrono::days>(now);
  return same_day ? format_clock(t) : format_time(t);
}

std::string relative(Time t, Time now) {
  // Whole seconds: a fraction would make every redraw differ.
  const auto left = std::chrono::duration_cast<seconds>(t - now);
  if (left == seconds(0)) return "now";
  if (left > seconds(0)) return "in " + format_duration(left);
  return format_duration(-left) + " ago";
}

std::string_view verdict_word(monitor::SpfState state, bool gate_fails) {
  switch (state) {
    case monitor::SpfState::right:
      return "pass";
    case monitor::SpfState::wrong:
      return gate_fails ? "fail" : "waits";
    case monitor::SpfState::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace mxswitch::dashboards
