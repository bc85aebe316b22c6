// Everything that keeps a gate of the monitor's shut, over all owners: each reason with what it
// asks for, the worst first, and when time alone opens it. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "orchestrator/gates/reason_turn.h"

namespace mxswitch::orchestrator {

class Found {
 public:
  explicit Found(const monitor::Policy& policy) : policy_(policy) {}

  // `name`: "A", "B", ... for the evidence.
  void add(const monitor::PropagationReport& report, const char* name,
           const monitor::Condition& condition);
  // Conditions that hold during the settle time are not a pass yet.
  void add_settle(const monitor::PropagationReport& report, Time now);

  bool closed() const { return closed_; }
  Asked asked() const { return reasons_.empty() ? Asked() : reasons_.front().second; }
  std::vector<monitor::Reason> reasons() const;  // worst first
  std::optional<Time> earliest() const;          // none where it is somebody's turn
  const nlohmann::json& evidence() const { return evidence_; }

 private:
  void note(const monitor::Reason& reason, Asked asked);
  void later(const std::optional<Time>& t);

  const monitor::Policy& policy_;
  bool closed_ = false;
  std::vector<std::pair<monitor::Reason, Asked>> reasons_;
  nlohmann::json evidence_ = nlohmann::json::array();
  std::optional<Time> earliest_;
};

}  // namespace mxswitch::orchestrator
