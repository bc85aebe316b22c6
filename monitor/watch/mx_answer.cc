#include "monitor/watch/mx_answer.h"

#include <algorithm>

#include "monitor/propagation/classify.h"
#include "probes/dns/edns.h"

namespace mxswitch::monitor {

using probes::Rcode;

namespace {

constexpr std::size_t kMostFailure = 200;  // a stranger's text ends in it

bool is_about_the_name(const probes::Answer& answer) {
  return answer.rcode == Rcode::noerror || answer.rcode == Rcode::nxdomain;
}

std::string with_extended_errors(std::string text, const probes::Answer& answer) {
  if (answer.extended_errors.empty()) return text;
  return text + " (" + probes::extended_error_text(answer.extended_errors.front()) + ")";
}

}  // namespace

bool speaks(const probes::Answer& answer, bool from_authority) {
  return answer.aa || (!from_authority && (answer.ra || !answer.answer.empty()));
}

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

Outcome resolver_outcome_of(const Result<probes::Answer>& answer, bool has_records) {
  if (answer && is_about_the_name(*answer) && !speaks(*answer, false)) return Outcome::refused;
  return outcome_of(answer, has_records);
}

std::string failure_of(const Result<probes::Answer>& answer, Outcome outcome) {
  if (is_conclusive(outcome)) return "";
  if (!answer) {
    const bool malformed = answer.error().fault == Fault::malformed;
    return ((malformed ? "malformed: " : "") + answer.error().what).substr(0, kMostFailure);
  }
  if (is_about_the_name(*answer)) return "no recursion (RA is not set)";
  return with_extended_errors(probes::rcode_text(answer->rcode), *answer).substr(0, kMostFailure);
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
