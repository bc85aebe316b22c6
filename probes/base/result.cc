#include "probes/base/result.h"

namespace mxswitch {

std::string Error::text() const {
  std::string line = where.empty() ? what : where + ": " + what;
  if (!mend.empty()) line += "; " + mend;
  return line;
}

}  // namespace mxswitch
