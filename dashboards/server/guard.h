// What every request and every answer of the dashboard passes: the Host field is checked, so that a
// name that was rebound to this address reads nothing (DNS rebinding), and the security fields are
// set.
#pragma once

#include <string>
#include <vector>

#include "probes/base/http_server.h"

namespace mxswitch::dashboards {

struct GuardOptions {
  std::string address;  // the one listened on
  std::vector<std::string> allowed_hosts;
  bool tls = false;
};

// On a loopback address only localhost, the address itself and allowed_hosts are served; elsewhere
// allowed_hosts alone, where any are given. The port does not matter.
bool host_allowed(const GuardOptions& options, const std::string& host);

Handler guarded(GuardOptions options, Handler handler);

// Sets the security fields that the answer does not set itself.
void secure(const GuardOptions& options, ServerResponse& response);

// "[::1]:8053" -> "::1", "localhost:80" -> "localhost", in lower case.
std::string host_without_port(const std::string& host);

}  // namespace mxswitch::dashboards
