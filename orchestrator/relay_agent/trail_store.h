// The queue ids that are followed, across a restart.
#pragma once

#include <vector>

#include "monitor/database/database.h"
#include "orchestrator/relay_agent/mail_trail.h"

namespace mxswitch::orchestrator {

void save_trail(monitor::Transaction& transaction, const MailTrail::Unsaved& unsaved);
std::vector<TrailedMail> load_trail(monitor::Transaction& transaction);

}  // namespace mxswitch::orchestrator
