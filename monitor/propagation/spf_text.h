// The SPF record as text: is there one v=spf1 record, and does it hold the required term, at
// every server that was asked? What it evaluates to for a sender is the evaluator's business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "monitor/propagation/observation.h"

namespace mxswitch::monitor {

// One answer about TXT at the owner, of an authority or of a resolver.
struct TxtSample {
  bool from_authority = false;
  std::string server;  // as people read it: "ns1.shop.example", "Google"
  Endpoint endpoint;
  Time received_at;
  Outcome outcome = Outcome::timed_out;  // answered: with a TXT RRset
  std::vector<std::string> texts;        // each record's strings joined (RFC 7208 3.3)
  std::uint32_t ttl = 0;
};

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
  std::string record;  // the v=spf1 record, if there is exactly one
  std::string why;     // one sentence
};

struct SpfTextReport {
  SpfText verdict = SpfText::unknown;  // the worst; unknown too without any authority's answer
  std::string required;
  std::string why;                       // one sentence; names the servers; never empty
  std::vector<SpfServerReport> servers;  // the newest sample of each, worst first
  Time oldest_at{}, newest_at{};         // of the samples used
};

// Terms compare by RFC 7208 4.6.1: names case-insensitive, a leading `+` means nothing, the
// target's final dot neither. Only terms of the record itself count, not those behind an include.
bool spf_has_term(std::string_view record, std::string_view term);
bool is_spf_record(std::string_view text);  // RFC 7208 4.5: "v=spf1" and then a space or the end

SpfTextReport judge_spf_text(std::string_view required, const std::vector<TxtSample>& samples);

}  // namespace mxswitch::monitor
