#include "orchestrator/relay_agent/trail_store.h"

#include <nlohmann/json.hpp>

#include "orchestrator/relay_agent/columns.h"
#include "probes/base/json_text.h"

namespace mxswitch::orchestrator {

void save_trail(monitor::Transaction& transaction, const MailTrail::Unsaved& unsaved) {
  for (const TrailedMail& mail : unsaved.kept) {
    transaction.execute(
        "INSERT OR REPLACE INTO relay_mail (queue_id, at, recipients) VALUES (?,?,?)",
        {mail.queue_id, column_value(mail.at), json_text(nlohmann::json(mail.recipients))});
  }
  for (const std::string& id : unsaved.gone) {
    transaction.execute("DELETE FROM relay_mail WHERE queue_id = ?", {id});
  }
}

std::vector<TrailedMail> load_trail(monitor::Transaction& transaction) {
  std::vector<TrailedMail> kept;
  for (const auto& row : transaction.query("SELECT queue_id, at, recipients FROM relay_mail")) {
    const auto recipients = nlohmann::json::parse(row.text(2), nullptr, false);
    if (!recipients.is_array()) continue;
    kept.push_back({row.text(0), column_time(row, 1), recipients});
  }
  return kept;
}

}  // namespace mxswitch::orchestrator
