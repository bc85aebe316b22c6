// watch: the same as check, live, with the drain judged from what is seen while it runs.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>

#include "dashboards/views/json.h"
#include "dashboards/views/text.h"
#include "dashboards/views/watch_words.h"
#include "deploy/mxswitch/declared_options.h"
#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verbs.h"
#include "monitor/propagation/ttl_phase.h"
#include "monitor/watch/observations.h"
#include "monitor/watch/watch.h"
#include "probes/base/time_text.h"

namespace mxswitch {
namespace {

struct WatchFlags {
  std::string domain, expected;
  std::string store, until;
  DeclaredFlags declared;
  DnsFlags dns;
  std::string dot_ca;
  bool no_dot = false;
  TerminalFlags terminal;
};

constexpr Duration kRedraw{200};  // at most 5 times a second
constexpr seconds kSilence{60};   // where lines are printed, one comes at least so often

// What is shown of a moment.
struct Shown {
  monitor::PropagationReport report;
  std::string advice, ttl;
  std::optional<Time> next_look;
};

// Shows the newest report: a picture that is redrawn on a terminal, a line a change elsewhere.
class Screen {
 public:
  explicit Screen(TerminalFlags flags) : flags_(flags), live_(::isatty(STDOUT_FILENO) != 0) {}

  void show(const Shown& shown, Time now) {
    if (flags_.json) {
      print_if_new(json_of(shown), now);
    } else if (live_) {
      fmt::print("\033[H\033[J{}",
                 dashboards::render_watch({shown.report, shown.advice, shown.ttl, shown.next_look},
                                          now, text_options(flags_, Extent::screen)));
    } else {
      print_lines(shown, now);
    }
    std::fflush(stdout);
  }

 private:
  static std::string json_of(const Shown& shown) {
    nlohmann::json body = dashboards::to_json(shown.report);
    body["advice"] = shown.advice;
    body["ttl"] = shown.ttl;
    body["next_look_at"] =
        shown.next_look ? nlohmann::json(format_time(*shown.next_look)) : nlohmann::json();
    return dashboards::json_line(body);
  }

  // What is advised is a line of its own, once: times that move with now make it no news.
  void print_lines(const Shown& shown, Time now) {
    const std::string next =
        shown.next_look ? fmt::format(" (next look {})", format_time(*shown.next_look)) : "";
    print_if_new(dashboards::render_line(shown.report), now, next);
    const auto at = shown.advice.find(" because ");
    print_once(advice_, shown.advice.substr(std::min(at, shown.advice.size())), shown.advice, shown,
               now);
    print_once(ttl_, shown.ttl.substr(0, shown.ttl.find("; safe to change")), shown.ttl, shown,
               now);
  }

  static void print_once(std::string& last, std::string news, const std::string& text,
                         const Shown& shown, Time now) {
    if (news.empty() || news == last) return;
    last = std::move(news);
    fmt::print("{} {} {}\n", format_time(now), shown.report.owner.text(), printable_lines(text));
  }

  // A line begins with the time it was made, which alone is no news, but after a while of silence;
  // `more` is none either.
  void print_if_new(std::string line, Time now, const std::string& more = {}) {
    while (line.ends_with('\n')) line.pop_back();
    const std::string news =
        flags_.json ? line : line.substr(std::min(line.size(), line.find(' ')));
    if (news == last_ && (flags_.json || now - printed_at_ < kSilence)) return;
    fmt::print("{}{}\n", line, more);
    last_ = news;
    printed_at_ = now;
  }

  TerminalFlags flags_;
  bool live_;
  std::string last_, advice_, ttl_;
  Time printed_at_{};
};

struct Session {
  asio::io_context loop{1};
  SystemClock clock;
  std::unique_ptr<probes::NetworkTransport> transport;
  std::unique_ptr<monitor::Database> database;
  std::unique_ptr<probes::DotAsker> dot;
  std::unique_ptr<monitor::Watch> watch;
  bool dirty = true;

