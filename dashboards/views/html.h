// Builds markup in which every argument is escaped: only literals of this code and what was made
// by Html itself enter as they are. There is no other way to put text on a page.
#pragma once

#include <fmt/format.h>

#include <string>
#include <type_traits>

#include "dashboards/views/escape.h"

namespace mxswitch::dashboards {

class Html {
 public:
  // html.add("<td>{}</td>", text): the format is markup, the arguments are text or numbers.
  template <class... Args>
  Html& add(fmt::format_string<std::conditional_t<std::is_arithmetic_v<Args>, Args, std::string>...>
                markup,
            const Args&... args) {
    text_ += fmt::format(markup, safe(args)...);
    return *this;
  }
  Html& add(const Html& part) {
    text_ += part.text_;
    return *this;
  }

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }

 private:
  template <class T>
  static auto safe(const T& value) {
    if constexpr (std::is_same_v<T, Html>) {
      return value.text_;
    } else if constexpr (std::is_arithmetic_v<T>) {
      return value;
    } else {
      return escape(value);
    }
  }

  std::string text_;
};

}  // namespace mxswitch::dashboards
