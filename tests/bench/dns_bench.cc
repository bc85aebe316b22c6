// What a query costs the transport of probes/dns, in CPU time of this process.
//
//   dns_bench ADDRESS:PORT SERVERS IN_FLIGHT QUERIES
//
// asks SERVERS addresses from ADDRESS on, round and round. One line to stdout:
//   microseconds of CPU a query, queries a second, queries that failed.
#include <fmt/format.h>
#include <sys/resource.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <charconv>
#include <cstdio>

#include "probes/dns/transport.h"

namespace {

using namespace mxswitch;
using namespace mxswitch::probes;

struct Load {
  Transport& transport;
  std::vector<Endpoint> servers;
  Question question;
  std::size_t left = 0, begun = 0, failed = 0, at_work = 0;
};

asio::awaitable<void> keep_asking(Load& load) {
  while (load.left > 0) {
    --load.left;
    Query query;
    query.server = load.servers[load.begun++ % load.servers.size()];
    query.question = load.question;
    const Reply reply = co_await load.transport.ask(query);
    if (!reply.answer || reply.answer->answer.empty()) ++load.failed;
  }
  --load.at_work;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

std::vector<Endpoint> servers_from(const Endpoint& first, std::size_t count) {
  std::vector<Endpoint> servers;
  const auto bytes = first.address.bytes();
  for (std::size_t i = 0; i < count; ++i) {
    const auto last = static_cast<std::uint8_t>(bytes[3] + i);
    servers.push_back({IpAddress::v4({bytes[0], bytes[1], bytes[2], last}), first.port});
  }
  return servers;
}

void ask_all(asio::io_context& loop, Load& load, std::size_t in_flight, std::size_t queries) {
  load.left = queries;
  load.at_work = in_flight;
  for (std::size_t i = 0; i < in_flight; ++i) {
    asio::co_spawn(loop, keep_asking(load), asio::detached);
  }
  loop.restart();
  while (load.at_work > 0 && loop.run_one() > 0) {
  }
}

std::size_t number(const char* text) {
  std::size_t value = 0;
  std::from_chars(text, text + std::char_traits<char>::length(text), value);
  return value;
}

}  // namespace

int main(int count, char** arguments) {
  const auto first = count == 5 ? Endpoint::parse(arguments[1]) : fail(Fault::usage, "");
  const std::size_t servers = count == 5 ? number(arguments[2]) : 0;
  if (!first || servers == 0 || servers > 200) {
    std::fprintf(stderr, "usage: dns_bench IPV4:PORT SERVERS(1-200) IN_FLIGHT QUERIES\n");
    return 2;
  }
  asio::io_context loop;
  const SystemClock clock;
  const auto transport = make_transport(loop.get_executor(), clock, TransportOptions{});
  Load load{*transport,
            servers_from(*first, servers),
            {DnsName::parse("shop.example").value(), RrType::mx}};
  const std::size_t in_flight = number(arguments[3]), queries = number(arguments[4]);
  ask_all(loop, load, in_flight, queries / 10);  // channels and sockets are open after this
  load.failed = 0;
  const double cpu = cpu_seconds();
  const auto begun = clock.now();
  ask_all(loop, load, in_flight, queries);
  const double used = cpu_seconds() - cpu;
  const double wall = std::chrono::duration<double>(clock.now() - begun).count();
  const auto asked = static_cast<double>(queries);
  fmt::print("{:.2f} {:.0f} {}\n", used / asked * 1e6, asked / wall, load.failed);
  return load.failed * 100 > queries ? 1 : 0;
}
