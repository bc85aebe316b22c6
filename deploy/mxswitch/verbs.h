// The verbs of the command line: one file each. A verb adds its subcommand, and when it was
// chosen sets `run`; main calls that and returns what it gives.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace mxswitch {

struct Chosen {
  std::function<int()> run;
};

void add_check(CLI::App& app, Chosen& chosen);
void add_watch(CLI::App& app, Chosen& chosen);
void add_serve(CLI::App& app, Chosen& chosen);
void add_plan(CLI::App& app, Chosen& chosen);
void add_views(CLI::App& app, Chosen& chosen);      // status, gates, history
void add_switch(CLI::App& app, Chosen& chosen);     // switch, rollback, abort
void add_decisions(CLI::App& app, Chosen& chosen);  // freeze, unfreeze, override, waive, unwaive,
                                                    // approve, resolve, verify, finalize
void add_roster(CLI::App& app, Chosen& chosen);
void add_alert(CLI::App& app, Chosen& chosen);
void add_doctor(CLI::App& app, Chosen& chosen);
void add_export(CLI::App& app, Chosen& chosen);
void add_replay(CLI::App& app, Chosen& chosen);
void add_simulate(CLI::App& app, Chosen& chosen);
void add_spf(CLI::App& app, Chosen& chosen);  // spf check, lint, propose

}  // namespace mxswitch
