// What watching one owner costs at the pace of now: queries a day, from when each probe was asked
// last and when it is wanted next. Pure.
#pragma once

#include "probes/base/clock.h"

namespace mxswitch::monitor {

struct Reading;

double queries_a_day(const Reading& reading);
// Of one probe that is asked at this interval; at most one a second is counted.
double times_a_day(Duration interval);

}  // namespace mxswitch::monitor
