// Whether DNS over TLS can be had from here: asks each resolver whose name is known once.
#pragma once

#include <map>
#include <string>

#include "probes/base/clock.h"
#include "probes/base/result.h"
#include "probes/dns/resolver_catalogue.h"

namespace mxswitch {

struct DotCheckup {
  int named = 0, answered = 0;
  std::map<std::string, int> faults;  // how many failed so
};

// Fails with `usage` when `ca_file` can't be read.
Result<DotCheckup> check_dot(const probes::ResolverList& resolvers, const Clock& clock,
                             const std::string& ca_file);

}  // namespace mxswitch
