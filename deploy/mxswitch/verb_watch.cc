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
#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verbs.h"
#include "monitor/watch/observations.h"
#include "monitor/watch/watch.h"

namespace mxswitch {
namespace {

struct WatchFlags {
  std::string domain, expected;
  std::string store;
  DnsFlags dns;
  std::string dot_ca;
  bool no_dot = false;
  TerminalFlags terminal;
};

constexpr Duration kRedraw{200};  // at most 5 times a second

// Shows the newest report: a picture that is redrawn on a terminal, a line a change elsewhere.
class Screen {
 public:
  explicit Screen(TerminalFlags flags) : flags_(flags), live_(::isatty(STDOUT_FILENO) != 0) {}

  void show(const monitor::PropagationReport& report, Time now) {
    if (flags_.json) {
      print_if_new(dashboards::json_line(dashboards::to_json(report)));
    } else if (live_) {
      fmt::print("\033[H\033[J{}",
                 dashboards::render_watch(report, now, text_options(flags_, Extent::screen)));
    } else {
      print_if_new(dashboards::render_line(report));
    }
    std::fflush(stdout);
  }

 private:
  // A line begins with the time it was made, which alone is no news.
  void print_if_new(std::string line) {
    while (line.ends_with('\n')) line.pop_back();
    const std::string news =
        flags_.json ? line : line.substr(std::min(line.size(), line.find(' ')));
    if (news != last_) fmt::print("{}\n", line);
    last_ = news;
  }

  TerminalFlags flags_;
  bool live_;
  std::string last_;
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

// Draws when something changed, and once a second for the countdowns.
asio::awaitable<void> draw(Session& session, probes::DnsName owner, TerminalFlags flags) {
  Screen screen(flags);
  asio::steady_timer pause(session.loop);
  for (int tick = 0;; ++tick) {
    if (session.dirty || tick % 5 == 0) {
      session.dirty = false;
      const auto report = session.watch->report(owner);
      if (report) screen.show(*report, session.clock.now());
    }
    pause.expires_after(kRedraw);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

int run_watch(const WatchFlags& flags) {
  const auto target = parse_target(flags.domain, flags.expected);
  if (!target) return report_error(target.error());
  auto setup = resolve_dns_flags(flags.dns);
  if (!setup) return report_error(setup.error());

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

  int code = 0;
  asio::signal_set signals(session.loop, SIGINT, SIGTERM);
  signals.async_wait([&session](const std::error_code&, int) { session.stop(); });
  monitor::WatchedOwner owner;
  owner.input.owner = target->owner;
  owner.input.expected = target->expected;
  owner.input.resolvers = setup->resolvers;
  asio::co_spawn(
      session.loop,
      [&]() -> asio::awaitable<void> {
        const auto added = co_await session.watch->add(owner);
        if (!added) {
          code = report_error(added.error());
          session.stop();
          co_return;
        }
        co_await draw(session, target->owner, flags.terminal);
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
  add_dns_flags(*verb, flags->dns);
  verb->add_flag("--no-dot", flags->no_dot, "don't compare with DNS over TLS (port 853)");
  verb->add_option("--dot-ca", flags->dot_ca, "PEM of authorities beside the system's, for it");
  add_terminal_flags(*verb, flags->terminal);
  verb->footer(
      "Example: mxswitch watch shop.example --expect-mx \"10 mx1.filter.example\"\n"
      "Not a terminal: one line a change. --json: one report a line.");
  verb->callback([flags, &chosen] { chosen.run = [flags] { return run_watch(*flags); }; });
}

}  // namespace mxswitch
