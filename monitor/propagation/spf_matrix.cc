#include "monitor/propagation/spf_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "monitor/propagation/classify.h"
#include "probes/base/time_text.h"
#include "probes/spf/record.h"

namespace mxswitch::monitor {
namespace {

using Level = SpfFault::Level;
constexpr const char* kNotEvaluated = "not-evaluated";
// As for MX: failures at up to a fifth of the resolvers are noise (PROPAGATION.md 2 D).
constexpr std::size_t kNoisePart = 5;

struct View {
  SpfServer server;
  std::string record;
  const SpfEvaluation* evaluation = nullptr;
  std::vector<SpfFault> faults;
  Time known_at{};

  bool has(Level level) const {
    return std::any_of(faults.begin(), faults.end(),
                       [&](const SpfFault& fault) { return fault.level == level; });
  }
  SpfState state() const {
    if (has(Level::error)) return SpfState::wrong;
    return has(Level::unknown) ? SpfState::unknown : SpfState::right;
  }
  std::vector<probes::spf::SpfResult> results() const {
    std::vector<probes::spf::SpfResult> made;
    if (evaluation)
      for (const SpfCell& cell : evaluation->cells) made.push_back(cell.result);
    return made;
  }
};

std::string who_of(int authorities, int resolvers) {
  const std::string many_a =
      fmt::format("{} authorit{}", authorities, authorities == 1 ? "y" : "ies");
  const std::string many_r = fmt::format("{} resolver{}", resolvers, resolvers == 1 ? "" : "s");
  if (authorities == 0) return many_r;
  return resolvers == 0 ? many_a : many_r + " and " + many_a;
}

std::string name_of(const SpfServer& server) {
  return fmt::format("{} {}", server.name, server.endpoint.text());
}

// A fault with all that have it, so that 28 servers make one sentence.
struct Sentence {
  SpfFault fault;
  std::string first;
  int authorities = 0, resolvers = 0;
  std::string text() const {
    const bool one = authorities + resolvers == 1;
    return fmt::format("{}: {}", one ? first : who_of(authorities, resolvers), fault.sentence());
  }
};

class Matrix {
 public:
  Matrix(const SpfMove& move, const SpfSeen& seen, bool switched, Time now)
      : move_(move), seen_(seen), now_(now) {
    made_.owner = move.owner.text();
    made_.switched = switched;
    made_.senders = move.senders;
  }

  SpfMatrix run(const std::set<Endpoint>& left_out) {
    for (const TxtSample& sample : seen_.samples)
      if (sample.from_authority && is_conclusive(sample.outcome))
        published_.insert(spf_records(sample));
    made_.sends_nothing = move_.may_send_nothing && sends_nothing(left_out);
    for (const TxtSample& sample : seen_.samples) {
      if (!sample.from_authority && left_out.contains(sample.endpoint)) continue;
      views_.push_back(view(sample));
      if (is_earlier_copy(sample)) forgive(views_.back());
    }
    for (const View& each : views_) {
      made_.observed_at =
          &each == &views_.front() ? each.known_at : std::min(made_.observed_at, each.known_at);
      ++(each.server.from_authority ? made_.authorities : made_.resolvers);
      for (const SpfFault& fault : each.faults) note(each, fault);
    }
    const auto unasked =
        std::count_if(seen_.unasked.begin(), seen_.unasked.end(),
                      [&](const Endpoint& server) { return !left_out.contains(server); });
    if (unasked > 0)
      made_.unknowns.push_back(
          fmt::format("{} server{} not asked yet", unasked, unasked == 1 ? " was" : "s were"));
    all_asked_ = unasked == 0;
    tell();
    group();
    agree();
    conclude();
    return std::move(made_);
  }

 private:
  // So must every copy say: an older one that lets somebody pass is of a domain that did send.
  bool sends_nothing(const std::set<Endpoint>& left_out) const {
    return !published_.empty() &&
           std::all_of(seen_.samples.begin(), seen_.samples.end(), [&](const TxtSample& sample) {
             if (!is_conclusive(sample.outcome)) return true;
             if (!sample.from_authority && left_out.contains(sample.endpoint)) return true;
             const std::vector<std::string> records = spf_records(sample);
             return records.size() == 1 && lets_nobody_send(records.front());
           });
  }

