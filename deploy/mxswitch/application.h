// `mxswitch serve` as one object: makes the loop, makes every part, joins them, runs until it is
// told to stop. The only place that knows all of them.
#pragma once

#include <memory>

#include "deploy/mxswitch/config.h"

namespace mxswitch {

class Application {
 public:
  // Opens what can fail early (store, tokens, resolvers, relays); nothing runs yet.
  static Result<std::unique_ptr<Application>> make(Config config);
  ~Application();

  // Serves until SIGINT or SIGTERM; ends within 5 s, a second signal ends it at once. A switch in
  // flight is left to the recovery of the next start. Fails when the address can't be listened at.
  Result<void> run();

 private:
  struct Parts;
  explicit Application(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace mxswitch
