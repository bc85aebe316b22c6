#include "dashboards/server/assets.h"

#include <algorithm>

namespace mxswitch::dashboards {

const Asset* find_asset(std::string_view name) {
  const auto all = assets();
  const auto found = std::ranges::find(all, name, &Asset::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace mxswitch::dashboards
