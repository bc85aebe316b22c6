#include "probes/spf/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "probes/spf/evaluate.h"

namespace mxswitch::probes::spf {
namespace {

using Level = Finding::Level;

constexpr std::size_t kOneString = 255;    // RFC 1035 3.3: a longer one must be split
constexpr std::size_t kRecommended = 450;  // section 3.4
constexpr std::size_t kPlainUdp = 512;
constexpr unsigned kWideV4 = 16, kWideV6 = 32;

class Linter {
 public:
  explicit Linter(const Survey& survey) : survey_(survey) {}

  std::vector<Finding> run() {
    judge(survey_.root);
    judge_cost();
    judge_explanation();
    if (survey_.type99)
      add(Level::note, "type99", survey_.root,
          "a record of the retired type SPF (99) is there too; receivers ask for TXT alone, so "
          "remove it");
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Finding& a, const Finding& b) { return a.level < b.level; });
    return std::move(found_);
  }

 private:
  void add(Level level, std::string code, const Published& where, std::string text) {
    found_.push_back({level, std::move(code), where.domain, std::move(text)});
  }

  void judge(const Published& published) {
    if (!judge_presence(published)) return;
    const Record& record = *published.record;
    if (published.term.empty()) judge_end(published, record);
    judge_directives(published, record);
    judge_modifiers(published, record);
    judge_size(published);
    judge_boundaries(published);
    judge_doubles(published);
    for (const Published& next : published.leads_to) judge(next);
  }

  // Is there one record that can be read?
  bool judge_presence(const Published& published) {
    if (published.looped) {
      add(Level::error, "loop", published,
          fmt::format("\"{}\" leads back to a record above it: every check that gets there is a "
                      "permerror",
                      published.term));
      return false;
    }
    if (published.by_macro) return false;
    if (published.texts.size() > 1)
      add(Level::error, "many-records", published,
          fmt::format("{} SPF records are published; only one may be, all checks are a permerror",
                      published.texts.size()));
    else if (!published.syntax_error.empty())
      add(Level::error, "syntax", published, published.syntax_error);
    else if (!published.record)
      add(published.outcome == Lookup::Outcome::failed ? Level::warning : Level::error,
          published.outcome == Lookup::Outcome::failed ? "no-answer" : "no-record", published,
          published.term.empty()
              ? "no SPF record is published"
              : fmt::format("\"{}\" leads to no SPF record: a permerror", published.term));
    return published.record.has_value();
  }

  void judge_end(const Published& published, const Record& record) {
    const auto all = std::find_if(record.directives.begin(), record.directives.end(),
                                  [](const Directive& d) { return d.mechanism == Mechanism::all; });
    if (all == record.directives.end()) {
      if (!record.redirect)
        add(Level::warning, "no-all", published,
            "the record ends in neither all nor redirect: strangers are neutral");
      return;
    }
    if (all->qualifier == Qualifier::pass)
      add(Level::error, "plus-all", published, "\"+all\" lets the whole world send as the domain");
    if (all->qualifier == Qualifier::neutral)
      add(Level::warning, "neutral-all", published, "\"?all\" says nothing about strangers");
    if (std::next(all) != record.directives.end())
      add(Level::warning, "after-all", published,
          fmt::format("\"{}\" stands after all and is never reached", std::next(all)->text));
    if (record.redirect)
      add(Level::warning, "redirect-beside-all", published,
          fmt::format("\"{}\" beside all is never followed", record.redirect->text));
  }

  void judge_directives(const Published& published, const Record& record) {
    for (const Directive& directive : record.directives) {
      if (directive.mechanism == Mechanism::ptr)
        add(Level::warning, "ptr", published,
            "ptr is slow and unreliable and should not be used (RFC 7208 section 5.5)");
      const bool v4 = directive.mechanism == Mechanism::ip4 && directive.prefix_v4 < kWideV4;
      const bool v6 = directive.mechanism == Mechanism::ip6 && directive.prefix_v6 < kWideV6;
      if (v4 || v6)
        add(Level::warning, "wide-range", published,
            fmt::format("\"{}\" covers a very wide range of addresses", directive.text));
    }
  }

