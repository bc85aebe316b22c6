#include "monitor/history/export_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "monitor/history/export_lines.h"
#include "monitor/history/repeats.h"
#include "probes/base/json_text.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = 512u << 20;
constexpr const char* kMend = "export the domain again: mxswitch export DOMAIN --output FILE";

constexpr int kMostNested = 64;  // real ones have 9; what writes JSON calls itself for each

bool is_too_deep(std::string_view line) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
    if (depth > kMostNested) return true;
  }
  return false;
}

// Reads lines in their order; the first that does not fit ends it.
class Reader {
 public:
  explicit Reader(const std::string& name) { file_.name = name; }

  Result<ExportFile> read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      try {
        if (is_too_deep(text.substr(0, end))) return refuse("nested too deep");
        take(json::parse(text.substr(0, end)));
      } catch (const std::exception& error) {
        return refuse(error.what());
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (line_ == 0) return refuse("the file is empty");
    if (!ended_) return refuse("the file ends before its \"end\" line");
    sort_steps(file_.steps);
    if (!add_repeats(file_.steps))
      return refuse("the runs count more repetitions than a replay can hold");
    return std::move(file_);
  }

 private:
  Failure refuse(const std::string& what) const {
    return fail(Fault::usage, what, fmt::format("{}:{}", file_.name, std::max(line_, 1ul)), kMend);
  }

  void take(json line) {
    if (ended_) throw std::runtime_error("a line after the \"end\" line");
    const auto kind = line.at("kind").get<std::string>();
    if ((line_ == 1) != (kind == "header"))
      throw std::runtime_error(line_ == 1 ? "the first line must be the header of an export"
                                          : "a second header");
    if (kind == "header") return take_header(line);
    if (kind == "resolvers") {
      file_.lists[line.at("digest").get<std::string>()] = resolvers_from_json(line.at("list"));
      return;
    }
    if (line.contains("samples")) return take_run(kind, line);
    ended_ = kind == "end";
    ExportStep step;
    step.seq = line.at("seq").get<std::uint64_t>();
    step.line = line_;
    step.kind = kind;
    step.at = time_of(line.at("at"));
    step.event = std::move(line);
    file_.steps.push_back(std::move(step));
  }

  void take_header(const json& line) {
    if (line.at("format") != kExportFormat)
      throw std::runtime_error(fmt::format("not the format \"{}\"", kExportFormat));
    const int version = line.at("version").get<int>();
    if (version != kExportVersion)
      throw std::runtime_error(
          fmt::format("version {} is not known here, only {}", version, kExportVersion));
    file_.owner = line.at("owner").get<std::string>();
    file_.partial = !line.at("since_at").is_null();
    for (const auto& [digest, list] : line.at("resolvers").items())
      file_.lists[digest] = resolvers_from_json(list);
  }

  void take_run(const std::string& kind, const json& line) {
    ExportStep step;
    step.line = line_;
    step.kind = kind;
    Sighting sighting;
    sighting.kind = kind;
    sighting.server = line.at("server").get<std::string>();
    sighting.answer = json_text(line.at("answer"));
    for (const json& sample : line.at("samples")) {
      sighting.moment = moment_of(sample);
      step.seq = sighting.moment.seq;
      step.at = sighting.moment.received_at;
      step.sighting = sighting;
      file_.steps.push_back(step);
    }
    if (!line.at("whole").get<bool>())
      file_.dropped_until = std::max(file_.dropped_until, step.seq);
  }

  static Time time_of(const json& text) {
    const auto time = parse_time(text.get<std::string>());
    if (!time) throw std::runtime_error(time.error().text());
    return *time;
  }

  static Moment moment_of(const json& sample) {
    return {sample.at(0).get<std::uint64_t>(), time_of(sample.at(1)),
            Duration(sample.at(2).get<std::int32_t>()), sample.at(3).get<std::uint32_t>(),
            sample.at(4).get<std::uint32_t>()};
  }

  ExportFile file_;
  std::size_t line_ = 0;
  bool ended_ = false;
};

}  // namespace

Result<ExportFile> parse_export(std::string_view text, const std::string& name) {
  return Reader(name).read(text);
}

Result<ExportFile> read_export(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Fault::usage, "the file can't be read", path, "give an existing export");
  std::string text;
  constexpr std::size_t kPiece = 1u << 20;
  while (file && text.size() <= kMostBytes) {
    const std::size_t before = text.size();
    text.resize(before + kPiece);
    file.read(text.data() + before, kPiece);
    text.resize(before + static_cast<std::size_t>(file.gcount()));
  }
  if (text.size() > kMostBytes)
    return fail(Fault::usage, "an export of more than 512 MiB is not read", path);
  return parse_export(text, path);
}

}  // namespace mxswitch::monitor
