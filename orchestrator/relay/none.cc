#include "orchestrator/relay/none.h"

#include <fmt/format.h>

namespace mxswitch::orchestrator {
namespace {

class WatchOnlyRelay final : public RelayControl {
 public:
  explicit WatchOnlyRelay(const std::string& name)
      : refusal_{Fault::blocked,
                 fmt::format("relay {} is only watched (driver none)", name),
                 {},
                 "give it a driver in mxswitch.toml to steer it"} {}

  const std::vector<RelayNode>& nodes() const override { return nodes_; }

  asio::awaitable<Result<Health>> health(std::string) override { co_return Failure(refusal_); }
  asio::awaitable<Result<Tagged<RelayDomain>>> read_domain(std::string, std::string) override {
    co_return Failure(refusal_);
  }
  asio::awaitable<Result<Tagged<RelayDomain>>> write_domain(std::string, std::string, DomainWrite,
                                                            std::string, std::string,
                                                            StillWanted) override {
    co_return Failure(refusal_);
  }
  asio::awaitable<WriteResult> write_route(std::string, std::string, RouteWrite, std::string,
                                           std::string, bool, StillWanted) override {
    WriteResult result;
    result.outcome = WriteOutcome::refused;
    result.error = refusal_;
    co_return result;
  }
  asio::awaitable<Result<Tagged<Roster>>> read_roster(std::string, std::string) override {
    co_return Failure(refusal_);
  }
  asio::awaitable<Result<Tagged<Roster>>> write_roster(std::string, std::string, RosterWrite,
                                                       std::string, std::string) override {
    co_return Failure(refusal_);
  }
  asio::awaitable<Result<Flow>> read_flow(std::string, std::string, Time) override {
    co_return Failure(refusal_);
  }
  asio::awaitable<Result<Probe>> make_probe(std::string, std::string, ProbeWrite) override {
    co_return Failure(refusal_);
  }
  asio::awaitable<Result<Probe>> read_probe(std::string, std::string, std::string) override {
    co_return Failure(refusal_);
  }
  asio::awaitable<Result<Queue>> read_queue(std::string, std::string) override {
    co_return Failure(refusal_);
  }

 private:
  std::vector<RelayNode> nodes_;
  Error refusal_;
};

}  // namespace

std::unique_ptr<RelayControl> make_watch_only_relay(const std::string& name) {
  return std::make_unique<WatchOnlyRelay>(name);
}

}  // namespace mxswitch::orchestrator
