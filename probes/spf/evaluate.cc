#include "probes/spf/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "probes/spf/evaluation.h"

namespace mxswitch::probes::spf {
namespace {

constexpr std::size_t kV4InV6 = 12;  // octets before the IPv4 address of ::ffff:0:0/96

IpAddress unmapped(const IpAddress& ip) {
  const auto& bytes = ip.bytes();
  const bool mapped = ip.is_v6() && bytes[10] == 0xff && bytes[11] == 0xff &&
                      std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; });
  if (!mapped) return ip;
  return IpAddress::v4(
      {bytes[kV4InV6], bytes[kV4InV6 + 1], bytes[kV4InV6 + 2], bytes[kV4InV6 + 3]});
}

// A final dot says nothing about a domain, but would stand in the way of macros.
std::string without_final_dot(std::string domain) {
  const bool dotted = domain.size() > 1 && domain.back() == '.';
  if (dotted && domain[domain.size() - 2] != '.') domain.pop_back();
  return domain;
}

// Section 4.3: malformed, or of a single label. An address literal is no domain either.
bool can_be_judged(const std::string& domain) {
  const auto name = name_of(domain);
  return name && name->label_count() >= 2 && domain.front() != '[';
}

SpfResult result_of(Qualifier qualifier) {
  switch (qualifier) {
    case Qualifier::pass:
      return SpfResult::pass;
    case Qualifier::fail:
      return SpfResult::fail;
    case Qualifier::softfail:
      return SpfResult::softfail;
    case Qualifier::neutral:
      return SpfResult::neutral;
  }
  return SpfResult::neutral;
}

std::string_view to_text(Match::Kind kind) {
  switch (kind) {
    case Match::Kind::no:
      return "no match";
    case Match::Kind::yes:
      return "match";
    case Match::Kind::temperror:
      return "temperror";
    case Match::Kind::permerror:
      return "permerror";
  }
  return "";
}

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::string_view to_text(SpfResult result) {
  switch (result) {
    case SpfResult::none:
      return "none";
    case SpfResult::neutral:
      return "neutral";
    case SpfResult::pass:
      return "pass";
    case SpfResult::fail:
      return "fail";
    case SpfResult::softfail:
      return "softfail";
    case SpfResult::temperror:
      return "temperror";
    case SpfResult::permerror:
      return "permerror";
  }
  return "none";
}

Evaluation::Evaluation(DnsView& view, CheckRequest request, const Clock& clock)
    : view_(view), request_(std::move(request)), budget_(clock) {
  request_.ip = unmapped(request_.ip);
  // Only a mailbox has a local part: a HELO name is a domain as it stands (section 2.4).
  const bool null_sender = request_.mail_from.empty();
  const std::string& sender = null_sender ? request_.helo : request_.mail_from;
  const std::size_t at = null_sender ? std::string::npos : sender.rfind('@');
  if (at != std::string::npos) local_part_ = sender.substr(0, at);
  sender_domain_ = without_final_dot(at == std::string::npos ? sender : sender.substr(at + 1));
  if (local_part_.empty()) local_part_ = "postmaster";  // section 4.3
}

asio::awaitable<CheckResult> Evaluation::run() {
  CheckResult made;
  made.trace.term = "v=spf1";
  const Verdict verdict = co_await check(sender_domain_, made.trace);
  made.result = verdict.result;
  made.why = verdict.why;
  if (verdict.result == SpfResult::fail && verdict.explanation)
    made.explanation = co_await explain(verdict, made.trace);
  made.lookups = lookups_;
  made.voids = voids_;
  co_return made;
}

asio::awaitable<Lookup> Evaluation::ask(std::string name, RrType type, TraceTerm& trace) {
  Lookup lookup;
  lookup.name = name;
  lookup.type = type;
  if (!budget_.used_up()) lookup = co_await view_.lookup(std::move(name), type, budget_);
  stopped_ = lookup.outcome == Lookup::Outcome::failed && budget_.used_up();
  found_nothing_ = found_nothing_ || lookup.is_void();
  if (request_.with_trace) trace.asked.push_back(lookup);
  co_return lookup;
}

std::string Evaluation::why_failed(const Lookup& lookup) const {
  return stopped_ ? budget_.why()
                  : fmt::format("no answer about {} of {}", to_text(lookup.type), lookup.name);
}

void Evaluation::note(TraceTerm& above, TraceTerm term, std::string_view text,
                      std::string_view result, const std::string& why) const {
  if (!request_.with_trace) return;
  term.term = text;
  term.result = result;
  term.why = why;
  term.lookups = lookups_;
  term.voids = voids_;
  above.terms.push_back(std::move(term));
}

