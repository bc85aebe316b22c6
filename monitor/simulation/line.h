// One line of a *.scn file, taken word by word. What can't be read is thrown as text, inside the
// reader only; it adds the file and the line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/base/result.h"
#include "probes/base/time_text.h"

namespace mxswitch::monitor::simulation {

struct BadLine {
  std::string what;
};

[[noreturn]] inline void refuse(std::string what) { throw BadLine{std::move(what)}; }

template <class T>
T value_of(Result<T> result) {
  if (!result) refuse(result.error().what);
  return std::move(*result);
}

class Line {
 public:
  // Words up to a `#`.
  explicit Line(const std::string& text);

  bool done() const { return next_ >= words_.size(); }
  std::string word();
  bool take(std::string_view expected);  // true and past it, if it is the next word
  void want(std::string_view expected, const char* whole);
  std::string rest();
  Duration duration() { return value_of(parse_duration(word())); }
  std::uint32_t number();
  double percent();

 private:
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

}  // namespace mxswitch::monitor::simulation
