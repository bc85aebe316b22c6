// Macro strings of SPF (RFC 7208 section 7): parsed once, so that a syntax error is found before
// anything is evaluated; expanded as often as needed. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "probes/base/clock.h"
#include "probes/base/result.h"
#include "probes/dns/endpoint.h"

namespace mxswitch::probes::spf {

struct Macro {
  char letter = 'd';         // in lower case
  bool url_escaped = false;  // the letter was in upper case
  unsigned keep = 0;         // right-hand parts that stay; 0: all
  bool reversed = false;     // "r"
  std::string delimiters;    // empty: "."
  bool operator==(const Macro&) const = default;
};

class MacroString {
 public:
  using Token = std::variant<std::string, Macro>;  // a literal, or a macro

  MacroString() = default;
  MacroString(std::string text, std::vector<Token> tokens, bool ends_in_expansion)
      : text_(std::move(text)), tokens_(std::move(tokens)), ends_in_expansion_(ends_in_expansion) {}

  const std::string& text() const { return text_; }  // as it was published
  const std::vector<Token>& tokens() const { return tokens_; }
  // The one literal that it is; null where there is a macro, or nothing at all.
  const std::string* literal() const;
  bool has_macro(char letter) const;
  bool ends_in_expansion() const { return ends_in_expansion_; }  // "%{d}", "%%", "%_" or "%-"

 private:
  std::string text_;
  std::vector<Token> tokens_;
  bool ends_in_expansion_ = false;
};

// Where a macro string stands decides what may stand in it.
enum class MacroUse {
  name,         // domain-spec: visible characters; no %{c}, %{r}, %{t}
  modifier,     // of an unknown modifier: visible characters
  explanation,  // explain-string: spaces too
};

// Fails with `malformed` and says what and where in the string.
Result<MacroString> parse_macro_string(std::string_view text, MacroUse use);

// What the macros stand for. Octets come from outside and are used as they are.
struct MacroFacts {
  IpAddress ip;
  std::string local_part, sender_domain;  // of <sender>
  std::string domain;                     // <domain>: the current one
  std::string helo;
  std::string receiver = "unknown";
  std::string validated_name = "unknown";  // %{p}; needs lookups, so the evaluator fills it in
  Time now{};
};

// The text with its macros replaced; at most 64 KiB, the rest is cut off.
std::string expand(const MacroString& string, const MacroFacts& facts);

// A name of at most 253 octets, a final dot not counted: labels on the left are dropped until it
// fits (section 7.3).
std::string shorten_name(std::string name);

}  // namespace mxswitch::probes::spf
