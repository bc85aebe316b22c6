#include "probes/spf/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "probes/spf/network.h"

namespace mxswitch::probes::spf {
namespace {

constexpr std::string_view kVersion = "v=spf1";
constexpr std::size_t kUsualTerms = 64;  // room for so many is made at once
// The usual ones first.
constexpr std::array kMechanisms = {std::pair{std::string_view("ip4"), Mechanism::ip4},
                                    std::pair{std::string_view("include"), Mechanism::include},
                                    std::pair{std::string_view("ip6"), Mechanism::ip6},
                                    std::pair{std::string_view("all"), Mechanism::all},
                                    std::pair{std::string_view("a"), Mechanism::a},
                                    std::pair{std::string_view("mx"), Mechanism::mx},
                                    std::pair{std::string_view("exists"), Mechanism::exists},
                                    std::pair{std::string_view("ptr"), Mechanism::ptr}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_alpha(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_alphanumeric(char c) { return is_alpha(c) || (c >= '0' && c <= '9'); }

bool is_qualifier(char c) { return c == '+' || c == '-' || c == '~' || c == '?'; }

// `wanted` is in lower case.
bool same_folded(std::string_view text, std::string_view wanted) {
  return text.size() == wanted.size() && std::equal(text.begin(), text.end(), wanted.begin(),
                                                    [](char a, char b) { return lower(a) == b; });
}

std::string lowered(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(), lower);
  return made;
}

Failure refuse(std::string_view term, std::string why) {
  return fail(Fault::malformed, std::move(why), fmt::format("term \"{}\"", term));
}

// name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
std::size_t name_length(std::string_view term) {
  if (term.empty() || !is_alpha(term[0])) return 0;
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; };
  const auto end = std::find_if_not(term.begin() + 1, term.end(), fits);
  return static_cast<std::size_t>(end - term.begin());
}

// toplabel: letters, digits and inner hyphens, and not digits alone.
bool is_toplabel(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '-'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::all_of(label.begin(), label.end(), fits) &&
         !std::all_of(label.begin(), label.end(), digit);
}

// domain-end = ( "." toplabel [ "." ] ) / macro-expand
bool ends_as_domain(const MacroString& parsed) {
  if (parsed.ends_in_expansion()) return true;
  std::string_view text = parsed.text();
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  const std::size_t dot = text.rfind('.');
  return dot != std::string_view::npos && is_toplabel(text.substr(dot + 1));
}

std::string_view after_version(std::string_view text) {
  return text.substr(std::min(text.size(), kVersion.size()));
}

// Empty when there is none any more.
std::string_view take_term(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const std::string_view term = rest.substr(0, rest.find(' '));
  rest.remove_prefix(term.size());
  return term;
}

class TermParser {
 public:
  TermParser(Record& record, std::string_view term) : record_(record), term_(term) {}

  Result<void> run() {
    const std::size_t name = name_length(term_);
    if (name > 0 && name < term_.size() && term_[name] == '=')
      return modifier(lowered(term_.substr(0, name)), term_.substr(name + 1));
    return directive();
  }

 private:
  Result<void> modifier(std::string name, std::string_view value) {
    const bool redirect = name == "redirect", explanation = name == "exp";
    auto parsed = redirect || explanation ? parse_domain_spec(value)
                                          : parse_macro_string(value, MacroUse::modifier);
    if (!parsed) return refuse(term_, parsed.error().what);
    Modifier made{std::string(term_), std::move(name), std::move(*parsed)};
    if (!redirect && !explanation) {
      record_.unknown.push_back(std::move(made));
      return {};
    }
    auto& place = redirect ? record_.redirect : record_.explanation;
    if (place) return refuse(term_, "the modifier stands twice");
    place = std::move(made);
    return {};
  }

