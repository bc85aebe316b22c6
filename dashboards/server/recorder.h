// Follows the board on a thread of its own: makes what is published there an event, which is
// rendered once, however many streams there are, and not at all where nobody reads it; and keeps
// how the shares of the classes went, for the chart.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "dashboards/server/event_ring.h"
#include "dashboards/views/page.h"
#include "orchestrator/switchover/snapshot_board.h"

namespace mxswitch::dashboards {

EventText event_text(const orchestrator::SnapshotPtr& snapshot);

class Recorder {
 public:
  Recorder(const orchestrator::SnapshotBoard& board, EventRing& ring);
  ~Recorder();

  void start();
  void stop();
  // Takes over what is new on the board; the thread calls it after each publish.
  void scan();
  // Oldest first; only changes are kept, and every second one goes where there are too many.
  std::vector<SharePoint> shares(const std::string& domain) const;

  static constexpr std::size_t kMostPoints = 400;

 private:
  void run();
  void add_point(const std::string& domain, SharePoint point);

  const orchestrator::SnapshotBoard& board_;
  EventRing& ring_;
  std::uint64_t seen_ = 0;  // of the scanning thread alone
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<SharePoint>> shares_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace mxswitch::dashboards
