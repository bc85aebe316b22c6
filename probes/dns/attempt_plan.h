// Which shape a query has, and which one is tried next when it failed: without options and then
// without EDNS after FORMERR, NOTIMP or BADVERS (RFC 6891 7), without 0x20 at a server that never
// keeps it, by TCP last. Pure.
#pragma once

#include <optional>

#include "probes/base/clock.h"
#include "probes/dns/wire.h"

namespace mxswitch::probes {

// What is known of a server's treatment of the case of a question.
enum class CaseHabit { unknown, keeps, changes };

// How much of EDNS a server bears. Some answer FORMERR to any option that they don't know, with an
// OPT record of their own, and are asked by resolvers, which send none, without trouble.
enum class EdnsRung { options, no_options, none };

struct AttemptShape {
  bool tcp = false;
  bool random_case = true;
  bool after_changed_case = false;  // so TCP is what is left
  QueryFlags flags;
};

AttemptShape first_shape(bool tcp, const QueryFlags& flags, CaseHabit habit, EdnsRung rung);
// Where on the ladder the shape stands.
EdnsRung rung_of(const AttemptShape& shape);

// How an attempt ended; neither flag: silence or a network error.
struct AttemptEnd {
  bool refuses_edns = false;  // or may do so: FORMERR, NOTIMP or BADVERS
  bool answered = false;
  bool case_changed = false;
};
// Nothing: the outcome stands.
std::optional<AttemptShape> next_shape(const AttemptShape& shape, const AttemptEnd& end,
                                       CaseHabit habit);

// How long to go on waiting for the right answer once one with a changed case was seen; the rest
// of `left` is for other shapes. A server that keeps case was not the sender, so it gets longer.
Duration patience_after_changed_case(Duration left, CaseHabit habit);
// How much of `left` an attempt may use.
Duration share_of(const AttemptShape& shape, Duration left);

}  // namespace mxswitch::probes
