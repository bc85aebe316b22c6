// The newest events for any number of streams. Each is rendered when the first stream asks for it,
// and shared by all. There is no queue a client: a slow reader that fell behind the ring skips to
// the newest event of each domain. While nobody reads, an event holds nothing: it says what is so
// when it is asked for.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "probes/base/clock.h"

namespace mxswitch::dashboards {

// The data of an event as JSON on one line, made when it is asked for; called from any thread.
struct EventText {
  std::function<std::string()> full, brief;
};

class Event {
 public:
  using Text = std::shared_ptr<const std::string>;

  Event(std::uint64_t its_number, std::string its_domain, std::string head, EventText text)
      : number(its_number),
        domain(std::move(its_domain)),
        head_(std::move(head)),
        text_(std::move(text)) {}

  // As they are sent: "id: ...\nevent: ...\ndata: ...\n\n".
  Text full() const { return rendered(full_, text_.full); }
  Text brief() const { return rendered(brief_, text_.brief); }
  // Lets go of what it was made of and rendered to.
  void replace(EventText text);

  const std::uint64_t number;
  const std::string domain;

 private:
  Text rendered(Text& kept, const std::function<std::string()>& make) const;

  const std::string head_;
  mutable std::mutex mutex_;
  EventText text_;
  mutable Text full_, brief_;
};
using EventPtr = std::shared_ptr<Event>;

class EventRing {
 public:
  // What a domain's event says that fell out of the ring, or that nobody was there for: the newest,
  // from where it lies anyway.
  using Newest = std::function<EventText(const std::string& domain)>;

  // `instance` stands in every id, so that the number of another run is never taken for ours.
  EventRing(std::size_t capacity, std::string instance, Newest newest);

  // For as long as somebody reads, events keep what they were made of.
  class Reader {
   public:
    explicit Reader(const EventRing& ring);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

   private:
    const EventRing& ring_;
  };

  void publish(const std::string& domain, EventText text);
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
  EventPtr make(const std::string& domain, std::string_view kind, EventText text);
  void append(EventPtr event);
  Batch newest_locked() const;
  bool reaches(std::uint64_t seen) const;

  const std::size_t capacity_;
  const std::string instance_;
  const Newest newest_text_;
  mutable std::mutex mutex_;
  mutable std::size_t readers_ = 0;
  mutable std::condition_variable news_;
  std::deque<EventPtr> ring_;
  std::map<std::string, EventPtr> newest_;
  std::uint64_t last_ = 0;
  bool closed_ = false;
};

}  // namespace mxswitch::dashboards
