#include "probes/spf/terms.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxswitch::probes::spf {
namespace {

std::vector<std::string> words_of(std::string_view record) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  while (begin < record.size()) {
    const std::size_t end = std::min(record.find(' ', begin), record.size());
    if (end > begin) words.emplace_back(record.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

}  // namespace

std::string lowered_term(std::string_view term) {
  std::string made(term);
  for (std::size_t i = 0; i < made.size(); ++i) {
    const bool macro_letter = i >= 2 && made[i - 1] == '{' && made[i - 2] == '%';
    const char c = made[i];
    if (!macro_letter && c >= 'A' && c <= 'Z') made[i] = static_cast<char>(c - 'A' + 'a');
  }
  return made;
}

std::string plain_term(std::string_view term) {
  if (term.starts_with('+')) term.remove_prefix(1);
  if (term.ends_with('.')) term.remove_suffix(1);
  return lowered_term(term);
}

bool same_term(std::string_view a, std::string_view b) { return plain_term(a) == plain_term(b); }

bool has_term(const std::vector<std::string>& terms, std::string_view term) {
  return std::any_of(terms.begin(), terms.end(),
                     [&](const std::string& one) { return same_term(one, term); });
}

bool record_has_term(std::string_view record, std::string_view term) {
  if (!is_record(record)) return false;
  std::vector<std::string> terms = words_of(record);
  terms.erase(terms.begin());  // the version
  return has_term(terms, term);
}

Result<Directive> parse_mechanism(std::string_view term) {
  auto record = parse_record("v=spf1 " + std::string(term));
  if (!record) return Failure(record.error());
  const bool alone = record->directives.size() == 1 && record->directives.front().text == term;
  if (!alone || record->directives.front().mechanism == Mechanism::all)
    return fail(Fault::malformed, "no mechanism", fmt::format("term \"{}\"", term));
  if (record->directives.front().qualifier != Qualifier::pass)
    return fail(Fault::malformed, "with its qualifier it lets nobody pass",
                fmt::format("term \"{}\"", term), "leave the qualifier out");
  return std::move(record->directives.front());
}

}  // namespace mxswitch::probes::spf
