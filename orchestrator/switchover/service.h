// All switchovers of one daemon, and the door through which commands come in. `submit` and
// `operation` are called from HTTP threads and wait for the loop; everything else belongs to it.
#pragma once

#include <asio/awaitable.hpp>
#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "orchestrator/switchover/switchover.h"

namespace mxswitch::orchestrator {

class SwitchoverService final : public CommandSink {
 public:
  explicit SwitchoverService(SwitchoverParts parts);
  ~SwitchoverService() override;

  // Takes up every domain of the journal where it stood. An error names the domain and leaves the
  // others at work.
  asio::awaitable<Result<void>> start();
  // No command is taken and no step begun any more; what waits is answered with `unavailable`. A
  // switch in flight is left to recovery.
  void stop();

  // At most kWaiting commands wait for the loop at a time, each for 5 s; then `unavailable`, or
  // `timed_out` for one that the loop has begun: what became of it tells the journal.
  Result<Operation> submit(Command command) override;
  Result<Operation> operation(const std::string& id) override;

  std::shared_ptr<Switchover> find(const std::string& domain) const;

 private:
  static constexpr int kWaiting = 64;

  asio::awaitable<Result<Operation>> carry_out(Command command);
  asio::awaitable<Result<Operation>> acknowledge(std::string token);
  asio::awaitable<std::shared_ptr<Switchover>> open(std::string domain);
  void reports_moved(const probes::DnsName& owner);

  SwitchoverParts parts_;
  std::map<std::string, std::shared_ptr<Switchover>> switchovers_;
  std::atomic<int> waiting_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace mxswitch::orchestrator
