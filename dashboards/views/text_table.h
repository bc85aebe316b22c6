// How a table stands in a terminal of some width, or in a pipe, where nothing is cut.
#pragma once

#include <string>
#include <vector>

#include "dashboards/views/text.h"
#include "dashboards/views/text_wrap.h"

namespace mxswitch::dashboards {

// The lines of the header, then those of each row. The last `sentences` columns are never cut:
// beside the others while there is room for them, else below their row. All others have one line
// and lose their ends where the width does not hold them, the widest first.
std::vector<std::vector<Line>> laid_out(const std::vector<std::string>& header,
                                        const std::vector<Line>& rows, std::size_t sentences,
                                        const TextOptions& options);

}  // namespace mxswitch::dashboards
