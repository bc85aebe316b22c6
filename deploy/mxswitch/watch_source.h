// What the switchover knows of DNS, taken from the watch.
#pragma once

#include "monitor/watch/watch.h"
#include "orchestrator/switchover/report_source.h"

namespace mxswitch {

class WatchSource final : public orchestrator::ReportSource {
 public:
  explicit WatchSource(monitor::Watch& watch) : watch_(watch) {}

  asio::awaitable<Result<void>> watch(monitor::PropagationInput input,
                                      std::optional<monitor::SpfMove> spf) override;
  void forget(const probes::DnsName& owner) override { watch_.remove(owner); }
  std::optional<monitor::PropagationReport> report(const probes::DnsName& owner) const override {
    return watch_.report(owner);
  }
  std::optional<std::uint64_t> stamp(const probes::DnsName& owner) const override {
    return watch_.stamp(owner);
  }
  void on_change(std::function<void(const probes::DnsName& owner)> listener) override {
    watch_.on_change(std::move(listener));
  }
  monitor::SpfSeen spf_seen(const probes::DnsName& owner) const override {
    return watch_.spf_seen(owner);
  }
  asio::awaitable<std::vector<std::string>> look_again(probes::DnsName owner) override {
    return watch_.look_again(std::move(owner));
  }
  asio::awaitable<std::vector<monitor::TxtSample>> ask_resolvers(probes::DnsName owner,
                                                                 probes::DnsName name) override {
    return watch_.ask_resolvers(std::move(owner), std::move(name));
  }
  Result<void> waive(const probes::DnsName& owner, const std::string& resolver, std::string reason,
                     std::optional<Time> until) override;
  void unwaive(const probes::DnsName& owner, const std::string& resolver) override;

 private:
  monitor::Watch& watch_;
};

}  // namespace mxswitch
