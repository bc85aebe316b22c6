#include "monitor/watch/scheduler.h"

#include <algorithm>

namespace mxswitch::monitor {
namespace {

// Four children lie in one cache line and halve the depth of the heap.
constexpr std::size_t kChildren = 4;

}  // namespace

void Scheduler::place(std::size_t position, WakeUp wake_up) {
  heap_[position] = wake_up;
  positions_[wake_up.owner] = static_cast<std::uint32_t>(position + 1);
}

void Scheduler::rise(std::size_t position, WakeUp wake_up) {
  while (position > 0) {
    const std::size_t parent = (position - 1) / kChildren;
    if (!(wake_up < heap_[parent])) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, wake_up);
}

void Scheduler::sink(std::size_t position, WakeUp wake_up) {
  for (;;) {
    const std::size_t first = position * kChildren + 1;
    if (first >= heap_.size()) break;
    const auto begin = heap_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end =
        heap_.begin() + static_cast<std::ptrdiff_t>(std::min(first + kChildren, heap_.size()));
    const auto least = std::min_element(begin, end);
    if (!(*least < wake_up)) break;
    place(position, *least);
    position = static_cast<std::size_t>(least - heap_.begin());
  }
  place(position, wake_up);
}

void Scheduler::set(OwnerNumber owner, Time at) {
  if (owner >= positions_.size()) positions_.resize(owner + 1, 0);
  const WakeUp wake_up{at, owner};
  if (positions_[owner] == 0) {
    heap_.push_back(wake_up);
    return rise(heap_.size() - 1, wake_up);
  }
  const std::size_t position = positions_[owner] - 1;
  if (wake_up < heap_[position])
    rise(position, wake_up);
  else
    sink(position, wake_up);
}

void Scheduler::remove_at(std::size_t position) {
  positions_[heap_[position].owner] = 0;
  const WakeUp last = heap_.back();
  heap_.pop_back();
  if (position == heap_.size()) return;
  if (position > 0 && last < heap_[(position - 1) / kChildren])
    rise(position, last);
  else
    sink(position, last);
}

void Scheduler::erase(OwnerNumber owner) {
  if (owner < positions_.size() && positions_[owner] != 0) remove_at(positions_[owner] - 1);
}

std::optional<Time> Scheduler::next() const {
  return heap_.empty() ? std::nullopt : std::optional(heap_.front().at);
}

std::vector<OwnerNumber> Scheduler::take_due(Time now, std::size_t most) {
  std::vector<OwnerNumber> due;
  while (due.size() < most && !heap_.empty() && heap_.front().at <= now) {
    due.push_back(heap_.front().owner);
    remove_at(0);
  }
  return due;
}

}  // namespace mxswitch::monitor
