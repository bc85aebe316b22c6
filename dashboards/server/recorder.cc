#include "dashboards/server/recorder.h"

#include "dashboards/views/json.h"

namespace mxswitch::dashboards {
namespace {

// How long a stop may wait for the thread; not how fast news travels.
constexpr Duration kLook{200};

}  // namespace

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
  std::uint64_t seen = 0;
  while (!stopping_ && !board_.closed()) {
    const std::uint64_t newest = board_.wait_beyond(seen, kLook);
    if (newest == seen) continue;
    seen = newest;
    scan();
  }
}

void Recorder::scan() {
  std::map<std::string, orchestrator::SnapshotPtr> now;
  for (const auto& snapshot : board_.all()) {
    now[snapshot->domain] = snapshot;
    const auto before = seen_.find(snapshot->domain);
    if (before != seen_.end() && before->second == snapshot) continue;
    add_point(snapshot->domain, share_point(snapshot->report));
    ring_.publish(snapshot->domain, json_line(to_json(*snapshot)),
                  json_line(summary_json(*snapshot)));
  }
  for (const auto& [domain, snapshot] : seen_) {
    if (now.contains(domain)) continue;
    ring_.remove(domain);
    const std::lock_guard lock(mutex_);
    shares_.erase(domain);
  }
  seen_ = std::move(now);
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