  SpfFault wrong_number(std::size_t records) const {
    if (records > 0)
      return {Level::error, "records",
              fmt::format("{} SPF records, a permerror for every sender", records), "merge them"};
    return {Level::error, "no-record", "no SPF record",
            move_.may_send_nothing ? "publish one, \"v=spf1 -all\" where it sends no mail"
                                   : "publish one"};
  }

  View view(const TxtSample& sample) const {
    View made;
    made.server = {sample.from_authority, sample.server, sample.endpoint, std::nullopt};
    made.known_at = sample.received_at;
    if (!is_conclusive(sample.outcome)) {
      made.faults = {{Level::unknown, "silent", "no usable answer about TXT"}};
      return made;
    }
    if (!sample.from_authority) {
      made.server.expires_at = sample.received_at + seconds(sample.ttl);
      made.known_at = known_until(sample.received_at, *made.server.expires_at);
    }
    const std::vector<std::string> records = spf_records(sample);
    if (records.size() != 1) {
      made.faults = {wrong_number(records.size())};
      return made;
    }
    made.record = records.front();
    const auto found = std::find_if(
        seen_.evaluations.begin(), seen_.evaluations.end(), [&](const SpfEvaluation& one) {
          return one.from_authority == sample.from_authority && one.record == made.record &&
                 fits(one) && (one.from_authority || one.resolver == sample.endpoint);
        });
    if (found == seen_.evaluations.end()) {
      made.faults = {{Level::unknown, kNotEvaluated, "its record was not evaluated yet"}};
      return made;
    }
    made.evaluation = &*found;
    const Time evaluated =
        found->from_authority ? found->at : known_until(found->at, found->expires_at);
    made.known_at = std::min(made.known_at, evaluated);
    if (!made_.sends_nothing) made.faults = faults_of(move_, *found, made_.switched);
    return made;
  }

  // What no authority publishes any more is mended by nobody: it runs out.
  bool is_earlier_copy(const TxtSample& sample) const {
    return !sample.from_authority && is_conclusive(sample.outcome) && !published_.empty() &&
           !published_.contains(spf_records(sample));
  }
  static void forgive(View& view) {
    for (SpfFault& fault : view.faults)
      if (fault.level == Level::error) fault.mend = "an earlier copy, it expires by itself";
  }

  // A cache answers the same until its copy expires.
  Time known_until(Time at, Time expires_at) const {
    return std::max(at, std::min(now_, expires_at));
  }

  // Made for this plan, not for the one before.
  bool fits(const SpfEvaluation& one) const {
    return one.senders == move_.senders &&
           std::equal(
               one.terms.begin(), one.terms.end(), move_.required.begin(), move_.required.end(),
               [](const SpfTermSeen& seen, const std::string& term) { return seen.term == term; });
  }

  void note(const View& view, const SpfFault& fault) {
    auto known = std::find_if(sentences_.begin(), sentences_.end(),
                              [&](const Sentence& s) { return s.fault == fault; });
    if (known == sentences_.end())
      known = sentences_.insert(known, {fault, name_of(view.server), 0, 0});
    ++(view.server.from_authority ? known->authorities : known->resolvers);
  }

  void tell() {
    for (const Sentence& sentence : sentences_) {
      auto& list = sentence.fault.level == Level::error     ? made_.errors
                   : sentence.fault.level == Level::warning ? made_.warnings
                                                            : made_.unknowns;
      list.push_back(sentence.text());
    }
  }

