// A whole SPF evaluation and a whole survey, by a resolver and by the authorities, at servers that
// answer anything, at any speed: the input says what. Each must end within its budget.
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "probes/spf/evaluate.h"
#include "probes/spf/survey.h"
#include "tests/fuzz/any_server.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace mxswitch;
using namespace mxswitch::probes;
using spf::AskingBudget;

class SpfServers final : public fuzz::AnyServer {
 public:
  SpfServers(fuzz::Choices& choices, ManualClock& clock) : AnyServer(choices), clock_(clock) {}

  asio::awaitable<Reply> ask(Query query) override {
    ++asked;
    const Duration takes = seconds(choices_.below(8));
    clock_.advance(std::min(takes, query.deadline));
    Reply reply;
    if (takes <= query.deadline) reply = co_await AnyServer::ask(query);
    co_return reply;
  }

  int asked = 0;

 private:
  Record any_record(const Question& question) override {
    const bool wanted = choices_.below(4) != 0;
    if (wanted && question.type == RrType::txt)
      return {question.name, RrType::txt, choices_.below(256), Txt{{any_text()}}};
    if (wanted && question.type == RrType::ptr)
      return {question.name, RrType::ptr, choices_.below(256), any_name(question)};
    return AnyServer::any_record(question);
  }
  std::string any_text() {
    constexpr const char* kTerms[] = {" include:filter.example",
                                      " include:shop.example",
                                      " include:%{l}.victim.example",
                                      " mx",
                                      " mx:victim.example",
                                      " a:mx1.filter.example/24",
                                      " ptr",
                                      " ptr:shop.example",
                                      " exists:%{ir}.%{v}.victim.example",
                                      " redirect=filter.example",
                                      " exp=%{d1}.shop.example",
                                      " ?all",
                                      " -all",
                                      " ip4:192.0.2.0/24",
                                      " %{p}",
                                      " a:%{p}.victim.example",
                                      " mx:b.ns1.victim.example//64"};
    std::string text = choices_.below(8) == 0 ? "see %{p} and %{i}" : "v=spf1";
    for (unsigned terms = choices_.below(16); terms > 0; --terms)
      text += kTerms[choices_.below(std::size(kTerms))];
    return text;
  }

  ManualClock& clock_;
};

// Runs what `make` gives to its end, and looks at what it cost.
template <class Make>
void run(SpfServers& servers, ManualClock& clock, Make make) {
  const int asked = servers.asked;
  const Time began = clock.now();
  bool ended = false;
  asio::io_context loop;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        co_await make();
        ended = true;
      },
      [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
  loop.run();
  fuzz::require(ended);
  fuzz::require(servers.asked - asked <= AskingBudget::kQueries);
  fuzz::require(clock.now() - began <= AskingBudget::kTime);
}

void evaluate(SpfServers& servers, ManualClock& clock, spf::DnsView& view) {
  spf::CheckRequest request;
  request.ip = *IpAddress::parse("192.0.2.25");
  request.mail_from = "joe@a.shop.example";
  request.helo = "mail.shop.example";
  run(servers, clock, [&] { return spf::check_host(view, request, clock); });
  run(servers, clock, [&] { return spf::survey(view, "a.shop.example", clock); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices(data, size);
  ManualClock clock{Time(std::chrono::hours(1))};
  SpfServers servers(choices, clock);
  const Endpoint server = *Endpoint::parse("198.41.0.4");
  evaluate(servers, clock, *spf::resolver_view(servers, server, seconds(5)));
  DelegationOptions options;
  options.roots = {server};
  evaluate(servers, clock, *spf::authority_view(servers, options, seconds(5)));
  return 0;
}
