// The tables of the agent's store.
#include "orchestrator/relay_agent/store.h"

namespace mxswitch::orchestrator {

std::vector<monitor::Migration> agent_migrations() {
  return {{"relay_agent", 1, R"sql(
CREATE TABLE relay_domains (
  domain TEXT PRIMARY KEY, mode TEXT NOT NULL, unknown TEXT NOT NULL, forward TEXT,
  hosted TEXT NOT NULL, generation INTEGER NOT NULL, version INTEGER NOT NULL, op_id TEXT,
  updated_at INTEGER NOT NULL, route_at INTEGER NOT NULL, soak_until INTEGER,
  open INTEGER NOT NULL, route_seen_at INTEGER,
  roster_version INTEGER NOT NULL, catch_all TEXT, delimiter TEXT, same_as TEXT);
CREATE TABLE relay_accounts (
  domain TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, must_change INTEGER NOT NULL,
  initial_expires_at INTEGER, PRIMARY KEY (domain, name)) WITHOUT ROWID;
CREATE TABLE relay_aliases (
  domain TEXT NOT NULL, name TEXT NOT NULL, targets TEXT NOT NULL,
  PRIMARY KEY (domain, name)) WITHOUT ROWID;
CREATE TABLE relay_answers (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, body_hash TEXT NOT NULL, status INTEGER NOT NULL,
  etag TEXT NOT NULL, body TEXT NOT NULL, kept_at INTEGER NOT NULL);
CREATE TABLE relay_probes (
  id TEXT PRIMARY KEY, domain TEXT NOT NULL, kind TEXT NOT NULL, address TEXT NOT NULL,
  node TEXT NOT NULL, expires_at INTEGER NOT NULL, result TEXT NOT NULL, accepted_at INTEGER,
  delivered_at INTEGER, reply TEXT);
CREATE TABLE relay_flow (
  domain TEXT NOT NULL, at INTEGER NOT NULL, accepted INTEGER NOT NULL,
  forwarded INTEGER NOT NULL, hosted INTEGER NOT NULL, deferred INTEGER NOT NULL,
  rejected INTEGER NOT NULL, PRIMARY KEY (domain, at)) WITHOUT ROWID;
CREATE TABLE relay_recipients (
  domain TEXT NOT NULL, address TEXT NOT NULL, day INTEGER NOT NULL, count INTEGER NOT NULL,
  old_accepted INTEGER NOT NULL, old_rejected INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (domain, address, day)) WITHOUT ROWID;
)sql"},
          {"relay_agent", 2, R"sql(
CREATE TABLE relay_log (
  path TEXT PRIMARY KEY, inode INTEGER NOT NULL, position INTEGER NOT NULL);
)sql"},
          {"relay_agent", 3, R"sql(
CREATE TABLE relay_mail (
  queue_id TEXT PRIMARY KEY, at INTEGER NOT NULL, recipients TEXT NOT NULL) WITHOUT ROWID;
)sql"},
          // A store of before that holds domains was never in doubt.
          {"relay_agent", 4, R"sql(
CREATE TABLE relay_whole (since INTEGER NOT NULL);
INSERT INTO relay_whole SELECT 0 WHERE EXISTS (SELECT 1 FROM relay_domains);
)sql"}};
}

}  // namespace mxswitch::orchestrator
