#include "dashboards/server/dashboard_server.h"

#include "dashboards/server/accept.h"
#include "dashboards/server/context.h"
#include "dashboards/server/guard.h"
#include "dashboards/views/json.h"
#include "probes/base/listening_socket.h"
#include "probes/base/secrets.h"

namespace mxswitch::dashboards {
namespace {

// A stream holds a thread for as long as it lives; pages and commands need some beside.
constexpr std::size_t kThreadsBesideStreams = 32;

GuardOptions guard_of(const DashboardOptions& options) {
  return {options.http.address, options.allowed_hosts, !options.http.certificate_file.empty(),
          options.public_host};
}

// Rendered from what lies on the board when a stream asks for it.
EventText newest_text(const orchestrator::SnapshotBoard& board, const std::string& domain) {
  const auto of = [&board, domain](std::function<std::string()> EventText::*form) {
    return [&board, domain, form] {
      const auto snapshot = board.find(domain);
      return snapshot ? (event_text(snapshot).*form)() : json_line({{"domain", domain}});
    };
  };
  return {of(&EventText::full), of(&EventText::brief)};
}

DashboardOptions completed(DashboardOptions options) {
  options.http.threads =
      std::max(options.http.threads, options.max_streams + kThreadsBesideStreams);
  options.http.refuse_tokens_in_clear_text = true;
  options.http.dress = [guard = guard_of(options), frame = page_frame(options.version)](
                           const std::string& accept, ServerResponse& response) {
    if (prefers_html(accept)) show_problem_as_page(frame, response);
    secure(guard, response);
  };
  return options;
}

}  // namespace

struct DashboardServer::Impl {
  Impl(DashboardOptions given, orchestrator::SnapshotBoard& board,
       orchestrator::CommandSink& commands, AckSink& acks, const Clock& clock)
      : options(completed(std::move(given))),
        ring(options.ring_capacity, random_hex(4),
             [&board](const std::string& domain) { return newest_text(board, domain); }),
        recorder(board, ring),
        context{options, board, commands, acks, clock, ring, recorder, ready, streams},
        server(options.http) {}

  void add_routes();

  const DashboardOptions options;
  EventRing ring;
  Recorder recorder;
  std::atomic<bool> ready{false};
  std::atomic<std::size_t> streams{0};
  Context context;
  HttpServer server;
};

void DashboardServer::Impl::add_routes() {
  const GuardOptions guard = guard_of(options);
  const AddRoute add = [&](const std::string& method, const std::string& pattern,
                           const std::string& scope, Handler handler) {
    server.route(method, pattern, scope, guarded(guard, std::move(handler)));
  };
  const bool open = options.http.address == "localhost" || is_loopback(options.http.address);
  const std::string read_scope = open ? "" : "read";
  add_pages(context, read_scope, add);
  add_api(context, read_scope, add);
  add_commands(context, read_scope, add);
  add_events(context, read_scope, add);
}

DashboardServer::DashboardServer(DashboardOptions options, orchestrator::SnapshotBoard& board,
                                 orchestrator::CommandSink& commands, AckSink& acks,
                                 const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), board, commands, acks, clock)) {
  impl_->add_routes();
}

DashboardServer::~DashboardServer() { stop(); }

Result<void> DashboardServer::start() {
  impl_->recorder.scan();
  auto started = impl_->server.start();
  if (!started) return started;
  impl_->recorder.start();
  impl_->ready = true;
  return {};
}

void DashboardServer::record() { impl_->recorder.scan(); }

int DashboardServer::port() const { return impl_->server.port(); }

void DashboardServer::set_ready(bool ready) { impl_->ready = ready; }

void DashboardServer::stop() {
  impl_->ready = false;
  impl_->ring.close();
  impl_->server.stop();
  impl_->recorder.stop();
}

}  // namespace mxswitch::dashboards
