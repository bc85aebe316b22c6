// What an orchestrator may ask of a relay, whatever its make. Each driver implements this for one
// relay of one or several nodes; the switchover writes to every node and believes only what it
// reads back. Used from the loop's thread.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "orchestrator/relay/contract/contract.h"
#include "probes/base/http_client.h"

namespace mxswitch::orchestrator {

struct RelayNode {
  std::string id;
  std::string api;                     // http(s)://host:port
  std::vector<std::string> addresses;  // where it answers SMTP
};

// A value with the ETag that a conditional write needs.
template <class T>
struct Tagged {
  T value;
  std::string etag;
};

// What became of a write. `unknown` is a fact to record, not a failure to report: the request
// left and no answer came, so only a later read can tell. `withdrawn`: it did not leave, since it
// was wanted no more when the node could take it.
enum class WriteOutcome { in_force, durable, refused, unknown, unreachable, withdrawn };

struct WriteResult {
  WriteOutcome outcome = WriteOutcome::unreachable;
  std::optional<RelayDomain> domain;  // with in_force and durable
  std::optional<Error> error;         // with the other four
};

// Writes take a StillWanted: a driver asks it in the turn of the loop in which the request leaves,
// with nothing awaited between, so that what was decided meanwhile (a rollback) is never followed
// by an older write.
class RelayControl {
 public:
  virtual ~RelayControl() = default;
  virtual const std::vector<RelayNode>& nodes() const = 0;

  virtual asio::awaitable<Result<Health>> health(std::string node) = 0;
  virtual asio::awaitable<Result<Tagged<RelayDomain>>> read_domain(std::string node,
                                                                   std::string domain) = 0;
  // As a node says it at `now`, or said it less than a second before: the answer to one question
  // may serve many plans. Without what a write needs.
  virtual asio::awaitable<Result<RelayDomain>> look_at_domain(std::string node, std::string domain,
                                                              Time now);
  virtual asio::awaitable<Result<Tagged<RelayDomain>>> write_domain(
      std::string node, std::string domain, DomainWrite write, std::string etag,
      std::string idempotency_key, StillWanted still_wanted) = 0;  // an empty etag creates
  virtual asio::awaitable<WriteResult> write_route(std::string node, std::string domain,
                                                   RouteWrite write, std::string etag,
                                                   std::string idempotency_key, bool dry_run,
                                                   StillWanted still_wanted) = 0;
  virtual asio::awaitable<Result<Tagged<Roster>>> read_roster(std::string node,
                                                              std::string domain) = 0;
  virtual asio::awaitable<Result<Tagged<Roster>>> write_roster(std::string node, std::string domain,
                                                               RosterWrite write, std::string etag,
                                                               std::string idempotency_key) = 0;
  virtual asio::awaitable<Result<Flow>> read_flow(std::string node, std::string domain,
                                                  Time since) = 0;
  virtual asio::awaitable<Result<Probe>> make_probe(std::string node, std::string domain,
                                                    ProbeWrite write) = 0;
  virtual asio::awaitable<Result<Probe>> read_probe(std::string node, std::string domain,
                                                    std::string id) = 0;
  virtual asio::awaitable<Result<Queue>> read_queue(std::string node, std::string domain) = 0;
};

struct RelayOptions {
  std::string name, driver;
  std::vector<RelayNode> nodes;
  std::string token;  // read from token_file by the caller
  std::string ca_file;
  Duration timeout = seconds(5);
};

// `client` must outlive the driver. Fails with `usage` for a driver that is not known.
Result<std::unique_ptr<RelayControl>> make_relay_control(RelayOptions options, HttpClient& client);

}  // namespace mxswitch::orchestrator
