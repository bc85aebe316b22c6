#include "probes/base/http_router.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace mxswitch {
namespace {

[[noreturn]] void bad_pattern(std::string_view text) {
  throw std::logic_error("bad pattern of a path: " + std::string(text));
}

std::size_t number_of(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) bad_pattern(text);
  return number;
}

bool is_word_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

bool is_host_part(char c) { return is_word_part(c) && !(c >= 'A' && c <= 'Z'); }

bool is_of_kind(std::string_view kind, std::string_view text) {
  if (kind == "any") return true;
  return std::ranges::all_of(text, kind == "host" ? is_host_part : is_word_part);
}

}  // namespace

HttpRouter::Piece HttpRouter::read_piece(std::string_view text) {
  Piece piece;
  const auto open = text.find('{'), close = text.find('}');
  piece.before = text.substr(0, open);
  if (open == text.npos && close == text.npos) return piece;
  if (open == text.npos || close == text.npos || close < open) bad_pattern(text);
  piece.after = text.substr(close + 1);
  const std::string_view inside = text.substr(open + 1, close - open - 1);
  const auto blank = std::min(inside.find(' '), inside.size());
  piece.kind = inside.substr(0, blank);
  if (piece.kind == "host") piece.most = 253;
  if (blank < inside.size()) {
    const std::string_view lengths = inside.substr(blank + 1);
    const auto dash = std::min(lengths.find('-'), lengths.size() - 1);
    piece.least = number_of(lengths.substr(0, dash));
    piece.most = number_of(lengths.substr(dash + 1));
  }
  if (piece.kind != "any" && piece.kind != "word" && piece.kind != "host") bad_pattern(text);
  return piece;
}

void HttpRouter::add(Route route, std::string_view pattern) {
  if (!pattern.starts_with('/')) bad_pattern(pattern);
  Entry entry{std::move(route), {}};
  for (std::string_view rest = pattern; !rest.empty();) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    entry.pieces.push_back(read_piece(rest.substr(0, end)));
    rest.remove_prefix(end);
  }
  entries_.push_back(std::move(entry));
}

bool HttpRouter::fits(const Piece& piece, std::string_view segment,
                      std::vector<std::string>& captures) {
  if (piece.kind.empty()) return segment == piece.before;
  if (!segment.starts_with(piece.before)) return false;
  segment.remove_prefix(piece.before.size());
  if (!segment.ends_with(piece.after)) return false;
  segment.remove_suffix(piece.after.size());
  if (segment.size() < piece.least || segment.size() > piece.most) return false;
  if (!is_of_kind(piece.kind, segment)) return false;
  captures.emplace_back(segment);
  return true;
}

bool HttpRouter::fits(const Entry& entry, const std::vector<std::string>& segments,
                      std::vector<std::string>& captures) {
  captures.clear();
  if (entry.pieces.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); ++i)
    if (!fits(entry.pieces[i], segments[i], captures)) return false;
  return true;
}

HttpRouter::Found HttpRouter::find(std::string_view method,
                                   const std::vector<std::string>& segments) const {
  Found found;
  for (const Entry& entry : entries_) {
    if (entry.route.method != method || !fits(entry, segments, found.captures)) continue;
    found.route = &entry.route;
    return found;
  }
  found.captures.clear();
  return found;
}

std::string HttpRouter::methods_at(const std::vector<std::string>& segments) const {
  std::vector<std::string> methods, unused;
  for (const Entry& entry : entries_) {
    const bool known = std::ranges::count(methods, entry.route.method) > 0;
    if (!known && fits(entry, segments, unused)) methods.push_back(entry.route.method);
  }
  std::string list;
  for (const std::string& method : methods) list += (list.empty() ? "" : ", ") + method;
  return list;
}

}  // namespace mxswitch
