// The agent's tables: domains with route and generation, accounts, aliases, first answers of
// idempotent requests, probes. Every function works inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/database/database.h"
#include "orchestrator/relay_agent/records.h"

namespace mxswitch::orchestrator {

// The first answer to a request with an Idempotency-Key.
struct KeptAnswer {
  std::string key;
  std::string request;    // method and path
  std::string body_hash;  // of the request
  int status = 200;
  std::string etag, body;  // of the answer
};

std::vector<monitor::Migration> agent_migrations();

std::vector<DomainRecord> load_domains(monitor::Transaction& transaction);
void save_domain(monitor::Transaction& transaction, const DomainRecord& record);
void save_roster(monitor::Transaction& transaction, const DomainRecord& record);
void erase_domain(monitor::Transaction& transaction, const std::string& domain);
// Only while the row still has this generation.
void save_seen(monitor::Transaction& transaction, const DomainRecord& record);

// Whether a peer has said once that nothing is lacking here, or there was none to say it.
bool is_whole(monitor::Transaction& transaction);
void mark_whole(monitor::Transaction& transaction, Time since);

std::optional<KeptAnswer> find_answer(monitor::Transaction& transaction, const std::string& key);
void keep_answer(monitor::Transaction& transaction, const KeptAnswer& answer, Time now);
void forget_answers(monitor::Transaction& transaction, Time before);

void save_probe(monitor::Transaction& transaction, const std::string& domain, const Probe& probe);
struct KeptProbe {
  std::string domain;
  Probe probe;
};
std::vector<KeptProbe> load_probes(monitor::Transaction& transaction);
void forget_probes(monitor::Transaction& transaction, Time before);

}  // namespace mxswitch::orchestrator
