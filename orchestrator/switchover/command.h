// What a person or a script may ask for, as the HTTP API takes it and the loop carries it out.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "probes/base/result.h"

namespace mxswitch::orchestrator {

struct Command {
  std::string domain;
  std::string verb;          // switch, abort, rollback, freeze, unfreeze, override, waive,
                             // unwaive, approve, resolve, verify, finalize, plan, roster, alert
  nlohmann::json arguments;  // of the verb: reason, plan digest, gate, resolver, files' content
  std::string author;        // the name of the token, or "local"
  std::string idempotency_key;
  std::string if_match;  // plan digest; empty where the verb needs none
};

// A domain as it is kept here: A-labels in lower case without a final dot. What is no name stays
// as it is given, and is known nowhere.
std::string domain_as_kept(const std::string& given);

// The durable answer: 202 means "in the journal".
struct Operation {
  std::string id;
  std::string domain, verb;
  std::string status;     // accepted, running, done, refused, failed, unknown
  int exit_code = 0;      // SWITCHOVER.md section 8, once status is final
  nlohmann::json detail;  // blocked_by[] with reasons and earliest times, result, counts
};

// Implemented by the switchover; called from HTTP threads, which wait at most 5 s.
class CommandSink {
 public:
  virtual ~CommandSink() = default;
  virtual Result<Operation> submit(Command command) = 0;
  virtual Result<Operation> operation(const std::string& id) = 0;
};

}  // namespace mxswitch::orchestrator
