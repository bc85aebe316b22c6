// The domains of this node: durable in the store, immutable in memory for look-ups. A write is
// stored first and published after its commit. Any thread may read; writers take turns.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "orchestrator/relay_agent/account_file.h"
#include "orchestrator/relay_agent/records.h"
#include "orchestrator/relay_agent/store.h"
#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

class Registry {
 public:
  // Both must outlive the registry.
  Registry(monitor::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  Result<void> load();  // blocks; once, before anything else

  // Brings the file in line with what was loaded; from then on it changes with every roster, before
  // the store's commit: what cannot be told to Dovecot is refused. It must outlive the registry.
  Result<void> keep_accounts_in(AccountFile& file);

  std::shared_ptr<const RelayState> state() const;

  // Held from judging a write's preconditions to its publication.
  std::unique_lock<std::mutex> writing() { return std::unique_lock(writing_); }

  // For the holder of writing(): durable with the kept answer in one transaction, then published.
  // Blocks the calling thread; never called on the loop.
  Result<void> save(const DomainRecord& record, bool with_roster,
                    const std::optional<KeptAnswer>& answer);
  Result<void> erase(const std::string& domain, const std::optional<KeptAnswer>& answer);

  Result<std::optional<KeptAnswer>> answer(const std::string& key);  // blocks
  Result<void> keep(const KeptAnswer& answer);                       // blocks

  // The queue manager used this generation. In memory at once; the shell stores what
  // take_unsaved() returns.
  void note_seen(const std::string& domain, std::int64_t generation, Time at);
  std::vector<DomainRecord> take_unsaved();
  // Waits until it was seen, or the time is over. Blocks.
  bool wait_seen(const std::string& domain, std::int64_t generation, Duration at_most);

  // Next hops that lead back to a relay node: all of them, with the reasons.
  void set_loops(std::map<std::string, std::string, std::less<>> loops);
  // Judges anew what is in doubt, in one step with what is stored.
  using Judge = std::function<void(RelayState& state)>;
  void judge_doubts(const Judge& judge);
  // A writer has decided: no loop and no doubt stands any more.
  void release(const std::string& domain);
  // For a thread that may block: stores what a peer has of a domain, if the domain is behind still
  // and the copy is later than what is stored.
  Result<void> adopt(DomainRecord copy);

  monitor::Database& database() { return database_; }

 private:
  void publish(const std::string& domain, std::shared_ptr<DomainState> state);
  // One step of the store that also changes the accounts; a failed one leaves both as they were.
  Result<void> store(const std::function<void(monitor::Transaction&)>& step,
                     const std::function<Result<void>(AccountFile&)>& accounts);
  template <class F>
  void change(F&& with);  // copies the state, changes the copy, swaps it in

  monitor::Database& database_;
  const Clock& clock_;
  AccountFile* accounts_ = nullptr;
  std::mutex writing_;
  mutable std::mutex swapping_;
  std::condition_variable seen_;
  std::shared_ptr<const RelayState> state_ = std::make_shared<const RelayState>();
  std::set<std::string> unsaved_;
};

}  // namespace mxswitch::orchestrator
