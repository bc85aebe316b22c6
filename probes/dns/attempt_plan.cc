#include "probes/dns/attempt_plan.h"

#include <algorithm>

namespace mxswitch::probes {
namespace {

constexpr Duration kGrace{250};

void limit_edns(QueryFlags& flags, EdnsRung rung) {
  if (rung != EdnsRung::options) flags.nsid = false;
  if (rung == EdnsRung::none) flags.edns = flags.dnssec_ok = false;
}

}  // namespace

EdnsRung rung_of(const AttemptShape& shape) {
  if (!shape.flags.edns) return EdnsRung::none;
  return shape.flags.nsid ? EdnsRung::options : EdnsRung::no_options;
}

AttemptShape first_shape(bool tcp, const QueryFlags& flags, CaseHabit habit, EdnsRung rung) {
  AttemptShape shape;
  shape.tcp = tcp;
  // A connection proves the peer; the case adds nothing there.
  shape.random_case = !tcp && habit != CaseHabit::changes;
  shape.flags = flags;
  limit_edns(shape.flags, rung);
  return shape;
}

std::optional<AttemptShape> next_shape(const AttemptShape& shape, const AttemptEnd& end,
                                       CaseHabit habit) {
  AttemptShape next = shape;
  if (end.answered) {
    const EdnsRung rung = rung_of(shape);
    if (!end.refuses_edns || rung == EdnsRung::none) return std::nullopt;
    limit_edns(next.flags, rung == EdnsRung::options ? EdnsRung::no_options : EdnsRung::none);
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
