#include "monitor/database/database.h"

namespace mxswitch::monitor {

std::int64_t Row::integer(std::size_t column) const {
  const Value& value = columns_.at(column);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* real = std::get_if<double>(&value)) return static_cast<std::int64_t>(*real);
  return 0;
}

std::string Row::text(std::size_t column) const {
  const Value& value = columns_.at(column);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  return {};
}

bool Row::is_null(std::size_t column) const {
  return std::holds_alternative<std::nullptr_t>(columns_.at(column));
}

}  // namespace mxswitch::monitor
