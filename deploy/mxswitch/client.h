// The command line's side of the HTTP API: reads views, sends commands, waits for operations.
// The daemon renders every view itself, so a terminal shows what the page shows.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "deploy/mxswitch/client_errors.h"
#include "probes/base/clock.h"
#include "probes/base/http_client.h"
#include "probes/base/result.h"

namespace CLI {
class App;
}

namespace mxswitch {

struct ServerFlags {
  std::string server = "http://127.0.0.1:8053";  // MXSWITCH_SERVER
  std::string token_file;                        // MXSWITCH_TOKEN_FILE
  std::string ca_file;
};

void add_server_flags(CLI::App& verb, ServerFlags& flags);

// A command of `POST /api/v1/switchovers/DOMAIN/commands`.
struct ClientCommand {
  std::string domain, verb;
  nlohmann::json arguments = nlohmann::json::object();
  std::string plan_digest;  // If-Match; empty where the verb needs none
};

class Client {
 public:
  explicit Client(ServerFlags flags);

  Result<nlohmann::json> json(const std::string& path) const;
  // The same resource as people read it in a terminal.
  Result<std::string> text(const std::string& path) const;
  // Hands over a long answer piece by piece until `take` returns false.
  Result<void> stream(const std::string& path,
                      const std::function<bool(std::string_view)>& take) const;
  // Sends the command and returns its operation as the journal has it. `key` makes a repeated
  // call harmless; the caller keeps it for its retries.
  Result<nlohmann::json> send(const ClientCommand& command, const std::string& key) const;
  // Asks until the operation has ended or `patience` is over; `progress` gets each new state.
  Result<nlohmann::json> wait(const std::string& operation, Duration patience,
                              const std::function<void(const nlohmann::json&)>& progress) const;

 private:
  Result<HttpRequest> request_of(const std::string& path, const std::string& accept) const;
  Result<std::string> get(const std::string& path, const std::string& accept) const;
  Asked asked(const HttpRequest& request) const;

  ServerFlags flags_;
};

// Sends and waits; `talk`: each new state goes to stderr.
Result<nlohmann::json> carry_out(const Client& client, const ClientCommand& command, bool talk);
// Prints what came of it (as JSON if asked) and gives the exit code.
int show_operation(const nlohmann::json& operation, bool as_json);
// Both.
int run_command(const Client& client, const ClientCommand& command, bool as_json);

}  // namespace mxswitch
