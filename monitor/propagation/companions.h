// RRsets that belong to a change beside the owner's MX (PROPAGATION.md sections 1 and 2 A/B): the
// addresses of the expected exchanges, each CNAME on the way from the owner to its MX, DS and
// DNSKEY of a signed zone. Nobody declares what they should be: what all their endpoints serve
// now, in agreement, is it; every other version that one once served is an obligation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor {

// What one endpoint served, and until when.
struct CompanionVersion {
  std::string data;  // as in CompanionSample; empty: no such RRset
  std::uint32_t ttl = 0;
  Time first_at{}, last_at{};
  std::optional<Time> ended_at;  // u: receive time of the first later answer that is not it
  bool from_beginning = false;   // what was answered first
};

struct CompanionServer {
  AuthorityAddress address;
  std::vector<CompanionVersion> versions;  // at most one has not ended: what it serves now
  std::optional<Time> began;               // its first answer
  std::optional<Time> polled_at;
  int failed_polls = 0;  // in a row
  int rounds = 0;        // the same answer in a row
  bool aliased = false;  // a CNAME stands where addresses are wanted
  bool lame_before = false;
  bool family_dead = false;              // see AuthorityState
  bool family_unrouted = false;          // see AuthorityState
  std::optional<Time> spoken_for_since;  // see AuthorityState
  std::optional<Time> left_at;           // no longer serves the zone
  std::vector<Time> returns;             // the newest times at which an address came back

  const CompanionVersion* current() const;  // null before its first answer
  std::string label() const;                // "ns1.filter.example (198.51.100.21)"
};

struct Companion {
  DnsName name;
  probes::RrType type = probes::RrType::a;
  seconds ns_ttl{0};         // of the delegation that leads to its servers
  bool listed = true;        // false: the last walk did not meet it; its obligations stay
  std::string fault;         // why the walk found no server for it
  bool nonexistent = false;  // with a fault: its name does not exist
  std::vector<CompanionServer> servers;

  std::string label() const;  // "mx1.filter.example A"
  bool is_address() const { return type == probes::RrType::a || type == probes::RrType::aaaa; }
  // Its servers hand out parts of a pool by turns: each address seen in the last hour is taken to
  // be in service, and that is shown as an assumption.
  bool rotates(Time now) const;
};

class Companions {
 public:
  // The whole list, after each walk. True when one came, went or moved.
  bool enumerate(const std::vector<ListedCompanion>& listed, Time now);
  // True when something was learnt that a restart must not lose. `before_change`: nobody has
  // served the expected MX yet, so a server that never answers was lame before.
  bool observe(const CompanionSample& sample, bool before_change);
  // Time that can't be accounted for: everything that had ended counts from now.
  void restart(Time now);

  const std::vector<Companion>& all() const { return all_; }
  std::vector<Companion>& all() { return all_; }
  bool has_alias() const;  // the owner is or was an alias
  // When the last endpoint of the links was first seen to serve what it serves now; none while
  // they disagree. Without a link: the beginning of time.
  std::optional<Time> aliased_since() const;
  // No answer through the links can show more than the least of their TTLs.
  std::optional<std::uint32_t> alias_ttl() const;

 private:
  std::vector<Companion> all_;
};

// Must it answer, for A and against a blackout?
bool is_judged(const CompanionServer& server, const PropagationInput& input);
// For condition B: versions that caches may hold.
std::vector<Obligation> companion_obligations(const PropagationInput& input,
                                              const Companions& companions, Time now);
// For L: the latest receive time at which something else took the place of what an endpoint had
// served.
std::optional<Time> companions_changed_at(const Companions& companions, Time now);
// An expected exchange was seen to get other addresses at `since` or later; parts of a pool that
// are handed out by turns are none.
bool addresses_changed_since(const PropagationInput& input, const Companions& companions,
                             Time since, Time now);
// For condition A: exchanges resolve and are no CNAME; all endpoints answer and agree. `poll`: how
// often the authorities are asked now.
Condition judge_companions(const PropagationInput& input, const Companions& companions,
                           Duration poll, bool active, Time now);
// All that it judges have answered since then.
bool companions_answered_since(const PropagationInput& input, const Companions& companions,
                               Time since);
std::vector<std::string> companion_warnings(const PropagationInput& input,
                                            const Companions& companions, Time now);

// As often as the authorities until three rounds agree, then a tenth as often; before any sign of
// a change as rarely as the delegation is walked.
Time next_companion_poll(const CompanionServer& server, const Policy& policy, Duration poll,
                         bool active, Time now);

}  // namespace mxswitch::monitor
