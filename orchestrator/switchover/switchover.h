// One domain's switchover: gathers facts, has the gates judged, feeds the machine, makes every
// step durable, and carries out writes at the relay. All of it on the loop's thread. The steps
// are public because tests and the timers of `start()` call them one by one; none of them waits
// for anything but its own I/O.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>

#include "orchestrator/gates/judge.h"
#include "orchestrator/relay/relay_control.h"
#include "orchestrator/switchover/journal.h"
#include "orchestrator/switchover/looks.h"
#include "orchestrator/switchover/outside.h"
#include "orchestrator/switchover/plan_view.h"
#include "orchestrator/switchover/report_source.h"
#include "orchestrator/switchover/snapshot_board.h"
#include "orchestrator/switchover/turns.h"

namespace mxswitch::orchestrator {

// How often facts are gathered. `at_pace_of` shortens them with the plan's own pace, so that a
// lab with seconds of TTL does not wait for minutes.
struct Intervals {
  Duration relay = seconds(5);
  Duration judge = seconds(1);
  Duration dry_run = seconds(60);
  Duration old_server = seconds(300);
  Duration flow_probe = seconds(300);
  Duration outside = seconds(300);
  Duration retry_least = seconds(1), retry_most = seconds(30);  // of a write that is stuck
  // Of a plan at rest (see Switchover::at_rest): judged anew although nothing moved, and what is
  // asked about it alone. All well within the validity of the gates.
  Duration rest_judge = seconds(30);
  Duration rest_flow = seconds(300);
  Duration rest_contacts = seconds(60);
  Duration rest_dry_run = seconds(300);
  Intervals at_pace_of(const monitor::Policy& policy) const;
};

// Everything here must outlive the switchovers.
struct SwitchoverParts {
  asio::any_io_executor loop;
  const Clock& clock;
  monitor::Database& database;
  SnapshotBoard& board;
  ReportSource& reports;
  Outside& outside;
  ReadPlanView read_plan;
  // The relay of a name in mxswitch.toml and its driver; null when there is none of that name.
  std::function<RelayControl*(const std::string& name)> relay;
  std::function<std::string(const std::string& name)> driver;
  Intervals intervals;                 // before a plan shortens them
  std::string public_url;              // for links in alerts; may be empty
  std::function<void()> alert_queued;  // after a commit that wrote to the outbox; may be empty
  // Those that a plan may name; not given: any.
  std::optional<std::vector<std::string>> relay_names = {};
};

// Until the first look-up of a contact's exchanges.
inline constexpr const char* kDependenceNotAsked = "its exchanges were not looked up yet";

class Switchover : public std::enable_shared_from_this<Switchover> {
 public:
  Switchover(SwitchoverParts parts, std::string domain);

  // What the journal says, then a first snapshot. Recovery begins here: an open intent is taken
  // up by drive_write(), which reads before it writes.
  asio::awaitable<Result<void>> load();
  // Durable before it returns. A refusal is an operation of status `refused`; an Error means that
  // nothing is known of it (a journal that can't be written, a command that can't be read).
  asio::awaitable<Result<Operation>> execute(Command command);

  asio::awaitable<void> refresh_relay();
  // Of a plan at rest that nobody reads: the nodes and what they say of the domain as always, but
  // by a question that all plans share; its traffic now and then; its roster when that is another.
  asio::awaitable<void> look_at_relay();
  asio::awaitable<void> look_at_contacts();
  asio::awaitable<void> renew_dry_runs();
  asio::awaitable<void> refresh_dry_runs();
  asio::awaitable<void> refresh_old_server();
  asio::awaitable<void> refresh_flow_probes();
  asio::awaitable<void> read_probes();   // the answers to both
  asio::awaitable<void> look_outside();  // the next three
  asio::awaitable<void> refresh_outside();
  asio::awaitable<void> refresh_outbound();   // DKIM keys and DMARC
  asio::awaitable<void> refresh_next_hops();  // is one of them a node of the relay by now?
  asio::awaitable<void> refresh_contacts();
  // `fresh`: the relay and the dry runs are read anew first.
  asio::awaitable<void> judge(bool fresh);
  // One step at the relay. True: it went on, call again at once.
  asio::awaitable<bool> drive_write();
  asio::awaitable<void> verify();
  // After `unknown_grace` names that nobody has are refused instead of deferred.
  asio::awaitable<void> end_grace();
  asio::awaitable<void> tick();  // judge, time, writes and verification, as far as they are due

