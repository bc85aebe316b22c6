// The authoritative endpoints: what each serves, since when without a break, and which of them
// can't be reached (PROPAGATION.md 2 A).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/classify.h"
#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor {

// Codes of reasons that make A unknown: what it would take is not watched.
inline constexpr const char* kAliasNotCovered = "cname-not-covered";
inline constexpr const char* kFamilyNotCovered = "authority-family";
inline constexpr const char* kLeftOut = "authority-left-out";
inline constexpr int kRounds = 3;            // new in a row, and failures until unknown
inline constexpr seconds kUnreachable{300};  // unknown for that long

// One endpoint. Facts as they came; classes follow from the sets, so a changed plan re-reads them.
struct AuthorityState {
  AuthorityAddress address;
  std::optional<Time> left_at;  // no longer delegated since
  seconds left_ns_ttl{0};       // of the NS sets when it left; 0: not known

  // The newest answer with AA.
  std::optional<Time> first_answer_at, last_answer_at;
  MxSet first_set, set;
  std::uint32_t ttl = 0, soa_refresh = 0, soa_retry = 0, soa_expire = 0;
  std::optional<std::uint32_t> serial;
  std::string nsid;
  bool signatures_asked = false;
  std::optional<SignatureSpan> signature;  // over the set

  // The newest poll, whatever came of it.
  std::optional<Time> polled_at, sent_at;
  Duration rtt{0};
  Outcome outcome = Outcome::timed_out;
  bool authoritative = false;

  int new_rounds = 0;  // in a row, without a silence between
  // Receive time of the first new answer of the run; a silence with new before and after breaks
  // none.
  std::optional<Time> new_since;
  std::optional<Time> last_other_at;    // receive time of the last answer that was not new
  std::optional<Time> first_turned_at;  // the first new answer after one that was not
  int failed_polls = 0;                 // in a row
  std::optional<Time> unknown_since;    // the third of them
  int answers_in_row = kRounds;         // since it failed last; at most so many are counted
  bool through_cname = false;           // of its newest conclusive answer
  bool lame_before = false;             // failed thrice and never answered before any change
  bool family_dead = false;             // no control name answers over its address family either
  bool family_unrouted = false;         // since this host has no route of it; not saved
  // Since when another address of the same server is judged in its place (families.h).
  std::optional<Time> spoken_for_since;

  bool is_new() const { return new_since.has_value(); }
  AuthorityReport::Reach reach(Time now) const;
  std::string label() const;  // "ns2.shop.example (198.51.100.12)"
};

class Authorities {
 public:
  // The whole list as enumerated; those that are gone stay, as formerly delegated, as do from the
  // beginning those that a plan calls so. True when one came or went.
  bool enumerate(const std::vector<AuthorityAddress>& endpoints, Time now, seconds ns_ttl,
                 const std::vector<DnsName>& formerly = {});
  // Null for an endpoint that was never listed.
  const AuthorityState* find(const AuthorityAddress& address) const;
  // The sample's endpoint must be listed.
  const AuthorityState& observe(const AuthoritySample& sample, const MxSet& expected);
  // Runs of new start again: what counted as new has changed, or time can't be accounted for.
  void restart_runs(const MxSet& expected, Time now);

  const std::vector<AuthorityState>& all() const { return all_; }
  std::vector<AuthorityState>& all() { return all_; }
  bool any_new() const;
  bool any_answered() const;

 private:
  std::vector<AuthorityState> all_;
};

// The reason when the plan waives this server; null if it does not.
const std::string* ignored_reason(const AuthorityAddress& address,
                                  const std::vector<IgnoredAuthority>& ignored);
// The assumption about an endpoint whose family is dead from here.
std::string spoken_for_text(const std::string& label, const Endpoint& endpoint, bool unrouted);
// Condition A of the name servers that the walk left out.
void judge_left_out(const WalkLimits& limits, const PropagationInput& input, Condition& a);
// Must it serve the expected set with AA for condition A, and does it hold back the drain clock?
bool is_judged(const AuthorityState& state, const PropagationInput& input, Time now);

// Condition A, from the endpoints alone.
Condition judge_authorities(const Authorities& authorities, const Classifier& classes,
                            const PropagationInput& input, Duration poll, Time now);
std::vector<std::string> authority_warnings(const Authorities& authorities,
                                            const PropagationInput& input, Time now);

}  // namespace mxswitch::monitor
