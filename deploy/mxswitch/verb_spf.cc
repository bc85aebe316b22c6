// spf: what a receiver concludes from a domain's SPF record, as one resolver or the authorities
// see it.
#include "deploy/mxswitch/verb_spf.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <iostream>
#include <map>
#include <memory>
#include <semaphore>
#include <thread>

#include "dashboards/views/spf_trace.h"
#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verbs.h"
#include "probes/base/json_text.h"
#include "probes/spf/evaluate.h"

namespace mxswitch {
namespace {

using probes::spf::CheckRequest;
using probes::spf::CheckResult;

constexpr Duration kDeadline = seconds(5);  // of one query
constexpr Duration kDelegationsKept = seconds(300);
constexpr int kMostAtOnce = 64;  // lines of --stdin that were read and not answered
constexpr std::size_t kLongestLine = 65536;

struct SpfFlags {
  std::string ip, mail_from, helo, receiver, resolver, root_hints;
  bool json = false, from_stdin = false;
};

// One evaluation as asked for, by flags or by a line.
struct SpfQuestion {
  CheckRequest request;
  std::optional<probes::Endpoint> resolver;  // none: the authorities
};

// As it stands in MAIL FROM: "<joe@shop.example>", and "<>" for the null sender.
std::string without_brackets(const std::string& path) {
  const bool bracketed = path.size() >= 2 && path.front() == '<' && path.back() == '>';
  return bracketed ? path.substr(1, path.size() - 2) : path;
}

Result<SpfQuestion> question_of(const std::string& ip, const std::string& mail_from,
                                const std::string& helo, const std::string& resolver, Time now) {
  SpfQuestion question;
  const auto address = probes::IpAddress::parse(ip);
  if (!address) return fail(Fault::usage, fmt::format("\"{}\" is no IP address", ip), "ip");
  question.request = {*address, without_brackets(mail_from), helo, "unknown", now};
  if (resolver.empty()) return question;
  const auto endpoint = probes::Endpoint::parse(resolver);
  if (!endpoint) return Failure(endpoint.error());
  question.resolver = *endpoint;
  return question;
}

class SpfSession {
 public:
  explicit SpfSession(probes::DelegationOptions delegation)
      : delegation_(std::move(delegation)),
        transport_(probes::make_transport(loop.get_executor(), clock, probes::TransportOptions{})) {
  }

  asio::awaitable<CheckResult> answer(SpfQuestion question) {
    const std::shared_ptr<probes::spf::DnsView> view =
        question.resolver ? probes::spf::resolver_view(*transport_, *question.resolver, kDeadline)
                          : authorities();
    CheckRequest request = std::move(question.request);
    co_return co_await probes::spf::check_host(*view, std::move(request), clock);
  }

  void end() {
    transport_->cancel_all();
    loop.stop();
  }

  asio::io_context loop{1};
  SystemClock clock;

 private:
  // One for all lines, so that each zone is walked to once; made anew now and then, since a stream
  // may last for longer than a delegation.
  std::shared_ptr<probes::spf::DnsView> authorities() {
    const Time now = clock.now();
    if (!authorities_ || now - authorities_made_at_ >= kDelegationsKept) {
      authorities_ = probes::spf::authority_view(*transport_, delegation_, kDeadline);
      authorities_made_at_ = now;
    }
    return authorities_;
  }

  probes::DelegationOptions delegation_;
  std::unique_ptr<probes::NetworkTransport> transport_;
  std::shared_ptr<probes::spf::DnsView> authorities_;
  Time authorities_made_at_{};
};

std::string line_of(const nlohmann::json& json) { return json_text(json) + "\n"; }

int check_one(SpfSession& session, const SpfFlags& flags) {
  if (flags.mail_from.empty() && flags.helo.empty())
    return report_error(Error{Fault::usage, "neither a MAIL FROM nor a HELO name", "--mail-from",
                              "with an empty MAIL FROM the HELO name is judged"});
  auto question =
      question_of(flags.ip, flags.mail_from, flags.helo, flags.resolver, session.clock.now());
  if (!question) return report_error(question.error());
  if (!flags.receiver.empty()) question->request.receiver = flags.receiver;
  asio::co_spawn(
      session.loop,
      [&]() -> asio::awaitable<void> {
        const CheckResult result = co_await session.answer(*question);
        fmt::print("{}", flags.json ? line_of(dashboards::to_json(result))
                                    : dashboards::render_spf(result));
        session.end();
      },
      asio::detached);
  session.loop.run();
  return static_cast<int>(ExitCode::done);
}

// JSON lines in, JSON lines out in the same order; a bad line is answered by its fault. Lines are
// read on a thread of their own: whoever waits for an answer before the next line gets it.
class LineCheck {
 public:
  explicit LineCheck(SpfSession& session) : session_(session) {}

  int run() {
    const auto working = asio::make_work_guard(session_.loop);
    std::thread reader([this] { read_lines(); });
    session_.loop.run();
    reader.join();
    return static_cast<int>(faults_ == 0 ? ExitCode::done : ExitCode::usage);
  }

