// Judges random worlds with known truth, ours and by naive rules, and holds ours to its bars.
//
//   verdict_bench [--worlds N] [--runs N] [--ordinary N] [--threads N] [--seed N] [--keep DIR]
//                [--only honest|ordinary|mixed|violators|invisible]
//
// Markdown tables to stdout, progress to stderr; exit 1 when a bar is missed.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <thread>

#include "tests/simulation/cost.h"
#include "tests/simulation/trial.h"
#include "tests/simulation/worlds.h"

namespace {

using namespace mxswitch;
using namespace mxswitch::simulation;

struct Options {
  int worlds = 10000, runs = 200, ordinary = 2000, day = 100;
  std::uint64_t seed = 1;
  TrialOptions trial;
  std::string only;
  bool wants(const char* part) const { return only.empty() || only == part; }
};

int missed = 0;

void bar(const char* what, const std::string& figure, bool held) {
  fmt::print("| {} | {} | {} |\n", what, figure, held ? "held" : "**missed**");
  std::fflush(stdout);
  missed += held ? 0 : 1;
}

std::function<void(int, int)> progress(const std::string& part, bool brief) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  return [part, terminal, brief](int done, int all) {
    const int step = brief ? all : std::max(1, all / (terminal ? 200 : 10));
    if (done % step != 0 && done != all) return;
    fmt::print(stderr, "{}{}: {} of {}{}", terminal ? "\r" : "", part, done, all,
               terminal && done != all ? "" : "\n");
  };
}

using Make = std::function<std::string(std::uint64_t)>;

Trial run(const std::string& part, const Make& make, int count, const Options& options,
          TrialOptions trial) {
  trial.progress = progress(part, !trial.naive);
  return run_trial(make, options.seed, count, trial);
}

Trial run(const std::string& part, const Make& make, int count, const Options& options,
          bool naive) {
  TrialOptions trial = options.trial;
  trial.naive = naive;
  return run(part, make, count, options, trial);
}

void print_tables(const char* title, const Trial& trial) {
  fmt::print("\n### {}\n\n{}{}", title, table_head(), table_row("ours", trial.ours));
  for (const auto& [rule, tally] : trial.naive) fmt::print("{}", table_row(to_text(rule), tally));
}

void print_odd(const Trial& trial, const char* of = "") {
  for (const std::string& line : trial.odd)
    if (line.find(of) != std::string::npos) fmt::print(stderr, "  {}\n", line);
}

void print_bars_head() { fmt::print("\n| bar | figure | |\n|---|---|---|\n"); }

// Caches behind one address can't be told apart: one that was seen old while it was allowed to be
// may be missed by the K samples afterwards, as K promises no more.
void bar_last_seen(const Trial& trial) {
  bar("READY while a sampled cache was last seen old, at its address or after strict_until: never",
      fmt::format("{} of {}; caches of a farm, seen old before, that K samples missed: {}",
                  trial.ours.shown_other, trial.ours.runs, trial.ours.farm_missed),
      trial.ours.shown_other == 0);
}

void print_kinds(const Trial& trial) {
  fmt::print("\nOurs by what happens:\n\n{}", table_head());
  for (const auto& [kind, tally] : trial.kinds) fmt::print("{}", table_row(kind, tally));
}

void honest(const Options& options) {
  TrialOptions how = options.trial;
  how.waives = true;  // a resolver that falls silent for good after an old answer
  how.kind = [](std::uint64_t seed) { return std::string(to_text(happening_of(seed))); };
  const auto make = [](std::uint64_t seed) { return honest_world(seed); };
  const Trial trial = run("honest worlds", make, options.worlds, options, how);
  print_odd(trial);
  print_tables("Caches that keep to TTLs, authorities that are all visible", trial);
  print_kinds(trial);
  fmt::print(
      "\nThe bench tries every ten minutes to waive each resolver that "
      "holds "
      "READY back, as a hasty operator would; the program takes a waiver where the definition "
      "allows it. READY with one: {}\n",
      trial.waived);
  print_bars_head();
  int fewest = trial.ours.runs;
  for (const auto& [kind, tally] : trial.kinds) fewest = std::min(fewest, tally.runs);
  bar("worlds of each kind: at least 3 %", fmt::format("{} of the rarest", fewest),
      static_cast<int>(trial.kinds.size()) == static_cast<int>(kHappenings.size()) &&
          fewest * 100 >= trial.ours.runs * 3);
  bar("premature READY: 0",
      fmt::format("{} of {} (95 %: at most {:.3f} %)", trial.ours.premature, trial.ours.runs,
                  100 * share_between(trial.ours.premature, trial.ours.runs).high),
      trial.ours.premature == 0);
  bar_last_seen(trial);
}

