#include "probes/base/http_client.h"

#include <fmt/format.h>

#include <array>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "probes/base/curl_loop.h"
#include "probes/base/http_rules.h"
#include "probes/base/time_text.h"

namespace mxswitch {
namespace {

constexpr std::size_t kHeaderBytes = 64u << 10;

struct CurlDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlEasy = std::unique_ptr<CURL, CurlDeleter>;
using CurlList = std::unique_ptr<curl_slist, CurlDeleter>;

// One request under way. Lives in the coroutine that waits for it, and leaves the loop with it.
class Transfer final : public CurlObserver {
 public:
  Transfer(std::shared_ptr<CurlLoop> loop, HttpRequest request, HttpTarget target);
  ~Transfer() override { loop_->remove(easy_.get()); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  bool begin() { return loop_->add(easy_.get(), this); }
  void ended(CURLcode code) override;
  bool has_ended() const { return ended_; }
  asio::steady_timer& end() { return end_; }
  Result<HttpResponse> result();

 private:
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static int before_request(void* self, char*, char*, int, int);
  void set_connection();
  void set_request();
  void add_header(const std::string& line);
  void note_header(std::string_view line);
  bool sent_something() const;
  Failure failure() const;

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_.get(), option, value);
  }

  std::shared_ptr<CurlLoop> loop_;
  HttpRequest request_;
  HttpTarget target_;
  HttpResponse response_;
  CurlList headers_;
  CurlEasy easy_;
  asio::steady_timer end_;
  std::array<char, CURL_ERROR_SIZE> reason_{};
  std::size_t header_bytes_ = 0;
  CURLcode code_ = CURLE_OK;
  bool ended_ = false;
  bool too_long_ = false;
  bool withdrawn_ = false;
};

Transfer::Transfer(std::shared_ptr<CurlLoop> loop, HttpRequest request, HttpTarget target)
    : loop_(std::move(loop)),
      request_(std::move(request)),
      target_(std::move(target)),
      easy_(curl_easy_init()),
      end_(loop_->executor(), asio::steady_timer::time_point::max()) {
  set_connection();
  set_request();
}

void Transfer::set_connection() {
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PROXY, "");  // also none from the environment
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  // On a connection that turns out dead curl would send the request a second time.
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  const long limit = static_cast<long>(std::max<std::int64_t>(1, request_.timeout.count()));
  set(CURLOPT_TIMEOUT_MS, limit);
  set(CURLOPT_CONNECTTIMEOUT_MS, limit);
  set(CURLOPT_ERRORBUFFER, reason_.data());
  if (!request_.ca_file.empty()) {
    set(CURLOPT_CAINFO, request_.ca_file.c_str());
    set(CURLOPT_CAPATH, nullptr);  // this authority alone, not the system's too
  }
}

void Transfer::set_request() {
  set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  if (request_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (!request_.body.empty() || request_.method.starts_with('P')) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request_.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  add_header("Expect:");  // no second of waiting before a body
  bool has_type = false;
  for (const auto& [name, value] : request_.headers) {
    add_header(value.empty() ? name + ";" : name + ": " + value);
    has_type = has_type || lower_case(name) == "content-type";
  }
  if (!has_type) add_header("Content-Type:");
  set(CURLOPT_HTTPHEADER, headers_.get());
  if (!request_.username.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, request_.username.c_str());
    set(CURLOPT_PASSWORD, request_.password.c_str());
  }
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  if (!request_.still_wanted) return;
  set(CURLOPT_PREREQFUNCTION, &Transfer::before_request);
  set(CURLOPT_PREREQDATA, this);
}

// Called when the connection stands (TLS too), right before the first byte of the request.
int Transfer::before_request(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.withdrawn_ = !transfer.request_.still_wanted();
  return transfer.withdrawn_ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

void Transfer::add_header(const std::string& line) {
  curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
  if (longer == nullptr) return;
  (void)headers_.release();  // it is the tail of the longer list now
  headers_.reset(longer);
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t length = size * count;
  std::string& body = transfer.response_.body;
  if (length > transfer.request_.body_limit - body.size()) {
    transfer.too_long_ = true;
    return 0;
  }
  body.append(data, length);
  return length;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t length = size * count;
  transfer.header_bytes_ += length;
  if (transfer.header_bytes_ > kHeaderBytes) {
    transfer.too_long_ = true;
    return 0;
  }
  transfer.note_header({data, length});
  return length;
}

void Transfer::note_header(std::string_view line) {
  if (line.starts_with("HTTP/")) response_.headers.clear();  // of a 1xx answer before
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string_view value = line.substr(colon + 1);
  const auto begin = value.find_first_not_of(" \t");
  const auto end = value.find_last_not_of(" \t\r\n");
  value = begin > end || begin == std::string_view::npos ? std::string_view()
                                                         : value.substr(begin, end - begin + 1);
  response_.headers[lower_case(line.substr(0, colon))] = value;
}

void Transfer::ended(CURLcode code) {
  code_ = code;
  ended_ = true;
  end_.cancel();
}

bool Transfer::sent_something() const {
  long request_bytes = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &request_bytes);
  return request_bytes > 0;
}

Failure Transfer::failure() const {
  const std::string& where = target_.origin;
  if (withdrawn_) return fail(Fault::stale, "nothing was sent: it is wanted no more", where);
  if (too_long_) {
    return fail(Fault::malformed, fmt::format("the answer of {} is longer than {} bytes", where,
                                              request_.body_limit));
  }
  const std::string reason = code_ == CURLE_OPERATION_TIMEDOUT
                                 ? "no answer within " + format_duration(request_.timeout)
                             : reason_[0] != '\0' ? std::string(reason_.data())
                                                  : std::string(curl_easy_strerror(code_));
  if (!sent_something()) {
    return fail(Fault::unavailable, fmt::format("nothing answers at {} ({})", where, reason), {},
                "check that it runs and is reached from here");
  }
  return fail(Fault::timed_out, fmt::format("no whole answer from {} ({})", where, reason), {},
              "it is unknown whether the request took effect");
}

Result<HttpResponse> Transfer::result() {
  if (!ended_) {
    code_ = CURLE_ABORTED_BY_CALLBACK;
    return failure();
  }
  if (code_ != CURLE_OK) return failure();
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

class CurlHttpClient final : public HttpClient {
 public:
  explicit CurlHttpClient(asio::any_io_executor loop)
      : loop_(std::make_shared<CurlLoop>(std::move(loop))) {}

  asio::awaitable<Result<HttpResponse>> send(HttpRequest request) override {
    return run(loop_, std::move(request));
  }

 private:
  // Holds no `this`: the client may be gone when the answer comes.
  static asio::awaitable<Result<HttpResponse>> run(std::shared_ptr<CurlLoop> loop,
                                                   HttpRequest request) {
    auto target = parse_target(request.url);
    if (!target) co_return Failure(target.error());
    auto checked = check_request(request);
    if (!checked) co_return Failure(checked.error());
    Transfer transfer(std::move(loop), std::move(request), std::move(*target));
    if (!transfer.begin()) co_return fail(Fault::internal, "libcurl refused the request");
    if (!transfer.has_ended()) {
      asio::error_code cancelled;
      co_await transfer.end().async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    co_return transfer.result();
  }

  std::shared_ptr<CurlLoop> loop_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(asio::any_io_executor loop) {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)kReady;
  return std::make_unique<CurlHttpClient>(std::move(loop));
}

}  // namespace mxswitch
