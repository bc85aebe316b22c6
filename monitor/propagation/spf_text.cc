#include "monitor/propagation/spf_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "monitor/propagation/classify.h"

namespace mxswitch::monitor {
namespace {

constexpr std::array kWorstFirst = {SpfText::many_records, SpfText::no_record,
                                    SpfText::term_missing, SpfText::unknown, SpfText::term_present};

auto rank(SpfText verdict) {
  return std::find(kWorstFirst.begin(), kWorstFirst.end(), verdict) - kWorstFirst.begin();
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string normal_term(std::string_view term) {
  std::string out = lower(term);
  if (!out.empty() && out.front() == '+') out.erase(0, 1);
  if (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

std::vector<std::string> terms_of(std::string_view record) {
  std::vector<std::string> terms;
  std::size_t begin = 0;
  while (begin < record.size()) {
    const std::size_t end = std::min(record.find(' ', begin), record.size());
    if (end > begin) terms.push_back(normal_term(record.substr(begin, end - begin)));
    begin = end + 1;
  }
  return terms;
}

SpfServerReport judge_one(std::string_view required, const TxtSample& sample) {
  SpfServerReport report{sample.from_authority,
                         sample.server,
                         sample.endpoint,
                         sample.received_at,
                         SpfText::unknown,
                         {},
                         {}};
  const std::string who = fmt::format("{} ({})", sample.server, sample.endpoint.text());
  if (!is_conclusive(sample.outcome)) {
    report.why = who + " gave no usable answer about TXT";
    return report;
  }
  std::vector<std::string> records;
  std::copy_if(sample.texts.begin(), sample.texts.end(), std::back_inserter(records),
               [](const std::string& text) { return is_spf_record(text); });
  if (records.size() != 1) {
    report.verdict = records.empty() ? SpfText::no_record : SpfText::many_records;
    report.why = records.empty()
                     ? who + " has no SPF record"
                     : fmt::format("{} has {} SPF records, one is allowed (RFC 7208 4.5)", who,
                                   records.size());
    return report;
  }
  report.record = records.front();
  const bool present = spf_has_term(report.record, required);
  report.verdict = present ? SpfText::term_present : SpfText::term_missing;
  report.why = present ? fmt::format("{} has \"{}\"", who, required)
                       : fmt::format("{} has one SPF record without \"{}\"", who, required);
  return report;
}

std::vector<SpfServerReport> newest_of_each(std::string_view required,
                                            const std::vector<TxtSample>& samples) {
  std::map<std::tuple<bool, std::string, Endpoint>, const TxtSample*> newest;
  for (const TxtSample& sample : samples) {
    const TxtSample*& kept = newest[{sample.from_authority, sample.server, sample.endpoint}];
    if (!kept || kept->received_at <= sample.received_at) kept = &sample;
  }
  std::vector<SpfServerReport> servers;
  for (const auto& [key, sample] : newest) servers.push_back(judge_one(required, *sample));
  std::stable_sort(servers.begin(), servers.end(),
                   [](const auto& a, const auto& b) { return rank(a.verdict) < rank(b.verdict); });
  return servers;
}

}  // namespace

bool is_spf_record(std::string_view text) {
  constexpr std::string_view kVersion = "v=spf1";
  return lower(text.substr(0, kVersion.size())) == kVersion &&
         (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

bool spf_has_term(std::string_view record, std::string_view term) {
  if (!is_spf_record(record)) return false;
  const std::vector<std::string> terms = terms_of(record);
  return std::find(terms.begin() + 1, terms.end(), normal_term(term)) != terms.end();
}

SpfTextReport judge_spf_text(std::string_view required, const std::vector<TxtSample>& samples) {
  SpfTextReport report;
  report.required = required;
  report.servers = newest_of_each(required, samples);
  const bool authority = std::any_of(report.servers.begin(), report.servers.end(), [](auto& s) {
    return s.from_authority && s.verdict != SpfText::unknown;
  });
  if (report.servers.empty() || !authority) {
    report.why = "no authoritative server answered about TXT";
  } else {
    report.verdict = report.servers.front().verdict;
    const auto others =
        std::count_if(report.servers.begin(), report.servers.end(),
                      [&](const SpfServerReport& s) { return s.verdict == report.verdict; });
    report.why = report.verdict == SpfText::term_present
                     ? fmt::format("one SPF record with \"{}\" at all {} servers", required,
                                   report.servers.size())
                     : report.servers.front().why +
                           (others > 1 ? fmt::format(", and {} more", others - 1) : "");
  }
  for (const SpfServerReport& server : report.servers) {
    report.oldest_at =
        report.oldest_at == Time() ? server.at : std::min(report.oldest_at, server.at);
    report.newest_at = std::max(report.newest_at, server.at);
  }
  return report;
}

}  // namespace mxswitch::monitor
