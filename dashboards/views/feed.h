// The history of a domain as an Atom feed (RFC 4287), newest first.
#pragma once

#include <string>

#include "dashboards/views/words.h"

namespace mxswitch::dashboards {

// `base_url` without a final slash: "http://127.0.0.1:8053".
std::string render_feed(const Snapshot& snapshot, const std::string& base_url);

}  // namespace mxswitch::dashboards
