#include "probes/spf/glue.h"

#include "probes/spf/record.h"

namespace mxswitch::probes::spf {
namespace {

bool is_term(const std::string& text) {
  return !text.empty() && parse_record("v=spf1 " + text).has_value();
}

}  // namespace

std::vector<Glued> glued_terms(const Txt& text) {
  std::vector<Glued> found;
  for (std::size_t i = 0; i + 1 < text.strings.size(); ++i) {
    const std::string &before = text.strings[i], &after = text.strings[i + 1];
    Glued glued{before.substr(before.rfind(' ') + 1), after.substr(0, after.find(' '))};
    if (is_term(glued.left) && is_term(glued.right)) found.push_back(std::move(glued));
  }
  return found;
}

bool lost_its_version(const Txt& text) {
  return !text.strings.empty() && is_record(text.strings.front()) && !is_record(text.joined());
}

}  // namespace mxswitch::probes::spf
