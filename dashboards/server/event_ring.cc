#include "dashboards/server/event_ring.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "probes/base/json_text.h"

namespace mxswitch::dashboards {

Event::Text Event::rendered(Text& kept, const std::function<std::string()>& make) const {
  const std::lock_guard lock(mutex_);
  if (!kept) kept = std::make_shared<const std::string>(head_ + make() + "\n\n");
  return kept;
}

void Event::replace(EventText text) {
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
  full_.reset();
  brief_.reset();
}

EventRing::EventRing(std::size_t capacity, std::string instance, Newest newest)
    : capacity_(std::max<std::size_t>(capacity, 1)),
      instance_(std::move(instance)),
      newest_text_(std::move(newest)) {}

EventRing::Reader::Reader(const EventRing& ring) : ring_(ring) {
  const std::lock_guard lock(ring_.mutex_);
  ++ring_.readers_;
}

EventRing::Reader::~Reader() {
  const std::lock_guard lock(ring_.mutex_);
  --ring_.readers_;
}

EventPtr EventRing::make(const std::string& domain, std::string_view kind, EventText text) {
  const std::uint64_t number = ++last_;
  std::string head = fmt::format("id: {}-{}\nevent: {}\ndata: ", instance_, number, kind);
  return std::make_shared<Event>(number, domain, std::move(head), std::move(text));
}

// One that leaves the ring may still be its domain's newest.
void EventRing::append(EventPtr event) {
  ring_.push_back(std::move(event));
  if (ring_.size() <= capacity_) return;
  const EventPtr left = std::move(ring_.front());
  ring_.pop_front();
  const auto newest = newest_.find(left->domain);
  if (newest != newest_.end() && newest->second == left) left->replace(newest_text_(left->domain));
}

void EventRing::publish(const std::string& domain, EventText text) {
  {
    const std::lock_guard lock(mutex_);
    EventPtr event =
        make(domain, "snapshot", readers_ > 0 ? std::move(text) : newest_text_(domain));
    newest_[domain] = event;
    append(std::move(event));
  }
  news_.notify_all();
}

void EventRing::remove(const std::string& domain) {
  {
    const std::lock_guard lock(mutex_);
    if (newest_.erase(domain) == 0) return;
    const auto text = [data = nlohmann::json{{"domain", domain}}] { return json_text(data); };
    append(make(domain, "removed", {text, text}));
  }
  news_.notify_all();
}

bool EventRing::reaches(std::uint64_t seen) const { return last_ - seen <= ring_.size(); }

EventRing::Batch EventRing::newest_locked() const {
  Batch batch{{}, last_, closed_};
  for (const auto& [domain, event] : newest_) batch.events.push_back(event);
  std::ranges::sort(batch.events, {}, [](const EventPtr& event) { return event->number; });
  return batch;
}

EventRing::Batch EventRing::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_locked();
}

EventRing::Batch EventRing::after(std::uint64_t seen, Duration timeout) const {
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, timeout, [&] { return closed_ || last_ != seen; });
  if (seen > last_ || !reaches(seen)) return newest_locked();
  Batch batch{{}, last_, closed_};
  const auto fresh = static_cast<std::ptrdiff_t>(last_ - seen);
  batch.events.assign(ring_.end() - fresh, ring_.end());
  return batch;
}

std::optional<std::uint64_t> EventRing::position(const std::string& last_event_id) const {
  const std::string prefix = instance_ + "-";
  if (!last_event_id.starts_with(prefix)) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = last_event_id.data() + last_event_id.size();
  const auto [stop, code] = std::from_chars(last_event_id.data() + prefix.size(), end, number);
  const std::lock_guard lock(mutex_);
  if (code != std::errc() || stop != end || number > last_ || !reaches(number)) return std::nullopt;
  return number;
}

void EventRing::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  news_.notify_all();
}

}  // namespace mxswitch::dashboards
