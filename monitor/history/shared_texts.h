// Few texts that many hold: one copy of each, as long as somebody holds it. One thread.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace mxswitch::monitor {

using SharedText = std::shared_ptr<const std::string>;

class SharedTexts {
 public:
  SharedText of(const std::string& text) {
    const auto known = std::find_if(texts_.begin(), texts_.end(),
                                    [&](const SharedText& each) { return *each == text; });
    if (known != texts_.end()) return *known;
    std::erase_if(texts_, [](const SharedText& each) { return each.use_count() == 1; });
    return texts_.emplace_back(std::make_shared<const std::string>(text));
  }

 private:
  std::vector<SharedText> texts_;
};

}  // namespace mxswitch::monitor
