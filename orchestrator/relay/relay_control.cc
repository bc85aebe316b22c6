#include "orchestrator/relay/relay_control.h"

#include <fmt/format.h>

#include <set>

#include "orchestrator/relay/native.h"
#include "orchestrator/relay/none.h"

namespace mxswitch::orchestrator {
namespace {

Failure refuse(const RelayOptions& options, std::string what, std::string mend) {
  return fail(Fault::usage, std::move(what), fmt::format("relay {}", options.name),
              std::move(mend));
}

Result<void> check_native(RelayOptions& options) {
  if (options.nodes.empty()) {
    return refuse(options, "it has no nodes", "list every host that receives its mail");
  }
  if (options.token.empty()) {
    return refuse(options, "it has no token", "set token_file to the file with the agents' token");
  }
  std::set<std::string> ids, apis;
  for (RelayNode& node : options.nodes) {
    while (node.api.ends_with('/')) node.api.pop_back();
    if (!node.api.starts_with("http://") && !node.api.starts_with("https://")) {
      return refuse(options, fmt::format("the api of node \"{}\" is no URL", node.id),
                    "write it like http://127.0.0.1:8025");
    }
    if (!ids.insert(node.id).second || !apis.insert(node.api).second) {
      return refuse(options, fmt::format("node \"{}\" or its api is listed twice", node.id),
                    "each node has an id and an api of its own");
    }
  }
  return {};
}

}  // namespace

asio::awaitable<Result<RelayDomain>> RelayControl::look_at_domain(std::string node,
                                                                  std::string domain, Time) {
  auto read = co_await read_domain(std::move(node), std::move(domain));
  if (!read) co_return Failure(read.error());
  co_return std::move(read->value);
}

Result<std::unique_ptr<RelayControl>> make_relay_control(RelayOptions options, HttpClient& client) {
  if (options.driver == "none") return make_watch_only_relay(options.name);
  if (options.driver == "native") {
    if (auto sound = check_native(options); !sound) return Failure(sound.error());
    return std::make_unique<NativeRelay>(std::move(options), client);
  }
  const std::set<std::string> planned = {"mailcow", "proxmox", "manual"};
  if (planned.contains(options.driver)) {
    return refuse(options, fmt::format("driver {} is not built yet", options.driver),
                  "use native or none");
  }
  return refuse(options, fmt::format("there is no driver \"{}\"", options.driver),
                "use native or none");
}

}  // namespace mxswitch::orchestrator
