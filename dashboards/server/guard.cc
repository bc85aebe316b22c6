#include "dashboards/server/guard.h"

#include <algorithm>

#include "probes/base/listening_socket.h"

namespace mxswitch::dashboards {
namespace {

constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

bool local(const std::string& address) { return address == "localhost" || is_loopback(address); }

}  // namespace

void secure(const GuardOptions& options, ServerResponse& response) {
  auto& headers = response.headers;
  headers.emplace("Content-Security-Policy", kContentSecurityPolicy);
  headers.emplace("Referrer-Policy", "no-referrer");
  headers.emplace("X-Frame-Options", "DENY");
  headers.emplace("Cross-Origin-Opener-Policy", "same-origin");
  headers.emplace("Cross-Origin-Resource-Policy", "same-origin");
  headers.emplace("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  headers.emplace("Cache-Control", "no-store");
  if (options.tls) headers.emplace("Strict-Transport-Security", "max-age=31536000");
}

std::string host_without_port(const std::string& host) {
  std::string name = host;
  if (name.starts_with("[")) {
    name = name.substr(1, name.find(']') - 1);
  } else {
    name = name.substr(0, name.find(':'));
    if (name.ends_with('.')) name.pop_back();
  }
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

bool host_allowed(const GuardOptions& options, const std::string& host) {
  const std::string name = host_without_port(host);
  if (name.empty()) return !local(options.address) && options.allowed_hosts.empty();
  if (name == options.public_host) return true;
  if (std::ranges::count(options.allowed_hosts, name) > 0) return true;
  if (local(options.address)) return local(name) || name == options.address;
  return options.allowed_hosts.empty();
}

Handler guarded(GuardOptions options, Handler handler) {
  return
      [options = std::move(options), handler = std::move(handler)](const ServerRequest& request) {
        const auto host = request.headers.find("host");
        const std::string name = host == request.headers.end() ? "" : host->second;
        if (host_allowed(options, name)) return handler(request);
        return problem(421, "Misdirected request",
                       "this server does not answer for the host \"" + name +
                           "\"; use its address, or add the name to allowed_hosts in [server] of "
                           "mxswitch.toml");
      };
}

}  // namespace mxswitch::dashboards
