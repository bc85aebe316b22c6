#include <cstdio>
#include <nlohmann/json.hpp>

#include "deploy/mxswitch_relay/config.h"
#include "deploy/mxswitch_relay/verbs.h"
#include "probes/base/blocking_http.h"
#include "probes/base/json_text.h"

namespace mxswitch {
namespace {

using nlohmann::json;

Result<json> get(const RelayConfig& config, const std::string& path) {
  HttpRequest request;
  const bool tls = !config.agent.http.certificate_file.empty();
  request.url = (tls ? "https://" : "http://") + config.listen + path;
  request.headers["Authorization"] = "Bearer " + config.agent.peer_token;
  request.ca_file = config.agent.ca_file;
  request.timeout = std::chrono::seconds(5);
  const auto response = send_blocking(request);
  if (!response) return tl::unexpected(response.error());
  auto body = json::parse(response->body, nullptr, false);
  if (response->status != 200 || body.is_discarded()) {
    return fail(Fault::unavailable,
                "what answers at " + config.listen + " is no agent (status " +
                    std::to_string(response->status) + ")",
                {}, "is another program listening there?");
  }
  return body;
}

Result<json> all_domains(const RelayConfig& config) {
  json domains = json::array();
  for (;;) {
    std::string path = "/v1/domains?limit=1000";
    if (!domains.empty()) path += "&after=" + domains.back().value("domain", "");
    auto page = get(config, path);
    if (!page) return page;
    for (auto& domain : *page) domains.push_back(std::move(domain));
    if (page->size() < 1000) return domains;
  }
}

void print(const json& health, const json& domains) {
  std::printf("node %s: %s\n", health.value("node", "?").c_str(),
              health.value("status", "?").c_str());
  for (const auto& peer : health.value("peers", json::array())) {
    std::printf("peer %s: %s\n", peer.value("node", "?").c_str(),
                peer.value("reachable", false) ? "reachable" : "not reachable");
  }
  for (const auto& domain : domains) {
    const auto seen = domain["in_force"]["route_seen_at"];
    std::printf("%-30s %-8s generation %lld, %s\n", domain.value("domain", "?").c_str(),
                domain.value("mode", "?").c_str(),
                static_cast<long long>(domain.value("generation", 0)),
                seen.is_string() ? ("in use since " + seen.get<std::string>()).c_str()
                                 : "not yet seen in use");
  }
}

}  // namespace

int run_relay_status(const std::string& config_path, bool as_json) {
  const auto config = read_relay_config(config_path);
  if (!config) return report_relay_error(config.error());
  const auto health = get(*config, "/v1/health");
  if (!health) return report_relay_error(health.error());
  const auto domains = all_domains(*config);
  if (!domains) return report_relay_error(domains.error());
  if (as_json) {
    std::printf("%s\n", json_text(json{{"health", *health}, {"domains", *domains}}, 2).c_str());
  } else {
    print(*health, *domains);
  }
  return 0;
}

}  // namespace mxswitch
