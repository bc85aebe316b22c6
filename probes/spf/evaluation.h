// The state of one check_host() and its steps; inside probes/spf only, the face is evaluate.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/spf/evaluate.h"
#include "probes/spf/record.h"

namespace mxswitch::probes::spf {

// Whether a term matched, or ended the evaluation.
struct Match {
  enum class Kind { no, yes, temperror, permerror } kind = Kind::no;
  std::string why;
};

// What one record said, and where an explanation of a fail is to be found.
struct Verdict {
  SpfResult result = SpfResult::none;
  std::string why;
  std::string domain;                      // of the record that decided
  std::optional<MacroString> explanation;  // its exp=
};

class Evaluation {
 public:
  Evaluation(DnsView& view, CheckRequest request, const Clock& clock);

  asio::awaitable<CheckResult> run();

 private:
  asio::awaitable<Verdict> check(std::string domain, TraceTerm& trace);
  asio::awaitable<Verdict> judge(const Record& record, std::string domain, TraceTerm& trace);
  asio::awaitable<Verdict> redirect(const Modifier& modifier, std::string domain, TraceTerm& trace);

  // all, ip4, ip6: no lookup.
  bool asks_nothing(const Directive& directive) const;
  bool matches_at_once(const Directive& directive) const;
  // The others: counts the term and its voids, then asks what it needs.
  asio::awaitable<Match> match(const Directive& directive, std::string domain, TraceTerm& trace);
  asio::awaitable<Match> match_include(std::string target, TraceTerm& trace);
  asio::awaitable<Match> match_addresses(std::string target, const Directive& directive,
                                         TraceTerm& trace);
  asio::awaitable<Match> match_exchanges(std::string target, const Directive& directive,
                                         TraceTerm& trace);
  asio::awaitable<Match> match_pointer(std::string target, TraceTerm& trace);
  asio::awaitable<Match> match_exists(std::string target, TraceTerm& trace);

  // Names whose addresses hold <ip>, of its PTR records (section 5.5).
  asio::awaitable<std::vector<DnsName>> validated_names(TraceTerm& trace);
  asio::awaitable<std::string> validated_name(std::string domain, TraceTerm& trace);
  asio::awaitable<std::string> expanded(const MacroString& string, std::string domain,
                                        TraceTerm& trace);
  asio::awaitable<std::string> explain(const Verdict& verdict, TraceTerm& trace);

  // Fails without asking once the budget is used up.
  asio::awaitable<Lookup> ask(std::string name, RrType type, TraceTerm& trace);
  void note(TraceTerm& above, TraceTerm term, std::string_view text, std::string_view result,
            const std::string& why) const;
  asio::awaitable<Match> match_lookups(std::string target, const Directive& directive,
                                       TraceTerm& trace);
  RrType address_type() const { return request_.ip.is_v6() ? RrType::aaaa : RrType::a; }
  std::string why_failed(const Lookup& lookup) const;
  bool holds(const Lookup& lookup, unsigned prefix_v4, unsigned prefix_v6) const;

  DnsView& view_;
  CheckRequest request_;
  std::string local_part_, sender_domain_;
  int lookups_ = 0, voids_ = 0;
  AskingBudget budget_;
  bool stopped_ = false;        // the last lookup failed because the budget is used up
  bool found_nothing_ = false;  // a lookup of the term at hand was void
};

}  // namespace mxswitch::probes::spf
