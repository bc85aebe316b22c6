// What is held of one watched owner between probes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/propagation.h"
#include "monitor/watch/observations.h"
#include "monitor/watch/txt_schedule.h"

namespace mxswitch::monitor {

struct WatchedOwner {
  PropagationInput input;
  bool ask_txt = false;  // SPF text is watched beside MX
};

// What a walk of the delegation found; without endpoints it failed.
struct WalkResult {
  std::vector<AuthorityAddress> endpoints;
  std::vector<std::string> warnings;
  seconds ns_ttl{0};
  bool signed_zone = false;
  std::string fault;  // why there is no endpoint
};

struct Watched {
  Watched(const WatchedOwner& owner, Propagation restored);

  void replace(WatchedOwner owner, Time now);

  // Each feeds the core and notes a transition where the server's answer differs from its last.
  void take(const AuthoritySample& sample);
  void take(const ResolverSample& sample);
  void take(WalkResult result, Time now);

  // The serial and EXPIRE are asked at the first poll of an endpoint and every tenth after it.
  bool wants_soa(const Endpoint& endpoint);

  // A probe waits for its slot: the courtesy limits bind here.
  void note_wait(const Endpoint& server, Time slot, Time now);
  // A sentence where a limit stretched this owner's intervals lately; empty: none did.
  std::string stretched(Time now) const;

  Propagation core;
  std::optional<TxtSchedule> txt;
  Time walk_at{};
  bool walking = false;

  // What is not kept yet; Agenda alone writes these.
  std::vector<Transition> unsaved;
  std::size_t counted_transitions = 0;
  std::optional<std::uint64_t> saved_revision;
  std::optional<Time> saved_at;
  bool dirty = false, saving = false;

 private:
  struct Wait {
    Endpoint server;
    Duration pause{0};
    Time at{};
  };
  void note(const char* kind, const std::string& server, const std::string& answer, Time at);

  std::map<std::string, std::string> last_answers_;
  std::map<Endpoint, int> polls_;
  std::optional<Wait> wait_;
};

}  // namespace mxswitch::monitor