// Honest worlds, of whose caches a share keeps to no TTL, sampled or not.
void mixed(const Options& options) {
  const int count = std::max(1, options.worlds / 10);
  const Trial trial = run("mixed worlds", mixed_world, count, options, true);
  TrialOptions how = options.trial;
  how.naive = false;
  how.waives = true;
  const Trial waived = run("mixed worlds, violators waived", mixed_world, count, options, how);
  print_odd(trial, "last seen old");
  print_odd(waived, "last seen old");
  print_tables("Some caches, sampled or not, stretch, are stuck or answer stale", trial);
  fmt::print("{}\nREADY with a waiver: {}\n", table_row("ours, violators waived", waived.ours),
             waived.waived);
  print_bars_head();
  for (const Trial* one : {&trial, &waived}) {
    const Interval interval = share_between(one->above_bound, one->ours.runs);
    bar("READY with a true stale share above the published bound: at most 5 %",
        fmt::format("{} of {} ({:.1f} to {:.1f} %){}", one->above_bound, one->ours.runs,
                    100 * interval.low, 100 * interval.high, one == &waived ? ", waived" : ""),
        one->above_bound * 20 <= one->ours.runs);
    bar_last_seen(*one);
  }
}

void violators(const Options& options) {
  Trial whole;
  double worst = 0;
  std::string worst_text, table;
  for (int number = 0; number < kFixedWorlds; ++number) {
    const Trial trial = run(
        fmt::format("world {} with violators", number + 1),
        [&](std::uint64_t seed) { return violator_world(number, seed); }, options.runs, options,
        false);
    whole.add(trial);
    const double share = static_cast<double>(trial.above_bound) / trial.ours.runs;
    const Interval interval = share_between(trial.above_bound, trial.ours.runs);
    const std::string text = fmt::format("{:.1f} % ({:.1f} to {:.1f} %)", 100 * share,
                                         100 * interval.low, 100 * interval.high);
    table += fmt::format("| {} | {} | {} | {} | {} |\n", number + 1, trial.ours.runs,
                         trial.ours.ready, trial.above_bound, text);
    if (share < worst) continue;
    worst = share;
    worst_text = fmt::format("worst world: {}", text);
  }
  print_tables("50 fixed worlds with violators", whole);
  fmt::print(
      "\n| world | runs | READY | above the bound | share (95 %) |\n|---|---:|---:|---:|---|\n{}",
      table);
  print_bars_head();
  bar("READY above the published bound: at most 5 % of a world's runs", worst_text, worst <= 0.05);
  bar_last_seen(whole);
}

void invisible(const Options& options) {
  TrialOptions how = options.trial;
  how.kind = [](std::uint64_t seed) { return std::string(invisible_cause(seed)); };
  const int count = std::max(kInvisibleCauses, options.worlds / 4);
  const Trial trial = run("invisible causes", invisible_world, count, options, how);
  print_tables("Causes that can't be seen: a class of its own, without a bar", trial);
  print_kinds(trial);
  print_bars_head();
  bar_last_seen(trial);
}

// A resolver that refuses must not cost more than one that answers, nor be asked for ever.
void costs(const Options& options) {
  std::vector<double> shares;
  double failing = 0;
  int ready = 0;
  const int count = std::max(1, options.ordinary / 50);
  for (int i = 0; i < count; ++i) {
    const Cost cost = cost_of_ordinary(options.seed + static_cast<std::uint64_t>(i), 3600);
    failing = std::max(failing, cost.failing_a_day);
    ready += cost.ready ? 1 : 0;
    if (cost.ready) shares.push_back(cost.after / cost.without);
  }
  bar("queries from strict_until to READY + 24 h, against the world without those that refuse: at "
      "most 1.3 x",
      fmt::format("median {:.2f} x, most {:.2f} x of {} worlds", at_share(shares, 0.5),
                  at_share(shares, 1), ready),
      ready == count && at_share(shares, 0.5) <= 1.3);
  bar("queries to a resolver that refuses, within 24 h: at most 300",
      fmt::format("{:.0f}", failing), failing <= 300);
}

