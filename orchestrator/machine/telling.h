// The words of the alerts that the machine causes. Each line stands alone on a lock screen; each
// body ends with what happens if nobody acts.
#pragma once

#include <string>

#include "orchestrator/machine/machine.h"

namespace mxswitch::orchestrator::telling {

struct Words {
  std::string kind, line, body;
};

Words ready(const MachineState& s);
Words ready_lost(const MachineState& s, const std::string& why);
Words mx_changed(const MachineState& s, const std::string& evidence);

// A write that begins: its kind is switch-begun or rollback-begun.
Words begun(const MachineState& s, const Writing& write);
// ... and that is done: every node reports it, and probes were read back where it was a switch.
Words switched(const MachineState& s, const Writing& write, const std::string& evidence, Time now);
Words rolled_back(const MachineState& s, const Writing& write, Time now);
Words taken_back(const MachineState& s, Time now);  // a switch that was armed, by a rollback

Words switch_failed(const MachineState& s, const std::string& what, const std::string& why);
Words stuck(const MachineState& s, const std::string& node, const std::string& why);
Words not_verified(const MachineState& s, const std::string& why);
Words blocked(const MachineState& s, const std::string& why, const std::string& next);
Words relay_ill(const MachineState& s, const std::string& what, const std::string& mail,
                const std::string& why);

// "2026-11-22 14:32Z": alerts are read on another day.
std::string dated(Time t);

}  // namespace mxswitch::orchestrator::telling
