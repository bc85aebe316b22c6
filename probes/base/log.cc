#include "probes/base/log.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>

namespace mxswitch {
namespace {

struct Name {
  std::string_view name;
  spdlog::level::level_enum level;
};
constexpr std::array kNames = {
    Name{"debug", spdlog::level::debug}, Name{"info", spdlog::level::info},
    Name{"warning", spdlog::level::warn}, Name{"error", spdlog::level::err}};

spdlog::logger& logger() {
  static const auto kLogger = [] {
    auto made = std::make_shared<spdlog::logger>("mxswitch",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *kLogger;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return line;
}

Result<void> set_log_level(std::string_view name) {
  for (const Name& each : kNames) {
    if (each.name != name) continue;
    logger().set_level(each.level);
    return {};
  }
  return fail(Fault::usage, fmt::format("\"{}\" is not a log level", printable(name)), {},
              "choose debug, info, warning or error");
}

void log(LogLevel level, std::string_view text) {
  const auto spd_level = kNames[static_cast<std::size_t>(level)].level;
  if (logger().should_log(spd_level)) logger().log(spd_level, printable(text));
}

}  // namespace mxswitch
