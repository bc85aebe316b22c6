// What one owner's cores took and said, rolled up so that rows grow with changes and not with
// probes, and so that a replay of the rows arrives at the same verdicts. Pure; one thread.
//
// Equal answers of one server make one run. Every sample goes through a window of its server's
// newest; the whole window is kept for good when a sample taught the cores something
// (Propagation::revision) or when the verdict changed, since that rested on it. What leaves the
// window without either repeated what was known and is only counted.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "monitor/history/input_json.h"
#include "monitor/history/row.h"
#include "monitor/history/shared_texts.h"
#include "monitor/history/verdict_gist.h"

namespace mxswitch::monitor {

// Lists of resolvers that rows name by digest; many owners share one.
class ListIndex {
 public:
  struct Entry {
    std::string digest;
    std::optional<std::string> fresh;  // JSON, the first time that the list is asked for
  };
  Entry of(const probes::ResolverList& list);

 private:
  std::map<const probes::Resolver*, std::pair<probes::ResolverList, std::string>> known_;
};

class History {
 public:
  static constexpr std::size_t kMostOpenRuns = 8;  // of one server
  static constexpr std::size_t kMostKept = 512;    // samples of one row; then another begins
  static constexpr Duration kRunGap = std::chrono::hours(24);  // silence that ends a run

  bool begun() const { return begun_; }
  // The first event. `state`: of Propagation::save, when the cores know more than the rows tell.
  void begin(const PropagationInput& input, ListIndex& lists, Time at,
             const std::optional<nlohmann::json>& state);
  // The process was started again: the clocks that Propagation::restore was given.
  void restarted(const PropagationInput& input, ListIndex& lists, Time at, nlohmann::json clocks);
  // The plan was changed, or not: an equal input is no event. `state`: before the change, where
  // the expected set is another; a replay can begin there.
  void plan(const PropagationInput& input, ListIndex& lists, Time at,
            const std::optional<nlohmann::json>& state);
  void waived(const Endpoint& resolver, const std::string& reason, std::optional<Time> until,
              Time at);
  void unwaived(const Endpoint& resolver, Time at);
  void left(Time at);

  // `material`: it raised the revision. `calm`: no change is under way or READY stands long, so
  // what a resolver repeats proves nothing new.
  void note(const Sighting& sighting, bool material, bool calm);
  // Adds a row when the verdict, its codes, the bound or the waivers are others than before.
  void follow(const PropagationReport& report);
  std::optional<Time> ready_since() const { return ready_since_; }

  // Rows that changed since the last take(), by seq; runs that go on are handed out again later.
  std::vector<ObservationRow> take();
  void put_back(std::vector<ObservationRow> rows);  // they could not be kept
  // Of them, those that must not wait.
  std::size_t urgent() const { return rows_.size() + urgent_.size(); }

  // What is kept beside the rows in the same transaction: where they end, and the verdict that
  // they lead to at `now.at`. restore() throws nlohmann::json::exception or std::runtime_error.
  nlohmann::json head(const PropagationReport& now) const;
  static History restore(const nlohmann::json& head, std::vector<ObservationRow> open);

 private:
  // Of a Sighting; only an authority's answer has them.
  struct Details {
    std::string occasional, site, set;
  };
  struct Run {
    const std::string* key = nullptr;  // of servers_: says the row's kind and server
    Observed row;                      // without the body and the moments of the window
    SharedText answer;                 // the body: resolvers that agree share it
    std::unique_ptr<Details> apart;    // null: all blank, as of most runs
    std::uint32_t repeats = 0;         // left the window since the newest kept moment

    const Details& details() const;
    void set_details(Details details);
  };
  struct Server {
    std::vector<std::uint64_t> runs;                       // open ones, the most recently used last
    std::vector<std::pair<std::uint64_t, Moment>> window;  // oldest first
    std::uint32_t largest_ttl = 0;
  };

  Run& run_of(Server& server, const Sighting& sighting);
  Run* find_run(Server& server, const Sighting& sighting);
  void end_others(Server& server, const Sighting& sighting);
  void close(Server& server, std::uint64_t seq);
  void keep_window(Server& server);
  static void append(Observed& row, Moment moment, std::uint32_t& repeats);
  void trim(Server& server, bool is_resolver, Time now);
  ObservationRow rendered(const Run& run) const;
  static std::string key_of(const std::string& kind, const std::string& server);
  ObservationRow& event(std::string kind, Time at, nlohmann::json body, Mark mark = Mark::none);
  nlohmann::json input_body(const PropagationInput& input, ListIndex& lists);
  void follow_policy(const Policy& policy);

  bool begun_ = false;
  std::uint64_t next_seq_ = 1;
  std::string input_;  // JSON, as last recorded
  std::optional<VerdictGist> gist_;
  std::optional<Time> ready_since_;
  Policy policy_;

  std::map<std::string, Server> servers_;
  std::map<std::uint64_t, Run> open_;
  SharedTexts answers_;                     // of the open ones
  std::set<std::uint64_t> dirty_, urgent_;  // of the open ones
  std::vector<ObservationRow> rows_;        // events and ended runs
};

}  // namespace mxswitch::monitor
