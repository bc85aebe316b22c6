#include "probes/dns/attempt_plan.h"

#include <algorithm>

namespace mxswitch::probes {
namespace {

constexpr Duration kGrace{250};

}  // namespace

AttemptShape first_shape(bool tcp, const QueryFlags& flags, CaseHabit habit) {
  AttemptShape shape;
  shape.tcp = tcp;
  // A connection proves the peer; the case adds nothing there.
  shape.random_case = !tcp && habit != CaseHabit::changes;
  shape.flags = flags;
  return shape;
}

std::optional<AttemptShape> next_shape(const AttemptShape& shape, const AttemptEnd& end,
                                       CaseHabit habit) {
  AttemptShape next = shape;
  if (end.answered) {
    if (!end.formerr_without_edns || !shape.flags.edns) return std::nullopt;
    next.flags.edns = next.flags.dnssec_ok = false;
    return next;
  }
  const bool suspicious = end.case_changed || shape.after_changed_case;
  if (shape.tcp || !suspicious) return std::nullopt;
  next.after_changed_case = true;
  next.tcp = !shape.random_case || habit == CaseHabit::keeps;
  next.random_case = false;
  return next;
}

Duration patience_after_changed_case(Duration left, CaseHabit habit) {
  return habit == CaseHabit::keeps ? left / 2 : std::min(kGrace, left / 4);
}

Duration share_of(const AttemptShape& shape, Duration left) {
  return shape.after_changed_case && !shape.tcp ? left / 2 : left;
}

}  // namespace mxswitch::probes
