// Old answers that no listed authority explains (PROPAGATION.md 2 B, Resets): alone they are
// suspect, two operators' prove an authority that nobody sees. Inside monitor/propagation only.
#pragma once

#include "monitor/propagation/state.h"

namespace mxswitch::monitor {

// (a) and (b) of section 2 B, Resets: a fetch that no listed authority explains.
bool is_suspect(const ResolverTrack& track, const ResolverSample& sample, const Reading& reading);
// (c): two operators within v prove it.
void note_suspect(PropagationState& state, const probes::Resolver& resolver,
                  const ResolverSample& sample, std::uint32_t old_ttl);

}  // namespace mxswitch::monitor
