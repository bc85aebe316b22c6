// The SPF record as text: is there one v=spf1 record, does it hold the required terms, at every
// server that was asked, and until when may a resolver keep an older one? The targets of required
// includes are watched beside it, each copy with its own TTL. What a record evaluates to for a
// sender is the evaluator's business.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/propagation/observation.h"

namespace mxswitch::monitor {

// One answer about TXT, of an authority or of a resolver.
struct TxtSample {
  bool from_authority = false;
  std::string server;  // as people read it: "ns1.shop.example", "Google"
  Endpoint endpoint;
  Time received_at;
  Outcome outcome = Outcome::timed_out;  // answered: with a TXT RRset
  std::vector<std::string> texts;        // each record's strings joined (RFC 7208 3.3)
  std::uint32_t ttl = 0;                 // of a resolver: what remains
  DnsName name;                          // what was asked for: the owner, or an include's target
};

// What is wanted of an owner's SPF.
struct SpfWish {
  DnsName owner;
  std::vector<std::string> required;  // terms; may be empty: one record is wanted then
};
// The names behind required `include:` terms; those with macros (RFC 7208 7) depend on the sender.
std::vector<DnsName> include_targets(const std::vector<std::string>& required);

enum class SpfText {
  term_present,
  term_missing,
  no_record,     // NOERROR or NXDOMAIN without a v=spf1 record
  many_records,  // a permerror for every receiver (RFC 7208 4.5)
  unknown,       // no conclusive answer
};
std::string_view to_text(SpfText verdict);

struct SpfServerReport {
  bool from_authority = false;
  std::string server;
  Endpoint endpoint;
  Time at{};
  SpfText verdict = SpfText::unknown;
  std::string record;              // the v=spf1 record, if there is exactly one
  std::string why;                 // one sentence
  bool current = false;            // the same text as the authorities have
  std::optional<Time> expires_at;  // of a resolver's copy
};

// The record of an include's target, as resolvers see it: its zone's authorities are not asked.
struct SpfTargetReport {
  std::string name, why;                          // one sentence
  int resolvers = 0, with_record = 0, texts = 0;  // that answered; with one record; different ones
  std::optional<Time> converges_at;               // where they differ: the last copy of now expires
};

struct SpfTextReport {
  SpfText verdict = SpfText::unknown;  // the worst; unknown too without any authority's answer
  std::vector<std::string> required;
  std::string why;                       // one sentence; names the servers; never empty
  std::vector<SpfServerReport> servers;  // the newest sample of each, worst first
  Time oldest_at{}, newest_at{};         // of the samples used
  int resolvers = 0;                     // that answered
  int seeing = 0;                        // of them: one record with every required term
  int current = 0;                       // of them: the authorities' record of now
  // When the last other copy that was seen expires: views agree then at the latest, where caches
  // keep to TTLs. None where all agree, and while the authorities differ themselves.
  std::optional<Time> converges_at;
  std::string views;  // one sentence: who sees it, who does not, until when at most
  std::vector<SpfTargetReport> targets;
};

SpfTextReport judge_spf_text(const SpfWish& wish, const std::vector<TxtSample>& samples, Time now);

}  // namespace mxswitch::monitor
