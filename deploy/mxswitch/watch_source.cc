#include "deploy/mxswitch/watch_source.h"

namespace mxswitch {

asio::awaitable<Result<void>> WatchSource::watch(monitor::PropagationInput input,
                                                 std::optional<monitor::SpfMove> spf) {
  monitor::WatchedOwner owner;
  owner.input = std::move(input);
  owner.spf = std::move(spf);
  co_return co_await watch_.add(std::move(owner));
}

Result<void> WatchSource::waive(const probes::DnsName& owner, const std::string& resolver,
                                std::string reason, std::optional<Time> until) {
  const auto endpoint = probes::Endpoint::parse(resolver);
  if (!endpoint) return tl::unexpected(endpoint.error());
  return watch_.waive(owner, *endpoint, std::move(reason), until);
}

void WatchSource::unwaive(const probes::DnsName& owner, const std::string& resolver) {
  if (const auto endpoint = probes::Endpoint::parse(resolver)) watch_.unwaive(owner, *endpoint);
}

}  // namespace mxswitch