  void group() {
    std::vector<const View*> heads;
    for (const View& each : views_) {
      const auto same = std::find_if(heads.begin(), heads.end(), [&](const View* head) {
        return head->faults == each.faults && head->results() == each.results() &&
               !head->evaluation == !each.evaluation;
      });
      const auto index = static_cast<std::size_t>(same - heads.begin());
      if (same == heads.end()) {
        heads.push_back(&each);
        made_.rows.push_back(row_of(each));
      }
      SpfRow& row = made_.rows[index];
      ++(each.server.from_authority ? row.authorities : row.resolvers);
      row.servers.push_back(each.server);
      records_[index].insert(each.record);
      row.texts = static_cast<int>(records_[index].size());
    }
    for (SpfRow& row : made_.rows)
      std::stable_sort(row.servers.begin(), row.servers.end(), [](const auto& a, const auto& b) {
        return a.from_authority > b.from_authority;
      });
    std::stable_sort(made_.rows.begin(), made_.rows.end(), [](const SpfRow& a, const SpfRow& b) {
      return rank(a.state) < rank(b.state);
    });
  }

  static int rank(SpfState state) {
    return state == SpfState::wrong ? 0 : state == SpfState::unknown ? 1 : 2;
  }

  SpfRow row_of(const View& view) const {
    SpfRow row;
    row.state = view.state();
    row.record = view.record;
    row.faults = view.faults;
    if (!view.evaluation) return row;
    row.evaluated = true;
    row.cells = view.evaluation->cells;
    row.terms = view.evaluation->terms;
    for (std::size_t i = 0; i < std::min(row.cells.size(), move_.senders.size()); ++i) {
      const bool done = made_.switched && move_.senders[i].role == SenderRole::old_;
      if (done || made_.sends_nothing) row.cells[i].trace.reset();
    }
    return row;
  }

  void agree() {
    std::set<std::string> texts;
    std::set<std::vector<probes::spf::SpfResult>> results, published;
    for (const View& each : views_) {
      if (!each.evaluation) continue;
      texts.insert(each.record);
      results.insert(each.results());
      if (each.server.from_authority) published.insert(each.results());
    }
    made_.texts = static_cast<int>(texts.size());
    made_.results = static_cast<int>(results.size());
    int evaluated = 0, like = 0;
    for (const View& each : views_) {
      if (each.server.from_authority || !each.evaluation) continue;
      ++evaluated;
      if (published.contains(each.results()) && published.size() == 1)
        ++like;
      else if (published.size() == 1)
        converge_at(other_until(each));
    }
    if (evaluated == 0) {
      made_.views = "no resolver's view was evaluated yet";
    } else if (published.size() != 1) {
      made_.views = published.empty() ? "the authorities' view was not evaluated yet"
                                      : "the authorities come to different results themselves";
    } else {
      made_.views =
          fmt::format("{} of {} resolvers come to the results of the authorities", like, evaluated);
      if (made_.converges_at)
        made_.views += fmt::format("; the last other copy expires {}",
                                   format_moment(*made_.converges_at, now_));
    }
  }

  // Until when a resolver holds what makes it differ: its copy of the owner's record, or where that
  // is the authorities' own already, what the record leads to.
  Time other_until(const View& view) const {
    const bool same_text = published_.contains({view.record});
    return same_text ? view.evaluation->expires_at : *view.server.expires_at;
  }
  void converge_at(Time at) { made_.converges_at = std::max(made_.converges_at.value_or(at), at); }

  void conclude() {
    int pending = 0, silent_authorities = 0;
    for (const View& each : views_) {
      if (each.state() != SpfState::unknown) continue;
      ++(each.server.from_authority ? silent_authorities : made_.silent);
      pending += std::any_of(each.faults.begin(), each.faults.end(),
                             [](const SpfFault& fault) { return fault.code == kNotEvaluated; });
    }
    if (!made_.errors.empty()) return say(SpfState::wrong, made_.errors);
    if (made_.authorities == 0) return say(SpfState::unknown, {"no authority was asked yet"});
    const bool noise = all_asked_ && pending == 0 && silent_authorities == 0 &&
                       static_cast<std::size_t>(made_.silent) * kNoisePart <=
                           static_cast<std::size_t>(made_.resolvers);
    if (!noise) return say(SpfState::unknown, made_.unknowns);
    if (made_.resolvers == 0)
      return say(SpfState::unknown,
                 {"right at the authorities; no resolver was asked yet: before the change that "
                  "would plant the old record"});
    made_.state = SpfState::right;
    made_.why = fmt::format("{} at {}", promise(),
                            who_of(made_.authorities, made_.resolvers - made_.silent));
    if (!made_.warnings.empty()) made_.why += fmt::format("; {}", made_.warnings.front());
  }

