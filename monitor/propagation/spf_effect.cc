#include "monitor/propagation/spf_effect.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "probes/spf/terms.h"

namespace mxswitch::monitor {
namespace {

namespace spf = probes::spf;
using spf::Directive;
using spf::Mechanism;
using spf::Published;
using spf::Qualifier;

std::string without_qualifier(const std::string& term) {
  const bool qualified =
      !term.empty() && std::string_view("+-~?").find(term.front()) != std::string_view::npos;
  return qualified ? term.substr(1) : term;
}

bool same_text(const Directive& directive, const std::string& term) {
  return spf::same_term(without_qualifier(directive.text), without_qualifier(term));
}

// Its meaning depends on whose record it stands in: "mx", "a:%{d}".
bool is_of_its_domain(const Directive& directive) {
  if (directive.domain) return directive.domain->has_macro('d');
  return directive.mechanism == Mechanism::a || directive.mechanism == Mechanism::mx ||
         directive.mechanism == Mechanism::ptr;
}

const Published* target_of(const Published& above, const std::string& text) {
  const auto found = std::find_if(above.leads_to.begin(), above.leads_to.end(),
                                  [&](const Published& next) { return next.term == text; });
  return found == above.leads_to.end() ? nullptr : &*found;
}

// Why nothing can be said of what stands behind it; empty: it was followed, or is no record.
std::string not_followed(const Published& next) {
  if (next.by_macro) return fmt::format("\"{}\" depends on the sender", next.term);
  if (next.too_far) return fmt::format("\"{}\" was not followed, it lies too deep", next.term);
  if (next.outcome == spf::Lookup::Outcome::failed && !next.looped)
    return fmt::format("no answer about TXT of {}", next.domain);
  return "";
}

class TermSearch {
 public:
  explicit TermSearch(const std::string& term) : term_(term) {}

  SpfTermSeen run(const Published& root) {
    owner_ = spf::name_of(root.domain);
    search(root, "", true);
    if (seen_.effect == SpfEffect::effective) return seen_;
    if (!obstacle_.empty()) {
      seen_.effect = SpfEffect::without_effect;
      seen_.why = obstacle_;
    } else if (!unknown_.empty()) {
      seen_.effect = SpfEffect::unknown;
      seen_.why = unknown_;
    } else {
      seen_.effect = SpfEffect::without_effect;
      seen_.why = "it stands nowhere in the record";
    }
    return seen_;
  }

 private:
  // `decides`: what does not pass here ends the evaluation; of an included record only a pass
  // counts (section 5.2). True: the term or its opposite was reached, so the search is over.
  bool search(const Published& published, const std::string& through, bool decides) {
    if (!published.record) {
      if (unknown_.empty()) unknown_ = not_followed(published);
      return false;
    }
    const spf::Record& record = *published.record;
    for (std::size_t i = 0; i < record.directives.size(); ++i) {
      const Directive& directive = record.directives[i];
      if (same_mechanism(published, directive)) {
        if (judge(published, directive, through, decides)) return true;
        continue;
      }
      if (directive.mechanism == Mechanism::all) {
        note_after_all(published, i);
        return false;
      }
      const bool nested =
          directive.mechanism == Mechanism::include && directive.qualifier == Qualifier::pass;
      if (!nested) continue;
      const Published* next = target_of(published, directive.text);
      if (next && search(*next, directive.text, false)) return true;
    }
    if (!record.redirect) return false;
    const Published* next = target_of(published, record.redirect->text);
    return next && search(*next, record.redirect->text, decides);
  }

  bool judge(const Published& published, const Directive& directive, const std::string& through,
             bool decides) {
    if (directive.qualifier != Qualifier::pass) {
      obstacle_ = fmt::format("\"{}\" lets nobody pass", directive.text);
      return decides;
    }
    const Published* next =
        directive.mechanism == Mechanism::include ? target_of(published, directive.text) : nullptr;
    if (next && !next->record) {
      const std::string unknown = not_followed(*next);
      (unknown.empty() ? obstacle_ : unknown_) =
          unknown.empty() ? fmt::format("{} has no valid SPF record", next->domain) : unknown;
      return true;
    }
    obstacle_.clear();
    seen_ = {term_, SpfEffect::effective, through.empty() ? "" : "through " + through};
    return true;
  }

  // The same text in another domain's record may speak of that domain.
  bool same_mechanism(const Published& published, const Directive& directive) {
    if (!same_text(directive, term_)) return false;
    if (!is_of_its_domain(directive) || spf::name_of(published.domain) == owner_) return true;
    if (obstacle_.empty())
      obstacle_ = fmt::format("\"{}\" in the record of {} means that domain's hosts",
                              directive.text, published.domain);
    return false;
  }

  void note_after_all(const Published& published, std::size_t all) {
    const auto& directives = published.record->directives;
    for (std::size_t i = all + 1; i < directives.size(); ++i)
      if (same_mechanism(published, directives[i]) && obstacle_.empty())
        obstacle_ = fmt::format("it stands after \"{}\" in the record of {} and is never reached",
                                directives[all].text, published.domain);
  }

  std::optional<probes::DnsName> owner_;
  std::string term_, obstacle_, unknown_;
  SpfTermSeen seen_{term_, SpfEffect::unknown, ""};
};

void add_broken(const Published& above, std::vector<SpfBroken>& broken) {
  for (const Published& next : above.leads_to) {
    if (next.by_macro) continue;
    if (next.too_far) {
      broken.push_back({not_followed(next), true});
    } else if (next.looped) {
      broken.push_back({fmt::format("\"{}\" leads back to itself", next.term), false});
    } else if (next.texts.size() > 1) {
      broken.push_back(
          {fmt::format("{} has {} SPF records", next.domain, next.texts.size()), false});
    } else if (!next.syntax_error.empty()) {
      broken.push_back({fmt::format("{}: {}", next.domain, next.syntax_error), false});
    } else if (next.outcome == spf::Lookup::Outcome::failed) {
      broken.push_back({fmt::format("no answer about TXT of {}", next.domain), true});
    } else if (!next.record) {
      broken.push_back({fmt::format("\"{}\" leads to no SPF record", next.term), false});
    }
    add_broken(next, broken);
  }
}

}  // namespace

std::string_view to_text(SpfEffect effect) {
  switch (effect) {
    case SpfEffect::effective:
      return "effective";
    case SpfEffect::without_effect:
      return "without effect";
    case SpfEffect::unknown:
      return "unknown";
  }
  return "unknown";
}

SpfTermSeen judge_term(const Published& root, const std::string& term) {
  return TermSearch(term).run(root);
}

std::vector<SpfBroken> broken_targets(const Published& root) {
  std::vector<SpfBroken> broken;
  add_broken(root, broken);
  return broken;
}

}  // namespace mxswitch::monitor
