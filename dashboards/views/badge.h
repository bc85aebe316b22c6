// A badge for wikis and READMEs: "shop.example | propagating 31/48".
#pragma once

#include <string>

#include "dashboards/views/words.h"

namespace mxswitch::dashboards {

std::string render_badge(const Snapshot& snapshot);
// For a domain that is not known here.
std::string render_badge_unknown(const std::string& domain);

}  // namespace mxswitch::dashboards
