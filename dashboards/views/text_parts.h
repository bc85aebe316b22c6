// Parts that several terminal views share.
#pragma once

#include "dashboards/views/text_canvas.h"

namespace mxswitch::dashboards {

// "shop.example    10 mail.shop.example -> 10 mx1.filter.example"
void add_title(Canvas& canvas, const PropagationReport& report);
// The earliest time of READY with the obligation that decides it; nothing where READY is here.
void add_earliest(Canvas& canvas, const PropagationReport& report, Time now);
// "new [####----] 31/48   old 12   split 2"
void add_counts(Canvas& canvas, const PropagationReport& report);
void add_notes(Canvas& canvas, const PropagationReport& report);

std::vector<std::vector<Span>> authority_rows(const PropagationReport& report, Time now);
std::vector<std::vector<Span>> resolver_rows(const PropagationReport& report, Time now);

}  // namespace mxswitch::dashboards
