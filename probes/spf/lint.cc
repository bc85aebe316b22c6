#include "probes/spf/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "probes/spf/evaluate.h"
#include "probes/spf/glue.h"

namespace mxswitch::probes::spf {
namespace {

using Level = Finding::Level;

constexpr std::size_t kOneString = 255;    // RFC 1035 3.3: a longer one must be split
constexpr std::size_t kRecommended = 450;  // section 3.4
constexpr std::size_t kPlainUdp = 512;
constexpr std::size_t kShown = 200;    // octets of a text
constexpr std::size_t kMostNamed = 8;  // terms in one sentence
constexpr unsigned kWideV4 = 16, kWideV6 = 32;

class Linter {
 public:
  explicit Linter(const Survey& survey) : survey_(survey) {}

  std::vector<Finding> run() {
    judge(survey_.root);
    judge_end(effective(survey_.root));
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
    judge_boundaries(published);
    judge_near_misses(published);
    if (!judge_presence(published)) return;
    const Record& record = *published.record;
    judge_reach(published, record);
    judge_directives(published, record);
    judge_modifiers(published, record);
    judge_size(published);
    for (const Published& next : published.leads_to)
      if (!is_double(published, next)) judge(next);
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
    if (published.too_far) {
      add(Level::warning, "not-followed", published,
          fmt::format("\"{}\" was not followed: too many records stand before it", published.term));
      return false;
    }
    if (published.texts.size() > 1)
      add(Level::error, "many-records", published,
          fmt::format("{} SPF records are published; only one may be, all checks are a permerror",
                      published.texts.size()));
    else if (!published.syntax_error.empty())
      add(Level::error, "syntax", published, published.syntax_error);
    else if (published.outcome == Lookup::Outcome::failed)
      add(Level::warning, "no-answer", published,
          fmt::format("no answer about its TXT records came: \"{}\" is a temperror as long as that "
                      "lasts",
                      published.term.empty() ? "v=spf1" : published.term));
    else if (!published.record)
      add(Level::error, "no-record", published,
          published.term.empty()
              ? "no SPF record is published"
              : fmt::format("\"{}\" leads to no SPF record: a permerror", published.term));
    return published.record.has_value();
  }

  static std::vector<Directive>::const_iterator all_of(const Record& record) {
    return std::find_if(record.directives.begin(), record.directives.end(),
                        [](const Directive& d) { return d.mechanism == Mechanism::all; });
  }

  // What strangers get is said by the record that decides in the end.
  void judge_end(const Published& published) {
    if (!published.record) return;
    const auto all = all_of(*published.record);
    if (all == published.record->directives.end() && published.record->redirect) return;
    if (all == published.record->directives.end())
      add(Level::warning, "no-all", published,
          "the record ends in neither all nor redirect: strangers are neutral");
    else if (all->qualifier == Qualifier::neutral)
      add(Level::warning, "neutral-all", published, "\"?all\" says nothing about strangers");
  }

  // Terms that let everybody pass, in whatever record, and terms that nothing gets to.
  void judge_reach(const Published& published, const Record& record) {
    const auto all = all_of(record);
    if (all == record.directives.end()) return;
    if (all->qualifier == Qualifier::pass)
      add(Level::error, "plus-all", published,
          fmt::format("\"{}\" lets the whole world send as {}", all->text, survey_.root.domain));
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
      // Of a, mx and ip4 or ip6; a prefix that is not written holds one address.
      if (directive.prefix_v4 < kWideV4 || directive.prefix_v6 < kWideV6)
        add(Level::warning, "wide-range", published,
            fmt::format("\"{}\" covers a very wide range of addresses", directive.text));
    }
    for (const std::string& term : published.crowded)
      add(Level::error, "many-exchanges", published,
          fmt::format("\"{}\" leads to more than {} exchanges: a permerror; list addresses instead",
                      term, kMostNames));
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

