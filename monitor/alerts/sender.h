// Empties the outbox and keeps testing the channels of acknowledged contacts. Runs on the loop.
#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "monitor/alerts/channels.h"

namespace mxswitch::monitor {

class AlertSender {
 public:
  // All references must outlive the sender. `test_every` is the pause between two probes of a
  // contact's channel.
  AlertSender(asio::any_io_executor loop, const Clock& clock, Database& database,
              Channels& channels, Duration test_every);
  ~AlertSender();

  void start();
  void wake();  // a row was just committed
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mxswitch::monitor