  void stop() {
    watch->stop();
    transport->cancel_all();
    loop.stop();
  }
};

// Draws when something changed, and once a second for the countdowns; ends at READY where that is
// what was waited for.
asio::awaitable<void> draw(Session& session, probes::DnsName owner, monitor::Policy policy,
                           const WatchFlags& flags) {
  Screen screen(flags.terminal);
  asio::steady_timer pause(session.loop);
  for (int tick = 0;; ++tick) {
    if (session.dirty || tick % 5 == 0) {
      session.dirty = false;
      const Time now = session.clock.now();
      if (const auto report = session.watch->report(owner)) {
        const auto phase = monitor::ttl_phase(*report, policy, now);
        screen.show(
            {dashboards::in_options(*report), dashboards::declare_advice(*report, now),
             phase ? monitor::ttl_sentence(*phase) : std::string(), session.watch->next_look()},
            now);
        if (report->ready() && flags.until == "ready") co_return;
      }
    }
    pause.expires_after(kRedraw);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

// Who sits before it wants to see the change soon: one domain may be looked at that often.
void look_often(monitor::Policy& policy, const DeclaredFlags& declared) {
  for (const std::string& text : declared.policy)
    if (text.starts_with("authority_poll_before=")) return;
  policy.authority_poll_before = std::min(policy.authority_poll_before, policy.authority_poll);
}

int run_watch(const WatchFlags& flags) {
  const auto target = parse_target(flags.domain, flags.expected);
  if (!target) return report_error(target.error());
  auto setup = resolve_dns_flags(flags.dns);
  if (!setup) return report_error(setup.error());
  auto input = declared_input(*target, *setup, flags.declared);
  if (!input) return report_error(input.error());
  look_often(input->policy, flags.declared);

  Session session;
  auto database = monitor::open_database(flags.store, monitor::observation_migrations());
  if (!database) return report_error(database.error());
  session.database = std::move(*database);
  session.transport = probes::make_transport(session.loop.get_executor(), session.clock,
                                             probes::TransportOptions{});
  monitor::WatchOptions options;
  options.delegation = setup->delegation;
  options.fixed_authorities = setup->authorities;
  if (!flags.no_dot) {
    auto asker = probes::make_dot_asker(session.loop.get_executor(), session.clock, flags.dot_ca);
    if (!asker) return report_error(asker.error());
    session.dot = std::move(*asker);
    options.dot = session.dot.get();
  }
  session.watch =
      std::make_unique<monitor::Watch>(session.loop.get_executor(), session.clock,
                                       *session.transport, session.database.get(), options);
  session.watch->on_change([&session](const probes::DnsName&) { session.dirty = true; });

  // Whoever stops it before what it waits for is told so by the code.
  int code = static_cast<int>(flags.until.empty() ? ExitCode::done : ExitCode::blocked);
  asio::signal_set signals(session.loop, SIGINT, SIGTERM);
  signals.async_wait([&session](const std::error_code&, int) { session.stop(); });
  monitor::WatchedOwner owner;
  owner.input = std::move(*input);
  asio::co_spawn(
      session.loop,
      [&]() -> asio::awaitable<void> {
        const auto added = co_await session.watch->add(owner);
        if (!added) {
          code = report_error(added.error());
          session.stop();
          co_return;
        }
        co_await draw(session, target->owner, owner.input.policy, flags);
        code = static_cast<int>(ExitCode::done);
        session.stop();
      },
      asio::detached);
  session.loop.run();
  return code;
}

}  // namespace

void add_watch(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<WatchFlags>();
  flags->store = "sqlite::memory:";
  CLI::App* verb = app.add_subcommand("watch", "look again and again until you stop it");
  verb->add_option("domain", flags->domain, "the domain; U-labels are fine")->required();
  verb->add_option("--expect-mx", flags->expected, "the new MX set: \"10 mx1.a, 20 mx2.a\"")
      ->required();
  verb->add_option("--store", flags->store, "keep what is seen in sqlite:PATH")
      ->capture_default_str();
  verb->add_option("--until", flags->until, "end with exit 0 at: ready")
      ->check(CLI::IsMember({"ready"}));
  add_declared_flags(*verb, flags->declared);
  add_dns_flags(*verb, flags->dns);
  verb->add_flag("--no-dot", flags->no_dot, "don't compare with DNS over TLS (port 853)");
  verb->add_option("--dot-ca", flags->dot_ca, "PEM of authorities beside the system's, for it");
  add_terminal_flags(*verb, flags->terminal);
  verb->footer(
      "Example: mxswitch watch shop.example --expect-mx \"10 mx1.filter.example\" --old-ttl 3600\n"
      "Begin it before the change: what was not seen must be declared or is assumed, by name.\n"
      "Not a terminal: a line a change, and one a minute. --json: one report a line.\n"
      "Exit with --until ready: 0 at READY, 3 when it is stopped before.");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_watch(*flags); }; });
}

}  // namespace mxswitch
