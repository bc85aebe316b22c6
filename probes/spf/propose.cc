#include "probes/spf/propose.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "probes/spf/terms.h"

namespace mxswitch::probes::spf {
namespace {

constexpr std::size_t kShown = 200;  // octets of a text

bool is_all(const std::string& term) {
  const std::string name = plain_term(term);
  return name == "all" || name == "-all" || name == "~all" || name == "?all";
}

bool is_modifier(const std::string& term) {
  const std::size_t equals = term.find('=');
  return equals != std::string::npos && equals < term.find_first_of(":/%");
}

Result<void> check(const std::vector<std::string>& required, const std::string& all) {
  for (const std::string& term : required) {
    if (const auto parsed = parse_mechanism(term); !parsed)
      return fail(Fault::usage,
                  fmt::format("\"{}\" can't be required: {}", term, parsed.error().what),
                  "--require", "write it as it takes effect: include:spf.filter.example");
  }
  const std::string end = plain_term(all);
  if (end != "-all" && end != "~all" && end != "?all")
    return fail(Fault::usage, fmt::format("\"{}\" is no end of a record", all), "--all",
                "write -all, ~all or ?all (+all lets anyone pass)");
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
    for (const std::string& term : terms_of(*record)) {
      if (is_modifier(term)) {
        if (!has_term(parts.modifiers, term)) parts.modifiers.push_back(term);
      } else if (is_all(term)) {
        if (parts.all.empty())
          parts.all = term;
        else if (!same_term(parts.all, term))
          proposal.removed.push_back(
              fmt::format("\"{}\": the record ends in \"{}\" already", term, parts.all));
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

// Two records may name two places; one record may name one (section 6).
Result<void> unite_modifiers(const Published& published, Parts& parts, Proposal& proposal) {
  const auto named = [](const char* name) {
    return [name](const std::string& term) { return plain_term(term).rfind(name, 0) == 0; };
  };
  const auto count = [&](const char* name) {
    return std::count_if(parts.modifiers.begin(), parts.modifiers.end(), named(name));
  };
  if (!parts.all.empty() && count("redirect=") > 0) {
    std::erase_if(parts.modifiers, is_redirect);
    proposal.removed.push_back(published.texts.size() > 1
                                   ? fmt::format("redirect=: the record ends in \"{}\"", parts.all)
                                   : "redirect=: beside all it was never followed");
  }
  if (count("redirect=") > 1)
    return fail(Fault::malformed, "its records redirect to different places", published.domain,
                "take one of them out by hand first");
  bool kept = false;
  std::erase_if(parts.modifiers, [&](const std::string& term) {
    if (!named("exp=")(term)) return false;
    if (!std::exchange(kept, true)) return false;
    proposal.removed.push_back(fmt::format("\"{}\": one explanation may stand", term));
    return true;
  });
  return {};
}

// Does the record behind an include or a redirect hold the term where it takes effect?
bool holds(const Published& published, const std::string& term) {
  if (!published.record) return false;
  const auto behind = [&](const std::string& lead) {
    return std::any_of(
        published.leads_to.begin(), published.leads_to.end(),
        [&](const Published& next) { return next.term == lead && holds(next, term); });
  };
  for (const Directive& directive : published.record->directives) {
    if (directive.mechanism == Mechanism::all) return false;
    if (directive.qualifier != Qualifier::pass) continue;
    if (same_term(directive.text, term)) return true;
    if (directive.mechanism == Mechanism::include && behind(directive.text)) return true;
  }
  return published.record->redirect && behind(published.record->redirect->text);
}

// The term of the record that it is behind already; empty: none. "mx" elsewhere means other hosts.
std::string stands_behind(const Published& published, const std::vector<std::string>& terms,
                          const std::string& wanted) {
  const auto parsed = parse_mechanism(wanted);
  const bool of_its_domain = !parsed || (!parsed->domain && parsed->mechanism != Mechanism::ip4 &&
                                         parsed->mechanism != Mechanism::ip6);
  if (of_its_domain || parsed->domain.value_or(MacroString()).has_macro('d')) return "";
  for (const Published& next : published.leads_to) {
    const auto lead = parse_record("v=spf1 " + next.term);
    const bool passes =
        lead && (lead->redirect || lead->directives.at(0).qualifier == Qualifier::pass);
    if (passes && has_term(terms, next.term) && holds(next, wanted)) return next.term;
  }
  return "";
}

// Every sender of a family matches it, so what comes after it is never reached by them.
bool matches_everybody(const std::string& term) {
  const auto record = parse_record("v=spf1 " + term);
  if (!record || record->directives.size() != 1) return false;
  const Directive& directive = record->directives.front();
  return directive.prefix_v4 == 0 || directive.prefix_v6 == 0;
}

void add(Parts& parts, Proposal& proposal, const std::string& term) {
  std::erase_if(parts.mechanisms, [&](const std::string& one) {
    if (!is_weaker(one, term)) return false;
    proposal.removed.push_back(fmt::format("\"{}\": it matched first and let nobody pass", one));
    return true;
  });
  const auto place =
      std::find_if(parts.mechanisms.begin(), parts.mechanisms.end(), matches_everybody);
  if (place != parts.mechanisms.end())
    proposal.notes.push_back(fmt::format(
        "\"{}\" stands before \"{}\", which matches everybody of a family", term, *place));
  parts.mechanisms.insert(place, term);
  proposal.added.push_back(term);
}

}  // namespace

Result<Proposal> propose(const Published& published, const std::vector<std::string>& required,
                         const std::string& all) {
  if (auto checked = check(required, all); !checked) return Failure(checked.error());
  Proposal proposal;
  auto parts = parts_of(published, proposal);
  if (!parts) return Failure(parts.error());
  if (auto united = unite_modifiers(published, *parts, proposal); !united)
    return Failure(united.error());
  std::vector<std::string> leads = parts->mechanisms;
  leads.insert(leads.end(), parts->modifiers.begin(), parts->modifiers.end());
  for (const std::string& term : required) {
    if (has_term(parts->mechanisms, term)) continue;
    const bool weaker = std::any_of(parts->mechanisms.begin(), parts->mechanisms.end(),
                                    [&](const std::string& one) { return is_weaker(one, term); });
    const std::string through = weaker ? "" : stands_behind(published, leads, term);
    if (through.empty())
      add(*parts, proposal, term);
    else
      proposal.notes.push_back(
          fmt::format("\"{}\" takes effect through \"{}\" already", term, through));
  }
  if (parts->all.empty() &&
      std::none_of(parts->modifiers.begin(), parts->modifiers.end(), is_redirect))
    parts->all = all;

  for (const auto& [text, why] : published.near)
    proposal.notes.push_back(
        fmt::format("\"{}\" was meant as an SPF record and is none: {}; take it out, this one goes "
                    "in its place",
                    text.substr(0, kShown), why));

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
