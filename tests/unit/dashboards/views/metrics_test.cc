// Holds /metrics to the conventions of Prometheus: names, units, types, help, bounded labels.
#include "dashboards/views/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "probes/base/time_text.h"
#include "tests/fakes/sample_states.h"

namespace mxswitch::dashboards {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Time kNow = parse_time("2026-11-22T13:51:10Z").value();

ProcessCounts counts() {
  ProcessCounts counts;
  counts.probes = {{"authority", 12}, {"resolver", 34}};
  counts.delayed_probes = 5;
  counts.delay_seconds = 7.5;
  counts.commit_bounds = {0.1, 1};
  counts.commits_within = {3, 4};
  counts.commits = 5;
  counts.commit_seconds = 3.25;
  return counts;
}

std::string metrics_of(const std::vector<Snapshot>& snapshots) {
  std::vector<orchestrator::SnapshotPtr> shared;
  for (const Snapshot& snapshot : snapshots) shared.push_back(fakes::shared(snapshot));
  return render_metrics(shared, kNow, "0.1.0", counts());
}

struct Exposed {
  std::map<std::string, std::string> types, helps;
  std::map<std::string, std::set<std::string>> labels;  // values by label name
  std::vector<std::string> samples;                     // names as they stand on the lines
};

Exposed read(const std::string& text) {
  static const std::regex kLabel("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
  Exposed exposed;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string hash, what, name, rest;
    if (line.starts_with("# ")) {
      words >> hash >> what >> name;
      std::getline(words >> std::ws, rest);
      (what == "TYPE" ? exposed.types : exposed.helps)[name] = rest;
      continue;
    }
    exposed.samples.push_back(line.substr(0, line.find_first_of("{ ")));
    for (auto it = std::sregex_iterator(line.begin(), line.end(), kLabel);
         it != std::sregex_iterator(); ++it)
      exposed.labels[(*it)[1]].insert((*it)[2]);
  }
  return exposed;
}

TEST(Metrics, NamesUnitsAndHelpFollowTheConventions) {
  const Exposed exposed = read(metrics_of({fakes::propagating_snapshot(kNow)}));
  static const std::regex kName("mxswitch_[a-z]+(_[a-z]+)*");
  // Base units only: seconds, ratios; times as timestamps (Prometheus, Metric and label naming).
  static const std::regex kOtherUnit(
      ".*_(ms|milliseconds|minutes|hours|days|percent|kilobytes|at|time)(_total)?");
  EXPECT_GT(exposed.types.size(), 20u);
  for (const auto& [name, type] : exposed.types) {
    EXPECT_TRUE(std::regex_match(name, kName)) << name;
    EXPECT_FALSE(std::regex_match(name, kOtherUnit)) << name;
    EXPECT_EQ(name.ends_with("_total"), type == "counter") << name;
    ASSERT_TRUE(exposed.helps.contains(name)) << name;
    EXPECT_TRUE(exposed.helps.at(name).ends_with(".")) << name << ": " << exposed.helps.at(name);
  }
}

// A value that is not here would make a series of its own for every byte that somebody sends.
TEST(Metrics, LabelsAreBoundedWhateverComesFromOutside) {
  const std::map<std::string, std::size_t> most = {
      {"domain", 1}, {"node", 2},      {"class", 7},  {"state", 13}, {"gate", 12},
      {"fate", 4},   {"condition", 7}, {"kind", 9},   {"sees", 2},   {"version", 1},
      {"le", 3},     {"sender", 3},    {"result", 7}, {"turn", 4},   {"verdict", 4}};
  const std::string text = metrics_of({fakes::hostile_snapshot(kNow)});
  const Exposed exposed = read(text);
  for (const auto& [name, values] : exposed.labels) {
    ASSERT_TRUE(most.contains(name)) << name;
    EXPECT_LE(values.size(), most.at(name)) << name;
  }
  for (const char* foreign : {"192.0.2.11", "198.51.100.1", "Lagoon", "newbie"})
    EXPECT_THAT(text, Not(HasSubstr(foreign)));
  const std::set<std::string> shown = exposed.labels.at("node");
  EXPECT_EQ(shown.size(), 1u) << "node ids are the operator's own";
}

TEST(Metrics, SayWhatASnapshotSays) {
  const std::string text = metrics_of({fakes::propagating_snapshot(kNow)});
  EXPECT_THAT(text, HasSubstr("mxswitch_resolvers{domain=\"shop.example\",class=\"old\"} 2\n"));
  EXPECT_THAT(text,
              HasSubstr("mxswitch_condition_holds{domain=\"shop.example\",condition=\"b\"} 0"));
  EXPECT_THAT(text, HasSubstr("mxswitch_state{domain=\"shop.example\",state=\"propagating\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("mxswitch_gates_closed{domain=\"shop.example\",verdict=\"waits\",turn="
                        "\"time\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("mxswitch_fault{")));
  EXPECT_THAT(metrics_of({fakes::fault_snapshot(kNow)}),
              HasSubstr("mxswitch_fault{domain=\"shop.example\",gate=\"relay\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mxswitch_spf_resolvers{domain=\"shop.example\",sees=\"no\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mxswitch_spf_results{domain=\"shop.example\",sender=\"new\",result="
                              "\"fail\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mxswitch_spf_results{domain=\"shop.example\",sender=\"stranger\","
                              "result=\"fail\"} 6\n"));
  EXPECT_THAT(text,
              HasSubstr("mxswitch_contact_channels{domain=\"shop.example\",condition=\"ok\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE mxswitch_relay_messages_total counter"));
  EXPECT_THAT(text, HasSubstr("mxswitch_ready_earliest_timestamp_seconds{domain=\"shop.example\"} "
                              "1795357930"));
}

TEST(Metrics, SayWhatTheProcessCounts) {
  const std::string text = metrics_of({});
  EXPECT_THAT(text, HasSubstr("mxswitch_probes_total{kind=\"resolver\"} 34\n"));
  EXPECT_THAT(text, HasSubstr("mxswitch_pacer_delay_seconds_total 7.5\n"));
  EXPECT_THAT(text, HasSubstr("mxswitch_store_commit_seconds_bucket{le=\"1\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("mxswitch_store_commit_seconds_bucket{le=\"+Inf\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("mxswitch_store_commit_seconds_sum 3.25\n"));
}

TEST(Metrics, PromtoolHasNothingToSay) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "promtool is not here: apt-get install prometheus";
  const std::string file = testing::TempDir() + "mxswitch-metrics.txt";
  std::ofstream(file) << metrics_of(
      {fakes::propagating_snapshot(kNow), fakes::empty_snapshot(kNow)});
  std::FILE* promtool = ::popen(("promtool check metrics <" + file + " 2>&1").c_str(), "r");
  ASSERT_NE(promtool, nullptr);
  std::string said;
  for (int c = 0; (c = std::fgetc(promtool)) != EOF;) said += static_cast<char>(c);
  EXPECT_EQ(::pclose(promtool), 0) << said;
  EXPECT_EQ(said, "");
  std::remove(file.c_str());
}

}  // namespace
}  // namespace mxswitch::dashboards
