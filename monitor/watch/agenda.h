// What all watched owners want asked and kept, and when. Pure: no I/O, no clock, one thread at a
// time; the shell (watch.h) asks, waits and stores, and so does the bench of 100,000 domains.
// Every operation costs O(log n) in the number of owners, beside the owner's own work.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "monitor/database/database.h"
#include "monitor/watch/scheduler.h"
#include "monitor/watch/shared_answers.h"
#include "monitor/watch/watched.h"
#include "probes/dns/pacer.h"

namespace mxswitch::monitor {

// Courtesy limits of one address, over all owners.
struct Rates {
  probes::Rate resolver{1, 4};
  probes::Rate isp{0.1, 1};
  probes::Rate authority{10, 10};
};

struct Walk {};  // the delegation is to be walked; end it with Agenda::walked

// An answer that all owners share, see SharedAnswers.
using SharedSample = std::variant<CompanionSample, ControlSample>;

// What is to be done for one owner. A SharedSample is there already, by another owner's question:
// the entry takes it at once. A ProbeDue of these kinds ends with Agenda::answered.
struct Task {
  std::shared_ptr<Watched> entry;
  std::variant<Walk, ProbeDue, TxtServer, SpfRound, SharedSample> what;
  Time at{};  // it may leave from then on: the pacer's slot
};

// Rows that one transaction is to keep.
struct Save {
  struct Owner {
    std::shared_ptr<Watched> entry;
    nlohmann::json state;
    std::vector<ObservationRow> rows;
    nlohmann::json head;  // of the history
  };
  std::vector<Owner> owners;
};

void write_save(Transaction& transaction, const Save& save);

class Agenda {
 public:
  explicit Agenda(Rates rates) : rates_(rates) {}

  // A new owner is looked at from `now` on; one that is known gets the new input and keeps its
  // evidence.
  std::shared_ptr<Watched> add(WatchedOwner owner, Propagation core, Time now,
                               Opening opening = {});
  void replace(const std::shared_ptr<Watched>& entry, WatchedOwner owner, Time now);
  // What is to be kept of it at last; none for an owner that is not watched.
  std::optional<Save> remove(const DnsName& owner, const ClockReading& clock);
  std::shared_ptr<Watched> find(const DnsName& owner) const;  // null: not watched
  std::size_t size() const { return numbers_.size(); }

  // What is due, of some owners at a time: when there is more, the next wake-up is at once.
  // Nothing while too many rows wait to be kept: evidence that is not durable must not pile up.
  std::vector<Task> take_due(Time now);
  // The owners that the last take_due() looked at: something may be judged otherwise of them.
  std::vector<std::shared_ptr<Watched>> take_looked_at() { return std::exchange(looked_at_, {}); }
  std::optional<Time> next_wakeup() const;  // none: not before something was fed or saved

  // After the entry's cores were fed: it is looked at again at once, and kept when it must be.
  void touched(const std::shared_ptr<Watched>& entry, Time now);
  // What came of a task whose answer is shared; take_due() then hands the sample out to all owners
  // that waited for it, the one that asked among them.
  void answered(const std::shared_ptr<Watched>& entry, const CompanionSample& sample, Time now);
  void answered(const std::shared_ptr<Watched>& entry, const ControlSample& sample, Time now);
  // The walk of a task has ended, well or not.
  void walked(const std::shared_ptr<Watched>& entry, WalkResult result, Time now);

  // What a restart must not lose, to be kept at once, and what has waited long
  // enough; at most `most` owners. Until saved() no further rows of these owners are handed out.
  std::optional<Save> take_save(const ClockReading& clock, std::size_t most = 256);
  void saved(Save save, bool durable, Time now);
  std::optional<Time> next_save() const { return saves_.next(); }

  probes::Pacer& pacer() { return pacer_; }  // for what is asked outside of tasks

 private:
  void look_at(const std::shared_ptr<Watched>& entry, Time now, std::vector<Task>& tasks);
  void look_at_txt(const std::shared_ptr<Watched>& entry, Time now, std::vector<Task>& tasks);
  void start(const std::shared_ptr<Watched>& entry, ProbeDue probe, Time now,
             std::vector<Task>& tasks);
  template <class Sample>
  void share(SharedAnswers<Sample>& shared, const std::shared_ptr<Watched>& entry, ProbeDue probe,
             Time now, std::vector<Task>& tasks);
  void hand_out(Time now, std::vector<Task>& tasks);
  Time slot(Watched& entry, const Endpoint& server, const probes::Rate& rate, Time now);
  probes::Rate rate_of(const Watched& entry, const ProbeDue& probe) const;
  Save::Owner rows_of(const std::shared_ptr<Watched>& entry, const ClockReading& clock);
  void plan_save(const std::shared_ptr<Watched>& entry, Time now);
  bool watches(const std::shared_ptr<Watched>& entry) const;

  Rates rates_;
  probes::Pacer pacer_;
  Scheduler scheduler_;
  Scheduler saves_;
  SharedAnswers<CompanionSample> companions_;
  SharedAnswers<ControlSample> controls_;
  struct Delivery {
    SharedSample sample;
    std::vector<AnswerWaiter> to;  // the last is the next
  };
  std::deque<Delivery> deliveries_;
  std::map<DnsName, OwnerNumber> numbers_;
  std::vector<std::shared_ptr<Watched>> owners_;  // by number; null: the number is free
  std::vector<OwnerNumber> free_;
  ListIndex lists_;
  std::vector<std::shared_ptr<Watched>> looked_at_;
  std::size_t unsaved_ = 0;  // rows that must not wait
};

}  // namespace mxswitch::monitor
