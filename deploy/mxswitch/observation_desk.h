// What the daemon's API hands out as exports, read from its database.
#pragma once

#include "dashboards/server/dashboard_server.h"
#include "monitor/database/database.h"

namespace mxswitch {

class ObservationDesk final : public dashboards::ObservationSource {
 public:
  // Both must outlive the desk and the streams that it opened.
  ObservationDesk(monitor::Database& database, const Clock& clock)
      : database_(database), clock_(clock) {}

  Result<StreamSource> open(const std::string& owner, bool csv, std::optional<Time> since) override;

 private:
  monitor::Database& database_;
  const Clock& clock_;
};

}  // namespace mxswitch
