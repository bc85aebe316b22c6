// What an SPF evaluation costs libspf2 (Debian's libspf2-dev).
//
//   spf_libspf2 CASES ROUNDS resolv|cache
//
// "resolv": its resolver layer alone, so each evaluation asks the server; "cache": its cache on
// top, so only the warm-up asks. The server is that of /etc/resolv.conf. Output as of spf_ours.
#include <fmt/format.h>
#include <netinet/in.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "tests/bench/spf/bench.h"
// Last, and after the headers that it needs.
extern "C" {
#include <spf2/spf.h>
}

namespace {

using mxswitch::bench::SpfCase;

struct Free {
  void operator()(SPF_server_t* server) const { SPF_server_free(server); }
  void operator()(SPF_request_t* request) const { SPF_request_free(request); }
  void operator()(SPF_response_t* response) const { SPF_response_free(response); }
};

SPF_result_t evaluate(SPF_server_t* server, const SpfCase& one) {
  const std::unique_ptr<SPF_request_t, Free> request(SPF_request_new(server));
  const bool v6 = one.ip.find(':') != std::string::npos;
  (v6 ? SPF_request_set_ipv6_str : SPF_request_set_ipv4_str)(request.get(), one.ip.c_str());
  SPF_request_set_helo_dom(request.get(), one.helo.c_str());
  SPF_request_set_env_from(request.get(), one.sender.c_str());
  SPF_response_t* answered = nullptr;
  SPF_request_query_mailfrom(request.get(), &answered);
  const std::unique_ptr<SPF_response_t, Free> response(answered);
  return SPF_response_result(answered);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "usage: spf_libspf2 CASES ROUNDS resolv|cache\n");
    return 2;
  }
  const auto cases = mxswitch::bench::read_cases(arguments[1]);
  const std::size_t rounds = std::strtoul(arguments[2], nullptr, 10);
  const bool cached = std::string_view(arguments[3]) == "cache";
  const std::unique_ptr<SPF_server_t, Free> server(
      SPF_server_new(cached ? SPF_DNS_CACHE : SPF_DNS_RESOLV, 0));
  SPF_server_set_rec_dom(server.get(), "mail.receiver.example");
  for (const SpfCase& one : cases) fmt::print("{}\n", SPF_strresult(evaluate(server.get(), one)));
  const double before = mxswitch::bench::cpu_seconds();
  for (std::size_t round = 0; round < rounds; ++round)
    for (const SpfCase& one : cases) evaluate(server.get(), one);
  fmt::print("cpu {:.4f} {}\n", mxswitch::bench::cpu_seconds() - before, rounds * cases.size());
}
