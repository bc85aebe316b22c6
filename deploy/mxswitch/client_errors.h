// What went wrong between the command line and `mxswitch serve`, in words that one can act on:
// what it is comes first, the address only where it helps.
#pragma once

#include "probes/base/http_client.h"
#include "probes/base/result.h"

namespace mxswitch {

struct Asked {
  std::string server;      // http://127.0.0.1:8053
  std::string token_file;  // as it was given; may be empty
  bool with_token = false;
  bool command = false;  // it may have taken effect; a view changes nothing
};

// No answer came, or none that can be read.
Error without_answer(const Error& cause, const Asked& asked);
// The answer is none of what was asked for: a problem document (RFC 9457), or another program's.
Error from_refusal(const HttpResponse& response, const Asked& asked);

}  // namespace mxswitch
