// Every world is also kept as a history, exported, read back and judged again: each verdict that
// was said on the way must come out once more, whatever the roll-up left out.
#include "monitor/history/replay.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "monitor/history/export_lines.h"
#include "monitor/history/history.h"
#include "monitor/simulation/run.h"
#include "tests/scenarios/files.h"

namespace mxswitch::monitor::simulation {
namespace {

// Keeps what a run gives to the cores as the watcher would; saves now and then, as it does.
class Keeper final : public Witness {
 public:
  void began(const PropagationInput& input, Time now) override {
    input_ = input;
    history_.begin(input, lists_, now, std::nullopt);
  }
  void enumerated(const simulation::Enumerated& found, const Propagation& core, Time now) override {
    WalkResult walk;
    walk.endpoints = found.endpoints;
    walk.companions = found.companions;
    walk.ns_ttl = found.ns_ttl;
    walk.signed_zone = found.signed_zone;
    note(sighting_of(walk, now), core, now);
  }
  void took(const Sample& sample, const Propagation& core, Time) override {
    std::visit([&](const auto& s) { note(sighting_of(s), core, s.received_at); }, sample);
  }
  void waived(const Endpoint& resolver, const std::string& reason, Time now) override {
    history_.waived(resolver, reason, std::nullopt, now);
  }
  void planned(const PropagationInput& input, const Propagation& core, Time now) override {
    input_ = input;
    history_.plan(input, lists_, now,
                  core.save({now, now, Duration(0), "replay", true, Duration(0)}));
  }
  // A new process knows what the rows say, and no more.
  void restarted(const PropagationInput& input, nlohmann::json saved, nlohmann::json restored,
                 Time now) override {
    save();
    std::vector<ObservationRow> open;
    for (const auto& [seq, row] : rows_)
      if (row.open) open.push_back(row);
    history_ = History::restore(nlohmann::json::parse(head_.dump()), std::move(open));
    revision_ = 0;
    input_ = input;
    history_.restarted(
        input, lists_, now,
        {{"saved", std::move(saved)}, {"clock", std::move(restored)}, {"watched_until", nullptr}});
  }
  void reported(const PropagationReport& report) override {
    history_.follow(report);
    report_ = report;
  }

  std::size_t rows() const { return rows_.size(); }
  std::size_t samples() const { return samples_; }
  std::size_t kept() const {
    std::size_t kept = 0;
    for (const auto& [seq, row] : rows_) kept += row.moments.size();
    return kept;
  }

  std::string exported() {
    save();
    ExportHead head;
    head.owner = input_.owner.text();
    head.exported_at = report_.at;
    head.head = head_;
    const auto list = lists_.of(input_.resolvers);
    head.input = input_json(input_, list.digest);
    head.resolvers_digest = list.digest;
    head.resolvers = resolvers_json(input_.resolvers);
    const auto next_seq = head_.at("next_seq").get<std::uint64_t>();
    std::string text = header_line(head);
    for (const auto& [seq, row] : rows_) text += row_line(row, next_seq);
    return text + end_line(head_);
  }

 private:
  void note(const Sighting& sighting, const Propagation& core, Time now) {
    ++samples_;
    const auto ready = history_.ready_since();
    const bool calm = !core.active(now) || (ready && now - *ready >= std::chrono::hours(1));
    history_.note(sighting, core.revision() != revision_, calm);
    revision_ = core.revision();
    if (samples_ % 100 == 0) save();
  }

  // As rows are written: what cannot be kept the first time is handed out again.
  void save() {
    history_.put_back(history_.take());
    head_ = history_.head(report_);
    for (ObservationRow& row : history_.take()) {
      const auto moments = parse_moments(moments_text(row.moments));
      EXPECT_EQ(*moments, row.moments);
      if (row.kind != "resolvers") rows_[row.seq] = std::move(row);
    }
  }

  PropagationInput input_;
  ListIndex lists_;
  History history_;
  PropagationReport report_;
  nlohmann::json head_;
  std::map<std::uint64_t, ObservationRow> rows_;
  std::uint64_t revision_ = 0;
  std::size_t samples_ = 0;
};

void expect_same(const Replay& replayed, const std::string& name) {
  EXPECT_FALSE(replayed.verdicts.empty());
  for (const ReplayedVerdict& verdict : replayed.verdicts)
    EXPECT_TRUE(verdict.equal()) << name << ":" << verdict.line << "\n  said  "
                                 << gist_text(verdict.said) << "\n  found "
                                 << gist_text(verdict.found);
}

class Replays : public testing::TestWithParam<std::string> {};

TEST_P(Replays, EveryVerdictComesOutAgain) {
  const std::string name = file_name(GetParam());
  auto scenario = read_scenario(GetParam());
  ASSERT_TRUE(scenario) << scenario.error().text();
  const char* wanted = std::getenv("MXSWITCH_SEEDS");
  const std::uint64_t seeds = wanted ? std::strtoull(wanted, nullptr, 10) : 1;
  for (std::uint64_t seed = scenario->seed; seed < scenario->seed + seeds; ++seed) {
    auto world = *scenario;
    world.seed = seed;
    world.expectations.clear();
    Keeper keeper;
    run_scenario(world, name, {.witness = &keeper});
    const auto file = parse_export(keeper.exported(), name + ".jsonl");
    ASSERT_TRUE(file) << file.error().text();
    const auto replayed = replay(*file);
    ASSERT_TRUE(replayed) << replayed.error().text();
    expect_same(*replayed, name);
    if (std::getenv("MXSWITCH_TIMELINE"))
      fmt::print("{}: {} samples, {} rows, {} samples kept, {} verdicts\n", name, keeper.samples(),
                 keeper.rows(), keeper.kept(), replayed->verdicts.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Replays, testing::ValuesIn(scenario_files()), test_name);

}  // namespace
}  // namespace mxswitch::monitor::simulation