void ordinary(const Options& options) {
  const Trial hour = run(
      "ordinary worlds, TTL 3600", [](std::uint64_t s) { return ordinary_world(s, 3600); },
      options.ordinary, options, false);
  const Trial day = run(
      "ordinary worlds, TTL 86400", [](std::uint64_t s) { return ordinary_world(s, 86400); },
      options.day, options, false);
  print_odd(hour);
  print_odd(day);
  print_tables("Ordinary worlds: TTL 3600 (declared), 48 resolvers, 9 refuse, 1 % loss", hour);
  print_tables("The same with TTL 86400", day);
  const double ready = 100.0 * hour.ours.ready / std::max(1, hour.ours.runs);
  const double late = at_share(hour.after_strict, 0.5);
  const double hourly = 100 * at_share(hour.query_shares, 0.5);
  const double daily = 100 * at_share(day.query_shares, 0.5);
  print_bars_head();
  bar("premature READY: 0", fmt::format("{}", hour.ours.premature + day.ours.premature),
      hour.ours.premature + day.ours.premature == 0);
  bar("READY in at least 99.9 % of runs",
      fmt::format("{} of {} ({:.2f} %)", hour.ours.ready, hour.ours.runs, ready), ready >= 99.9);
  bar("median delay after strict_until: at most 130 s",
      fmt::format("{:.1f} s (p95 {:.1f} s)", late, at_share(hour.after_strict, 0.95)), late <= 130);
  bar("queries at TTL 3600 beside the K new answers of each resolver, against one a minute: at "
      "most 25 %",
      fmt::format("median {:.1f} %, p95 {:.1f} %", hourly, 100 * at_share(hour.query_shares, 0.95)),
      hourly <= 25);
  bar("queries at TTL 86400: at most 5 %",
      fmt::format("median {:.2f} %, p95 {:.2f} %", daily, 100 * at_share(day.query_shares, 0.95)),
      daily <= 5);
  costs(options);
}

bool read_number(const char* text, std::uint64_t& value) {
  const char* end = text + std::char_traits<char>::length(text);
  const auto read = std::from_chars(text, end, value);
  return read.ec == std::errc() && read.ptr == end && value > 0 && value < 1000000000;
}

bool read_options(int count, char** arguments, Options& options) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string key = arguments[i];
    std::uint64_t value = 0;
    if (key == "--keep" || key == "--only") {
      (key == "--keep" ? options.trial.keep : options.only) = arguments[i + 1];
      continue;
    }
    if (!read_number(arguments[i + 1], value)) return false;
    if (key == "--worlds")
      options.worlds = static_cast<int>(value);
    else if (key == "--runs")
      options.runs = static_cast<int>(value);
    else if (key == "--ordinary")
      options.ordinary = static_cast<int>(value);
    else if (key == "--threads")
      options.trial.threads = static_cast<unsigned>(value);
    else if (key == "--seed")
      options.seed = value;
    else
      return false;
  }
  options.day = std::max(1, options.ordinary / 20);
  return count % 2 == 1;
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  options.trial.threads = std::max(1U, std::thread::hardware_concurrency());
  if (!read_options(count, arguments, options)) {
    fmt::print(stderr,
               "usage: verdict_bench [--worlds N] [--runs N] [--ordinary N] [--threads N] "
               "[--seed N] [--keep DIR] [--only honest|ordinary|mixed|violators|invisible]\n");
    return 2;
  }
  const auto begun = std::chrono::steady_clock::now();
  if (options.wants("honest")) honest(options);
  if (options.wants("ordinary")) ordinary(options);
  if (options.wants("mixed")) mixed(options);
  if (options.wants("violators")) violators(options);
  if (options.wants("invisible")) invisible(options);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  fmt::print("\nverdict: {} in {:.0f} s on {} threads, first seed {}\n",
             missed == 0 ? "all bars held" : fmt::format("{} bars missed", missed), took.count(),
             options.trial.threads, options.seed);
  return missed == 0 ? 0 : 1;
}
