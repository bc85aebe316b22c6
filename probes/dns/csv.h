// Reads comma-separated values (RFC 4180) with bounds: one row at a time, quotes allowed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/base/result.h"

namespace mxswitch::probes {

struct CsvRow {
  std::size_t line = 0;  // where it begins, from 1
  std::vector<std::string> fields;
};

// Empty lines and lines that begin with '#' are left out. Fails with `usage` and file:line for an
// unclosed quote, text after a closing quote, octets that are no UTF-8, and for more than 4 MiB,
// 100,000 rows, 64 fields a row or 1,024 octets a field.
Result<std::vector<CsvRow>> parse_csv(std::string_view text, const std::string& file_name);

}  // namespace mxswitch::probes
