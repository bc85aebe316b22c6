// What the handlers share.
#pragma once

#include <atomic>

#include "dashboards/server/dashboard_server.h"
#include "dashboards/server/event_ring.h"
#include "dashboards/server/recorder.h"
#include "dashboards/views/page.h"

namespace mxswitch::dashboards {

struct Context {
  const DashboardOptions& options;
  orchestrator::SnapshotBoard& board;
  orchestrator::CommandSink& commands;
  AckSink& acks;
  const Clock& clock;
  EventRing& ring;
  Recorder& recorder;
  std::atomic<bool>& ready;
  std::atomic<std::size_t>& streams;
};

// Adds a route behind the guards; `scope` as in HttpServer::route.
using AddRoute = std::function<void(const std::string& method, const std::string& pattern,
                                    const std::string& scope, Handler handler)>;

PageFrame page_frame(const std::string& version);
// Problem details (RFC 9457) become a page that says the same; other answers stay what they are.
void show_problem_as_page(const PageFrame& frame, ServerResponse& response);

void add_api(Context& context, const std::string& read_scope, const AddRoute& add);
void add_commands(Context& context, const std::string& read_scope, const AddRoute& add);
void add_events(Context& context, const std::string& read_scope, const AddRoute& add);
void add_pages(Context& context, const std::string& read_scope, const AddRoute& add);

// The snapshot of the domain in the path, however its letters are written; null if none.
orchestrator::SnapshotPtr find_snapshot(const Context& context, const std::string& domain);
ServerResponse json_response(int status, const nlohmann::json& body);
ServerResponse unknown_domain(const std::string& domain);

}  // namespace mxswitch::dashboards
