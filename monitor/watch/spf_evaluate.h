// Evaluates one record through one DNS view for all senders of a plan.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>

#include "monitor/propagation/spf_matrix.h"
#include "monitor/watch/spf_rounds.h"
#include "probes/spf/view.h"

namespace mxswitch::monitor {

// The owner's record is the round's; all that it leads to is asked for through `view`. Never
// throws. `clock` must outlive it.
asio::awaitable<SpfEvaluation> evaluate_spf(std::shared_ptr<probes::spf::DnsView> view,
                                            const Clock& clock, SpfMove move, SpfRound round);

}  // namespace mxswitch::monitor
