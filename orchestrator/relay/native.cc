#include "orchestrator/relay/native.h"

#include <algorithm>

#include "orchestrator/relay/native_answers.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kRosterBodyLimit = 32u << 20;
constexpr int kFlowPage = 5000;
constexpr int kFlowPages = 20;

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';  // RFC 3986 2.3
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

// `url` is the path alone until `call` puts the node's address before it.
HttpRequest domain_request(const std::string& domain, std::string_view below = {}) {
  HttpRequest request;
  request.url = fmt::format("/v1/domains/{}{}", percent_encoded(domain), below);
  return request;
}

HttpRequest with_body(HttpRequest request, std::string method, const nlohmann::json& body) {
  request.method = std::move(method);
  request.body = encode(body);
  request.headers["Content-Type"] = "application/json";
  return request;
}

HttpRequest conditional(HttpRequest request, const std::string& etag,
                        const std::string& idempotency_key) {
  if (!etag.empty()) request.headers["If-Match"] = etag;
  request.headers["Idempotency-Key"] = idempotency_key;
  return request;
}

HttpRequest flow_request(const std::string& domain, Time since, const std::string& after) {
  auto request = domain_request(domain, "/flow");
  request.url +=
      fmt::format("?since={}&limit={}", percent_encoded(format_time_ms(since)), kFlowPage);
  if (!after.empty()) request.url += "&after=" + percent_encoded(after);
  return request;
}

Result<Tagged<RelayDomain>> identified(const std::string& node, const std::string& domain,
                                       Result<Tagged<RelayDomain>> answer) {
  if (!answer) return answer;
  if (auto sound = check_identity(node, domain, answer->value); !sound) {
    return Failure(sound.error());
  }
  return answer;
}

// Facts of a node that calls itself otherwise are another node's facts.
template <class T>
Result<T> from_node(const std::string& node, Result<T> answer) {
  if (answer && answer->node != node) {
    return Failure(broken_answer(node, fmt::format("comes from node {}", answer->node)));
  }
  return answer;
}

}  // namespace

NativeRelay::NativeRelay(RelayOptions options, HttpClient& client)
    : options_(std::move(options)), client_(client) {}

asio::awaitable<Result<HttpResponse>> NativeRelay::call(std::string node, HttpRequest request) {
  const auto known = std::find_if(options_.nodes.begin(), options_.nodes.end(),
                                  [&](const RelayNode& candidate) { return candidate.id == node; });
  if (known == options_.nodes.end()) {
    co_return fail(Fault::usage, fmt::format("relay {} has no node \"{}\"", options_.name, node));
  }
  request.url = known->api + request.url;
  request.headers["Authorization"] = "Bearer " + options_.token;
  request.headers["Accept"] = "application/json, application/problem+json";
  request.ca_file = options_.ca_file;
  request.timeout = options_.timeout;
  auto response = co_await client_.send(std::move(request));
  if (!response) {
    auto error = response.error();
    error.where = fmt::format("node {} ({})", node, known->api);
    co_return Failure(std::move(error));
  }
  co_return response;
}

asio::awaitable<Result<Health>> NativeRelay::health(std::string node) {
  HttpRequest request;
  request.url = "/v1/health";
  const auto response = co_await call(node, std::move(request));
  co_return from_node(node, decode<Health>(node, response));
}

asio::awaitable<Result<Tagged<RelayDomain>>> NativeRelay::read_domain(std::string node,
                                                                      std::string domain) {
  auto request = domain_request(domain);
  const auto response = co_await call(node, std::move(request));
  co_return identified(node, domain, decode_tagged<RelayDomain>(node, response));
}

asio::awaitable<Result<std::string>> NativeRelay::read_page(std::string node, std::string after) {
  HttpRequest request;
  request.url = fmt::format("/v1/domains?limit={}", DomainList::kPage);
  if (!after.empty()) request.url += "&after=" + percent_encoded(after);
  request.body_limit = kRosterBodyLimit;
  auto response = co_await call(node, std::move(request));
  if (!response) co_return Failure(response.error());
  if (response->status != 200) co_return Failure(error_of(node, *response));
  co_return std::move(response->body);
}

