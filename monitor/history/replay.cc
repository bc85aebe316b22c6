#include "monitor/history/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "monitor/propagation/propagation.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using nlohmann::json;

template <class T>
T take(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Time time_of(const json& text) { return take(parse_time(text.get<std::string>())); }

constexpr Duration kFarthest = std::chrono::hours(24 * 366 * 10'000);

// As clock_to_json of the cores wrote it.
ClockReading reading_of(const json& saved) {
  const auto ms = [&](const char* name) {
    const auto count = saved.at(name).get<std::int64_t>();
    if (count < -kFarthest.count() || count > kFarthest.count())
      throw std::runtime_error(fmt::format("{}: {} is no time", name, count));
    return Duration(count);
  };
  ClockReading clock;
  clock.now = Time(ms("now_ms"));
  clock.wall = Time(ms("wall_ms"));
  clock.boot_time = ms("boot_time");
  clock.boot_id = saved.at("boot_id").get<std::string>();
  clock.synchronised = saved.at("synchronised").get<bool>();
  clock.error = ms("error");
  return clock;
}

bool is_anchor(const ExportStep& step) {
  return step.kind == "begin" || (step.kind == "plan" && step.event.contains("state"));
}

class Player {
 public:
  explicit Player(const ExportFile& file) : file_(file) {}

  Result<Replay> play() {
    const auto first = std::find_if(file_.steps.begin(), file_.steps.end(), [&](const auto& step) {
      return is_anchor(step) && step.seq > file_.dropped_until;
    });
    if (file_.partial || first == file_.steps.end())
      return fail(Fault::usage,
                  file_.partial ? "an export made with --since lacks what came before"
                                : "retention has dropped what a replay would begin with",
                  file_.name, "export the whole domain: mxswitch export DOMAIN");
    result_.skipped = static_cast<std::size_t>(first - file_.steps.begin());
    for (auto step = first; step != file_.steps.end(); ++step) {
      try {
        take_step(*step);
      } catch (const std::exception& error) {
        return fail(Fault::usage, error.what(), fmt::format("{}:{}", file_.name, step->line));
      }
    }
    return std::move(result_);
  }

 private:
  void take_step(const ExportStep& step) {
    if (step.kind == "begin") return begin(step.event);
    if (!core_) return begin(step.event);  // an anchor too
    if (step.sighting) {
      ++result_.samples;
      return take(feed(*core_, *step.sighting));
    }
    if (step.kind == "verdict" || step.kind == "end") return compare(step);
    if (step.kind == "plan") return core_->replace_input(input(step.event), time(step.event));
    if (step.kind == "restart") return restart(step.event);
    if (step.kind == "waive") return waive(step.event);
    if (step.kind == "unwaive")
      core_->unwaive(take(Endpoint::parse(step.event.at("resolver").get<std::string>())));
  }

  static Time time(const json& event) { return time_of(event.at("at")); }

  PropagationInput input(const json& event) const {
    return input_from_json(event.at("input"), file_.lists);
  }

  void begin(const json& event) {
    if (!event.contains("state")) {
      core_.emplace(input(event), time(event));
      return;
    }
    const json& state = event.at("state");
    const ClockReading saved = reading_of(state.at("clock"));  // this very moment: no time passed
    core_ = take(Propagation::restore(input(event), state, saved));
  }

  void restart(const json& event) {
    const ClockReading before = reading_of(event.at("saved"));
    const ClockReading after = reading_of(event.at("clock"));
    std::optional<json> watched_until;
    if (!event.at("watched_until").is_null()) watched_until = event.at("watched_until");
    core_ = take(Propagation::restore(event.contains("input") ? input(event) : core_->input(),
                                      core_->save(before), after, watched_until));
  }

  void waive(const json& event) {
    std::optional<Time> until;
    if (event.contains("until_at")) until = time_of(event.at("until_at"));
    take(core_->waive(take(Endpoint::parse(event.at("resolver").get<std::string>())),
                      event.at("reason").get<std::string>(), until, time(event)));
  }

  void compare(const ExportStep& step) {
    ReplayedVerdict verdict;
    verdict.line = step.line;
    verdict.at = time(step.event);
    verdict.said = gist_from_json(step.event);
    result_.end = core_->report(verdict.at);
    verdict.found = gist_of(result_.end);
    result_.verdicts.push_back(std::move(verdict));
  }

  const ExportFile& file_;
  std::optional<Propagation> core_;
  Replay result_;
};

}  // namespace

bool Replay::equal() const {
  return !verdicts.empty() && std::all_of(verdicts.begin(), verdicts.end(),
                                          [](const auto& verdict) { return verdict.equal(); });
}

Result<Replay> replay(const ExportFile& file) { return Player(file).play(); }

}  // namespace mxswitch::monitor
