#include "probes/spf/near_miss.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "probes/spf/record.h"

namespace mxswitch::probes::spf {
namespace {

constexpr std::string_view kVersion = "v=spf1";
constexpr std::size_t kHead = 48;  // octets in which a version is looked for

// What text processors and web forms put before and around a record, in UTF-8.
struct Stray {
  std::string_view octets;
  const char* what;
};
constexpr std::array kStrays = {
    Stray{"\"", "a quotation mark is part of the text"},
    Stray{"\\", "a backslash is part of the text"},
    Stray{"'", "an apostrophe is part of the text"},
    Stray{"`", "an accent is part of the text"},
    Stray{"\xE2\x80\x9C", "a typographic quotation mark is part of the text"},
    Stray{"\xE2\x80\x9D", "a typographic quotation mark is part of the text"},
    Stray{"\xE2\x80\x9E", "a typographic quotation mark is part of the text"},
    Stray{"\xE2\x80\x98", "a typographic quotation mark is part of the text"},
    Stray{"\xE2\x80\x99", "a typographic quotation mark is part of the text"},
    Stray{" ", "a blank stands before it"},
    Stray{"\t", "a tab stands before it"},
    Stray{"\r", "a line end stands before it"},
    Stray{"\n", "a line end stands before it"},
    Stray{"\xC2\xA0", "a no-break space stands before it"},
    Stray{"\xE2\x80\x8B", "an invisible character (zero-width space) stands before it"},
    Stray{"\xEF\xBB\xBF", "an invisible character (byte order mark) stands before it"},
};

const Stray* stray_at(std::string_view text) {
  const auto found = std::find_if(kStrays.begin(), kStrays.end(),
                                  [&](const Stray& one) { return text.starts_with(one.octets); });
  return found == kStrays.end() ? nullptr : &*found;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Letters and digits alone: "V = SPF 1 ..." is "vspf1...".
std::string letters(std::string_view text) {
  std::string out;
  for (const char c : lower(text))
    if (std::isalnum(static_cast<unsigned char>(c))) out += c;
  return out;
}

// Of a text that begins with the version: what stands where the space has to.
std::string after_version(std::string_view rest) {
  if (rest.starts_with("\t")) return "a tab follows the version, where only a space may";
  if (rest.starts_with("\xC2\xA0")) return "a no-break space follows the version";
  if (rest.starts_with(";") || rest.starts_with(","))
    return "terms are divided by spaces alone: leave out \"" + std::string(rest.substr(0, 1)) +
           "\" after the version";
  if (const Stray* stray = stray_at(rest)) return stray->what;
  return "no space follows the version";
}

bool is_number(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::optional<std::string> near_miss(std::string_view text) {
  if (is_record(text)) return std::nullopt;
  std::string_view head = text.substr(0, kHead);
  const char* before = nullptr;
  while (const Stray* stray = stray_at(head)) {
    if (!before) before = stray->what;
    head.remove_prefix(stray->octets.size());
  }
  const std::string folded = lower(head);
  if (folded.starts_with(kVersion)) {
    const std::string_view rest = std::string_view(folded).substr(kVersion.size());
    if (!rest.empty() && (is_number(rest.front()) || rest.front() == '.'))
      return "the version is not \"v=spf1\"";
    if (before) return before;
    return after_version(rest);
  }
  if (folded.starts_with("spf2.0")) return std::nullopt;  // Sender ID (RFC 4406), another thing
  const std::string plain = letters(head);
  if (plain.starts_with("vspf1"))
    return "the version must be written \"v=spf1\", without anything between";
  const bool numbered = plain.size() > 4 && is_number(plain[4]);
  if (plain.starts_with("spf1") && !numbered) return "the version is \"v=spf1\": \"v=\" is missing";
  if (plain.starts_with("vspf") || plain.starts_with("spfv1"))
    return "the version is not \"v=spf1\"";
  return std::nullopt;
}

}  // namespace mxswitch::probes::spf
