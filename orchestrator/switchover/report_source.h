// Where the switchover gets its view of the DNS from: the watcher of monitor/, or a test's.
#pragma once

#include <asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/propagation.h"
#include "monitor/propagation/report.h"
#include "monitor/propagation/spf_text.h"

namespace mxswitch::orchestrator {

// Used from the loop's thread.
class ReportSource {
 public:
  virtual ~ReportSource() = default;
  // Watches an owner from now on; again with another input replaces that. `spf_required`: its SPF
  // text is watched too, and these terms are wanted in it.
  virtual asio::awaitable<Result<void>> watch(
      monitor::PropagationInput input, std::optional<std::vector<std::string>> spf_required) = 0;
  virtual void forget(const probes::DnsName& owner) = 0;
  virtual std::optional<monitor::PropagationReport> report(const probes::DnsName& owner) const = 0;
  virtual std::vector<monitor::TxtSample> txt_samples(const probes::DnsName& owner) const = 0;
  virtual Result<void> waive(const probes::DnsName& owner, const std::string& resolver,
                             std::string reason, std::optional<Time> until) = 0;
};

}  // namespace mxswitch::orchestrator
