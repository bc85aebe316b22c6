// A place in a line of the mail log. Every step takes what it names and moves on, or takes nothing
// and says so. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace mxswitch::orchestrator {

class LogCursor {
 public:
  explicit LogCursor(std::string_view line) : rest_(line) {}

  std::string_view rest() const { return rest_; }
  bool literal(std::string_view text);
  // One character or more for which `belongs` holds; empty: none.
  template <class F>
  std::string_view run(F belongs) {
    std::size_t length = 0;
    while (length < rest_.size() && belongs(rest_[length])) ++length;
    return take(length);
  }
  std::string_view digits();

  bool time();                  // "Nov  3 01:46:25 " or "2026-11-03T01:46:25.123+01:00 "
  std::string_view queue_id();  // letters and digits
  // "<joe@shop.example>" without the brackets; `"a>b"@shop.example` ends where its quotes do.
  // Sets `text` and says whether there was one; "<>" is one.
  bool address(std::string_view& text);

 private:
  std::string_view take(std::size_t length);
  bool classic_time();
  bool internet_time();

  std::string_view rest_;
};

}  // namespace mxswitch::orchestrator
