#include "dashboards/server/accept.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace mxswitch::dashboards {
namespace {

// Takes what stands before `separator` off the front, without blanks and in lower case.
std::string take(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  std::string piece;
  for (const char c : rest.substr(0, end)) {
    if (c == ' ' || c == '\t') continue;
    piece += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return piece;
}

// The weight of "text/html;q=0.8" in thousandths; what is no number weighs nothing.
int weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string parameter = take(parameters, ';');
    if (!parameter.starts_with("q=")) continue;
    double weight = 0;
    const char* end = parameter.data() + parameter.size();
    const auto [stop, code] = std::from_chars(parameter.data() + 2, end, weight);
    const bool valid = code == std::errc() && stop == end && weight >= 0 && weight <= 1;
    return valid ? static_cast<int>(weight * 1000) : 0;
  }
  return 1000;
}

}  // namespace

bool prefers_html(std::string_view accept) {
  int html = 0, other = 0;
  while (!accept.empty()) {
    const std::size_t end = std::min(accept.find(','), accept.size());
    std::string_view entry = accept.substr(0, end);
    accept.remove_prefix(std::min(end + 1, accept.size()));
    const std::string type = take(entry, ';');
    const int weight = weight_of(entry);
    if (type == "text/html") html = std::max(html, weight);
    if (type == "text/plain" || type == "application/json" || type == "application/problem+json")
      other = std::max(other, weight);
  }
  return html > 0 && html >= other;
}

}  // namespace mxswitch::dashboards
