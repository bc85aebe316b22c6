// resolvers list and resolvers check: beside the verbs that watch a domain.
#pragma once

#include "deploy/mxswitch/verbs.h"

namespace mxswitch {

void add_resolvers(CLI::App& app, Chosen& chosen);

}  // namespace mxswitch
