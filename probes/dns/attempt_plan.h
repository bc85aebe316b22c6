// Which shape a query has, and which one is tried next when it failed: without EDNS after a
// FORMERR (RFC 6891 7), without 0x20 at a server that never keeps it, by TCP last. Pure.
#pragma once

#include <optional>

#include "probes/base/clock.h"
#include "probes/dns/wire.h"

namespace mxswitch::probes {

// What is known of a server's treatment of the case of a question.
enum class CaseHabit { unknown, keeps, changes };

struct AttemptShape {
  bool tcp = false;
  bool random_case = true;
  bool after_changed_case = false;  // so TCP is what is left
  QueryFlags flags;
};

AttemptShape first_shape(bool tcp, const QueryFlags& flags, CaseHabit habit);

// How an attempt ended; neither flag: silence or a network error.
struct AttemptEnd {
  bool formerr_without_edns = false;
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
