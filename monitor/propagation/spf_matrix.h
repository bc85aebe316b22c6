// SPF by its results: what each counted resolver and the authorities make of the old senders, of
// the new ones and of a stranger, and whether that is what the plan wants at this stage of the
// move. Pure; the evaluation itself is probes/spf's, and a shell brings its results.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "monitor/propagation/spf_effect.h"
#include "monitor/propagation/spf_text.h"
#include "probes/spf/evaluate.h"

namespace mxswitch::monitor {

enum class SenderRole { old_, new_, stranger };
std::string_view to_text(SenderRole role);

struct SpfSender {
  SenderRole role = SenderRole::stranger;
  probes::IpAddress ip;
  std::string text() const;  // "old 192.0.2.25"
  bool operator==(const SpfSender&) const = default;
};

// What the plan says of SPF.
struct SpfMove {
  DnsName owner;
  std::vector<std::string> required;  // mechanisms
  std::string all;                    // "-all", "~all", "?all"; empty: any but a pass
  std::vector<SpfSender> senders;     // the columns
  std::string helo;                   // that senders greet with; the owner's name if not given
  // An owner beside the plan's domain, whose senders nobody declared: one that publishes
  // "v=spf1 -all" alone sends no mail.
  bool may_send_nothing = false;
  bool operator==(const SpfMove&) const = default;
};

// The columns of a plan: its senders, and one stranger of each family. Strangers have addresses
// from which nobody sends: 240.0.0.1 (RFC 1112, reserved) and 100::1 (RFC 6666, discard only).
std::vector<SpfSender> matrix_senders(const std::vector<probes::IpAddress>& before,
                                      const std::vector<probes::IpAddress>& after);

struct SpfCell {
  probes::spf::SpfResult result = probes::spf::SpfResult::none;
  std::string why;
  int lookups = 0, voids = 0;
  // How it came about, cut to a bounded size; only of some that do not give what is wanted.
  std::shared_ptr<const probes::spf::TraceTerm> trace{};
};

// Whether a sender gets what is wanted of it before the switch.
bool gives_wanted(const SpfMove& move, const SpfSender& sender, probes::spf::SpfResult result);

// One record as one view sees it, and all that the record leads to.
struct SpfEvaluation {
  bool from_authority = false;  // by the authorities' view; else through `resolver`
  Endpoint resolver;
  std::string record;              // that it started from
  Time at{}, expires_at{};         // when an answer that it used expires first
  std::vector<SpfSender> senders;  // of the plan that it was made for
  std::vector<SpfCell> cells;      // as senders
  std::vector<SpfTermSeen> terms;  // as SpfMove::required
  std::vector<SpfBroken> broken;
  probes::spf::Cost cost;  // in the worst case
};

// All that was seen of one owner, newest of each.
struct SpfSeen {
  std::vector<TxtSample> samples;  // about the owner
  std::vector<SpfEvaluation> evaluations;
  std::vector<Endpoint> unasked;  // servers that are to be asked and were not yet
};

// The SPF records of an answer (RFC 7208 section 4.5), sorted.
std::vector<std::string> spf_records(const TxtSample& sample);

// "v=spf1 -all" and nothing else: the domain says that it sends no mail.
bool lets_nobody_send(const std::string& record);

enum class SpfState { right, wrong, unknown };
std::string_view to_text(SpfState state);

// What is wrong with one view, or worth knowing.
struct SpfFault {
  enum class Level { error, warning, unknown } level = Level::error;
  std::string code;    // "old-sender", "new-sender", "stranger", "required", "include", ...
  std::string text;    // the sender or term and its result; without the server
  std::string mend{};  // what to do in the zone; may be empty
  std::string sentence() const { return mend.empty() ? text : text + ": " + mend; }
  bool operator==(const SpfFault&) const = default;
};
std::string_view to_text(SpfFault::Level level);

// What one evaluation leaves to be desired; errors first.
std::vector<SpfFault> faults_of(const SpfMove& move, const SpfEvaluation& evaluation,
                                bool switched);

struct SpfServer {
  bool from_authority = false;
  std::string name;
  Endpoint endpoint;
  std::optional<Time> expires_at;  // of a resolver's copy of the record
};

// Servers at which everything comes out the same.
struct SpfRow {
  std::vector<SpfServer> servers;  // authorities first
  int authorities = 0, resolvers = 0;
  SpfState state = SpfState::unknown;
  bool evaluated = false;
  std::string record;  // of the first; empty: none, or more than one
  int texts = 0;       // different ones
  std::vector<SpfCell> cells;
  std::vector<SpfTermSeen> terms;
  std::vector<SpfFault> faults;  // errors first
  std::string who() const;       // "12 resolvers and 2 authorities", "Quad9 9.9.9.9"
};

struct SpfMatrix {
  std::string owner;
  bool sends_nothing = false;  // so says its record everywhere: nobody need pass
  SpfState state = SpfState::unknown;
  std::string why;  // one line; never empty
  bool switched = false;
  std::vector<SpfSender> senders;
  std::vector<SpfRow> rows;                             // worst first
  std::vector<std::string> errors, warnings, unknowns;  // whole sentences with who
  int authorities = 0, resolvers = 0;                   // asked and counted
  int silent = 0;                                       // resolvers of which nothing is known
  int texts = 0, results = 0;  // different ones, over all that were evaluated
  // When the last resolver's copy expires whose results are not the authorities' of now; none
  // where all agree, and while the authorities differ themselves.
  std::optional<Time> converges_at;
  std::string views;   // one sentence
  Time observed_at{};  // of the oldest fact in it; a copy is known until it expires
};

// `left_out`: resolvers that are not counted. `switched`: the old senders have done their work.
SpfMatrix judge_spf_matrix(const SpfMove& move, const SpfSeen& seen,
                           const std::set<Endpoint>& left_out, bool switched, Time now);

}  // namespace mxswitch::monitor
