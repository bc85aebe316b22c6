// A whole walk, delegation and enumeration, twice with one memory, at servers that answer anything:
// the input says what. It must end, within its bounds.
#include "probes/dns/walk.h"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <optional>

#include "monitor/watch/enumerate.h"
#include "tests/fuzz/any_server.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace mxswitch;
using namespace mxswitch::probes;
using fuzz::AnyServer;
using fuzz::Choices;

monitor::WalkResult walk(AnyServer& servers, WalkMemory& memory) {
  monitor::EnumerateRequest request;
  request.owner = *DnsName::parse("a.shop.example");
  request.expected = *MxSet::parse("10 mx1.filter.example, 20 mx2.filter.example");
  request.delegation.roots = {*Endpoint::parse("198.41.0.4")};
  request.random_label = "nobody";
  request.memory = &memory;
  std::optional<monitor::WalkResult> result;
  asio::io_context loop;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        result = co_await monitor::enumerate(servers, std::move(request));
      },
      [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
  loop.run();
  fuzz::require(result.has_value());
  return std::move(*result);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  WalkMemory memory;
  for (int i = 1; i <= 2; ++i) {
    AnyServer servers(choices);
    memory.begin(Time(std::chrono::minutes(5 * i)));
    const monitor::WalkResult found = walk(servers, memory);
    fuzz::require(!found.endpoints.empty() || !found.fault.empty());
    for (const auto& one : found.endpoints)
      fuzz::require(one.endpoint.address.bytes()[0] != 127 || one.endpoint.address.is_v6());
    // Beside the walk: the questions for aliases and a wildcard, at no more than its endpoints.
    fuzz::require(servers.queries <= Walk::kBudget + 9 * 43);
  }
  return 0;
}
