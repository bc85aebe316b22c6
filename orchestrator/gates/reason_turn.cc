#include "orchestrator/gates/reason_turn.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace mxswitch::orchestrator {
namespace {

using monitor::Condition;
using monitor::Holds;
using monitor::PropagationReport;
using monitor::Reason;

constexpr Asked kTime{GateVerdict::waits, Turn::time};
constexpr Asked kCustomer{GateVerdict::waits, Turn::customer};
constexpr Asked kNotKnown{GateVerdict::unknown, Turn::time};
constexpr Asked kOperatorLooks{GateVerdict::unknown, Turn::operator_};
constexpr Asked kCustomerMends{GateVerdict::fail, Turn::customer};
constexpr Asked kOperatorMends{GateVerdict::fail, Turn::operator_};

// Codes that ask for the same whenever they are given.
const std::map<std::string_view, Asked>& fixed() {
  static const std::map<std::string_view, Asked> all = {
      // The authorities.
      {"authority-rounds", kTime},
      {"authority-not-asked", kNotKnown},
      {"authority-unknown", kNotKnown},
      {"authority-aged", kNotKnown},
      {"authority-none", kNotKnown},
      {"enumeration", kNotKnown},
      {"authority-unreachable", kCustomerMends},
      {"authority-mixed", kCustomerMends},
      {"authority-foreign", kCustomerMends},
      {"dnssec", kCustomerMends},
      {"authority-signature", kCustomerMends},
      {"dnssec-unproved", kNotKnown},
      {"cname-not-covered", kOperatorLooks},
      {"exchange-address", kOperatorMends},
      {"exchange-cname", kOperatorMends},
      {"exchange-no-address", kOperatorMends},
      {"exchange-unresolved", kOperatorMends},
      // The drain.
      {"caches", kTime},
      {"floor", kTime},
      {"recovery", kTime},
      {"stale-allowance", kTime},
      // Caches: what outlives its expiry by an hour becomes a violator.
      {"stale-cache", kTime},
      {"split", kTime},
      {"stretcher", kTime},
      {"resolver-absent", kTime},
      {"resolver-foreign", kTime},
      {"cache-unresolved", kTime},
      {"violator", kOperatorMends},
      // Sampling.
      {"samples", kTime},
      {"validity", kTime},
      {"control-names", kTime},
      {"not-sampled", kTime},
      {"not-judged", kTime},
      {"dot-unasked", kTime},
      {"dot-differs", kTime},
      {"incoherent", kTime},
      {"interception", kOperatorMends},
      {"resolvers-fail", kOperatorMends},
  };
  return all;
}

bool within(const PropagationReport& report, Duration grace) {
  return !report.change_started_at || report.at - *report.change_started_at < grace;
}

// Sampling goes on: the number of operators may still rise.
bool sampling_goes_on(const Condition& condition) {
  return std::ranges::any_of(condition.reasons, [](const Reason& reason) {
    const auto found = fixed().find(reason.code);
    return found != fixed().end() && found->second == kTime;
  });
}

Asked unlisted(const Reason& reason, const PropagationReport& report) {
  return reason.until && *reason.until > report.at ? kTime : kOperatorMends;
}

Asked by_code(const Reason& reason, const Condition& condition, const PropagationReport& report,
              const monitor::Policy& policy) {
  const std::string_view code = reason.code;
  const bool changed = report.change_started_at.has_value();
  if (const auto found = fixed().find(code); found != fixed().end()) return found->second;
  if (code == "authority-old") {
    if (!changed) return kCustomer;
    return within(report, kTransferTime) ? kTime : kCustomerMends;
  }
  if (code == "authority-absent") return changed ? kCustomerMends : kCustomer;
  // Sites of one server follow each other within `authority_spread`.
  if (code == "authority-rolled-back")
    return within(report, policy.authority_spread) ? kTime : kCustomerMends;
  if (code == "companion-disagree") return within(report, kTransferTime) ? kTime : kOperatorMends;
  if (code == "operators" || code == "countries" || code == "not-counted")
    return sampling_goes_on(condition) ? kTime : kOperatorMends;
  // It begins with the authorities' agreement, and asks for what that asks for.
  if (code == "drain-not-started") {
    if (!changed) return kCustomer;
    return report.a.holds == Holds::yes ? kNotKnown : asked_by(report.a, report, policy);
  }
  return unlisted(reason, report);
}

int rank(GateVerdict verdict) {
  if (verdict == GateVerdict::fail) return 0;
  return verdict == GateVerdict::waits ? 1 : 2;
}

}  // namespace

bool is_worse(const Asked& one, const Asked& other) {
  if (rank(one.verdict) != rank(other.verdict)) return rank(one.verdict) < rank(other.verdict);
  return one.turn != Turn::time && other.turn == Turn::time;
}

Asked asked_by(const Reason& reason, const Condition& condition, const PropagationReport& report,
               const monitor::Policy& policy) {
  Asked asked = by_code(reason, condition, report, policy);
  // What is not known is nobody's fault, and nobody can say that nothing is wrong.
  if (condition.holds != Holds::no) asked.verdict = GateVerdict::unknown;
  return asked;
}

Asked asked_by(const Condition& condition, const PropagationReport& report,
               const monitor::Policy& policy) {
  std::optional<Asked> worst;
  for (const Reason& reason : condition.reasons) {
    const Asked asked = asked_by(reason, condition, report, policy);
    if (!worst || is_worse(asked, *worst)) worst = asked;
  }
  return worst.value_or(kNotKnown);
}

}  // namespace mxswitch::orchestrator
