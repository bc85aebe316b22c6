// The HTTP side of `mxswitch serve`: page, API, event stream, metrics. It shows what lies on the
// SnapshotBoard and hands commands on; it knows nothing that a snapshot does not say.
// Handlers run on the HTTP server's threads; start() and stop() are called by one owner.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dashboards/views/metrics.h"
#include "orchestrator/switchover/command.h"
#include "orchestrator/switchover/snapshot_board.h"
#include "probes/base/clock.h"
#include "probes/base/http_server.h"

namespace mxswitch::dashboards {

// Takes what the button of /ack/TOKEN says; called from HTTP threads.
class AckSink {
 public:
  virtual ~AckSink() = default;
  // The sentence to show: which channel is acknowledged now. `not_found` for a token that was
  // never given out or is spent.
  virtual Result<std::string> acknowledge(const std::string& token) = 0;
};

// Hands out what was observed of an owner; called from HTTP threads, which it may block.
class ObservationSource {
 public:
  virtual ~ObservationSource() = default;
  // `not_found` for an owner that was never watched.
  virtual Result<StreamSource> open(const std::string& owner, bool csv,
                                    std::optional<Time> since) = 0;
};

struct DashboardOptions {
  // Reading is open on a loopback address; elsewhere it needs a token with the scope `read`.
  // Commands need one with `operate` or `override` everywhere, and TLS off loopback.
  HttpServerOptions http;
  std::string version;
  std::function<ProcessCounts()> counts;   // for /metrics, from HTTP threads; empty: none
  std::vector<std::string> allowed_hosts;  // beside the address listened at and public_host
  std::string public_url;                  // in feeds; empty: from the Host field
  std::string public_host;                 // of public_url, in lower case
  std::size_t max_streams = 64;
  ObservationSource* observations = nullptr;  // null: nothing is kept that could be exported
  std::size_t ring_capacity = 256;            // events kept for Last-Event-ID
};

class DashboardServer {
 public:
  // All four are used until stop() returned.
  DashboardServer(DashboardOptions options, orchestrator::SnapshotBoard& board,
                  orchestrator::CommandSink& commands, AckSink& acks, const Clock& clock);
  ~DashboardServer();

  Result<void> start();
  int port() const;
  // Takes over what lies on the board now, for the chart and the streams. From start() on this
  // happens by itself.
  void record();
  // What /readyz says; true from start() on. False is said first when the program stops.
  void set_ready(bool ready);
  void stop();  // ends streams, then the server; idempotent

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mxswitch::dashboards
