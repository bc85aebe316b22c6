#include "probes/mail/tag_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace mxswitch::probes {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_part(char c) { return is_alpha(c) || (c >= '0' && c <= '9') || c == '_'; }

constexpr std::size_t kFaultsTold = 3;

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

Result<Tag> parse_tag(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return fail(Fault::malformed, fmt::format("\"{}\" has no \"=\"", text.substr(0, 40)));
  const std::string_view name = trimmed(text.substr(0, equals));
  const std::string_view value = trimmed(text.substr(equals + 1));
  if (name.empty() || !is_alpha(name[0]) || !std::all_of(name.begin(), name.end(), is_name_part))
    return fail(Fault::malformed, fmt::format("\"{}\" is no name of a tag", name.substr(0, 40)));
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
    return is_blank(c) || (c > ' ' && c < 0x7f && c != ';');
  });
  if (!plain)
    return fail(Fault::malformed, fmt::format("tag {} holds what is no visible character", name));
  return Tag{std::string(name), std::string(value)};
}

}  // namespace

Result<std::vector<Tag>> parse_tag_list(std::string_view text) {
  if (text.size() > kLongestTagList)
    return fail(Fault::malformed, fmt::format("over {} octets", kLongestTagList));
  std::vector<Tag> tags;
  while (true) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = trimmed(text.substr(0, end));
    const bool last = end == text.size();
    if (part.empty() && last && !tags.empty()) break;  // after the final semicolon
    auto tag = parse_tag(part);
    if (!tag) return Failure(tag.error());
    if (find_tag(tags, tag->name))
      return fail(Fault::malformed, fmt::format("tag {} stands twice", tag->name));
    tags.push_back(std::move(*tag));
    if (last) break;
    text.remove_prefix(end + 1);
  }
  return tags;
}

LooseTags read_loosely(std::string_view text) {
  LooseTags read;
  while (true) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = trimmed(text.substr(0, end));
    auto tag = parse_tag(part);
    if (tag) {
      tag->name = lower_case(tag->name);
      read.tags.push_back(std::move(*tag));
    } else if (!part.empty() && read.passed_over.size() < kFaultsTold) {
      read.passed_over.push_back(tag.error().what);
    }
    if (end == text.size()) return read;
    text.remove_prefix(end + 1);
  }
}

const std::string* find_tag(const std::vector<Tag>& tags, std::string_view name) {
  const auto found =
      std::find_if(tags.begin(), tags.end(), [&](const Tag& tag) { return tag.name == name; });
  return found == tags.end() ? nullptr : &found->value;
}

std::vector<std::string> split_colons(std::string_view value) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(value.find(':'), value.size());
    parts.emplace_back(trimmed(value.substr(0, end)));
    if (end == value.size()) return parts;
    value.remove_prefix(end + 1);
  }
}

}  // namespace mxswitch::probes
