// What happened in a world, as people say it.
#pragma once

#include <string>

#include "monitor/simulation/scenario.h"

namespace mxswitch::monitor::simulation {

std::string words_of(const Event& event);  // "ns1.shop.example serves 10 mx1.a, TTL 20 s"

}  // namespace mxswitch::monitor::simulation
