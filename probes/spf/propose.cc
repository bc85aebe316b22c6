#include "probes/spf/propose.h"

#include <fmt/format.h>

#include <algorithm>

#include "probes/spf/terms.h"

namespace mxswitch::probes::spf {
namespace {

bool is_all(const std::string& term) {
  const std::string name = plain_term(term);
  return name == "all" || name == "-all" || name == "~all" || name == "?all";
}

bool is_modifier(const std::string& term) {
  const std::size_t equals = term.find('=');
  return equals != std::string::npos && equals < term.find_first_of(":/%");
}

Result<void> check_required(const std::vector<std::string>& required) {
  for (const std::string& term : required) {
    if (!parse_mechanism(term))
      return fail(Fault::usage, fmt::format("\"{}\" is no mechanism that could be required", term),
                  "--require", "write it as it stands in a record: include:spf.filter.example");
  }
  return {};
}

// The parts of the record to be, in their order.
struct Parts {
  std::vector<std::string> mechanisms, modifiers;
  std::string all;
};

Result<Parts> parts_of(const Published& published, Proposal& proposal) {
  Parts parts;
  for (std::size_t i = 0; i < published.texts.size(); ++i) {
    const auto record = parse_record(published.texts[i].joined());
    if (!record)
      return fail(Fault::malformed, record.error().text(), published.domain,
                  "mend the published record by hand first");
    if (i > 0) proposal.removed.push_back("a second record: its terms are united with the first");
    bool ended = false;
    for (const std::string& term : record->terms) {
      if (is_modifier(term)) {
        if (!has_term(parts.modifiers, term)) parts.modifiers.push_back(term);
      } else if (is_all(term)) {
        if (parts.all.empty()) parts.all = term;
        ended = true;
      } else if (ended) {
        proposal.removed.push_back(fmt::format("\"{}\": after all it was never reached", term));
      } else if (has_term(parts.mechanisms, term)) {
        proposal.removed.push_back(fmt::format("\"{}\": it stood twice", term));
      } else {
        parts.mechanisms.push_back(term);
      }
    }
  }
  return parts;
}

// The same mechanism with a qualifier under which it lets nobody pass.
bool is_weaker(const std::string& term, const std::string& required) {
  const std::string name = plain_term(term);
  return !name.empty() && std::string_view("-~?").find(name[0]) != std::string_view::npos &&
         same_term(name.substr(1), required);
}

bool is_redirect(const std::string& term) { return plain_term(term).rfind("redirect=", 0) == 0; }

}  // namespace

Result<Proposal> propose(const Published& published, const std::vector<std::string>& required,
                         const std::string& all) {
  if (auto checked = check_required(required); !checked) return Failure(checked.error());
  Proposal proposal;
  auto parts = parts_of(published, proposal);
  if (!parts) return Failure(parts.error());
  for (const std::string& term : required) {
    if (has_term(parts->mechanisms, term)) continue;
    std::erase_if(parts->mechanisms, [&](const std::string& one) {
      if (!is_weaker(one, term)) return false;
      proposal.removed.push_back(fmt::format("\"{}\": it matched first and let nobody pass", one));
      return true;
    });
    parts->mechanisms.push_back(term);
    proposal.added.push_back(term);
  }
  const bool redirected =
      std::any_of(parts->modifiers.begin(), parts->modifiers.end(), is_redirect);
  if (!parts->all.empty() && redirected) {
    std::erase_if(parts->modifiers, is_redirect);
    proposal.removed.push_back("redirect=: beside all it was never followed");
  }
  if (parts->all.empty() && !redirected) parts->all = all;

  proposal.record = "v=spf1";
  for (const std::string& term : parts->mechanisms) proposal.record += " " + term;
  if (!parts->all.empty()) proposal.record += " " + parts->all;
  for (const std::string& term : parts->modifiers) proposal.record += " " + term;
  proposal.octets = proposal.record.size();
  proposal.unchanged = proposal.added.empty() && published.texts.size() == 1 &&
                       proposal.removed.empty() && published.texts[0].joined() == proposal.record;
  return proposal;
}

}  // namespace mxswitch::probes::spf