  void start();
  void stop();
  void publish();

  const MachineState& machine() const { return kept_.machine; }
  const std::vector<GateResult>& gates() const { return *gates_; }
  const std::string& domain() const { return domain_; }
  bool owns(const std::string& domain) const;  // it, its alias domains and subdomains
  // Nothing is under way and nobody waits: the state stays until something is seen, or a person
  // says so. What is noticed, and how soon, is the same as ever; what it costs is not.
  bool at_rest() const;
  // Its owners may be judged otherwise than they were: a plan at rest looks, within a second.
  void reports_moved();

 private:
  // What belongs to a step beside the machine's own effects.
  struct Extras {
    std::optional<std::string> plan_text, plan_name;
    std::optional<PlanView> plan;
    std::optional<nlohmann::json> wanted_roster;
    std::optional<Override> override_;
    std::optional<Waiver> waiver;
    std::vector<WaiverKey> unwaived;
    std::optional<Operation> operation;
    std::string key, request;
    std::vector<std::string> known_ops;
    std::optional<HistoryEntry> note;
    // Of an observation: the ground on which it was made. It is dropped when that is another one.
    std::optional<std::uint64_t> ground;
  };
  // What one look at every node saw.
  struct RelayLook {
    RelayFacts facts;
    std::map<std::string, RelayDomain> domains;
  };
  struct PendingProbe {
    std::string node, id, exchange, address;
    bool random_name = false;
  };
  struct Verifying {
    std::map<std::string, Probe> probes;  // a node's
    Time begun_at{};
  };
  struct NextHopFact {
    std::string hop, host;
    Mode mode = Mode::forward;  // in which it is used
    auto operator<=>(const NextHopFact&) const = default;
  };
  // Whether a contact depends on what is moved.
  struct Dependence {
    std::string fault, not_known;
    Time asked_at{};
  };
  struct RosterReads {  // of every node, in the relay's order
    std::vector<Roster> found;
    std::vector<std::string> etags;
  };
  struct RosterWritten {
    std::vector<std::string> took, failed;  // nodes; a failed one with its error
    std::string digest;
    Error error;  // the last one
  };
  using Applied = tl::expected<void, Refusal>;
  enum class Depth { whole, shared };

  asio::awaitable<Applied> apply(Event event, Extras extras);
  asio::awaitable<void> observe(Event event);  // apply, where no refusal can be
  // Drops what was seen before a step that changed what should be seen.
  asio::awaitable<void> observe_on(std::optional<std::uint64_t> ground, Event event);
  asio::awaitable<Result<void>> commit(JournalStep step);
  JournalStep journal_step(const MachineState& next, const Extras& extras) const;
  void complete(AlertEffect& alert) const;
  void add_effects(JournalStep& step, const std::vector<Effect>& effects);
  void adopt(const JournalStep& step, const Extras& extras);
  WriteIntent make_intent(const BeginWriteEffect& effect) const;
  asio::awaitable<Result<void>> keep_progress(std::string op_id,
                                              std::function<void(WriteIntent&)> change);

  asio::awaitable<Result<void>> take_plan();
  asio::awaitable<Result<void>> watch_owners();
  RelayControl* relay() const;
  // The switch is done: nothing waits for the verdict any more.
  bool wants_sentinels() const {
    return kept_.machine.state == State::hosted || kept_.machine.state == State::final_;
  }
  bool writing() const { return kept_.intent.has_value(); }

