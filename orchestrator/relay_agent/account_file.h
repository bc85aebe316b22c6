// The SQLite file in which Dovecot looks accounts up: for each domain the very accounts of the
// agent's store. It is derived, so it is brought in line at every start, and whatever stands in it
// that the store does not know goes.
//
// It is written in place, with a rollback journal. Dovecot keeps its connection, so a new file
// renamed into place would not be seen; and a reader of a write-ahead log writes to its index,
// while Dovecot shall have no right to write here.
#pragma once

#include <memory>
#include <string>

#include "orchestrator/relay_agent/accounts.h"
#include "probes/base/result.h"

namespace mxswitch::orchestrator {

class AccountFile {
 public:
  // Makes the file where there is none, mode 0640, of `group` (empty: as its folder or the agent's
  // user has it). Fails with `usage` for a group that is not known, `unavailable` for a file that
  // cannot be made, written or is another program's.
  static Result<std::unique_ptr<AccountFile>> open(const std::string& path,
                                                   const std::string& group,
                                                   const MailStore& store);
  ~AccountFile();

  // All of these block, are durable on return, change the file wholly or not at all, and may be
  // called by any thread.
  Result<void> bring_in_line(const RelayState& state);
  Result<void> put(const DomainRecord& record);
  Result<void> erase(const std::string& domain);

 private:
  struct Impl;
  explicit AccountFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mxswitch::orchestrator
