// plan init, a file of its own: it asks DNS and a person.
#pragma once

#include "deploy/mxswitch/verbs.h"

namespace mxswitch {

void add_plan_init(CLI::App& plan, Chosen& chosen);

}  // namespace mxswitch