  // Facts.
  asio::awaitable<void> gather_relay(Depth depth);
  asio::awaitable<void> read_node(RelayNode node, Depth depth, RelayLook& look);
  asio::awaitable<Result<Tagged<RelayDomain>>> read_route(std::string node, Depth depth);
  std::map<std::string, std::string> roster_digests() const;
  bool is_read_by_people() const;
  bool nothing_moved() const;
  bool judged_already() const;
  asio::awaitable<void> register_domain(std::string node);
  asio::awaitable<std::vector<std::string>> follow_hops(std::string node,
                                                        Tagged<RelayDomain> found);
  asio::awaitable<std::vector<std::string>> unknown_domains(std::string node);
  asio::awaitable<bool> keep_known_op(std::string op_id, std::string what, std::string why);
  asio::awaitable<void> read_rosters();
  asio::awaitable<void> read_flows();
  asio::awaitable<void> look_for_drift(std::uint64_t ground);
  asio::awaitable<void> note_reachability(std::uint64_t ground);
  std::vector<NextHopFact> next_hops() const;
  bool is_relay_address(const std::string& address) const;
  std::string name_fault(const std::string& host) const;
  asio::awaitable<void> weigh_host(std::string host, Dependence& found);
  asio::awaitable<void> look_up_dependence(std::string target);
  asio::awaitable<DkimSelectorFacts> look_up_selector(std::string selector);
  asio::awaitable<std::vector<DmarcFacts>> look_up_dmarc(std::vector<std::string> domains);
  asio::awaitable<probes::DmarcAnswer> ask_dmarc(std::string domain);
  asio::awaitable<Result<void>> keep_seen_policy(std::optional<SeenMtaSts> seen);
  void show_seen_policy();
  asio::awaitable<void> fetch_policy();
  asio::awaitable<void> look_again();  // at the authorities
  bool take_reports();
  void take_spf();
  void take_operator();
  asio::awaitable<void> notice();  // what people are told of while it lasts

  // Writes.
  asio::awaitable<std::vector<ObservedNode>> observe_nodes();
  bool is_open(const WriteIntent& intent) const;
  StillWanted while_open(const WriteIntent& intent) const;
  asio::awaitable<bool> dry_run_all(WriteIntent intent, std::vector<ObservedNode> nodes);
  asio::awaitable<bool> write_node(WriteIntent intent, std::vector<ObservedNode> nodes,
                                   NodeWriteStep next);
  asio::awaitable<void> wait_for(WriteIntent intent, WaitStep step);
  asio::awaitable<Result<std::string>> verify_node(RelayNode node);
  asio::awaitable<std::string> real_mail_missing();
  asio::awaitable<void> refuse_unknown_names(std::string node);

  // Commands.
  asio::awaitable<Result<Operation>> run_verb(Command command, Operation operation);
  asio::awaitable<Result<Operation>> plan_verb(Command command, Operation operation);
  asio::awaitable<Result<Operation>> switch_verb(Command command, Operation operation);
  asio::awaitable<Result<Operation>> rollback_verb(Command command, Operation operation);
  asio::awaitable<Result<Operation>> resolve_verb(Command command, Operation operation);
  asio::awaitable<Result<Operation>> override_verb(Command command, Operation operation);
  asio::awaitable<Result<Operation>> waive_verb(Command command, Operation operation);
  asio::awaitable<Result<Operation>> unwaive_verb(Command command, Operation operation);
  Result<probes::DnsName> waived_owner(const Command& command) const;
  void restore_waiver(const std::string& owner, const std::string& resolver);
  asio::awaitable<Result<Operation>> finalize_verb(Command command, Operation operation);
  asio::awaitable<Result<Operation>> roster_verb(Command command, Operation operation);
  asio::awaitable<Result<Operation>> alert_verb(Command command, Operation operation);
  asio::awaitable<Result<Operation>> simple_verb(Command command, Operation operation);
  asio::awaitable<Result<RosterReads>> read_all_rosters();
  asio::awaitable<RosterWritten> write_rosters(RosterWrite write, RosterReads reads,
                                               std::string op_id);
  asio::awaitable<Result<Operation>> settle(Command command, Operation operation, Event event,
                                            Extras extras);
  // Keeps what was done beside the machine: operation, note and extras in one step.
  asio::awaitable<Result<void>> keep_done(Command command, Operation operation, Extras extras);
  Operation refused(Operation operation, const Refusal& refusal) const;
  nlohmann::json blocked_by() const;
  void forget_facts();
  asio::awaitable<std::string> ask_old_server();

