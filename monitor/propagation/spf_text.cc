#include "monitor/propagation/spf_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "monitor/propagation/classify.h"
#include "probes/base/time_text.h"
#include "probes/spf/record.h"
#include "probes/spf/terms.h"
#include "probes/spf/view.h"

namespace mxswitch::monitor {
namespace {

constexpr std::array kWorstFirst = {SpfText::many_records, SpfText::no_record,
                                    SpfText::term_missing, SpfText::unknown, SpfText::term_present};
constexpr std::size_t kMostNamed = 3;

auto rank(SpfText verdict) {
  return std::find(kWorstFirst.begin(), kWorstFirst.end(), verdict) - kWorstFirst.begin();
}

std::string label_of(const std::string& server, const Endpoint& endpoint) {
  return fmt::format("{} ({})", server, endpoint.text());
}

std::vector<std::string> records_of(const TxtSample& sample) {
  std::vector<std::string> records;
  std::copy_if(sample.texts.begin(), sample.texts.end(), std::back_inserter(records),
               [](const std::string& text) { return probes::spf::is_record(text); });
  return records;
}

void judge_terms(const std::vector<std::string>& required, const std::string& who,
                 SpfServerReport& report) {
  std::vector<std::string> missing;
  for (const std::string& term : required)
    if (!probes::spf::record_has_term(report.record, term)) missing.push_back(term);
  report.verdict = missing.empty() ? SpfText::term_present : SpfText::term_missing;
  if (!missing.empty())
    report.why =
        fmt::format("{} has one SPF record without \"{}\"", who, fmt::join(missing, "\", \""));
  else if (required.empty())
    report.why = who + " has one SPF record";
  else
    report.why = fmt::format("{} has \"{}\"", who, fmt::join(required, "\", \""));
}

SpfServerReport judge_one(const std::vector<std::string>& required, const TxtSample& sample) {
  SpfServerReport report;
  report.from_authority = sample.from_authority;
  report.server = sample.server;
  report.endpoint = sample.endpoint;
  report.at = sample.received_at;
  const std::string who = label_of(sample.server, sample.endpoint);
  if (!is_conclusive(sample.outcome)) {
    report.why = who + " gave no usable answer about TXT";
    return report;
  }
  if (!sample.from_authority) report.expires_at = sample.received_at + seconds(sample.ttl);
  const std::vector<std::string> records = records_of(sample);
  if (records.size() == 1) {
    report.record = records.front();
    judge_terms(required, who, report);
    return report;
  }
  report.verdict = records.empty() ? SpfText::no_record : SpfText::many_records;
  report.why = records.empty() ? who + " has no SPF record"
                               : fmt::format("{} has {} SPF records, one is allowed (RFC 7208 4.5)",
                                             who, records.size());
  return report;
}

// Of those that were asked for `name`; an empty name in a sample means the owner.
std::vector<const TxtSample*> newest_of_each(const std::vector<TxtSample>& samples,
                                             const DnsName& name, const DnsName& owner) {
  std::map<std::tuple<bool, std::string, Endpoint>, const TxtSample*> newest;
  for (const TxtSample& sample : samples) {
    if ((sample.name.is_root() ? owner : sample.name) != name) continue;
    const TxtSample*& kept = newest[{sample.from_authority, sample.server, sample.endpoint}];
    if (!kept || kept->received_at <= sample.received_at) kept = &sample;
  }
  std::vector<const TxtSample*> chosen;
  for (const auto& [key, sample] : newest) chosen.push_back(sample);
  return chosen;
}

// What the authorities publish, where they agree.
std::optional<std::string> published(const std::vector<SpfServerReport>& servers) {
  std::set<std::string> records;
  bool any = false;
  for (const SpfServerReport& server : servers) {
    if (!server.from_authority || server.verdict == SpfText::unknown) continue;
    any = true;
    records.insert(server.record);
  }
  if (!any || records.size() != 1) return std::nullopt;
  return *records.begin();
}

std::string some(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kMostNamed);
  std::string text = fmt::format(
      "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

void compare_views(SpfTextReport& report, Time now) {
  const auto record = published(report.servers);
  std::vector<std::string> without;
  for (SpfServerReport& server : report.servers) {
    server.current = record && server.verdict != SpfText::unknown && server.record == *record;
    if (server.from_authority || server.verdict == SpfText::unknown) continue;
    ++report.resolvers;
    report.seeing += server.verdict == SpfText::term_present ? 1 : 0;
    report.current += server.current ? 1 : 0;
    if (server.verdict != SpfText::term_present)
      without.push_back(label_of(server.server, server.endpoint));
    if (record && !server.current)
      report.converges_at =
          std::max(report.converges_at.value_or(*server.expires_at), *server.expires_at);
  }
  if (report.resolvers == 0) {
    report.views = "no resolver was asked yet: before the change that would plant the old record";
    return;
  }
  const std::string what = report.required.empty()
                               ? "one SPF record"
                               : fmt::format("{}", fmt::join(report.required, " and "));
  report.views = fmt::format("{} of {} resolvers see {}", report.seeing, report.resolvers, what);
  if (!without.empty()) report.views += fmt::format("; not {}", some(without));
  const int other = report.resolvers - report.current;
  if (report.converges_at && other > 0)
    report.views +=
        fmt::format("; {} hold{} another record than the authorities, until {} at most", other,
                    other == 1 ? "s" : "", format_moment(*report.converges_at, now));
  if (!record) report.views += "; the authorities do not agree on one record themselves";
}

SpfTargetReport judge_target(const DnsName& name, const SpfWish& wish,
                             const std::vector<TxtSample>& samples, Time now) {
  SpfTargetReport report;
  report.name = name.text();
  std::set<std::vector<std::string>> texts;
  std::optional<Time> last;
  for (const TxtSample* sample : newest_of_each(samples, name, wish.owner)) {
    if (sample->from_authority || !is_conclusive(sample->outcome)) continue;
    const std::vector<std::string> records = records_of(*sample);
    ++report.resolvers;
    report.with_record += records.size() == 1 ? 1 : 0;
    texts.insert(records);
    const Time expires = sample->received_at + seconds(sample->ttl);
    last = std::max(last.value_or(expires), expires);
  }
  report.texts = static_cast<int>(texts.size());
  if (report.resolvers == 0) {
    report.why = report.name + " was not asked about at any resolver yet";
    return report;
  }
  report.why = fmt::format("{} of {} resolvers see one SPF record at {}", report.with_record,
                           report.resolvers, report.name);
  if (report.texts > 1) {
    report.converges_at = last;
    report.why += fmt::format(", in {} versions; the last copy expires {}", report.texts,
                              format_moment(*last, now));
  }
  return report;
}

std::string verdict_text(const SpfTextReport& report) {
  const auto alike =
      std::count_if(report.servers.begin(), report.servers.end(),
                    [&](const SpfServerReport& s) { return s.verdict == report.verdict; });
  if (report.verdict != SpfText::term_present)
    return report.servers.front().why + (alike > 1 ? fmt::format(", and {} more", alike - 1) : "");
  const std::string with = report.required.empty()
                               ? ""
                               : fmt::format(" with \"{}\"", fmt::join(report.required, "\", \""));
  return fmt::format("one SPF record{} at all {} servers", with, report.servers.size());
}

}  // namespace

std::vector<DnsName> include_targets(const std::vector<std::string>& required) {
  namespace spf = probes::spf;
  std::vector<DnsName> targets;
  for (const std::string& term : required) {
    const auto directive = spf::parse_mechanism(term);
    if (!directive || directive->mechanism != spf::Mechanism::include) continue;
    const spf::MacroString& domain = *directive->domain;
    const bool plain =
        domain.tokens().size() == 1 && std::holds_alternative<std::string>(domain.tokens().front());
    const auto name = plain ? spf::name_of(domain.text()) : std::nullopt;
    if (name && std::find(targets.begin(), targets.end(), *name) == targets.end())
      targets.push_back(*name);
  }
  return targets;
}

SpfTextReport judge_spf_text(const SpfWish& wish, const std::vector<TxtSample>& samples, Time now) {
  SpfTextReport report;
  report.required = wish.required;
  for (const TxtSample* sample : newest_of_each(samples, wish.owner, wish.owner))
    report.servers.push_back(judge_one(wish.required, *sample));
  std::stable_sort(report.servers.begin(), report.servers.end(),
                   [](const auto& a, const auto& b) { return rank(a.verdict) < rank(b.verdict); });
  const bool authority = std::any_of(report.servers.begin(), report.servers.end(), [](auto& s) {
    return s.from_authority && s.verdict != SpfText::unknown;
  });
  report.why = "no authoritative server answered about TXT";
  if (authority) {
    report.verdict = report.servers.front().verdict;
    report.why = verdict_text(report);
  }
  compare_views(report, now);
  for (const DnsName& name : include_targets(wish.required))
    report.targets.push_back(judge_target(name, wish, samples, now));
  for (const SpfServerReport& server : report.servers) {
    report.oldest_at =
        report.oldest_at == Time() ? server.at : std::min(report.oldest_at, server.at);
    report.newest_at = std::max(report.newest_at, server.at);
  }
  return report;
}

}  // namespace mxswitch::monitor
