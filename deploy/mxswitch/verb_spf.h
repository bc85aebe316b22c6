// The parts of the verb `spf` that stand in files of their own.
#pragma once

#include "deploy/mxswitch/verbs.h"

namespace mxswitch {

void add_spf_record(CLI::App& group, Chosen& chosen);  // lint, propose

}  // namespace mxswitch
