#include "probes/spf/survey.h"

#include <algorithm>

namespace mxswitch::probes::spf {
namespace {

constexpr std::size_t kMostRecords = 64;
constexpr std::size_t kDeepest = 10;

struct Lead {
  std::string term, domain;
  bool by_macro = false;
};

Lead lead_of(const std::string& term, const MacroString& target, const std::string& domain) {
  Lead lead{term, target.text(), false};
  // %{d} is known; every other macro is of a sender.
  MacroFacts facts;
  facts.domain = domain;
  for (const MacroString::Token& token : target.tokens()) {
    const auto* macro = std::get_if<Macro>(&token);
    lead.by_macro = lead.by_macro || (macro && macro->letter != 'd');
  }
  if (!lead.by_macro) lead.domain = shorten_name(expand(target, facts));
  return lead;
}

std::vector<Lead> leads_of(const Record& record, const std::string& domain) {
  std::vector<Lead> leads;
  for (const Directive& directive : record.directives)
    if (directive.mechanism == Mechanism::include)
      leads.push_back(lead_of(directive.text, *directive.domain, domain));
  if (record.redirect && !record.has_all())
    leads.push_back(lead_of(record.redirect->text, record.redirect->value, domain));
  return leads;
}

class Surveyor {
 public:
  explicit Surveyor(DnsView& view) : view_(view) {}

  asio::awaitable<Published> fetch(std::string term, std::string domain) {
    Published made;
    made.term = std::move(term);
    made.domain = domain;
    const Lookup lookup = co_await view_.lookup(domain, RrType::txt);
    made.outcome = lookup.outcome;
    made.ttl = lookup.ttl;
    ++fetched_;
    for (const RecordData& data : lookup.records) {
      const auto* txt = std::get_if<Txt>(&data);
      if (txt && is_record(txt->joined())) made.texts.push_back(*txt);
    }
    if (made.texts.size() != 1) co_return made;
    auto record = parse_record(made.texts[0].joined());
    if (!record) {
      made.syntax_error = record.error().text();
      co_return made;
    }
    made.record = std::move(*record);
    above_.push_back(domain);
    const std::vector<Lead> leads = leads_of(*made.record, domain);
    for (const Lead& lead : leads) {
      Published next = co_await follow(lead);
      made.leads_to.push_back(std::move(next));
    }
    above_.pop_back();
    co_return made;
  }

 private:
  asio::awaitable<Published> follow(const Lead& lead) {
    Published next;
    next.term = lead.term;
    next.domain = lead.domain;
    next.by_macro = lead.by_macro;
    const auto wanted = name_of(lead.domain);
    next.looped = std::any_of(above_.begin(), above_.end(), [&](const std::string& domain) {
      return wanted && name_of(domain) == wanted;
    });
    if (next.by_macro || next.looped || fetched_ >= kMostRecords || above_.size() >= kDeepest)
      co_return next;
    co_return co_await fetch(lead.term, lead.domain);
  }

  DnsView& view_;
  std::vector<std::string> above_;
  std::size_t fetched_ = 0;
};

bool asks(Mechanism mechanism) {
  return mechanism != Mechanism::all && mechanism != Mechanism::ip4 && mechanism != Mechanism::ip6;
}

}  // namespace

asio::awaitable<Survey> survey(DnsView& view, std::string domain) {
  Survey made;
  Surveyor surveyor(view);
  made.root = co_await surveyor.fetch("", domain);
  const Lookup retired = co_await view.lookup(domain, RrType::spf);
  made.type99 = retired.outcome == Lookup::Outcome::found;
  if (made.root.record && made.root.record->explanation) {
    const Lead lead = lead_of("exp", made.root.record->explanation->value, domain);
    if (!lead.by_macro) made.explanation = co_await view.lookup(lead.domain, RrType::txt);
  }
  co_return made;
}

Cost worst_case(const Published& published) {
  Cost cost;
  if (!published.record) {
    cost.at_least = published.by_macro || published.outcome == Lookup::Outcome::failed;
    return cost;
  }
  const Record& record = *published.record;
  cost.lookups = static_cast<int>(
      std::count_if(record.directives.begin(), record.directives.end(),
                    [](const Directive& directive) { return asks(directive.mechanism); }));
  if (record.redirect && !record.has_all()) ++cost.lookups;
  for (const Published& next : published.leads_to) {
    const Cost below = worst_case(next);
    cost.lookups += below.lookups;
    cost.at_least = cost.at_least || below.at_least;
  }
  return cost;
}

}  // namespace mxswitch::probes::spf
