// The parts of the reader of *.scn files; reader.cc joins them. Each throws BadLine.
#pragma once

#include "monitor/simulation/line.h"
#include "monitor/simulation/scenario.h"

namespace mxswitch::monitor::simulation {

const MxSet& named_set(const Scenario& scenario, Line& line);
Zone read_zone(const Scenario& scenario, Line& line);  // "SET ttl SECONDS"

void read_policy(Scenario& scenario, Line& line);
void read_authority(Scenario& scenario, Line& line);
void read_delegation(Scenario& scenario, Line& line);  // "delegation ttl 172800 child 3600"
void read_record(Scenario& scenario, Line& line);
void read_record_event(Scenario& scenario, Line& line, Event& event);
void read_resolver(Scenario& scenario, Line& line);
void read_resolvers(Scenario& scenario, Line& line);  // "resolvers 48 TRAITS"
void read_event(Scenario& scenario, Line& line, Duration at, int number);
void read_expectation(Scenario& scenario, Line& line, Duration at, int number);

}  // namespace mxswitch::monitor::simulation
