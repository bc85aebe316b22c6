// What is held of one watched owner between probes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "monitor/history/history.h"
#include "monitor/propagation/propagation.h"
#include "monitor/watch/scheduler.h"
#include "monitor/watch/spf_keep.h"
#include "monitor/watch/spf_rounds.h"
#include "monitor/watch/txt_schedule.h"
#include "probes/dns/pacer.h"
#include "probes/dns/walk_memory.h"

namespace mxswitch::monitor {

struct WatchedOwner {
  PropagationInput input;
  // SPF is watched beside MX: its text, and its results for these senders.
  std::optional<SpfMove> spf;
};

// How the history of an owner goes on: blank, or as an earlier process left it.
struct Opening {
  History history;
  bool with_state = false;               // the core knows more than the history tells
  std::optional<nlohmann::json> clocks;  // of the restart, see History::restarted
  SpfKept spf;
};

struct Watched {
  Watched(const WatchedOwner& owner, Propagation restored);

  void open(Opening opening, ListIndex& lists, Time now);
  void replace(WatchedOwner owner, ListIndex& lists, Time now);

  // Each feeds the core and notes in the history what came.
  void take(const AuthoritySample& sample);
  void take(const CompanionSample& sample);
  void take(const ResolverSample& sample);
  void take(const ControlSample& sample);
  void take(const std::variant<CompanionSample, ControlSample>& sample);
  void take(const IdentitySample& sample);
  void take(const DotSample& sample);
  void take(WalkResult result, Time now);
  void take(const TxtSample& sample);
  void take(const SpfRound& round, SpfEvaluation made);
  Result<void> waive(const Endpoint& resolver, std::string reason, std::optional<Time> until,
                     Time now);
  void unwaive(const probes::Endpoint& resolver, Time now);
  // Notes a verdict that is another than before.
  void follow_verdict(Time now);

  // Rises with all that a restart must not lose.
  std::uint64_t revision() const { return core.revision() + spf_changes_; }
  nlohmann::json state(const ClockReading& clock) const;  // to be kept

  // The serial and EXPIRE are asked at the first poll of an endpoint and every tenth after it.
  bool wants_soa(const Endpoint& endpoint);

  // A probe waits for its slot: the courtesy limits bind here.
  void note_wait(const Endpoint& server, Time slot, Time now);
  // What the core does not know of its owner: SPF's text, and where courtesy limits stretch.
  void add_to(PropagationReport& report, Time now) const;
  // A sentence where a limit stretched this owner's intervals lately; empty: none did.
  std::string stretched(Time now) const;

  OwnerNumber number = 0;  // the agenda's
  Propagation core;
  std::optional<TxtSchedule> txt;
  std::optional<SpfRounds> spf;
  std::uint64_t looks = 0;  // of the agenda: at each something may be judged otherwise than before
  Time walk_at{};
  bool walking = false;
  probes::WalkMemory walk_memory;
  int short_walks = 0;  // in a row: they failed, or left out a name server
  // When the next query of a walk may leave; it is taken.
  Time walk_slot(Time now);

  History history;

  // What is not kept yet; Agenda alone writes these.
  std::size_t counted_rows = 0;
  std::optional<std::uint64_t> saved_revision;
  std::optional<Time> saved_at;
  bool dirty = false, saving = false;

 private:
  struct Wait {
    Endpoint server;
    Duration pause{0};
    Time at{};
  };
  void take_endpoints(WalkResult result, Time now);
  template <class Sample>
  void observe(const Sample& sample);
  void note(const Sighting& sighting, std::uint64_t revision_before, Time now);

  std::uint64_t spf_changes_ = 0;                 // evaluations that came out otherwise than before
  bool alias_seen_ = false;                       // of the newest answer of an authority
  std::optional<std::uint64_t> judged_revision_;  // of the last follow_verdict
  std::map<Endpoint, int> polls_;
  std::optional<Wait> wait_;
  probes::Pacer walk_pacer_;
  bool walked_ = false;  // the first walk, which an operator waits for, is over
};

}  // namespace mxswitch::monitor
