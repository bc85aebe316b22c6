// Opens the socket that a server listens on. Our own, because cpp-httplib's sets SO_REUSEPORT (two
// daemons would silently share a port), a backlog of 5, and cannot say why it failed.
#pragma once

#include <string>

#include "probes/base/result.h"

namespace mxswitch {

// A listening TCP socket on an IPv4 or IPv6 address (or "localhost"); port 0: any free one. The
// caller closes it. `usage` names address and port, the cause and the remedy.
Result<int> open_listening_socket(const std::string& address, int port);

// The port that a socket is bound to; 0 if there is none.
int bound_port(int socket);

// 127.0.0.0/8 and ::1, also as an IPv4-mapped address.
bool is_loopback(const std::string& address);

}  // namespace mxswitch
