// What every request and every answer of the dashboard passes: the Host field is checked, so that a
// name that was rebound to this address reads nothing (DNS rebinding), and the security fields are
// set.
#pragma once

#include <string>
#include <vector>

#include "probes/base/http_server.h"

namespace mxswitch::dashboards {

struct GuardOptions {
  std::string address;                     // the one listened on
  std::vector<std::string> allowed_hosts;  // in lower case
  bool tls = false;
  std::string public_host = {};  // under which links lead here; in lower case
};

// The public host and allowed_hosts are served in any case; on a loopback address localhost and the
// address itself too; elsewhere every name, unless allowed_hosts are given. Neither the port
// matters nor the dot that ends a name.
bool host_allowed(const GuardOptions& options, const std::string& host);

Handler guarded(GuardOptions options, Handler handler);

// Sets the security fields that the answer does not set itself.
void secure(const GuardOptions& options, ServerResponse& response);

// "[::1]:8053" -> "::1", "localhost:80" -> "localhost", in lower case.
std::string host_without_port(const std::string& host);

}  // namespace mxswitch::dashboards
