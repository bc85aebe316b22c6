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

std::string plain_term(std::string_view term) {
  if (term.starts_with('+')) term.remove_prefix(1);
  if (term.ends_with('.')) term.remove_suffix(1);
  std::string made(term);
  std::transform(made.begin(), made.end(), made.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return made;
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
  const bool alone =
      record->terms.size() == 1 && record->directives.size() == 1 && record->terms.front() == term;
  if (!alone || record->directives.front().mechanism == Mechanism::all)
    return fail(Fault::malformed, "no mechanism", fmt::format("term \"{}\"", term));
  return std::move(record->directives.front());
}

}  // namespace mxswitch::probes::spf
