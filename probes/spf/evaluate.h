// check_host() of RFC 7208 section 4, as one DNS view sees it.
#pragma once

#include <asio/awaitable.hpp>
#include <string>
#include <vector>

#include "probes/spf/view.h"

namespace mxswitch::probes::spf {

// Section 2.6.
enum class SpfResult { none, neutral, pass, fail, softfail, temperror, permerror };
std::string_view to_text(SpfResult result);

struct CheckRequest {
  IpAddress ip;           // an IPv4-mapped address is judged as IPv4 (section 5)
  std::string mail_from;  // empty: the null sender, judged by HELO (section 2.4)
  std::string helo;
  std::string receiver = "unknown";  // %{r}
  Time now{};                        // %{t}
  bool with_trace = true;
};

// Section 4.6.4.
inline constexpr int kMostLookups = 10;  // terms that ask
inline constexpr int kMostVoids = 2;     // of them, those that found nothing
inline constexpr int kMostNames = 10;    // exchanges of an mx, names of a ptr

// One term with what it asked and what came of it; an include or redirect holds the terms of the
// record that it led to.
struct TraceTerm {
  std::string term;            // "include:spf.filter.example"; of the record itself "v=spf1"
  std::string domain;          // the current one
  std::string result;          // "match", "no match", "pass", "permerror", ...
  std::string why;             // may be empty
  int lookups = 0, voids = 0;  // up to and with this term
  std::vector<Lookup> asked;
  std::vector<TraceTerm> terms;
};

struct CheckResult {
  SpfResult result = SpfResult::none;
  std::string explanation;     // of a fail, from the sender's domain; it is not to be trusted
  std::string why;             // of none, temperror and permerror
  int lookups = 0, voids = 0;  // one over the limit where that ended it
  TraceTerm trace;
};

// Never throws. Everything that comes from `view` and `request` may be any bytes. Ends with
// temperror once its AskingBudget is used up.
asio::awaitable<CheckResult> check_host(DnsView& view, CheckRequest request, const Clock& clock);

}  // namespace mxswitch::probes::spf