  // Snapshot.
  RelayView relay_view() const;
  RosterView roster_view() const;
  std::string waiting_for(const Snapshot& shot) const;
  Snapshot compose() const;
  void share_with(const SnapshotPtr& shown);

  using Step = asio::awaitable<void> (Switchover::*)();
  void every(Duration Intervals::*interval, Step step);
  asio::awaitable<void> repeat(Duration Intervals::*interval, Step step);
  Duration pause_of(Duration Intervals::*interval) const;
  asio::awaitable<void> pause(Duration length);
  asio::awaitable<void> act();
  Duration may_rest() const;
  void wake();
  void fact_moved();
  void gather_anew();  // what was learnt for another plan is no evidence for this one

  SwitchoverParts parts_;
  std::string domain_;
  Intervals intervals_;
  Turns turns_;
  Turns files_;  // plans and rosters, one at a time
  Looks looks_;
  // Rises with every step after which the relay should show something else, or for something else:
  // another operation, mode or plan.
  std::uint64_t ground_ = 0;
  JournalState kept_;
  std::optional<PlanView> plan_;
  std::string plan_error_;
  Facts facts_;
  // As they were judged last.
  std::shared_ptr<const std::vector<GateResult>> gates_ =
      std::make_shared<const std::vector<GateResult>>();
  std::map<std::string, RelayNodeView> node_views_;
  std::map<std::string, std::int64_t> generations_;  // the highest seen of each node
  std::map<std::string, RelayDomain> node_domains_;
  std::map<std::string, std::string> rosters_read_;  // digests of the nodes' when they were read
  Time flows_read_at_{};
  std::vector<ContactView> contacts_;
  std::map<std::string, Dependence> dependences_;  // by target
  std::vector<PendingProbe> old_server_probes_, inbound_probes_;
  std::map<std::string, FlowAddressFacts> arrivals_;  // by address
  std::optional<Verifying> verifying_;
  bool sentinels_ = false;  // how the owners are watched, see watch_owners
  bool judge_now_ = false, verify_now_ = false, stopped_ = false, started_ = false;
  int stuck_tries_ = 0;
  Time began_at_{};  // when the journal was loaded
  Time write_due_{}, verify_due_{};
  Time policy_asked_at_{};                            // MTA-STS
  std::string policy_asked_of_;                       // the record then
  std::vector<std::optional<std::uint64_t>> stamps_;  // of the owners, as they were judged
  Time reports_at_{}, judged_at_{};
  bool facts_moved_ = false;  // since they were judged
  bool resting_ = false;      // the actor sleeps until something moves
  bool called_ = false;       // the actor shall not sleep
  bool spf_switched_ = false;
  SnapshotPtr shown_;
  Time told_at_{};           // when it was news
  bool ages_moved_ = false;  // since then
  std::uint64_t sequence_ = 0;
  std::uint64_t woken_ = 0;  // rises when the fact loops shall not wait
  std::vector<std::weak_ptr<asio::steady_timer>> timers_;
  std::weak_ptr<asio::steady_timer> act_timer_;
};

}  // namespace mxswitch::orchestrator
