// Runs one scenario in virtual time through monitor::Propagation, asking exactly what it wants
// when it wants it, and compares what it said with what the file expects and with what was true.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "monitor/simulation/scenario.h"
#include "monitor/simulation/world.h"

namespace mxswitch::monitor::simulation {

inline const Time kStart{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};

struct TimelineEntry {
  Duration at{0};
  std::string event;  // what happened, as people say it; empty: the verdict or a reason changed
  Verdict verdict = Verdict::unknown;
  std::vector<Reason> reasons;
};

// Packets that the cores wanted, each try for itself; a control sample is two questions.
struct QueryCounts {
  int authority = 0;
  int companion = 0;  // RRsets beside the MX
  int seed = 0;
  int draining = 0;  // resolvers, before sampling begins
  int sampling = 0;  // the samples of condition C and their repetitions, also over TLS
  int control = 0;   // and what resolvers call themselves
  int all() const { return authority + companion + seed + draining + sampling + control; }
};

// The first READY, beside what was true then.
struct FirstReady {
  Duration at{0};
  std::optional<Duration> strict_until;
  std::optional<double> stale_share_upper;
  int warm = 0;
  std::vector<Endpoint> waived;
  Truth truth;
  QueryCounts since_change;
  int drawn = 0;  // of these: the new answers of each resolver that a draw needs, K at most
};

struct RunResult {
  std::vector<std::string> failures;  // "name:line: what was expected, what was found"
  std::optional<FirstReady> ready;
  QueryCounts queries;
  std::vector<Reason> last_reasons;  // at the end, when it was not READY
  std::vector<TimelineEntry> timeline;
};

// What a walk of the delegation found.
struct Enumerated {
  std::vector<AuthorityAddress> endpoints;
  std::vector<ListedCompanion> companions;
  seconds ns_ttl{0};
  bool signed_zone = false;
};

using Sample = std::variant<AuthoritySample, CompanionSample, ResolverSample, ControlSample,
                            IdentitySample, DotSample>;

// Told of everything that the cores are given and say, in its order: what a history of them must
// hold. `now` and all times are the cores'.
class Witness {
 public:
  virtual ~Witness() = default;
  virtual void began(const PropagationInput&, Time) {}
  virtual void enumerated(const Enumerated&, const Propagation&, Time) {}
  // After the cores took it.
  virtual void took(const Sample&, const Propagation&, Time) {}
  virtual void waived(const Endpoint&, const std::string& /*reason*/, Time) {}
  // Before the cores take the input.
  virtual void planned(const PropagationInput&, const Propagation&, Time) {}
  // Both clocks as heartbeat_json writes them.
  virtual void restarted(const PropagationInput&, nlohmann::json /*saved*/,
                         nlohmann::json /*restored*/, Time) {}
  virtual void reported(const PropagationReport&) {}  // of a whole run
};

// Some packets to one server, of one probe.
struct Asked {
  Duration at{0};
  Endpoint server;
  int packets = 0;
};

struct RunOptions {
  // Keep a timeline and judge what is expected: the whole report after each step. Without it only
  // the first READY is looked for, and the run ends there.
  bool whole = true;
  Witness* witness = nullptr;
  // Of a run that is not whole: somebody tries to waive each resolver that holds READY back, every
  // ten minutes; the program says which it takes.
  bool waives_violators = false;
  Duration after_ready{0};               // of a run that is not whole: it goes on for so long
  std::vector<Asked>* ledger = nullptr;  // what was asked of whom, if it is wanted
};

// `name` stands before the lines of failures.
RunResult run_scenario(const Scenario& scenario, const std::string& name,
                       const RunOptions& options = {});

// When the new set was served first, or, where the set stays, when the first record beside it
// changed; none if neither does.
std::optional<Duration> change_of(const Scenario& scenario);

std::string timeline_text(const RunResult& result);  // for people, one change a paragraph
nlohmann::json timeline_json(const Scenario& scenario, const RunResult& result);

}  // namespace mxswitch::monitor::simulation
