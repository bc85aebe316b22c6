// Gates `authority` (PROPAGATION.md A) and `propagation` (B, C and D), over every owner.

#include <fmt/ranges.h>

#include <algorithm>

#include "orchestrator/gates/found.h"
#include "orchestrator/gates/judge.h"
#include "orchestrator/gates/judging.h"

namespace mxswitch::orchestrator {
namespace {

using judging::make;
using monitor::PropagationReport;

Time oldest_report(const std::vector<ReportPtr>& reports) {
  Time oldest = reports.front()->at;
  for (const ReportPtr& report : reports) oldest = std::min(oldest, report->at);
  return oldest;
}

// The interval at which the authorities are polled now (PROPAGATION.md section 3).
Duration authority_interval(const PropagationReport& report, const monitor::Policy& policy,
                            Time now) {
  if (!report.change_started_at) return policy.authority_poll_before;
  if (report.strict_until && now < *report.strict_until) {
    seconds longest{0};
    for (const monitor::Obligation& o : report.obligations) longest = std::max(longest, o.ttl);
    const Duration spread = std::max<Duration>(policy.authority_poll, Duration(longest) / 288);
    return std::min<Duration>(std::max<Duration>(seconds(300), policy.authority_poll), spread);
  }
  const bool done =
      report.ready() && report.opens_at && now > *report.opens_at + std::chrono::hours(1);
  return done ? policy.authority_poll_done : policy.authority_poll;
}

GateResult nothing_yet(const char* id, Duration valid_for) {
  return make(id, GateVerdict::unknown, "nothing was observed yet", Time{}, valid_for);
}

// What people read when several reasons are of one kind; empty: each stands for itself.
std::string group_of(const std::string& code) {
  if (code == "stale-cache" || code == "split" || code == "stretcher") return "still hold";
  if (code == "violator") return "hold the old set long after it should have expired";
  if (code == "samples") return "are not sampled often enough yet";
  if (code == "control-names") return "were not asked about a control name yet";
  if (code == "resolver-absent") return "answer that there is no MX";
  if (code == "resolver-foreign") return "answer neither the old nor the expected set";
  if (code == "validity") return "answered too long ago";
  return {};
}

struct Group {
  std::string says, first;
  std::size_t size = 0;
  std::optional<Time> last;
};

std::string text_of(const Group& group, Time now) {
  if (group.size == 1) return group.first;
  if (group.says != "still hold") return fmt::format("{} resolvers {}", group.size, group.says);
  return fmt::format(
      "{} resolvers still hold the old set{}", group.size,
      group.last ? ", the last copy expires " + format_moment(*group.last, now) : std::string());
}

std::vector<std::string> grouped(const std::vector<monitor::Reason>& reasons, Time now) {
  std::vector<Group> groups;
  for (const monitor::Reason& reason : reasons) {
    const std::string says = group_of(reason.code);
    const auto same = std::ranges::find_if(
        groups, [&](const Group& group) { return !says.empty() && group.says == says; });
    Group& group = same == groups.end() ? groups.emplace_back() : *same;
    if (group.size++ == 0) {
      group.says = says;
      group.first = reason.text;
    }
    if (reason.until && (!group.last || *reason.until > *group.last)) group.last = reason.until;
  }
  std::vector<std::string> texts;
  for (const Group& group : groups) texts.push_back(text_of(group, now));
  return texts;
}

std::string text_of(const Found& found, const std::string& when_open, Time now) {
  const std::vector<monitor::Reason> reasons = found.reasons();
  if (!reasons.empty()) return judging::one_line_of(grouped(reasons, now));
  return found.closed() ? "nothing was observed yet" : when_open;
}

// The oldest answer that the claim "the authorities agree" rests on.
Time authorities_seen_at(const std::vector<ReportPtr>& reports) {
  Time oldest = oldest_report(reports);
  for (const ReportPtr& report : reports) {
    for (const monitor::AuthorityReport& a : report->authorities) {
      oldest = std::min(oldest, a.last_at);
    }
  }
  return oldest;
}

GateResult result_of(const char* id, const Found& found, const std::string& when_open,
                     Time observed_at, Duration valid_for, Time now) {
  const Asked asked = found.asked();
  GateResult result = make(id, found.closed() ? asked.verdict : GateVerdict::pass,
                           text_of(found, when_open, now), observed_at, valid_for);
  if (found.closed()) result.turn = asked.turn;
  result.earliest = found.earliest();
  result.evidence = {{"reasons", found.evidence()}};
  return result;
}

}  // namespace

GateResult judge_authority(const std::vector<ReportPtr>& reports, const GatePlan& plan, Time now,
                           const std::vector<std::string>& unanswered) {
  if (reports.empty()) return nothing_yet("authority", 3 * plan.policy.authority_poll_before);
  Found found(plan.policy);
  Duration interval{0};
  std::size_t servers = 0;
  for (const ReportPtr& report : reports) {
    found.add(*report, "A", report->a);
    interval = std::max(interval, authority_interval(*report, plan.policy, now));
    servers += report->authorities.size();
  }
  // A poll ends at its deadline at the latest, so three polls take three of both.
  const Duration valid_for = 3 * (interval + plan.policy.query_deadline);
  const std::string open = fmt::format("all {} authoritative endpoint{} serve the new set", servers,
                                       judging::plural(servers));
  GateResult result =
      result_of("authority", found, open, authorities_seen_at(reports), valid_for, now);
  result.evidence["endpoints"] = servers;
  if (result.verdict != GateVerdict::pass) return result;
  if (unanswered.empty()) return judging::aged(std::move(result), now);
  result.verdict = GateVerdict::unknown;
  result.turn = Turn::time;
  result.why = fmt::format(
      "asked once more before the write, {} did not answer: it may serve the old set again",
      fmt::join(unanswered, " and "));
  return result;
}

GateResult judge_propagation(const std::vector<ReportPtr>& reports, const GatePlan& plan,
                             Time now) {
  if (reports.empty()) return nothing_yet("propagation", plan.policy.validity);
  Found found(plan.policy);
  for (const ReportPtr& report : reports) {
    found.add(*report, "B", report->b);
    found.add(*report, "C", report->c);
    found.add(*report, "D", report->d);
  }
  for (const ReportPtr& report : reports) found.add_settle(*report, now);
  const PropagationReport& main = *reports.front();
  const std::string open = fmt::format(
      "the drain bound has passed and no cache of {} counted resolvers is old", main.counted);
  GateResult result =
      result_of("propagation", found, open, oldest_report(reports), plan.policy.validity, now);
  result.evidence.update({{"counted", main.counted},
                          {"warm", main.warm},
                          {"stale", main.stale},
                          {"waivers", main.waivers}});
  if (main.strict_until) result.evidence["strict_until"] = format_time(*main.strict_until);
  return judging::aged(std::move(result), now);
}

}  // namespace mxswitch::orchestrator
