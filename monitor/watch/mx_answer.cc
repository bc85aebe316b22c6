#include "monitor/watch/mx_answer.h"

#include <algorithm>

namespace mxswitch::monitor {

using probes::Rcode;

Outcome outcome_of(const Result<probes::Answer>& answer, bool has_records) {
  if (!answer) {
    return answer.error().fault == Fault::malformed ? Outcome::malformed : Outcome::timed_out;
  }
  switch (answer->rcode) {
    case Rcode::noerror:
      return has_records ? Outcome::answered : Outcome::no_data;
    case Rcode::nxdomain:
      return Outcome::nxdomain;
    case Rcode::servfail:
      return Outcome::servfail;
    case Rcode::refused:
      return Outcome::refused;
    default:
      return Outcome::malformed;
  }
}

MxAnswer read_mx(const probes::Answer& answer, const probes::Question& question) {
  const auto chained = probes::follow_chain(answer.answer, question);
  std::vector<probes::Mx> records;
  std::uint32_t ttl = UINT32_MAX;
  for (const auto& link : chained.links) ttl = std::min(ttl, link.ttl);
  for (const auto& record : chained.records) {
    if (const auto* mx = std::get_if<probes::Mx>(&record.data)) {
      records.push_back(*mx);
      ttl = std::min(ttl, record.ttl);
    }
  }
  const bool aliased = !chained.links.empty();
  if (records.empty()) return {MxSet(), 0, aliased};
  return {MxSet(std::move(records)), ttl, aliased};
}

bool marks_stale(const probes::Answer& answer) {
  return answer.has_extended_error(3) || answer.has_extended_error(19);
}

}  // namespace mxswitch::monitor
