// Reads a small text file whole.
#pragma once

#include <string>

#include "probes/base/result.h"

namespace mxswitch::probes {

// Fails with `usage`, naming the file, when it can't be read or is over 4 MiB.
Result<std::string> read_text_file(const std::string& path);

}  // namespace mxswitch::probes
