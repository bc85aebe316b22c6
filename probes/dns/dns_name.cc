#include "probes/dns/dns_name.h"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace mxswitch::probes {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxName = 255;       // octets in wire form (RFC 1035 2.3.4)
constexpr std::size_t kMaxText = 4 * 1024;  // every octet as \DDD fits four times over
constexpr std::string_view kEscaped = ".\\\"();@$";

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Failure bad_name(std::string what, std::string_view text) {
  return fail(Fault::usage, std::move(what), "name \"" + std::string(text.substr(0, 80)) + "\"");
}

// One octet of a label at `at`, which moves past it. Nothing when an escape is cut short or over
// 255.
std::optional<char> read_octet(std::string_view text, std::size_t& at) {
  const char c = text[at++];
  if (c != '\\') return c;
  if (at >= text.size()) return std::nullopt;
  if (!is_digit(text[at])) return text[at++];
  if (at + 3 > text.size() || !is_digit(text[at + 1]) || !is_digit(text[at + 2])) {
    return std::nullopt;
  }
  const int value = (text[at] - '0') * 100 + (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
  if (value > 255) return std::nullopt;
  at += 3;
  return static_cast<char>(value);
}

bool has_only(std::string_view text, bool (*allowed)(char)) {
  return std::all_of(text.begin(), text.end(), allowed);
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// What a person may write in a name; escapes are for master files.
bool is_user_octet(char c) {
  return !is_ascii(c) || is_digit(c) || (fold(c) >= 'a' && fold(c) <= 'z') || c == '-' ||
         c == '_' || c == '.' || c == '*';
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

struct IdnFree {
  void operator()(char* text) const { idn2_free(text); }
};

Result<std::string> to_a_labels(const std::string& text) {
  char* converted = nullptr;
  const int status =
      idn2_to_ascii_8z(text.c_str(), &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, IdnFree> owner(converted);
  if (status != IDN2_OK) return bad_name(idn2_strerror(status), text);
  return std::string(converted);
}

void append_escaped(std::string& text, char c) {
  const auto octet = static_cast<unsigned char>(c);
  if (octet <= 0x20 || octet >= 0x7f) {
    text += '\\';
    text += static_cast<char>('0' + octet / 100);
    text += static_cast<char>('0' + octet / 10 % 10);
    text += static_cast<char>('0' + octet % 10);
    return;
  }
  if (kEscaped.find(c) != std::string_view::npos) text += '\\';
  text += c;
}

std::size_t label_length(std::string_view wire, std::size_t at) {
  return static_cast<unsigned char>(wire[at]);
}

}  // namespace

Result<DnsName> DnsName::parse(std::string_view text) {
  if (text == ".") return DnsName();
  if (text.empty()) return bad_name("the name is empty", text);
  if (text.size() > kMaxText) return bad_name("the name is longer than 255 octets", text);
  std::string wire, label;
  for (std::size_t at = 0; at < text.size();) {
    const bool dot = text[at] == '.';
    if (dot) {
      ++at;
    } else {
      const auto octet = read_octet(text, at);
      if (!octet) return bad_name("an escape is not \\DDD with DDD up to 255", text);
      label += *octet;
      if (at < text.size()) continue;
    }
    if (label.empty()) return bad_name("a label is empty", text);
    if (label.size() > kMaxLabel) return bad_name("a label is longer than 63 octets", text);
    wire += static_cast<char>(label.size());
    wire += label;
    label.clear();
  }
  wire += '\0';
  if (wire.size() > kMaxName) return bad_name("the name is longer than 255 octets", text);
  DnsName name;
  name.wire_ = std::move(wire);
  return name;
}

Result<DnsName> DnsName::from_user(std::string_view text) {
  const std::string_view written = trimmed(text);
  if (written.size() > kMaxText) return bad_name("the name is longer than 255 octets", written);
  if (!has_only(written, is_user_octet)) {
    auto failure = bad_name("a character cannot stand in a domain name", written);
    failure.value().mend = "write the bare name, like shop.example";
    return failure;
  }
  std::string ascii(written);
  if (!has_only(written, is_ascii)) {
    auto converted = to_a_labels(ascii);
    if (!converted) return Failure(converted.error());
    ascii = *converted;
  }
  std::transform(ascii.begin(), ascii.end(), ascii.begin(), fold);
  return parse(ascii);
}

Result<DnsName> DnsName::from_wire(std::span<const std::uint8_t> wire) {
  const auto malformed = [](const char* what) { return fail(Fault::malformed, what); };
  if (wire.size() > kMaxName) return malformed("the name is longer than 255 octets");
  std::size_t at = 0;
  while (at < wire.size() && wire[at] != 0) {
    if (wire[at] > kMaxLabel) return malformed("the name holds a pointer or a long label");
    at += 1u + wire[at];
  }
  if (at + 1 != wire.size()) return malformed("the name does not end with the root label");
  DnsName name;
  name.wire_.assign(reinterpret_cast<const char*>(wire.data()), wire.size());
  return name;
}

std::string DnsName::text() const {
  if (is_root()) return ".";
  std::string text;
  for (std::size_t at = 0; label_length(wire_, at) != 0; at += 1 + label_length(wire_, at)) {
    if (!text.empty()) text += '.';
    for (std::size_t i = 0; i < label_length(wire_, at); ++i)
      append_escaped(text, fold(wire_[at + 1 + i]));
  }
  return text;
}

std::size_t DnsName::label_count() const {
  std::size_t count = 0;
  for (std::size_t at = 0; label_length(wire_, at) != 0; at += 1 + label_length(wire_, at)) ++count;
  return count;
}

DnsName DnsName::parent() const {
  DnsName above;
  if (!is_root()) above.wire_ = wire_.substr(1 + label_length(wire_, 0));
  return above;
}

Result<DnsName> DnsName::with_prefix(std::string_view label) const {
  if (label.empty()) return bad_name("a label is empty", text());
  if (label.size() > kMaxLabel) return bad_name("a label is longer than 63 octets", label);
  if (wire_.size() + 1 + label.size() > kMaxName) {
    return bad_name("the name is longer than 255 octets", std::string(label) + "." + text());
  }
  DnsName longer;
  longer.wire_ = static_cast<char>(label.size()) + std::string(label) + wire_;
  return longer;
}

bool DnsName::is_within(const DnsName& ancestor) const {
  std::size_t at = 0;
  while (wire_.size() - at > ancestor.wire_.size()) at += 1 + label_length(wire_, at);
  const std::string_view tail = std::string_view(wire_).substr(at);
  return std::equal(tail.begin(), tail.end(), ancestor.wire_.begin(), ancestor.wire_.end(),
                    [](char a, char b) { return fold(a) == fold(b); });
}

// Length octets are at most 63 and so untouched by folding.
bool operator==(const DnsName& a, const DnsName& b) {
  if (a.wire_.size() != b.wire_.size()) return false;
  // Nearly every comparison is of a name with its like in the same case.
  return a.wire_ == b.wire_ || (a <=> b) == std::weak_ordering::equivalent;
}

std::weak_ordering operator<=>(const DnsName& a, const DnsName& b) {
  return std::lexicographical_compare_three_way(
      a.wire_.begin(), a.wire_.end(), b.wire_.begin(), b.wire_.end(),
      [](char x, char y) -> std::weak_ordering { return fold(x) <=> fold(y); });
}

}  // namespace mxswitch::probes
