// export, replay: what was observed of a domain as a file, and the same file judged again.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "deploy/mxswitch/client.h"
#include "deploy/mxswitch/domain_option.h"
#include "deploy/mxswitch/exit_code.h"
#include "deploy/mxswitch/terminal.h"
#include "deploy/mxswitch/verbs.h"
#include "monitor/history/export_stream.h"
#include "monitor/history/replay.h"
#include "monitor/watch/observations.h"
#include "probes/base/time_text.h"

namespace mxswitch {
namespace {

struct ExportFlags {
  ServerFlags server;
  std::string domain, format = "jsonl", since, output, store;
};

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Writes pieces and remembers the end of what it wrote.
class Sink {
 public:
  explicit Sink(File file) : file_(std::move(file)) {}

  bool write(std::string_view piece) {
    std::FILE* out = file_ ? file_.get() : stdout;
    well_ = well_ && std::fwrite(piece.data(), 1, piece.size(), out) == piece.size();
    tail_ =
        (tail_ + std::string(piece))
            .substr(tail_.size() + piece.size() > kTail ? tail_.size() + piece.size() - kTail : 0);
    return well_;
  }

  // An export is whole only with its last line.
  Result<void> finish(const ExportFlags& flags) {
    well_ = std::fflush(file_ ? file_.get() : stdout) == 0 && well_;
    if (!well_)
      return fail(Fault::unavailable, "the export can't be written", flags.output,
                  "is the disk full?");
    const std::size_t last = tail_.rfind('\n', tail_.size() - 2);
    const std::string line = tail_.substr(last == std::string::npos ? 0 : last + 1);
    const bool whole = flags.format == "csv" ? line.find(",end,") != std::string::npos
                                             : line.find("\"kind\":\"end\"") != std::string::npos;
    if (whole) return {};
    return fail(Fault::unavailable, "the export broke off before its end", flags.domain,
                "see the server's log, then export again");
  }

 private:
  static constexpr std::size_t kTail = 64u << 10;
  File file_;
  std::string tail_;
  bool well_ = true;
};

Result<Sink> open_sink(const std::string& path) {
  File file(path.empty() ? nullptr : std::fopen(path.c_str(), "wb"), std::fclose);
  if (!path.empty() && !file)
    return fail(Fault::usage, "the file can't be written", path, "give another --output");
  return Sink(std::move(file));
}

Result<void> export_from_store(const ExportFlags& flags, std::optional<Time> since, Sink& sink) {
  // Opening makes a store that is not there, which is no wish of one who reads.
  const std::string path = flags.store.substr(flags.store.find(':') + 1);
  if (!std::filesystem::exists(path)) {
    return fail(Fault::not_found, "there is no such store", flags.store,
                "give the store of mxswitch.toml, like sqlite:/var/lib/mxswitch/mxswitch.db");
  }
  auto database = monitor::open_database(flags.store, monitor::observation_migrations());
  if (!database) return tl::unexpected(database.error());
  const SystemClock clock;
  auto stream = monitor::ExportStream::open(
      **database, {flags.domain, flags.format == "csv", since, clock.now()});
  if (!stream) return tl::unexpected(stream.error());
  while (true) {
    const auto piece = (*stream)->next();
    if (!piece) return tl::unexpected(piece.error());
    if (!*piece || !sink.write(**piece)) return {};
  }
}

Result<void> export_domain(const ExportFlags& flags) {
  std::optional<Time> since;
  if (!flags.since.empty()) {
    const auto time = parse_time(flags.since);
    if (!time) return fail(Fault::usage, time.error().what, "--since", time.error().mend);
    since = *time;
  }
  auto sink = open_sink(flags.output);
  if (!sink) return tl::unexpected(sink.error());
  const auto done =
      flags.store.empty()
          ? Client(flags.server)
                .stream(fmt::format("/api/v1/switchovers/{}/observations?format={}{}", flags.domain,
                                    flags.format, since ? "&since=" + format_time_ms(*since) : ""),
                        [&sink](std::string_view piece) { return sink->write(piece); })
          : export_from_store(flags, since, *sink);
  if (!done) return done;
  return sink->finish(flags);
}

int replay_file(const std::string& path) {
  const auto file = monitor::read_export(path);
  if (!file) return report_error(file.error());
  const auto replayed = monitor::replay(*file);
  if (!replayed) return report_error(replayed.error());
  std::size_t equal = 0;
  for (const monitor::ReplayedVerdict& verdict : replayed->verdicts) {
    equal += verdict.equal() ? 1 : 0;
    fmt::print("{}  {}  {}\n", format_time(verdict.at), verdict.equal() ? "equal" : "OTHER",
               monitor::gist_text(verdict.found));
    if (!verdict.equal())
      fmt::print("  {}:{} says {}\n", path, verdict.line, monitor::gist_text(verdict.said));
  }
  for (const monitor::Reason& reason : replayed->end.reasons)
    print_text(fmt::format("{}: {}", reason.code, reason.text), "  ");
  fmt::print("{}: {} of {} verdicts are equal, from {} samples\n", file->owner, equal,
             replayed->verdicts.size(), replayed->samples);
  return static_cast<int>(replayed->equal() ? ExitCode::done : ExitCode::drift);
}

}  // namespace

void add_export(CLI::App& app, Chosen& chosen) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App* verb = app.add_subcommand("export", "what was observed of a domain, as a file");
  add_domain(*verb, flags->domain, "the domain being moved")->required();
  verb->add_option("--format", flags->format, "jsonl, which `replay` reads, or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->capture_default_str();
  verb->add_option("--since", flags->since, "leave out what was last seen before this time");
  verb->add_option("--output", flags->output, "a file; without it standard output");
  verb->add_option("--store", flags->store, "read sqlite:PATH itself; no server is asked");
  add_server_flags(*verb, flags->server);
  verb->footer(
      "Example: mxswitch export shop.example --output shop.jsonl\n"
      "EXPORT.md says what each field means.");
  verb->callback([flags, &chosen] {
    chosen.run = [flags] {
      const auto done = export_domain(*flags);
      return done ? 0 : report_error(done.error());
    };
  });
}

void add_replay(CLI::App& app, Chosen& chosen) {
  auto path = std::make_shared<std::string>();
  CLI::App* verb =
      app.add_subcommand("replay", "judge an export again: exit 0 if every verdict is equal");
  verb->add_option("file", *path, "made by mxswitch export")->required();
  verb->footer("Example: mxswitch replay shop.jsonl");
  verb->callback([path, &chosen] { chosen.run = [path] { return replay_file(*path); }; });
}

}  // namespace mxswitch