  void judge_modifiers(const Published& published, const Record& record) {
    for (const Modifier& modifier : record.unknown) {
      const bool misspelt = modifier.name == "include" || modifier.name == "a" ||
                            modifier.name == "mx" || modifier.name == "ip4" ||
                            modifier.name == "ip6" || modifier.name == "exists" ||
                            modifier.name == "ptr" || modifier.name == "all";
      if (misspelt)
        add(Level::error, "equals-for-colon", published,
            fmt::format("\"{}\" is read as an unknown modifier and ignored; write a colon",
                        modifier.text));
    }
  }

  void judge_size(const Published& published) {
    const std::string joined = published.texts[0].joined();
    if (joined.size() > kPlainUdp)
      add(Level::warning, "size", published,
          fmt::format("the record has {} octets and fits no answer of 512", joined.size()));
    else if (joined.size() > kRecommended)
      add(Level::warning, "size", published,
          fmt::format("the record has {} octets; with 450 and more answers may not fit 512",
                      joined.size()));
    else if (joined.size() > kOneString)
      add(Level::note, "size", published,
          fmt::format("the record has {} octets and stands in {} strings", joined.size(),
                      published.texts[0].strings.size()));
  }

  // Strings are joined without a space (section 3.3).
  void judge_boundaries(const Published& published) {
    const auto& strings = published.texts[0].strings;
    for (std::size_t i = 0; i + 1 < strings.size(); ++i) {
      if (strings[i].empty() || strings[i + 1].empty()) continue;
      const std::string left = strings[i].substr(strings[i].rfind(' ') + 1);
      const std::string right = strings[i + 1].substr(0, strings[i + 1].find(' '));
      const bool both = !left.empty() && !right.empty() && parse_record("v=spf1 " + left) &&
                        parse_record("v=spf1 " + right);
      if (both)
        add(Level::warning, "glued", published,
            fmt::format("\"{}\" and \"{}\" are joined to one term: the first string needs a space "
                        "at its end",
                        left, right));
    }
  }

  void judge_doubles(const Published& published) {
    std::map<std::string, int> seen;
    for (const Published& next : published.leads_to) {
      const auto name = name_of(next.domain);
      if (name && !next.by_macro && ++seen[name->text()] == 2)
        add(Level::warning, "twice", published,
            fmt::format("\"{}\" stands twice and costs its lookups twice", next.term));
    }
  }

  void judge_cost() {
    const Cost cost = worst_case(survey_.root);
    const std::string count =
        fmt::format("{}{} of {} lookups in the worst case", cost.at_least ? "at least " : "",
                    cost.lookups, kMostLookups);
    if (cost.lookups > kMostLookups)
      add(Level::error, "too-many-lookups", survey_.root, count + ": a permerror for strangers");
    else if (cost.lookups >= kWarnLookups)
      add(Level::warning, "near-limit", survey_.root, count + ": the next include breaks it");
    judge_voids(cost);
  }

  void judge_voids(const Cost& cost) {
    const char* family = cost.voids_v6 > cost.voids_v4 ? "IPv6" : "IPv4";
    const std::string count = fmt::format("{} of {} terms find nothing for a stranger with {}",
                                          cost.voids(), kMostVoids, family);
    if (cost.voids() > kMostVoids)
      add(Level::error, "too-many-voids", survey_.root,
          count + ": a permerror; give those names addresses of that family or list networks");
    else if (cost.voids() >= kWarnVoids)
      add(Level::warning, "near-void-limit", survey_.root, count + ": one more breaks it");
  }

  void judge_explanation() {
    if (!survey_.explanation) return;
    const Lookup& lookup = *survey_.explanation;
    if (lookup.records.size() != 1)
      add(Level::warning, "explanation", survey_.root,
          fmt::format("exp= names {}, which has {} TXT records instead of one", lookup.name,
                      lookup.records.size()));
    const auto* txt = lookup.records.size() == 1 ? std::get_if<Txt>(&lookup.records[0]) : nullptr;
    if (!txt) return;
    if (const auto parsed = parse_macro_string(txt->joined(), MacroUse::explanation); !parsed)
      add(Level::warning, "explanation", survey_.root,
          fmt::format("the text at {} is not used: {}", lookup.name, parsed.error().text()));
  }

  const Survey& survey_;
  std::vector<Finding> found_;
};

}  // namespace

std::string_view to_text(Finding::Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warning:
      return "warning";
    case Level::note:
      return "note";
  }
  return "note";
}

std::vector<Finding> lint(const Survey& survey) { return Linter(survey).run(); }

}  // namespace mxswitch::probes::spf
