#pragma once

namespace mxswitch {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace mxswitch
