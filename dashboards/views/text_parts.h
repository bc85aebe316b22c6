// Parts that several terminal views share.
#pragma once

#include "dashboards/views/text_canvas.h"

namespace mxswitch::dashboards {

// "shop.example    10 mail.shop.example -> 10 mx1.filter.example"
void add_title(Canvas& canvas, const PropagationReport& report);
// When READY is to be expected, what decides it, and what would move it; nothing where READY is
// here.
void add_forecast(Canvas& canvas, const PropagationReport& report, Time now);
// Who sees the required terms of SPF, and until when others may not; nothing where it isn't asked.
void add_spf(Canvas& canvas, const PropagationReport& report);
// "new [####----] 31/48   old 12   split 2"
void add_counts(Canvas& canvas, const PropagationReport& report);
void add_notes(Canvas& canvas, const PropagationReport& report);

std::vector<std::vector<Span>> authority_rows(const PropagationReport& report, Time now);
std::vector<std::vector<Span>> resolver_rows(const PropagationReport& report, Time now);

}  // namespace mxswitch::dashboards
