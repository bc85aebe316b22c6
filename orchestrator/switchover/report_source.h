// Where the switchover gets its view of the DNS from: the watcher of monitor/, or a test's.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/propagation.h"
#include "monitor/propagation/report.h"
#include "monitor/propagation/spf_matrix.h"

namespace mxswitch::orchestrator {

// Used from the loop's thread.
class ReportSource {
 public:
  virtual ~ReportSource() = default;
  // Watches an owner from now on; again with another input replaces that. `spf`: its SPF is
  // watched too, as text and by its results for these senders.
  virtual asio::awaitable<Result<void>> watch(monitor::PropagationInput input,
                                              std::optional<monitor::SpfMove> spf) = 0;
  virtual void forget(const probes::DnsName& owner) = 0;
  virtual std::optional<monitor::PropagationReport> report(const probes::DnsName& owner) const = 0;
  // While it stands, report() and spf_seen() say the same, but for ages and what is reckoned from
  // the moment of the report; none: nobody can tell.
  virtual std::optional<std::uint64_t> stamp(const probes::DnsName&) const { return std::nullopt; }
  // `listener` is called whenever the stamp of an owner rose.
  virtual void on_change(std::function<void(const probes::DnsName& owner)>) {}
  // Asks every authority of the owner now: who has not answered within some seconds.
  virtual asio::awaitable<std::vector<std::string>> look_again(probes::DnsName owner) = 0;
  virtual monitor::SpfSeen spf_seen(const probes::DnsName& owner) const = 0;
  // A TXT as each resolver of the owner sees it now, asked at the courtesy limits.
  virtual asio::awaitable<std::vector<monitor::TxtSample>> ask_resolvers(probes::DnsName owner,
                                                                         probes::DnsName name) = 0;
  virtual Result<void> waive(const probes::DnsName& owner, const std::string& resolver,
                             std::string reason, std::optional<Time> until) = 0;
  // Without effect where nothing is waived.
  virtual void unwaive(const probes::DnsName& owner, const std::string& resolver) = 0;
};

}  // namespace mxswitch::orchestrator
