#include "probes/spf/macro.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace mxswitch::probes::spf {
namespace {

constexpr std::string_view kLetters = "slodiphcrtv";
constexpr std::string_view kExplanationLetters = "crt";  // elsewhere a syntax error (7.2)
constexpr std::string_view kDelimiters = ".-+,/_=";
constexpr unsigned kMostParts = 128;  // a name has no more labels, so more digits change nothing
constexpr std::size_t kMostExpanded = 65536;
constexpr std::size_t kLongestName = 253;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

class Parser {
 public:
  Parser(std::string_view text, MacroUse use) : text_(text), use_(use) {}

  Result<MacroString> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      ended_in_expansion_ = c == '%';
      if (c == '%') {
        if (!macro()) return fail(Fault::malformed, why_, std::string(text_));
      } else if (!literal()) {
        return fail(Fault::malformed,
                    fmt::format("octet 0x{:02x} at {}", static_cast<unsigned char>(c), at_),
                    std::string(text_), "only visible ASCII may stand in it");
      }
    }
    end_literal();
    return MacroString(std::string(text_), std::move(tokens_), ended_in_expansion_);
  }

 private:
  bool is_literal(char c) const {
    return (c > ' ' && c <= '~') || (c == ' ' && use_ == MacroUse::explanation);
  }

  // Takes what stands before the next macro, octet or end; false: not one octet of it.
  bool literal() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '%' && is_literal(text_[at_])) ++at_;
    literal_ += text_.substr(begin, at_ - begin);
    return at_ > begin;
  }

  void end_literal() {
    if (!literal_.empty()) tokens_.emplace_back(std::move(literal_));
    literal_.clear();
  }

  bool refuse(std::string why) {
    why_ = std::move(why);
    return false;
  }

  bool macro() {
    const std::size_t start = at_++;
    const char kind = at_ < text_.size() ? text_[at_++] : '\0';
    switch (kind) {
      case '%':
        literal_ += '%';
        return true;
      case '_':
        literal_ += ' ';
        return true;
      case '-':
        literal_ += "%20";
        return true;
      case '{':
        return expression(start);
      default:
        return refuse(fmt::format("a lone % at {}", start));
    }
  }

  bool expression(std::size_t start) {
    Macro made;
    const char letter = at_ < text_.size() ? text_[at_++] : '\0';
    made.letter = lower(letter);
    made.url_escaped = made.letter != letter;
    if (made.letter == '\0' || kLetters.find(made.letter) == std::string_view::npos)
      return refuse(fmt::format("an unknown macro letter at {}", start));
    if (use_ == MacroUse::name && kExplanationLetters.find(made.letter) != std::string_view::npos)
      return refuse(fmt::format("%{{{}}} at {} belongs into an explanation", letter, start));
    if (!digits(made)) return false;
    if (at_ < text_.size() && lower(text_[at_]) == 'r') {
      made.reversed = true;
      ++at_;
    }
    while (at_ < text_.size() && kDelimiters.find(text_[at_]) != std::string_view::npos)
      made.delimiters += text_[at_++];
    if (at_ >= text_.size() || text_[at_++] != '}')
      return refuse(fmt::format("a macro at {} that does not end as it must", start));
    end_literal();
    tokens_.emplace_back(std::move(made));
    return true;
  }

  bool digits(Macro& made) {
    if (at_ >= text_.size() || !is_digit(text_[at_])) return true;
    while (at_ < text_.size() && is_digit(text_[at_]))
      made.keep = std::min(kMostParts, made.keep * 10 + static_cast<unsigned>(text_[at_++] - '0'));
    return made.keep != 0 || refuse("a macro that keeps no part at all");
  }

  std::string_view text_;
  MacroUse use_;
  std::size_t at_ = 0;
  bool ended_in_expansion_ = false;
  std::string literal_, why_;
  std::vector<MacroString::Token> tokens_;
};

// 4.3.2.1, or for IPv6 the 32 nibbles with dots (section 7.3, "i").
std::string dotted(const IpAddress& ip) {
  if (!ip.is_v6()) return ip.text();
  std::string nibbles;
  for (const std::uint8_t octet : ip.bytes())
    nibbles += fmt::format("{:x}.{:x}.", octet >> 4, octet & 15);
  nibbles.pop_back();
  return nibbles;
}

std::string value_of(char letter, const MacroFacts& facts) {
  switch (letter) {
    case 's':
      return facts.local_part + "@" + facts.sender_domain;
    case 'l':
      return facts.local_part;
    case 'o':
      return facts.sender_domain;
    case 'd':
      return facts.domain;
    case 'i':
      return dotted(facts.ip);
    case 'p':
      return facts.validated_name;
    case 'v':
      return facts.ip.is_v6() ? "ip6" : "in-addr";
    case 'h':
      return facts.helo;
    case 'c':
      return facts.ip.text();
    case 'r':
      return facts.receiver;
    default:  // t
      return std::to_string(std::chrono::floor<seconds>(facts.now).time_since_epoch().count());
  }
}

std::vector<std::string_view> split(std::string_view value, std::string_view delimiters) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    if (i < value.size() && delimiters.find(value[i]) == std::string_view::npos) continue;
    parts.push_back(value.substr(begin, i - begin));
    begin = i + 1;
  }
  return parts;
}

std::string transform(const std::string& value, const Macro& macro) {
  if (macro.keep == 0 && !macro.reversed && macro.delimiters.empty()) return value;
  auto parts = split(value, macro.delimiters.empty() ? std::string_view(".") : macro.delimiters);
  if (macro.reversed) std::reverse(parts.begin(), parts.end());
  const std::size_t keep =
      macro.keep == 0 ? parts.size() : std::min<std::size_t>(macro.keep, parts.size());
  return fmt::format("{}",
                     fmt::join(parts.end() - static_cast<std::ptrdiff_t>(keep), parts.end(), "."));
}

// RFC 3986 2.3: all but the unreserved characters.
std::string url_escape(const std::string& value) {
  std::string escaped;
  for (const char c : value) {
    const bool unreserved = is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved)
      escaped += c;
    else
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

}  // namespace

const std::string* MacroString::literal() const {
  return tokens_.size() == 1 ? std::get_if<std::string>(&tokens_[0]) : nullptr;
}

bool MacroString::has_macro(char letter) const {
  return std::any_of(tokens_.begin(), tokens_.end(), [letter](const Token& token) {
    const auto* macro = std::get_if<Macro>(&token);
    return macro && macro->letter == letter;
  });
}

Result<MacroString> parse_macro_string(std::string_view text, MacroUse use) {
  return Parser(text, use).run();
}

std::string expand(const MacroString& string, const MacroFacts& facts) {
  std::string expanded;
  for (const MacroString::Token& token : string.tokens()) {
    if (const auto* literal = std::get_if<std::string>(&token)) {
      expanded += *literal;
    } else {
      const Macro& macro = std::get<Macro>(token);
      const std::string value = transform(value_of(macro.letter, facts), macro);
      expanded += macro.url_escaped ? url_escape(value) : value;
    }
    if (expanded.size() > kMostExpanded) expanded.resize(kMostExpanded);
  }
  return expanded;
}

std::string shorten_name(std::string name) {
  const std::size_t longest = kLongestName + (name.ends_with('.') ? 1 : 0);
  while (name.size() > longest) {
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) break;  // one label that no name can hold; its lookup says so
    name.erase(0, dot + 1);
  }
  return name;
}

}  // namespace mxswitch::probes::spf
