// The driver of a relay that is only watched: no node to ask, and every write is refused.
#pragma once

#include "orchestrator/relay/relay_control.h"

namespace mxswitch::orchestrator {

std::unique_ptr<RelayControl> make_watch_only_relay(const std::string& name);

}  // namespace mxswitch::orchestrator
