#include "monitor/simulation/line.h"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

namespace mxswitch::monitor::simulation {

Line::Line(const std::string& text) {
  std::istringstream in(text.substr(0, text.find('#')));
  for (std::string word; in >> word;) words_.push_back(word);
}

std::string Line::word() {
  if (done()) refuse("the line ends too early");
  return words_[next_++];
}

bool Line::take(std::string_view expected) {
  if (done() || words_[next_] != expected) return false;
  ++next_;
  return true;
}

void Line::want(std::string_view expected, const char* whole) {
  if (!take(expected)) refuse(fmt::format("\"{}\" is wanted", whole));
}

std::string Line::rest() {
  std::string text;
  while (!done()) text += (text.empty() ? "" : " ") + words_[next_++];
  return text;
}

std::uint32_t Line::number() {
  const std::string text = word();
  std::uint32_t value = 0;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end)
    refuse(fmt::format("\"{}\" is not a whole number", text));
  return value;
}

double Line::percent() {
  const std::string text = word();
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size() || !(value >= 0 && value <= 100))
    refuse(fmt::format("\"{}\" is no percentage between 0 and 100", text));
  return value;
}

}  // namespace mxswitch::monitor::simulation
