// Lets Retention go over all owners: a step at a time with a pause between, then a long rest.
// Lives on the loop's thread.
#pragma once

#include <asio/any_io_executor.hpp>
#include <memory>

#include "monitor/history/retention.h"

namespace mxswitch::monitor {

class Pruner {
 public:
  // All references must outlive the pruner.
  Pruner(asio::any_io_executor loop, const Clock& clock, Database& database,
         RetentionOptions options);
  ~Pruner();
  void start();
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mxswitch::monitor
