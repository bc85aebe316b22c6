// Times and optional values as columns: times are milliseconds since 1970, nothing is NULL.
#pragma once

#include <optional>
#include <string>

#include "monitor/database/database.h"
#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

inline monitor::Value column_value(Time t) {
  return static_cast<std::int64_t>(t.time_since_epoch().count());
}
inline monitor::Value column_value(const std::optional<Time>& t) {
  return t ? column_value(*t) : monitor::Value(nullptr);
}
inline monitor::Value column_value(const std::optional<std::string>& text) {
  return text ? monitor::Value(*text) : monitor::Value(nullptr);
}
inline Time column_time(const monitor::Row& row, std::size_t column) {
  return Time(Duration(row.integer(column)));
}
inline std::optional<Time> column_optional_time(const monitor::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return column_time(row, column);
}

}  // namespace mxswitch::orchestrator
