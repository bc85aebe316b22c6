// The newest events, each one shared string, for any number of streams. There is no queue a
// client: a slow reader that fell behind the ring skips to the newest event of each domain.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "probes/base/clock.h"

namespace mxswitch::dashboards {

struct Event {
  std::uint64_t number = 0;
  std::string domain;
  std::string full, brief;  // as they are sent: "id: ...\nevent: ...\ndata: ...\n\n"
};
using EventPtr = std::shared_ptr<const Event>;

class EventRing {
 public:
  // `instance` stands in every id, so that the number of another run is never taken for ours.
  EventRing(std::size_t capacity, std::string instance);

  void publish(const std::string& domain, const std::string& full_json,
               const std::string& brief_json);
  void remove(const std::string& domain);

  struct Batch {
    std::vector<EventPtr> events;  // in order
    std::uint64_t seen = 0;        // pass this to the next call
    bool closed = false;
  };
  // What came after `seen`; waits up to `timeout` for something.
  Batch after(std::uint64_t seen, Duration timeout) const;
  // The newest event of each domain: where a new or lost stream begins.
  Batch newest() const;
  // The number in a Last-Event-ID of this run that the ring still reaches back to; else none.
  std::optional<std::uint64_t> position(const std::string& last_event_id) const;

  void close();  // wakes all who wait

 private:
  EventPtr make(const std::string& domain, std::string_view kind, const std::string& full_json,
                const std::string& brief_json);
  void append(EventPtr event);
  Batch newest_locked() const;
  bool reaches(std::uint64_t seen) const;

  const std::size_t capacity_;
  const std::string instance_;
  mutable std::mutex mutex_;
  mutable std::condition_variable news_;
  std::deque<EventPtr> ring_;
  std::map<std::string, EventPtr> newest_;
  std::uint64_t last_ = 0;
  bool closed_ = false;
};

}  // namespace mxswitch::dashboards
