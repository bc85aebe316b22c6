// The verdict on one owner, with all that it rests on. Made by the cores, read by gates and by
// every view; nothing outside this folder computes a class or a bound.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/propagation/observation.h"
#include "monitor/propagation/spf_text.h"

namespace mxswitch::monitor {

// PROPAGATION.md section 1. `failed` is inconclusive: never new, never old.
enum class AnswerClass { new_, old, mixed, foreign, absent, failed };
std::string_view to_text(AnswerClass c);  // "new", "old", ...

enum class Verdict { hold, ready, unknown };  // unknown: nothing was observed yet
std::string_view to_text(Verdict v);

// Why something is not open yet: a stable word, a sentence, and when it can change.
struct Reason {
  std::string code;  // "caches", "authority-old", "authority-unknown", "stretcher", ...
  std::string text;  // "ns2 (198.51.100.3) still serves 10 mail.shop.example"
  std::optional<Time> until;
};

// One of A, B, C, D.
enum class Holds { yes, no, unknown };
struct Condition {
  Holds holds = Holds::unknown;
  std::vector<Reason> reasons;  // empty only when it holds
};

struct AuthorityReport {
  DnsName server;
  Endpoint endpoint;
  std::string nsid;
  AnswerClass last_class = AnswerClass::failed;
  MxSet set;
  std::uint32_t ttl = 0;
  std::optional<std::uint32_t> serial;
  bool authoritative = false;
  enum class Reach { answering, silent, unknown, unreachable } reach = Reach::silent;
  int new_rounds = 0;             // new in a row
  std::optional<Time> new_since;  // start of the unbroken run
  Time last_at{};
  Duration rtt{0};
  std::string note;
};

// A version of the set that differs from expected and that an endpoint once served.
struct Obligation {
  enum class Kind {
    authority,
    absent,
    declared,
    assumed,
    copies,  // that resolvers show from before the watch, under a longer TTL
    unreachable,
    ns_move,
    address,  // of an expected exchange
    alias,    // a CNAME on the way from the owner to its MX
    ds,
    dnskey
  } kind = Kind::authority;
  MxSet set;
  std::string endpoint;          // "ns2.shop.example 198.51.100.3"; empty for declared, assumed
  std::optional<Time> ended_at;  // u: receive time of the first later answer; none: still served
  seconds ttl{0};                // v
  std::optional<Time> until;     // u + spread + clock error + v
  std::string evidence;          // one sentence
  std::string what{};  // of the last four kinds, instead of a set: "mx1.filter.example A 192.0.2.1"
};

struct CacheReport {
  std::string nsid;
  AnswerClass last_class = AnswerClass::failed;
  bool warm = false;
  std::optional<Time> expires_at;  // E of its last answer
  MxSet set;
  std::uint32_t ttl = 0;            // remaining, in its last answer
  std::optional<Time> received_at;  // of its last answer
};

struct ResolverReport {
  Endpoint endpoint;
  std::string operator_name, name, place, country_code;
  double latitude = 0, longitude = 0;
  bool anycast = false;
  bool split = false;  // its caches disagree; last_class is the worst of them
  AnswerClass last_class = AnswerClass::failed;
  MxSet set;
  std::optional<Time> expires_at;  // of the last answer
  std::uint32_t ttl = 0;           // as last received
  std::vector<CacheReport> caches;
  int new_samples = 0;             // conclusive and new in this draw
  int wanted_samples = 0;          // K
  std::vector<Time> failed_draws;  // in the last hour: draws that an earlier set ended
  std::optional<Time> e0;          // PROPAGATION.md 2 C, E0
  std::optional<Time> control_at;  // of the newest control name that was answered
  bool counted = false;
  bool warm = false;
  bool stretcher = false, violator = false, waived = false, excluded = false;
  Time last_at{};
  Duration rtt{0};
  std::string reason;  // why it is not new, or not counted; may be empty
  std::string dot;     // how DNS over TLS compares, in words; empty: it is not asked
};

// When READY is to be expected, from what is known now; never a promise (forecast.h).
struct Forecast {
  // Something that makes READY later or earlier, or a part of the time that is left.
  struct Move {
    enum class Effect { later, earlier, part } effect = Effect::part;
    std::string code, text;
    std::optional<Time> until;
  };
  // If nothing unforeseen comes; before the drain has begun: if it began right now.
  std::optional<Time> earliest;
  // If each cache holds on for as long as its last answer and its kind allow; none: no end is
  // known, because something without a clock must change first.
  std::optional<Time> latest;
  Reason waits_for;  // the one thing that decides; blank when READY is here
  std::vector<Move> moves;
};
std::string_view to_text(Forecast::Move::Effect effect);

// What the verdict takes for granted, with where it comes from.
struct Assumption {
  std::string code;  // "spread", "floor", "old-ttl", "ignored-server", ...
  std::string text;
};

struct PropagationReport {
  DnsName owner;
  MxSet expected;
  std::vector<MxSet> old_sets;
  Time at{};
  Verdict verdict = Verdict::unknown;
  std::vector<Reason> reasons;       // empty only when ready
  std::vector<std::string> waivers;  // "READY except ..."
  std::vector<std::string> warnings;
  std::optional<Time> next_change_at;  // the earliest time at which the verdict can change

  std::optional<Time> change_started_at;  // first new answer of an endpoint
  std::optional<Time> ready_from;         // strict_until + allowance + settle, as known now
  Condition a, b, c, d;
  Forecast forecast;
  std::vector<Assumption> assumptions;

  bool authorities_consistent = false;
  std::vector<AuthorityReport> authorities;

  std::vector<Obligation> obligations;
  std::optional<Time> drain_started_at;  // L
  std::optional<Time> strict_until, opens_at, stale_until;
  bool drain_assumed = false;  // rests on a default or a declaration
  bool stale_allowance = false;

  std::vector<ResolverReport> resolvers;
  int counted = 0, warm = 0, cold = 0, stale = 0, operators = 0, countries = 0;
  std::map<AnswerClass, int>
      by_class;  // resolvers that were asked, by last_class (split ones under mixed)
  int split = 0;
  std::optional<double> stale_share_upper;  // 95 % bound; none without warm caches

  double queries_a_day = 0;  // that this owner costs, at the pace of now
  std::string stretched;     // a sentence where courtesy limits stretch its intervals; else empty
  std::optional<SpfTextReport> spf;  // none: SPF is not watched beside this owner

  bool ready() const { return verdict == Verdict::ready; }
};

}  // namespace mxswitch::monitor