// Sections 4.3 to 4.5.
asio::awaitable<Verdict> Evaluation::check(std::string domain, TraceTerm& trace) {
  domain = without_final_dot(std::move(domain));
  Verdict verdict;
  verdict.domain = domain;
  trace.domain = domain;
  if (!can_be_judged(domain)) {
    verdict.why = fmt::format("\"{}\" is no domain of two labels or more", domain);
    co_return verdict;
  }
  const Lookup lookup = co_await ask(domain, RrType::txt, trace);
  if (lookup.outcome == Lookup::Outcome::failed) {
    verdict.result = SpfResult::temperror;
    verdict.why = why_failed(lookup);
    co_return verdict;
  }
  std::vector<std::string> records;
  for (const RecordData& data : lookup.records) {
    const auto* txt = std::get_if<Txt>(&data);
    std::string joined = txt ? txt->joined() : std::string();
    if (is_record(joined)) records.push_back(std::move(joined));
  }
  if (records.empty()) {
    verdict.why = fmt::format("{} publishes no SPF record", domain);
    co_return verdict;
  }
  verdict.result = SpfResult::permerror;
  if (records.size() > 1) {
    verdict.why = fmt::format("{} publishes {} SPF records, one may stand", domain, records.size());
    co_return verdict;
  }
  const auto record = parse_record(records.front());
  if (!record) {
    verdict.why = fmt::format("{}: {}", domain, record.error().text());
    co_return verdict;
  }
  co_return co_await judge(*record, std::move(domain), trace);
}

// Sections 4.6 and 4.7.
asio::awaitable<Verdict> Evaluation::judge(const Record& record, std::string domain,
                                           TraceTerm& trace) {
  Verdict verdict;
  verdict.domain = domain;
  for (const Directive& directive : record.directives) {
    // Most terms of most records, of which nothing is left behind.
    if (!request_.with_trace && asks_nothing(directive) && !matches_at_once(directive)) continue;
    TraceTerm term;
    Match found;
    if (!asks_nothing(directive))
      found = co_await match(directive, domain, term);
    else if (matches_at_once(directive))
      found.kind = Match::Kind::yes;
    if (request_.with_trace && term.domain.empty()) term.domain = domain;
    note(trace, std::move(term), directive.text, to_text(found.kind), found.why);
    if (found.kind == Match::Kind::no) continue;
    verdict.why = std::move(found.why);
    if (found.kind == Match::Kind::yes) {
      verdict.result = result_of(directive.qualifier);
      if (record.explanation) verdict.explanation = record.explanation->value;
    } else {
      verdict.result =
          found.kind == Match::Kind::temperror ? SpfResult::temperror : SpfResult::permerror;
    }
    co_return verdict;
  }
  if (record.redirect && !record.has_all())
    co_return co_await redirect(*record.redirect, std::move(domain), trace);
  verdict.result = SpfResult::neutral;
  co_return verdict;
}

// Section 6.1. The explanation is that of the record which was redirected to (6.2).
asio::awaitable<Verdict> Evaluation::redirect(const Modifier& modifier, std::string domain,
                                              TraceTerm& trace) {
  TraceTerm term;
  Verdict verdict;
  verdict.domain = domain;
  verdict.result = SpfResult::permerror;
  verdict.why = fmt::format("over {} terms that ask", kMostLookups);
  if (++lookups_ <= kMostLookups) {
    std::string target = co_await expanded(modifier.value, domain, term);
    target = shorten_name(std::move(target));
    verdict = co_await check(std::move(target), term);
    if (verdict.result == SpfResult::none) {
      verdict.result = SpfResult::permerror;
      verdict.why = fmt::format("redirect: {}", verdict.why);
    }
  }
  note(trace, std::move(term), modifier.text, to_text(verdict.result), verdict.why);
  co_return verdict;
}

// Section 6.2: whatever goes wrong, there is no explanation then.
asio::awaitable<std::string> Evaluation::explain(const Verdict& verdict, TraceTerm& trace) {
  TraceTerm term;
  term.domain = verdict.domain;
  std::string explanation;
  std::string name = co_await expanded(*verdict.explanation, verdict.domain, term);
  name = shorten_name(std::move(name));
  const Lookup lookup = co_await ask(std::move(name), RrType::txt, term);
  const auto* txt = lookup.records.size() == 1 ? std::get_if<Txt>(&lookup.records[0]) : nullptr;
  if (txt && is_ascii(txt->joined())) {
    const std::string published = txt->joined();
    if (const auto parsed = parse_macro_string(published, MacroUse::explanation))
      explanation = co_await expanded(*parsed, verdict.domain, term);
  }
  note(trace, std::move(term), "exp=" + verdict.explanation->text(),
       explanation.empty() ? "no explanation" : "explained", "");
  co_return explanation;
}

asio::awaitable<CheckResult> check_host(DnsView& view, CheckRequest request, const Clock& clock) {
  Evaluation evaluation(view, std::move(request), clock);
  CheckResult made = co_await evaluation.run();
  made.trace.result = to_text(made.result);
  made.trace.why = made.why;
  made.trace.lookups = made.lookups;
  made.trace.voids = made.voids;
  co_return made;
}

}  // namespace mxswitch::probes::spf
