// What an SPF evaluation costs probes/spf.
//
//   spf_ours CASES SERVER ROUNDS IN_FLIGHT
//
// One round warms up and prints the result of each case; ROUNDS more are measured. The last line:
// "cpu", CPU seconds (user and system, of this process), evaluations, questions that were sent.
#include <fmt/format.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>

#include "probes/spf/evaluate.h"
#include "tests/bench/spf/bench.h"

namespace {

using namespace mxswitch;
using namespace mxswitch::probes;

struct Work {
  spf::DnsView& view;
  const Clock& clock;
  std::vector<spf::CheckRequest> requests;
  std::vector<spf::SpfResult> results;
  std::size_t begun = 0, wanted = 0, at_work = 0;
};

asio::awaitable<void> keep_evaluating(asio::io_context& loop, Work& work) {
  while (work.begun < work.wanted) {
    const std::size_t one = work.begun++ % work.requests.size();
    spf::CheckRequest request = work.requests[one];
    const spf::CheckResult result =
        co_await spf::check_host(work.view, std::move(request), work.clock);
    work.results[one] = result.result;
  }
  if (--work.at_work == 0) loop.stop();
}

void evaluate(asio::io_context& loop, Work& work, std::size_t count, std::size_t in_flight) {
  work.begun = 0;
  work.wanted = count;
  work.at_work = in_flight;
  for (std::size_t i = 0; i < in_flight; ++i)
    asio::co_spawn(loop, keep_evaluating(loop, work), asio::detached);
  loop.restart();
  loop.run();
}

std::vector<spf::CheckRequest> requests_of(const char* path, Time now) {
  std::vector<spf::CheckRequest> requests;
  for (const bench::SpfCase& one : bench::read_cases(path))
    requests.push_back({IpAddress::parse(one.ip).value(), one.sender, one.helo,
                        "mail.receiver.example", now, false});
  return requests;
}

}  // namespace

int main(int count, char** arguments) {
  const auto server = count == 5 ? Endpoint::parse(arguments[2]) : fail(Fault::usage, "");
  if (!server) {
    std::fprintf(stderr, "usage: spf_ours CASES SERVER ROUNDS IN_FLIGHT\n");
    return 2;
  }
  const std::size_t rounds = std::strtoul(arguments[3], nullptr, 10);
  const std::size_t in_flight = std::strtoul(arguments[4], nullptr, 10);
  asio::io_context loop(1);  // as the program has it
  const SystemClock clock;
  const auto transport = make_transport(loop.get_executor(), clock, TransportOptions{});
  const auto view = spf::resolver_view(*transport, *server, seconds(5));
  Work work{*view, clock, requests_of(arguments[1], clock.now()), {}};
  work.results.resize(work.requests.size());
  evaluate(loop, work, work.requests.size(), in_flight);
  for (const spf::SpfResult result : work.results) fmt::print("{}\n", to_text(result));
  const auto sent = transport->counters().sent;
  const double before = bench::cpu_seconds();
  evaluate(loop, work, rounds * work.requests.size(), in_flight);
  fmt::print("cpu {:.4f} {} {}\n", bench::cpu_seconds() - before, rounds * work.requests.size(),
             transport->counters().sent - sent);
}
