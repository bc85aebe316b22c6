// SPF in the text that explains: the record at each server, and what it evaluates to.
#pragma once

#include "dashboards/views/text_tree.h"
#include "monitor/propagation/spf_matrix.h"

namespace mxswitch::dashboards {

Branch spf_text_branch(const monitor::SpfTextReport& spf, Time now);
// Each row with its senders; below a result that is not the wanted one, how it came about.
Branch spf_matrix_branch(const monitor::SpfMatrix& matrix);

}  // namespace mxswitch::dashboards
