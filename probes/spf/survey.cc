#include "probes/spf/survey.h"

#include <span>

#include "probes/spf/evaluate.h"
#include "probes/spf/glue.h"
#include "probes/spf/near_miss.h"

namespace mxswitch::probes::spf {
namespace {

constexpr std::size_t kMostRecords = 64;
constexpr std::size_t kMostNear = 8;
constexpr std::size_t kDeepest = 11;  // the domain's own and one for each term that may ask
constexpr std::size_t kMostQuestions = 256;
constexpr std::size_t kLongestString = 255;

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

// As it is published: strings of at most 255 octets.
Txt split_text(const std::string& record) {
  Txt made;
  for (std::size_t at = 0; at < record.size(); at += kLongestString)
    made.strings.push_back(record.substr(at, kLongestString));
  return made;
}

// Terms after all are never reached.
std::span<const Directive> reached(const Record& record) {
  const auto all = std::find_if(record.directives.begin(), record.directives.end(),
                                [](const Directive& d) { return d.mechanism == Mechanism::all; });
  return {record.directives.begin(), all};
}

std::vector<Lead> leads_of(const Record& record, const std::string& domain) {
  std::vector<Lead> leads;
  for (const Directive& directive : reached(record))
    if (directive.mechanism == Mechanism::include)
      leads.push_back(lead_of(directive.text, *directive.domain, domain));
  if (record.redirect && !record.has_all())
    leads.push_back(lead_of(record.redirect->text, record.redirect->value, domain));
  return leads;
}

bool asks(Mechanism mechanism) {
  return mechanism != Mechanism::all && mechanism != Mechanism::ip4 && mechanism != Mechanism::ip6;
}

class Surveyor {
 public:
  Surveyor(DnsView& view, AskingBudget& budget) : view_(view), budget_(budget) {}

  asio::awaitable<Published> fetch(std::string term, std::string domain) {
    Published made;
    made.term = std::move(term);
    made.domain = domain;
    const Lookup lookup = co_await view_.lookup(domain, RrType::txt, budget_);
    made.outcome = lookup.outcome;
    made.ttl = lookup.ttl;
    ++fetched_;
    for (const RecordData& data : lookup.records) {
      const auto* txt = std::get_if<Txt>(&data);
      if (txt && is_record(txt->joined())) made.texts.push_back(*txt);
      if (txt && lost_its_version(*txt))
        made.lost.push_back(*txt);
      else if (auto why = txt ? near_miss(txt->joined()) : std::nullopt;
               why && made.near.size() < kMostNear)
        made.near.push_back({txt->joined(), std::move(*why)});
    }
    co_await read(made);
    co_return made;
  }

  // Judges the texts of `made` and goes where they lead.
  asio::awaitable<void> read(Published& made) {
    if (made.texts.size() != 1) co_return;
    auto record = parse_record(made.texts[0].joined());
    if (!record) {
      made.syntax_error = record.error().text();
      co_return;
    }
    made.record = std::move(*record);
    co_await count_voids(made);
    above_.push_back(made.domain);
    const std::vector<Lead> leads = leads_of(*made.record, made.domain);
    for (const Lead& lead : leads) {
      Published next = co_await follow(lead);
      made.leads_to.push_back(std::move(next));
    }
    above_.pop_back();
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
    next.too_far = fetched_ >= kMostRecords || above_.size() >= kDeepest;
    if (next.by_macro || next.looped || next.too_far) co_return next;
    co_return co_await fetch(lead.term, lead.domain);
  }

  struct Void {
    bool v4 = false, v6 = false;
    bool crowded = false;
  };

  asio::awaitable<void> count_voids(Published& made) {
    for (const Directive& directive : reached(*made.record)) {
      if (!asks(directive.mechanism) || directive.mechanism == Mechanism::include) continue;
      Lead target{directive.text, made.domain, false};
      if (directive.domain) target = lead_of(directive.text, *directive.domain, made.domain);
      const bool of_sender = target.by_macro || directive.mechanism == Mechanism::ptr;
      const bool lists_senders =
          directive.mechanism == Mechanism::exists || directive.mechanism == Mechanism::ptr;
      Void found{lists_senders, lists_senders, false};  // a list does not hold a stranger
      if (!of_sender)
        found = co_await look(directive.mechanism, target.domain);
      else if (!lists_senders)
        made.voids_at_least = true;
      if (found.v4) made.void_terms_v4.push_back(directive.text);
      if (found.v6) made.void_terms_v6.push_back(directive.text);
      if (found.crowded) made.crowded.push_back(directive.text);
      made.voids_at_least =
          made.voids_at_least || questions_ >= kMostQuestions || budget_.used_up();
    }
    made.voids_v4 = static_cast<int>(made.void_terms_v4.size());
    made.voids_v6 = static_cast<int>(made.void_terms_v6.size());
  }