 private:
  void read_lines() {
    std::string line;
    for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      room_.acquire();
      asio::post(session_.loop, [this, line, number] { take(line, number); });
    }
    asio::post(session_.loop, [this] {
      ended_ = true;
      end_if_done();
    });
  }

  void take(const std::string& line, std::size_t number) {
    const std::size_t place = lines_++;
    const nlohmann::json asked =
        line.size() > kLongestLine ? nlohmann::json() : nlohmann::json::parse(line, nullptr, false);
    nlohmann::json id = asked.is_object() ? asked.value("id", nlohmann::json()) : nlohmann::json();
    auto question = read(asked);
    if (question) {
      asio::co_spawn(session_.loop, answer(std::move(*question), std::move(id), place),
                     asio::detached);
      return;
    }
    ++faults_;
    const std::string text = fmt::format("stdin:{}: {}", number, question.error().text());
    print(place, {{"id", std::move(id)}, {"error", text}});
  }

  Result<SpfQuestion> read(const nlohmann::json& asked) const {
    if (!asked.is_object()) return fail(Fault::usage, "no JSON object");
    if (!asked.contains("mail_from") && !asked.contains("helo"))
      return fail(Fault::usage, "neither a MAIL FROM nor a HELO name", "mail_from",
                  "with an empty MAIL FROM the HELO name is judged");
    const auto text = [&](const char* key) {
      const auto found = asked.find(key);
      return found != asked.end() && found->is_string() ? found->get<std::string>() : "";
    };
    auto question = question_of(text("ip"), text("mail_from"), text("helo"), text("resolver"),
                                session_.clock.now());
    if (question && !text("receiver").empty()) question->request.receiver = text("receiver");
    return question;
  }

  asio::awaitable<void> answer(SpfQuestion question, nlohmann::json id, std::size_t place) {
    const CheckResult result = co_await session_.answer(std::move(question));
    nlohmann::json json = dashboards::to_json(result);
    json["id"] = std::move(id);
    print(place, json);
  }

  void print(std::size_t place, const nlohmann::json& json) {
    answers_[place] = line_of(json);
    for (auto next = answers_.begin(); next != answers_.end() && next->first == printed_;
         next = answers_.erase(next)) {
      fmt::print("{}", next->second);
      ++printed_;
      room_.release();
    }
    std::fflush(stdout);
    end_if_done();
  }

  void end_if_done() {
    if (ended_ && printed_ == lines_) session_.end();
  }

  SpfSession& session_;
  std::counting_semaphore<> room_{kMostAtOnce};
  std::map<std::size_t, std::string> answers_;  // that wait for an earlier line's
  std::size_t lines_ = 0, printed_ = 0, faults_ = 0;
  bool ended_ = false;
};

int run_spf_check(const SpfFlags& flags) {
  DnsFlags dns;
  dns.root_hints = flags.root_hints;
  const auto setup = resolve_dns_flags(dns);
  if (!setup) return report_error(setup.error());
  SpfSession session(setup->delegation);
  if (flags.from_stdin) return LineCheck(session).run();
  return check_one(session, flags);
}

}  // namespace

void add_spf(CLI::App& app, Chosen& chosen) {
  CLI::App* group = app.add_subcommand("spf", "SPF (RFC 7208), evaluated as receivers do");
  group->require_subcommand(1);
  group->footer("Example: mxswitch spf check --ip 192.0.2.25 --mail-from joe@shop.example");
  auto flags = std::make_shared<SpfFlags>();
  CLI::App* verb = group->add_subcommand("check", "would this sender pass?");
  verb->add_option("--ip", flags->ip, "the sending host");
  verb->add_option("--mail-from", flags->mail_from, "the envelope sender; empty: HELO is judged");
  verb->add_option("--helo", flags->helo, "the name given with HELO or EHLO");
  verb->add_option("--receiver", flags->receiver,
                   "the host that judges, for %{r} in an explanation; \"unknown\" if not given");
  verb->add_option("--resolver", flags->resolver,
                   "ADDR[:port]: as this resolver sees it; else the authorities are asked");
  verb->add_option("--root-hints", flags->root_hints, "root servers in master-file format");
  verb->add_flag("--json", flags->json, "one JSON object with the whole trace");
  verb->add_flag("--stdin", flags->from_stdin,
                 "JSON lines {\"id\",\"ip\",\"mail_from\",\"helo\",\"receiver\",\"resolver\"}; one "
                 "answer line each");
  verb->footer(
      "Example: mxswitch spf check --ip 192.0.2.25 --mail-from joe@shop.example --helo "
      "mail.shop.example --resolver 9.9.9.9\n"
      "         mxswitch spf check --stdin <senders.jsonl\n"
      "Exit: 0 evaluated, whatever the result; 2 bad input");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_spf_check(*flags); }; });
  add_spf_record(*group, chosen);
}

}  // namespace mxswitch
