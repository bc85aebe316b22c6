// mxswitch-relay.toml: read strictly, every error with file and line.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/relay_agent/agent.h"
#include "probes/base/result.h"

namespace mxswitch {

inline constexpr char kRelayVersion[] = "0.1.0";

struct RelayConfig {
  orchestrator::AgentOptions agent;
  std::string listen;  // ADDRESS:PORT of the control API
  std::string token_file;
  std::vector<std::string> warnings;  // of settings that have no meaning any more
};

// Reads the file and the secrets that it names.
Result<RelayConfig> read_relay_config(const std::string& path);

// The commented example that `configure` prints.
std::string example_config();

}  // namespace mxswitch
