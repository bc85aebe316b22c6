#include "orchestrator/relay_agent/log_cursor.h"

#include <algorithm>
#include <array>

namespace mxswitch::orchestrator {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kLongestId = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// What stands outside of quotes (RFC 5322 3.2.3; beyond ASCII with SMTPUTF8).
bool is_atom(char c) {
  constexpr std::string_view kOthers = ".!#$%&'*+-/=?^_`{|}~";
  return is_digit(c) || is_letter(c) || is_beyond_ascii(c) || kOthers.find(c) != kOthers.npos;
}
bool is_of_domain(char c) {
  constexpr std::string_view kOthers = ".-_:[]";
  return is_digit(c) || is_letter(c) || is_beyond_ascii(c) || kOthers.find(c) != kOthers.npos;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// The length of the quoted string at the beginning; 0: it has no end.
std::size_t quoted_length(std::string_view text) {
  bool escaped = false;
  for (std::size_t i = 1; i < text.size() && !is_control(text[i]); ++i) {
    if (text[i] == '"' && !escaped) return i + 1;
    escaped = !escaped && text[i] == '\\';
  }
  return 0;
}

// Whether `text` begins as `shape` does: 9 stands for a digit, all else for itself.
bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  return std::equal(shape.begin(), shape.end(), text.begin(),
                    [](char wanted, char c) { return wanted == '9' ? is_digit(c) : wanted == c; });
}

}  // namespace

std::string_view LogCursor::take(std::size_t length) {
  const auto taken = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return taken;
}

bool LogCursor::literal(std::string_view text) {
  if (!rest_.starts_with(text)) return false;
  take(text.size());
  return true;
}

std::string_view LogCursor::digits() { return run(is_digit); }

bool LogCursor::classic_time() {
  if (std::ranges::find(kMonths, rest_.substr(0, 3)) == kMonths.end()) return false;
  const auto after = rest_.substr(3);
  constexpr std::string_view kTwo = " 99 99:99:99 ", kOne = "  9 99:99:99 ";
  if (!has_shape(after, kTwo) && !has_shape(after, kOne)) return false;
  take(3 + kTwo.size());
  return true;
}

bool LogCursor::internet_time() {
  constexpr std::string_view kSeconds = "9999-99-99T99:99:99";
  if (!has_shape(rest_, kSeconds)) return false;
  take(kSeconds.size());
  if (literal(".") && digits().empty()) return false;
  if (literal("Z ")) return true;
  constexpr std::string_view kZone = "+99:99 ";
  if (!has_shape(rest_, kZone) && !has_shape(rest_, "-99:99 ")) return false;
  take(kZone.size());
  return true;
}

bool LogCursor::time() { return classic_time() || internet_time(); }

std::string_view LogCursor::queue_id() {
  const auto id = run([](char c) { return is_digit(c) || is_letter(c); });
  return id.size() > kLongestId ? std::string_view() : id;
}

bool LogCursor::address(std::string_view& text) {
  if (!rest_.starts_with('<')) return false;
  const auto inside = rest_.substr(1);
  std::size_t length = 0;
  if (inside.starts_with('"')) {
    length = quoted_length(inside);
    if (length == 0) return false;
  } else {
    while (length < inside.size() && is_atom(inside[length])) ++length;
  }
  if (length > 0 && length < inside.size() && inside[length] == '@') {
    ++length;
    while (length < inside.size() && is_of_domain(inside[length])) ++length;
  }
  if (length == inside.size() || inside[length] != '>') return false;
  text = inside.substr(0, length);
  take(length + 2);
  return true;
}

}  // namespace mxswitch::orchestrator
