#include "orchestrator/relay_agent/control_api.h"

#include <nlohmann/json.hpp>

#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

constexpr const char* kDomain = "/v1/domains/{host}";
constexpr const char* kName = "/{any 1-64}";

// Taken while a request with this key is being answered.
class AtWork {
 public:
  AtWork(std::mutex& mutex, std::set<std::string>& keys, std::string key)
      : mutex_(mutex), keys_(keys), key_(std::move(key)) {
    const std::lock_guard lock(mutex_);
    taken_ = keys_.insert(key_).second;
  }
  ~AtWork() {
    if (!taken_) return;
    const std::lock_guard lock(mutex_);
    keys_.erase(key_);
  }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;
  bool taken() const { return taken_; }

 private:
  std::mutex& mutex_;
  std::set<std::string>& keys_;
  std::string key_;
  bool taken_ = false;
};

}  // namespace

ServerResponse json_response(const nlohmann::json& body, int status) {
  ServerResponse response;
  response.status = status;
  response.body = encode(body);
  return response;
}

ServerResponse not_acceptable(const Error& error) {
  return problem(422, "Not acceptable", error.text());
}

ServerResponse no_such_domain(const std::string& domain) {
  return problem(404, "Unknown domain", domain + " is not a domain of this relay");
}

std::string header(const ServerRequest& request, const std::string& name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string() : found->second;
}

std::optional<ServerResponse> check_match(const ServerRequest& request, const std::string& etag) {
  const std::string match = header(request, "if-match");
  if (match.empty()) {
    return problem(428, "Precondition missing", "read first, then send If-Match with its ETag");
  }
  if (match != etag && match != "*") {
    return problem(412, "Stale", "it has changed since: read again (ETag now " + etag + ")");
  }
  return std::nullopt;
}

ControlApi::ControlApi(ControlOptions options, ControlParts parts)
    : options_(std::move(options)), parts_(std::move(parts)) {}

ServerResponse ControlApi::replay(const KeptAnswer& kept, const KeptAnswer& asked) const {
  if (kept.request != asked.request || kept.body_hash != asked.body_hash) {
    return problem(422, "Idempotency-Key used before",
                   "the key belongs to another request; take a new one");
  }
  ServerResponse response;
  response.status = kept.status;
  response.body = kept.body;
  if (!kept.etag.empty()) response.headers["ETag"] = kept.etag;
  response.headers["Idempotency-Replayed"] = "true";
  return response;
}

ServerResponse ControlApi::idempotent(const ServerRequest& request, const Judge& judge) {
  KeptAnswer answer;
  answer.key = header(request, "idempotency-key");
  if (answer.key.size() < 16 || answer.key.size() > 64) {
    return problem(400, "Idempotency-Key missing", "send one of 16 to 64 characters");
  }
  answer.request = request.method + " " + request.path;
  answer.body_hash = sha256_hex(request.body);
  const AtWork work(mutex_, at_work_, answer.key);
  if (!work.taken()) {
    return problem(409, "At work", "the first request with this key is not answered yet");
  }
  const auto kept = parts_.registry.answer(answer.key);
  if (!kept) return problem(503, "Store not available", kept.error().text());
  if (*kept) return replay(**kept, answer);
  return judge(request, answer);
}

void ControlApi::fill(KeptAnswer& answer, const ServerResponse& response) const {
  answer.status = response.status;
  answer.body = response.body;
  const auto etag = response.headers.find("ETag");
  answer.etag = etag == response.headers.end() ? std::string() : etag->second;
}

std::optional<ServerResponse> ControlApi::not_now(const ServerRequest& request) const {
  if (request.captures.empty()) return std::nullopt;
  const auto state = parts_.registry.state();
  const Doubt* doubt = state->doubt(request.captures[0], parts_.clock.now());
  if (doubt == nullptr || doubt->kind != DoubtKind::behind) return std::nullopt;
  return problem(503, "Not reconciled", doubt->reason);
}

ServerResponse ControlApi::health(const ServerRequest&) {
  Health health;
  health.status = parts_.sound() ? "ok" : "degraded";
  health.version = options_.version;
  health.node = options_.node;
  health.modes = {Mode::forward, Mode::split, Mode::hosted, Mode::hold};
  health.peers = parts_.peers();
  return json_response(to_json(health));
}

void ControlApi::add_routes(HttpServer& server) {
  const std::string domain = kDomain;
  using Plain = ServerResponse (ControlApi::*)(const ServerRequest&);
  using Write = ServerResponse (ControlApi::*)(const ServerRequest&, KeptAnswer&);
  const auto plain = [&](const char* method, const std::string& path, const char* scope,
                         Plain handler) {
    server.route(method, path, scope, [this, handler](const ServerRequest& request) {
      const auto refused = not_now(request);
      return refused ? *refused : (this->*handler)(request);
    });
  };
  const auto write = [&](const char* method, const std::string& path, Write handler) {
    server.route(method, path, "operate", [this, handler](const ServerRequest& request) {
      if (const auto refused = not_now(request)) return *refused;
      return idempotent(request, [this, handler](const ServerRequest& r, KeptAnswer& answer) {
        return (this->*handler)(r, answer);
      });
    });
  };
  plain("GET", "/v1/health", "", &ControlApi::health);
  plain("GET", "/v1/domains", "read", &ControlApi::list_domains);
  plain("GET", domain, "read", &ControlApi::get_domain);
  write("PUT", domain, &ControlApi::put_domain);
  write("DELETE", domain, &ControlApi::delete_domain);
  plain("GET", domain + "/copy", "operate", &ControlApi::get_copy);
  plain("PUT", domain + "/route", "operate", &ControlApi::put_route);
  plain("GET", domain + "/roster", "read", &ControlApi::get_roster);
  write("PUT", domain + "/roster", &ControlApi::put_roster);
  write("PUT", domain + "/accounts" + kName, &ControlApi::put_account);
  write("DELETE", domain + "/accounts" + kName, &ControlApi::delete_account);
  write("PUT", domain + "/aliases" + kName, &ControlApi::put_alias);
  write("DELETE", domain + "/aliases" + kName, &ControlApi::delete_alias);
  plain("GET", domain + "/flow", "read", &ControlApi::get_flow);
  plain("POST", domain + "/probes", "operate", &ControlApi::post_probe);
  plain("GET", domain + "/probes" + kName, "read", &ControlApi::get_probe);
  plain("GET", domain + "/queue", "read", &ControlApi::get_queue);
  plain("POST", domain + "/queue/flush", "operate", &ControlApi::post_flush);
}

}  // namespace mxswitch::orchestrator
