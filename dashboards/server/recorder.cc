#include "dashboards/server/recorder.h"

#include "dashboards/views/json.h"

namespace mxswitch::dashboards {
namespace {

// How long a stop may wait for the thread; not how fast news travels.
constexpr Duration kLook{200};

}  // namespace

EventText event_text(const orchestrator::SnapshotPtr& snapshot) {
  return {[snapshot] { return json_line(to_json(*snapshot)); },
          [snapshot] { return json_line(summary_json(*snapshot)); }};
}

Recorder::Recorder(const orchestrator::SnapshotBoard& board, EventRing& ring)
    : board_(board), ring_(ring) {}

Recorder::~Recorder() { stop(); }

void Recorder::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void Recorder::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Recorder::run() {
  while (!stopping_ && !board_.closed()) {
    if (board_.wait_beyond(seen_, kLook) != seen_) scan();
  }
}

void Recorder::scan() {
  const auto changes = board_.changes_beyond(seen_);
  seen_ = changes.newest;
  for (const auto& snapshot : changes.published) {
    add_point(snapshot->domain, share_point(snapshot->report));
    ring_.publish(snapshot->domain, event_text(snapshot));
  }
  for (const auto& domain : changes.removed) {
    ring_.remove(domain);
    const std::lock_guard lock(mutex_);
    shares_.erase(domain);
  }
}

void Recorder::add_point(const std::string& domain, SharePoint point) {
  if (point.counts.empty()) return;
  const std::lock_guard lock(mutex_);
  auto& points = shares_[domain];
  if (!points.empty() && (points.back().counts == point.counts || point.at <= points.back().at)) {
    return;
  }
  points.push_back(std::move(point));
  if (points.size() <= kMostPoints) return;
  std::vector<SharePoint> kept;
  for (std::size_t i = 0; i < points.size(); i += 2) kept.push_back(std::move(points[i]));
  points = std::move(kept);
}

std::vector<SharePoint> Recorder::shares(const std::string& domain) const {
  const std::lock_guard lock(mutex_);
  const auto found = shares_.find(domain);
  return found == shares_.end() ? std::vector<SharePoint>() : found->second;
}

}  // namespace mxswitch::dashboards
