#include "orchestrator/roster/address.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kLocalPartMost = 64;  // RFC 5321 4.5.3.1.1
constexpr std::size_t kDomainMost = 253;
constexpr std::size_t kLabelMost = 63;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 5322 3.2.3
bool is_atext(char c) {
  constexpr std::string_view kSpecials = "!#$%&'*+-/=?^_`{|}~";
  return is_letter(c) || is_digit(c) || kSpecials.find(c) != std::string_view::npos;
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) > 0x7f; });
}

Failure refuse(std::string what, std::string mend = {}) {
  return fail(Fault::usage, std::move(what), {}, std::move(mend));
}

Result<void> check_dot_atom(std::string_view text) {
  if (text.empty()) return refuse("the name is empty");
  if (text.size() > kLocalPartMost) return refuse("the name is longer than 64 characters");
  if (!is_ascii(text)) {
    return refuse("the name holds a character outside ASCII, which needs SMTPUTF8 (RFC 6531)",
                  "the relay does not offer it: write the name in ASCII");
  }
  for (const char c : text) {
    if (is_atext(c) || c == '.') continue;
    if (c < ' ' || c == 0x7f) return refuse("the name holds a control character");
    return refuse(fmt::format("a name cannot hold '{}'", c),
                  "letters, digits, dots and hyphens are safe");
  }
  if (text.front() == '.' || text.back() == '.' || text.find("..") != text.npos) {
    return refuse("a dot begins or ends the name, or two stand in a row");
  }
  return {};
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kLabelMost) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

Result<std::string> normalise_domain(std::string_view text) {
  if (!is_ascii(text)) {
    return refuse("the domain is not in ASCII", "write its A-label form (xn--...)");
  }
  if (text.starts_with('[')) {
    return refuse("an address literal cannot be a target", "write a domain after the \"@\"");
  }
  std::string_view rest = text;
  while (rest.size() <= kDomainMost) {
    const auto dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) break;
    if (dot == rest.npos) return lower_case(text);
    rest.remove_prefix(dot + 1);
  }
  return refuse("no domain name follows the \"@\"");
}

// What sendmail's aliases allow and a hosted relay must not: delivery to programs and files.
Result<void> refuse_programs(std::string_view text) {
  constexpr std::string_view kMend = "a target is a name of this roster or an address";
  const std::string_view bare = text.starts_with('"') ? text.substr(1) : text;
  if (bare.starts_with('|')) {
    return refuse("a pipe to a program is not allowed", std::string(kMend));
  }
  if (bare.starts_with('/')) {
    return refuse("delivery to a file is not allowed", std::string(kMend));
  }
  if (lower_case(bare.substr(0, 9)) == ":include:") {
    return refuse("including a file is not allowed", std::string(kMend));
  }
  if (bare.starts_with(':')) {
    return refuse("a special target (\":...:\") is not allowed", std::string(kMend));
  }
  return {};
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool is_name_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_atext(c) || c == '.'; });
}

Result<std::string> normalise_local_part(std::string_view text) {
  if (auto good = check_dot_atom(text); !good) return Failure(good.error());
  return lower_case(text);
}

Result<std::string> normalise_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == text.npos) return refuse("the address has no \"@\"");
  if (auto good = check_dot_atom(text.substr(0, at)); !good) return Failure(good.error());
  auto domain = normalise_domain(text.substr(at + 1));
  if (!domain) return domain;
  return fmt::format("{}@{}", text.substr(0, at), *domain);
}

Result<std::string> normalise_target(std::string_view text, std::string_view domain) {
  if (auto good = refuse_programs(text); !good) return Failure(good.error());
  if (!is_outside(text)) return normalise_local_part(text);
  auto address = normalise_address(text);
  if (!address) return address;
  const auto at = address->rfind('@');
  if (address->substr(at + 1) == lower_case(domain)) return lower_case(address->substr(0, at));
  return address;
}

}  // namespace mxswitch::orchestrator
