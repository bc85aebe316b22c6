// The HTTP client of the command line: cpp-httplib behind the same rules as the loop's client. It
// blocks its thread; a daemon uses http_client.h.
#pragma once

#include <functional>
#include <string_view>

#include "probes/base/http_client.h"

namespace mxswitch {

// As HttpClient::send. An error begins with what is wrong, and names the origin in it; `mend` is
// empty where only the caller knows what should be running there. `timeout` bounds the connect and
// each wait for bytes, not their sum.
Result<HttpResponse> send_blocking(const HttpRequest& request);

// Hands over the body of a 200 answer piece by piece until it ends (or breaks off) or `take`
// returns false; all of these are success. `timeout` bounds the silence between two pieces. Another
// status is an error: `forbidden` for 401 and 403, `not_found` for 404, else `unavailable`.
Result<void> stream_blocking(const HttpRequest& request,
                             const std::function<bool(std::string_view)>& take);

}  // namespace mxswitch