  asio::awaitable<Void> look(Mechanism mechanism, std::string domain) {
    if (mechanism == Mechanism::a) co_return co_await look_for_addresses(std::move(domain));
    if (mechanism == Mechanism::exists) {
      const bool none = co_await is_void(std::move(domain), RrType::a);
      co_return Void{none, none, false};
    }
    if (++questions_ > kMostQuestions) co_return Void{};
    const Lookup exchanges = co_await view_.lookup(std::move(domain), RrType::mx, budget_);
    Void found{exchanges.is_void(), exchanges.is_void(), false};
    found.crowded = exchanges.records.size() > static_cast<std::size_t>(kMostNames);
    for (const RecordData& data : exchanges.records) {
      const auto* mx = std::get_if<Mx>(&data);
      if (!mx || mx->exchange.is_root()) continue;
      std::string host = octets_of(mx->exchange);
      const Void of_host = co_await look_for_addresses(std::move(host));
      found.v4 = found.v4 || of_host.v4;
      found.v6 = found.v6 || of_host.v6;
    }
    co_return found;
  }

  asio::awaitable<Void> look_for_addresses(std::string host) {
    const bool v4 = co_await is_void(host, RrType::a);
    const bool v6 = co_await is_void(host, RrType::aaaa);
    co_return Void{v4, v6, false};
  }

  asio::awaitable<bool> is_void(std::string host, RrType type) {
    if (++questions_ > kMostQuestions) co_return false;
    const Lookup lookup = co_await view_.lookup(std::move(host), type, budget_);
    co_return lookup.is_void();
  }

  DnsView& view_;
  AskingBudget& budget_;
  std::vector<std::string> above_;
  std::size_t fetched_ = 0, questions_ = 0;
};

asio::awaitable<void> look_beside(DnsView& view, AskingBudget& budget, Survey& made) {
  const Lookup retired = co_await view.lookup(made.root.domain, RrType::spf, budget);
  made.type99 = retired.outcome == Lookup::Outcome::found;
  const Published& last = effective(made.root);
  if (!last.record || !last.record->explanation) co_return;
  const Lead lead = lead_of("exp", last.record->explanation->value, last.domain);
  if (!lead.by_macro) made.explanation = co_await view.lookup(lead.domain, RrType::txt, budget);
}

}  // namespace

const Published& effective(const Published& root) {
  const Published* last = &root;
  while (last->record && last->record->redirect && !last->record->has_all() &&
         !last->leads_to.empty())
    last = &last->leads_to.back();  // the redirect is followed after all includes
  return *last;
}

asio::awaitable<Survey> survey(DnsView& view, std::string domain, const Clock& clock) {
  Survey made;
  AskingBudget budget(clock);
  Surveyor surveyor(view, budget);
  made.root = co_await surveyor.fetch("", std::move(domain));
  co_await look_beside(view, budget, made);
  co_return made;
}

asio::awaitable<Survey> survey_as_if(DnsView& view, std::string domain, std::string record,
                                     const Clock& clock) {
  Survey made;
  AskingBudget budget(clock);
  Surveyor surveyor(view, budget);
  made.root.domain = std::move(domain);
  made.root.outcome = Lookup::Outcome::found;
  made.root.texts.push_back(split_text(record));
  co_await surveyor.read(made.root);
  co_await look_beside(view, budget, made);
  co_return made;
}

Cost worst_case(const Published& published) {
  Cost cost;
  if (!published.record) {
    cost.at_least = published.by_macro || published.outcome == Lookup::Outcome::failed;
    return cost;
  }
  const Record& record = *published.record;
  const auto terms = reached(record);
  cost.lookups =
      static_cast<int>(std::count_if(terms.begin(), terms.end(), [](const Directive& directive) {
        return asks(directive.mechanism);
      }));
  if (record.redirect && !record.has_all()) ++cost.lookups;
  cost.voids_v4 = published.voids_v4;
  cost.voids_v6 = published.voids_v6;
  cost.at_least = published.voids_at_least;
  for (const Published& next : published.leads_to) {
    const Cost below = worst_case(next);
    cost.lookups += below.lookups;
    cost.voids_v4 += below.voids_v4;
    cost.voids_v6 += below.voids_v6;
    cost.at_least = cost.at_least || below.at_least;
  }
  return cost;
}

}  // namespace mxswitch::probes::spf