  std::string promise() const {
    if (made_.sends_nothing) return "it sends no mail: \"v=spf1 -all\" alone";
    const auto any = [&](SenderRole role) {
      return std::any_of(move_.senders.begin(), move_.senders.end(),
                         [&](const SpfSender& sender) { return sender.role == role; });
    };
    const bool old_ones = any(SenderRole::old_) && !made_.switched;
    std::string text = old_ones && any(SenderRole::new_) ? "old and new senders pass"
                       : old_ones                        ? "old senders pass"
                       : any(SenderRole::new_)           ? "new senders pass"
                                                         : "one record";
    if (!move_.required.empty()) text += ", every required term takes effect";
    if (!move_.all.empty()) text += ", strangers get what " + move_.all + " says";
    return text;
  }

  void say(SpfState state, const std::vector<std::string>& sentences) {
    made_.state = state;
    made_.why = sentences.front();
    if (sentences.size() > 1) made_.why += fmt::format(" (and {} more)", sentences.size() - 1);
  }

  const SpfMove& move_;
  const SpfSeen& seen_;
  Time now_;
  std::set<std::vector<std::string>> published_;  // by the authorities, of each what it has
  bool all_asked_ = true;
  std::vector<View> views_;
  std::vector<Sentence> sentences_;
  std::map<std::size_t, std::set<std::string>> records_;
  SpfMatrix made_;
};

}  // namespace

std::string_view to_text(SenderRole role) {
  switch (role) {
    case SenderRole::old_:
      return "old";
    case SenderRole::new_:
      return "new";
    case SenderRole::stranger:
      return "stranger";
  }
  return "stranger";
}

std::string_view to_text(SpfState state) {
  switch (state) {
    case SpfState::right:
      return "right";
    case SpfState::wrong:
      return "wrong";
    case SpfState::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_text(SpfFault::Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warning:
      return "warning";
    case Level::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string SpfSender::text() const { return fmt::format("{} {}", to_text(role), ip.text()); }

std::string SpfRow::who() const {
  return servers.size() == 1 ? name_of(servers.front()) : who_of(authorities, resolvers);
}

std::vector<SpfSender> matrix_senders(const std::vector<probes::IpAddress>& before,
                                      const std::vector<probes::IpAddress>& after) {
  std::vector<SpfSender> senders;
  for (const auto& ip : before) senders.push_back({SenderRole::old_, ip});
  for (const auto& ip : after) senders.push_back({SenderRole::new_, ip});
  senders.push_back({SenderRole::stranger, probes::IpAddress::v4({240, 0, 0, 1})});
  senders.push_back({SenderRole::stranger,
                     probes::IpAddress::v6({0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})});
  return senders;
}

std::vector<std::string> spf_records(const TxtSample& sample) {
  std::vector<std::string> records;
  std::copy_if(sample.texts.begin(), sample.texts.end(), std::back_inserter(records),
               [](const std::string& text) { return probes::spf::is_record(text); });
  std::sort(records.begin(), records.end());
  return records;
}

bool lets_nobody_send(const std::string& record) {
  const auto parsed = probes::spf::parse_record(record);
  if (!parsed || parsed->directives.size() != 1) return false;
  const probes::spf::Directive& only = parsed->directives.front();
  return only.mechanism == probes::spf::Mechanism::all &&
         only.qualifier == probes::spf::Qualifier::fail;
}

SpfMatrix judge_spf_matrix(const SpfMove& move, const SpfSeen& seen,
                           const std::set<Endpoint>& left_out, bool switched, Time now) {
  return Matrix(move, seen, switched, now).run(left_out);
}

}  // namespace mxswitch::monitor