  Result<void> directive() {
    Directive& made = record_.directives.emplace_back();
    made.text = term_;
    std::string_view rest = term_;
    if (!rest.empty() && is_qualifier(rest[0])) {
      made.qualifier = static_cast<Qualifier>(rest[0]);
      rest.remove_prefix(1);
    }
    const std::size_t end = name_length(rest);
    const bool ends = end == rest.size() || rest[end] == ':' || rest[end] == '/';
    const std::string_view name = rest.substr(0, ends ? end : rest.size());
    const auto known = std::find_if(kMechanisms.begin(), kMechanisms.end(),
                                    [&](const auto& one) { return same_folded(name, one.first); });
    if (known == kMechanisms.end()) return refuse(term_, "no such mechanism");
    made.mechanism = known->second;
    return arguments(made, rest.substr(end));
  }

  Result<void> arguments(Directive& made, std::string_view rest) {
    switch (made.mechanism) {
      case Mechanism::all:
        return rest.empty() ? Result<void>() : refuse(term_, "\"all\" takes nothing");
      case Mechanism::ip4:
      case Mechanism::ip6:
        return network(made, rest);
      case Mechanism::a:
      case Mechanism::mx:
        if (auto prefixes = take_dual_prefix(rest, made.prefix_v4, made.prefix_v6); !prefixes)
          return refuse(term_, prefixes.error().what);
        return domain(made, rest, false);
      case Mechanism::ptr:
        return domain(made, rest, false);
      case Mechanism::include:
      case Mechanism::exists:
        return domain(made, rest, true);
    }
    return {};
  }

  Result<void> network(Directive& made, std::string_view rest) {
    if (rest.empty() || rest[0] != ':') return refuse(term_, "an address is missing");
    const bool v6 = made.mechanism == Mechanism::ip6;
    auto parsed = parse_network(rest.substr(1), v6);
    if (!parsed) return refuse(term_, parsed.error().what);
    made.network = parsed->address;
    (v6 ? made.prefix_v6 : made.prefix_v4) = parsed->prefix;
    return {};
  }

  Result<void> domain(Directive& made, std::string_view rest, bool required) {
    if (rest.empty())
      return required ? Result<void>(refuse(term_, "a domain is missing")) : Result<void>();
    if (rest[0] != ':') return refuse(term_, "a colon and a domain are wanted");
    auto parsed = parse_domain_spec(rest.substr(1));
    if (!parsed) return refuse(term_, parsed.error().what);
    made.domain = std::move(*parsed);
    return {};
  }

  Record& record_;
  std::string_view term_;
};

}  // namespace

std::string_view to_text(Mechanism mechanism) {
  for (const auto& [name, value] : kMechanisms)
    if (value == mechanism) return name;
  return "";
}

bool Record::has_all() const {
  return std::any_of(directives.begin(), directives.end(),
                     [](const Directive& d) { return d.mechanism == Mechanism::all; });
}

bool is_record(std::string_view text) {
  return same_folded(text.substr(0, kVersion.size()), kVersion) &&
         (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

Result<MacroString> parse_domain_spec(std::string_view text) {
  if (text.empty()) return fail(Fault::malformed, "an empty domain");
  auto parsed = parse_macro_string(text, MacroUse::name);
  if (parsed && !ends_as_domain(*parsed))
    return fail(Fault::malformed, "a domain that ends in no top label", std::string(text));
  return parsed;
}

std::vector<std::string> terms_of(const Record& record) {
  std::vector<std::string> terms;
  std::string_view rest = after_version(record.text);
  for (std::string_view term = take_term(rest); !term.empty(); term = take_term(rest))
    terms.emplace_back(term);
  return terms;
}

Result<Record> parse_record(std::string_view text) {
  Record record;
  record.text = std::string(text);
  std::string_view rest = after_version(text);
  const auto spaces = static_cast<std::size_t>(std::count(rest.begin(), rest.end(), ' '));
  record.directives.reserve(std::min(spaces, kUsualTerms));
  for (std::string_view term = take_term(rest); !term.empty(); term = take_term(rest))
    if (auto parsed = TermParser(record, term).run(); !parsed) return Failure(parsed.error());
  return record;
}

}  // namespace mxswitch::probes::spf
