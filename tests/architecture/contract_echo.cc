// Reads lines "SCHEMA JSON" and answers each with what the codec makes of it: "ok JSON", written
// again, or "refused TEXT". contract_test.py drives it with instances made from the OpenAPI file.
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "orchestrator/relay/contract/contract.h"

namespace {

using namespace mxswitch;
using namespace mxswitch::orchestrator;

template <class T>
std::string echo(const std::string& body) {
  const auto parsed = parse<T>(body);
  if (!parsed) return "refused " + parsed.error().text();
  return "ok " + encode(to_json(*parsed));
}

const std::map<std::string, std::function<std::string(const std::string&)>> kSchemas = {
    {"Domain", echo<RelayDomain>},
    {"DomainWrite", echo<DomainWrite>},
    {"RouteWrite", echo<RouteWrite>},
    {"Roster", echo<Roster>},
    {"RosterWrite", echo<RosterWrite>},
    {"AccountWrite", echo<AccountWrite>},
    {"AliasWrite", echo<AliasWrite>},
    {"Flow", echo<Flow>},
    {"ProbeWrite", echo<ProbeWrite>},
    {"Probe", echo<Probe>},
    {"Queue", echo<Queue>},
    {"Health", echo<Health>},
};

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto space = line.find(' ');
    const auto schema = kSchemas.find(line.substr(0, space));
    if (schema == kSchemas.end() || space == std::string::npos) return 2;
    std::cout << schema->second(line.substr(space + 1)) << std::endl;
  }
}
