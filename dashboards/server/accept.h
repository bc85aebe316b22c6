// Which form of an answer a client wants (RFC 9110 section 12.5.1).
#pragma once

#include <string_view>

namespace mxswitch::dashboards {

// Whether an Accept field names text/html and nothing of ours before it: a browser's does. Programs
// that take anything (`*/*`) get what is made for programs.
bool prefers_html(std::string_view accept);

}  // namespace mxswitch::dashboards
