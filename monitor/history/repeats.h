// The samples that a run only counts, put back between those that it keeps: evenly, which is all
// that the row says of their times. They repeat the kept one before them.
#pragma once

#include <vector>

#include "monitor/history/export_reader.h"

namespace mxswitch::monitor {

void sort_steps(std::vector<ExportStep>& steps);  // by seq; what repeats one follows it

// `steps` are sorted. False when there would be more than a million of them.
bool add_repeats(std::vector<ExportStep>& steps);

}  // namespace mxswitch::monitor
