// The files of the status page, embedded at build time (dashboards/web/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace mxswitch::dashboards {

struct Asset {
  std::string_view name;  // "style.css"
  std::string_view content_type;
  std::string_view bytes;
  std::string_view digest;  // SHA-256 in hex; a changed file has another address
};

std::span<const Asset> assets();
const Asset* find_asset(std::string_view name);

}  // namespace mxswitch::dashboards
