#include "dashboards/server/context.h"

namespace mxswitch::dashboards {
namespace {

// Longer than that without a byte, and proxies take a connection for dead.
constexpr Duration kHeartbeat = seconds(10);

// Counts a stream for as long as anything holds it.
class StreamSlot {
 public:
  explicit StreamSlot(std::atomic<std::size_t>& count) : count_(count) { ++count_; }
  ~StreamSlot() { --count_; }
  StreamSlot(const StreamSlot&) = delete;
  StreamSlot& operator=(const StreamSlot&) = delete;

 private:
  std::atomic<std::size_t>& count_;
};

class Stream {
 public:
  Stream(Context& context, const ServerRequest& request)
      : context_(context), ring_(context.ring), reader_(context.ring) {
    const auto domain = request.query.find("domain");
    if (domain != request.query.end()) domain_ = domain->second;
    brief_ = request.query.contains("brief");
    const auto last = request.headers.find("last-event-id");
    if (last != request.headers.end()) seen_ = ring_.position(last->second);
  }

  bool next(const std::function<bool(std::string_view)>& write) {
    if (!domain_.empty()) context_.board.note_reader(domain_, context_.clock.now());
    if (!greeted_) {
      greeted_ = true;
      // Where nothing was missed, nothing is repeated.
      return write("retry: 2000\n\n") && (seen_ || send(ring_.newest(), write));
    }
    const EventRing::Batch batch = ring_.after(*seen_, kHeartbeat);
    if (batch.closed) return false;
    if (batch.events.empty()) return write("event: alive\ndata: {}\n\n");
    return send(batch, write);
  }

 private:
  bool send(const EventRing::Batch& batch, const std::function<bool(std::string_view)>& write) {
    seen_ = batch.seen;
    for (const auto& event : batch.events) {
      if (!domain_.empty() && event->domain != domain_) continue;
      if (!write(*(brief_ ? event->brief() : event->full()))) return false;
    }
    return !batch.closed;
  }

  Context& context_;
  const EventRing& ring_;
  const EventRing::Reader reader_;
  std::string domain_;
  bool brief_ = false, greeted_ = false;
  std::optional<std::uint64_t> seen_;
};

ServerResponse open_stream(Context& context, const ServerRequest& request) {
  auto slot = std::make_shared<StreamSlot>(context.streams);
  if (context.streams > context.options.max_streams) {
    ServerResponse response =
        problem(503, "Too many streams", "all event streams are taken; ask again later");
    response.headers["Retry-After"] = "5";
    return response;
  }
  ServerResponse response;
  response.content_type = "text/event-stream";
  auto stream = std::make_shared<Stream>(context, request);
  response.stream = [slot, stream](const std::function<bool(std::string_view)>& write) {
    return stream->next(write);
  };
  return response;
}

}  // namespace

void add_events(Context& context, const std::string& read, const AddRoute& add) {
  add("GET", "/api/v1/events", read,
      [&](const ServerRequest& request) { return open_stream(context, request); });
}

}  // namespace mxswitch::dashboards
