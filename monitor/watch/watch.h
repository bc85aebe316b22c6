// The shell around Agenda: asks what it wants asked, when it wants it; feeds it what came; keeps
// what a restart needs. One instance watches any number of owners with one timer. Used from the
// loop's thread only.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "monitor/database/database.h"
#include "monitor/propagation/propagation.h"
#include "monitor/propagation/spf_matrix.h"
#include "monitor/watch/agenda.h"
#include "monitor/watch/watch_counts.h"
#include "probes/dns/delegation.h"
#include "probes/dns/dot.h"
#include "probes/dns/transport.h"

namespace mxswitch::monitor {

struct WatchOptions {
  probes::DelegationOptions delegation;
  // Set: these are the authorities and no delegation is walked (`--authority`).
  std::vector<AuthorityAddress> fixed_authorities;
  Rates rates;
  probes::DotAsker* dot = nullptr;  // must outlive the watch; null: DNS over TLS is not asked
};

class Watch {
 public:
  // All references must outlive the watch. `database` may be null: nothing is then kept.
  Watch(asio::any_io_executor loop, const Clock& clock, probes::Transport& transport,
        Database* database, WatchOptions options);
  ~Watch();

  // Called whenever stamp() of an owner rose. It must not call the watch.
  void on_change(std::function<void(const DnsName& owner)> listener);

  // Starts with the state of an earlier run, if one was kept for the owner. Adding an owner
  // again replaces its input and loses no obligation.
  asio::awaitable<Result<void>> add(WatchedOwner owner);
  void remove(const DnsName& owner);  // what is kept in the database stays

  std::optional<PropagationReport> report(const DnsName& owner) const;
  // Rises before report() or spf_seen() say something else, ages and forecasts aside; none: the
  // owner is not watched.
  std::optional<std::uint64_t> stamp(const DnsName& owner) const;
  SpfSeen spf_seen(const DnsName& owner) const;  // about the owner itself
  // Asks every resolver of the owner for a TXT once, at the pace of the courtesy limits.
  asio::awaitable<std::vector<TxtSample>> ask_resolvers(DnsName owner, DnsName name);
  // Asks every authority of the owner now, and waits until all have answered or 10 s have passed:
  // who has not. Empty for an owner that is not watched.
  asio::awaitable<std::vector<std::string>> look_again(DnsName owner);
  // When something of some owner is asked or judged next; none: not before an answer came.
  std::optional<Time> next_look() const;
  WatchCounts counts() const;  // from any thread
  // Without effect for one that is not waived or not watched.
  void unwaive(const probes::DnsName& owner, const probes::Endpoint& resolver);
  Result<void> waive(const DnsName& owner, const Endpoint& resolver, std::string reason,
                     std::optional<Time> until);

  void stop();  // no probe starts after this; those under way end unseen

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mxswitch::monitor