asio::awaitable<Result<RelayDomain>> NativeRelay::look_at_domain(std::string node,
                                                                 std::string domain, Time now) {
  DomainList& list = lists_[node];
  if (!list.pays(now)) {
    auto read = co_await read_domain(node, domain);
    if (!read) co_return Failure(read.error());
    co_return std::move(read->value);
  }
  DomainList::ReadPage read = [this, node](std::string after) {
    return read_page(node, std::move(after));
  };
  auto found = co_await list.find(domain, now, std::move(read));
  if (!found && found.error().fault == Fault::malformed) {
    co_return Failure(broken_answer(node, "breaks the contract: " + found.error().text()));
  }
  if (!found) co_return found;
  if (auto sound = check_identity(node, domain, *found); !sound) co_return Failure(sound.error());
  co_return found;
}

asio::awaitable<Result<Tagged<RelayDomain>>> NativeRelay::write_domain(
    std::string node, std::string domain, DomainWrite write, std::string etag,
    std::string idempotency_key, StillWanted still_wanted) {
  auto request = with_body(domain_request(domain), "PUT", to_json(write));
  request = conditional(std::move(request), etag, idempotency_key);
  if (etag.empty()) request.headers["If-None-Match"] = "*";
  request.still_wanted = std::move(still_wanted);
  const auto response = co_await call(node, std::move(request));
  co_return identified(node, domain, decode_tagged<RelayDomain>(node, response));
}

asio::awaitable<WriteResult> NativeRelay::write_route(std::string node, std::string domain,
                                                      RouteWrite write, std::string etag,
                                                      std::string idempotency_key, bool dry_run,
                                                      StillWanted still_wanted) {
  auto request = domain_request(domain, dry_run ? "/route?dry_run=true" : "/route");
  request = with_body(std::move(request), "PUT", to_json(write));
  request = conditional(std::move(request), etag, idempotency_key);
  request.still_wanted = std::move(still_wanted);
  const auto response = co_await call(node, std::move(request));
  co_return judge_route_write(node, domain, write, dry_run, response);
}

asio::awaitable<Result<Tagged<Roster>>> NativeRelay::read_roster(std::string node,
                                                                 std::string domain) {
  auto request = domain_request(domain, "/roster");
  request.body_limit = kRosterBodyLimit;
  const auto response = co_await call(node, std::move(request));
  co_return decode_tagged<Roster>(node, response);
}

asio::awaitable<Result<Tagged<Roster>>> NativeRelay::write_roster(std::string node,
                                                                  std::string domain,
                                                                  RosterWrite write,
                                                                  std::string etag,
                                                                  std::string idempotency_key) {
  auto request = with_body(domain_request(domain, "/roster"), "PUT", to_json(write));
  request = conditional(std::move(request), etag, idempotency_key);
  request.body_limit = kRosterBodyLimit;
  const auto response = co_await call(node, std::move(request));
  co_return decode_tagged<Roster>(node, response);
}

asio::awaitable<Result<Flow>> NativeRelay::read_flow(std::string node, std::string domain,
                                                     Time since) {
  Result<Flow> whole = Flow{};
  std::string after;
  for (int page = 0; page < kFlowPages; ++page) {
    auto request = flow_request(domain, since, after);
    const auto response = co_await call(node, std::move(request));
    auto answer = from_node(node, decode<Flow>(node, response));
    if (!answer) co_return answer;
    if (page > 0) {
      // Counters may have risen since the first page: keep the newest with all recipients.
      auto& seen = whole->recipients;
      std::move(seen.begin(), seen.end(),
                std::inserter(answer->recipients, answer->recipients.begin()));
    }
    whole = std::move(answer);
    if (!whole->truncated || whole->recipients.empty()) break;
    const auto& last = whole->recipients.back().address;
    if (last == after) break;
    after = last;
  }
  co_return whole;
}

asio::awaitable<Result<Probe>> NativeRelay::make_probe(std::string node, std::string domain,
                                                       ProbeWrite write) {
  auto request = with_body(domain_request(domain, "/probes"), "POST", to_json(write));
  const auto response = co_await call(node, std::move(request));
  co_return decode<Probe>(node, response);
}

asio::awaitable<Result<Probe>> NativeRelay::read_probe(std::string node, std::string domain,
                                                       std::string id) {
  auto request = domain_request(domain, "/probes/" + percent_encoded(id));
  const auto response = co_await call(node, std::move(request));
  co_return decode<Probe>(node, response);
}

asio::awaitable<Result<Queue>> NativeRelay::read_queue(std::string node, std::string domain) {
  auto request = domain_request(domain, "/queue");
  const auto response = co_await call(node, std::move(request));
  co_return from_node(node, decode<Queue>(node, response));
}

}  // namespace mxswitch::orchestrator
