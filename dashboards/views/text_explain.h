// What `status --explain` says of one owner, as trees; the terminal and the page draw them.
#pragma once

#include <vector>

#include "dashboards/views/text_tree.h"

namespace mxswitch::dashboards {

std::vector<Branch> explanation(const PropagationReport& report, Time now);

}  // namespace mxswitch::dashboards
