// The DNS views of SPF evaluations, under the courtesy limits and with a memory: what one answer
// said is not asked again before it expires, whoever's record leads there.
#pragma once

#include <asio/any_io_executor.hpp>
#include <map>
#include <memory>

#include "monitor/watch/agenda.h"
#include "probes/dns/delegation.h"
#include "probes/spf/view.h"

namespace mxswitch::monitor {

// A transport whose queries wait for their turn at `rate` an address. The references must outlive
// it; on the loop's thread.
class PacedTransport final : public probes::Transport {
 public:
  PacedTransport(asio::any_io_executor loop, const Clock& clock, probes::Transport& below,
                 probes::Pacer& pacer, probes::Rate rate)
      : loop_(std::move(loop)), clock_(clock), below_(below), pacer_(pacer), rate_(rate) {}
  asio::awaitable<probes::Reply> ask(probes::Query query) override;

 private:
  asio::any_io_executor loop_;
  const Clock& clock_;
  probes::Transport& below_;
  probes::Pacer& pacer_;
  probes::Rate rate_;
};

// Remembers lookups for their TTL, negative and failed ones for `kShortMemory`, none for longer
// than `most`. At most kMostRemembered.
class MemoView final : public probes::spf::DnsView {
 public:
  MemoView(std::unique_ptr<probes::spf::DnsView> below, const Clock& clock, Duration most)
      : below_(std::move(below)), clock_(clock), most_(most) {}
  asio::awaitable<probes::spf::Lookup> lookup(std::string name, probes::RrType type,
                                              probes::spf::AskingBudget& budget) override;

 private:
  struct Kept {
    probes::spf::Lookup lookup;
    Time at{}, until{};
  };
  std::unique_ptr<probes::spf::DnsView> below_;
  const Clock& clock_;
  Duration most_;
  std::map<std::pair<std::string, probes::RrType>, Kept> kept_;
};
inline constexpr Duration kShortMemory = seconds(10);
inline constexpr std::size_t kMostRemembered = 4096;

// One view of each resolver and one of the authorities, for all owners.
class SpfViews {
 public:
  SpfViews(asio::any_io_executor loop, const Clock& clock, probes::Transport& transport,
           probes::Pacer& pacer, Rates rates, probes::DelegationOptions delegation)
      : loop_(std::move(loop)),
        clock_(clock),
        transport_(transport),
        pacer_(pacer),
        rates_(rates),
        delegation_(std::move(delegation)) {}

  std::shared_ptr<probes::spf::DnsView> resolver(const Endpoint& endpoint, bool isp);
  // Made anew every five minutes: it keeps the delegations that it walked.
  std::shared_ptr<probes::spf::DnsView> authorities();
  // For questions that are no evaluation, at the same pace.
  probes::Transport& paced(bool isp);
  probes::Transport& paced_authorities();

 private:
  std::shared_ptr<PacedTransport> paced_at(const probes::Rate& rate);

  asio::any_io_executor loop_;
  const Clock& clock_;
  probes::Transport& transport_;
  probes::Pacer& pacer_;
  Rates rates_;
  probes::DelegationOptions delegation_;
  std::shared_ptr<PacedTransport> public_, isp_, authority_;
  std::map<Endpoint, std::shared_ptr<MemoView>> resolvers_;
  std::shared_ptr<MemoView> authorities_;
  Time authorities_made_at_{};
};

}  // namespace mxswitch::monitor
