// What is held of one watched owner between probes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "monitor/propagation/propagation.h"
#include "monitor/watch/ask.h"
#include "monitor/watch/observations.h"
#include "monitor/watch/txt_schedule.h"
#include "monitor/watch/watch.h"

namespace mxswitch::monitor {

struct Watched {
  Watched(WatchedOwner owner, Propagation restored)
      : setup(std::move(owner)), core(std::move(restored)), txt(setup.input.policy) {}

  // Feeds the core and notes a transition where the server's answer differs from its last.
  void take(const AuthoritySample& sample);
  void take(const ResolverSample& sample);

  // The serial and EXPIRE are asked at the first poll of an endpoint and every tenth after it.
  bool wants_soa(const Endpoint& endpoint);
  // Every server whose TXT is watched: the authorities last enumerated and the resolvers.
  std::vector<TxtServer> txt_servers() const;

  WatchedOwner setup;
  Propagation core;
  TxtSchedule txt;
  std::vector<AuthorityAddress> endpoints;
  Time enumerate_at{};
  bool enumerating = false;

  std::vector<Transition> unsaved;
  bool dirty = false, saving = false;
  Time save_at{};

 private:
  void note(const std::string& kind, const std::string& server, const std::string& answer, Time at);

  std::map<std::string, std::string> last_answers_;
  std::map<Endpoint, int> polls_;
};

}  // namespace mxswitch::monitor
