// deploy/resolvers.csv as it was when the program was built.
#pragma once

#include <string_view>

namespace mxswitch::probes {

std::string_view builtin_resolvers_csv();

}  // namespace mxswitch::probes