  void judge_boundaries(const Published& published) {
    for (const Txt& text : published.lost)
      add(Level::error, "glued", published,
          fmt::format(
              "\"{}\" and \"{}\" are joined, and what comes out is no SPF record: the first "
              "string needs a space at its end",
              text.strings[0], text.strings.size() > 1 ? text.strings[1] : ""));
    if (published.texts.size() != 1) return;
    for (const Glued& glued : glued_terms(published.texts[0]))
      add(published.record ? Level::warning : Level::error, "glued", published,
          fmt::format("\"{}\" and \"{}\" are joined to one term: the first string needs a space "
                      "at its end",
                      glued.left, glued.right));
  }

  // Beside a record that is right it is only clutter.
  void judge_near_misses(const Published& published) {
    for (const auto& [text, why] : published.near)
      add(published.texts.empty() ? Level::error : Level::warning, "near-miss", published,
          fmt::format("\"{}\" was meant as an SPF record and is none: {} (RFC 7208 4.5)",
                      text.substr(0, kShown), why));
  }

  // Was its record met before, in this record or another? Said once of each.
  bool is_double(const Published& above, const Published& next) {
    const auto name = name_of(next.domain);
    if (!name || next.by_macro || next.looped) return false;
    const auto [first, fresh] = met_.try_emplace(name->text(), Met{above.domain, 1});
    if (fresh) return false;
    if (++first->second.times > 2) return true;
    const bool same = first->second.in == above.domain;
    add(Level::warning, "twice", above,
        fmt::format("\"{}\" stands twice{} and costs its lookups twice", next.term,
                    same ? std::string() : ", in the record of " + first->second.in + " too,"));
    return true;
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
    const std::string count =
        fmt::format("{} of {} terms find nothing for a stranger with {} ({})", cost.voids(),
                    kMostVoids, family, fmt::join(void_terms(cost.voids_v6 > cost.voids_v4), ", "));
    if (cost.voids() > kMostVoids)
      add(Level::error, "too-many-voids", survey_.root,
          count + ": a permerror; give those names addresses of that family or list networks");
    else if (cost.voids() >= kWarnVoids)
      add(Level::warning, "near-void-limit", survey_.root, count + ": one more breaks it");
  }

  std::vector<std::string> void_terms(bool v6) const {
    std::vector<std::string> terms;
    add_void_terms(survey_.root, v6, terms);
    return terms;
  }
  static void add_void_terms(const Published& published, bool v6, std::vector<std::string>& terms) {
    for (const std::string& term : v6 ? published.void_terms_v6 : published.void_terms_v4)
      if (terms.size() < kMostNamed)
        terms.push_back(fmt::format("\"{}\" of {}", term, published.domain));
    for (const Published& next : published.leads_to) add_void_terms(next, v6, terms);
  }

  void judge_explanation() {
    if (!survey_.explanation) return;
    const Lookup& lookup = *survey_.explanation;
    const Published& where = effective(survey_.root);
    if (lookup.outcome == Lookup::Outcome::failed)
      add(Level::warning, "explanation", where,
          fmt::format("no answer about TXT of {}, which exp= names", lookup.name));
    else if (lookup.records.size() != 1)
      add(Level::warning, "explanation", where,
          fmt::format("exp= names {}, which has {} TXT records instead of one", lookup.name,
                      lookup.records.size()));
    const auto* txt = lookup.records.size() == 1 ? std::get_if<Txt>(&lookup.records[0]) : nullptr;
    if (!txt) return;
    if (const auto parsed = parse_macro_string(txt->joined(), MacroUse::explanation); !parsed)
      add(Level::warning, "explanation", where,
          fmt::format("the text at {} is not used: {}", lookup.name, parsed.error().text()));
  }

  struct Met {
    std::string in;  // whose record led there first
    int times = 0;
  };

  const Survey& survey_;
  std::vector<Finding> found_;
  std::map<std::string, Met> met_;
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
