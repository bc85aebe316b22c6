// What the gates are given: plain facts, each with the time it was observed. The shell of the
// switchover gathers them; a test or a replay fills them by hand. Nothing here asks or decides.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "monitor/propagation/policy.h"
#include "monitor/propagation/report.h"
#include "monitor/propagation/spf_matrix.h"
#include "orchestrator/relay/contract/contract.h"
#include "probes/base/clock.h"
#include "probes/mail/dmarc_policy.h"
#include "probes/mail/mta_sts.h"

namespace mxswitch::orchestrator {

// The part of a plan that gates look at.
struct GatePlan {
  std::string domain;
  std::string digest;
  monitor::Policy policy;
  std::vector<std::string> other_domains;  // alias domains and subdomains
  bool has_relay = true;                   // false for the driver "none": watch only
  bool has_old_server = true;              // false: there is no forward
  bool old_server_exempts = false;
  std::string probe_recipient;
  bool spf_asked = false;
  bool spf_has_new_senders = false;
  std::vector<std::string> dkim_selectors;
  std::map<std::string, std::string> dkim_keys;  // planned, by selector
  bool quiet = false;                            // no real message is expected
  std::string probe_from;                        // accepted in a plan, not carried out yet
  bool has_roster_files = false;                 // the plan names files of accounts or aliases
  std::vector<std::string> ignored_recipients;   // whole addresses, lower case
  int approvers = 0;                             // people beside the author of the command
};

enum class DryRun { not_run, accepted, refused };

struct RelayNodeFacts {
  std::string id;
  std::vector<std::string> addresses;  // where it answers SMTP, without ports
  bool reachable = false;
  bool authenticated = false;
  std::string error;  // why it is not reachable, or was refused
  std::optional<Mode> mode;
  std::int64_t generation = 0;
  bool in_force = false;
  std::vector<std::string> hop_faults;       // next hops other than the plan's; a sentence each
  std::vector<std::string> unknown_domains;  // of the plan's others, those the node lacks
  DryRun dry_run = DryRun::not_run;          // of the write to hosted
  DryRun dry_run_back = DryRun::not_run;     // of the write back to forward
  std::string dry_run_error;
};

struct RelayFacts {
  std::vector<RelayNodeFacts> nodes;
  // Every address of every expected exchange; an exchange without one does not resolve.
  std::map<std::string, std::vector<std::string>> exchanges;
  std::map<std::string, std::string> exchange_aliases;  // those that are a CNAME, and to what
  std::string exchanges_error;                          // not empty: they could not be asked
  std::vector<std::string> loops;  // next hops that lead to a node of the relay; a sentence each
  Mode expected = Mode::forward;
  Time observed_at{};   // of the oldest node read; epoch: never
  Time dry_run_at{};    // of the oldest dry run
  Time exchanges_at{};  // when the exchanges were resolved
};

struct OldServerNodeFacts {
  std::string node;
  ProbeResult result = ProbeResult::waiting;  // of RCPT for the probe recipient
  std::string reply;
  std::optional<bool> catch_all;  // a random name was accepted
  std::string error;              // the probe could not be made
};

struct OldServerFacts {
  std::vector<OldServerNodeFacts> nodes;
  bool size_asked = false;
  std::string size_error;
  std::optional<std::int64_t> size_old, size_relay;  // SIZE (RFC 1870); none: no limit told
  Time observed_at{};
};

struct MtaStsFacts {
  bool txt_asked = false, tlsa_asked = false;
  bool txt_published = false;
  std::vector<std::string> tlsa_at;  // names that publish TLSA
  std::string error;                 // of a question that got no answer
  Time observed_at{};
  // Of a policy that was seen published and is no more; senders may hold it still.
  std::optional<Time> gone_at;
  std::optional<probes::MtaStsPolicy> policy;  // what it said; none: it was not fetched
  std::vector<std::string> exchanges;          // the new ones
};

struct FlowAddressFacts {
  std::string exchange, address;
  std::optional<Time> arrived_at;  // of the last inbound probe through it
  std::string error;
  std::optional<Time> under_way_since = {};  // probes were taken since then, and none arrived yet
};

struct FlowFacts {
  std::vector<FlowAddressFacts> addresses;
  std::optional<Time> last_message_at;  // a real one
  std::int64_t accepted = 0, forwarded = 0, hosted = 0;
  Time observed_at{};
};

struct RosterFacts {
  std::string error;          // the relay's roster could not be read
  bool given = false;         // files were loaded
  bool nodes_differ = false;  // their digests
  std::string differ_text;    // "node-1 a1b2, node-2 c3d4"
  std::vector<std::string> missing_accounts, extra_accounts;
  std::vector<std::string> missing_aliases, extra_aliases;  // a changed alias is missing
  std::vector<std::string> broken_targets;                  // "sales: nobody"
  std::vector<std::string> uncovered;  // accepted by the old server, and nobody has it
  std::vector<std::string> refused;    // by the old server
  bool flow_truncated = false;
  bool flow_known = false;
  std::size_t accounts = 0, aliases = 0;
  std::string digest;
  Time observed_at{};
};

struct ContactChannelFacts {
  std::string channel, address;
  std::string not_external;  // why it depends on the domain or the relay; empty: it does not
  bool acknowledged = false;
  std::optional<bool> last_delivery_ok;
  std::optional<Time> last_delivery_at;
  std::string error;
  std::string not_known;  // why nobody can tell whether it does; empty: it was looked up
  // Connected to without a message: reachable, not proved.
  std::optional<bool> reached_ok = {};
  std::optional<Time> reached_at = {};
};

struct ContactFacts {
  std::vector<ContactChannelFacts> channels;
  Time observed_at{};
};

struct SpfFacts {
  std::string owner;
  monitor::SpfMatrix matrix;
  Time observed_at{};  // epoch: nothing was asked yet
};

// What one server answered about the TXT at a selector's name.
struct DkimSource {
  std::string source;  // "the authorities", "Quad9 9.9.9.9"
  std::string error;   // no answer; empty: answered
  std::vector<std::string> texts;
};

struct DkimSelectorFacts {
  std::string selector;
  DkimSource authorities;
  std::vector<DkimSource> resolvers;  // asked once the authorities publish a key
};

// Where receivers look for the policy of mail from one of the plan's domains: at the domain itself,
// then at its organisation's.
struct DmarcFacts {
  std::vector<probes::DmarcAnswer> asked;
};

struct OutboundFacts {
  std::vector<DkimSelectorFacts> selectors;
  std::vector<DmarcFacts> dmarc;  // the domain's first, then the other owners'
  Time observed_at{};
};

// The command that waits for its moment.
struct OperatorFacts {
  bool commanded = false;
  std::string author, reason, digest;
  std::vector<std::string> approvals;  // people, without the author
  bool window_open = true;
  std::optional<Time> window_opens_at;
  std::string frozen;  // since when, by whom and why; empty: it is not
  Time observed_at{};
  bool carried_out = false;  // the command is under way at the relay, or done
};

// Large, and shown as it was judged: what shows it shares it.
using ReportPtr = std::shared_ptr<const monitor::PropagationReport>;

struct Facts {
  std::vector<ReportPtr> reports;  // the domain's first, then the other owners'; none is null
  // Authorities that did not answer when they were asked once more, just before a write.
  std::vector<std::string> unanswered;
  RelayFacts relay;
  OldServerFacts old_server;
  MtaStsFacts mta_sts;
  FlowFacts flow;
  RosterFacts roster;
  ContactFacts contact;
  std::vector<SpfFacts> spf;  // the domain's first, then the other owners'
  OutboundFacts outbound;
  OperatorFacts operator_;
};

}  // namespace mxswitch::orchestrator
