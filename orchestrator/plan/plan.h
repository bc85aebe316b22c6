// The plan of one domain's switchover: a TOML file (SWITCHOVER.md section 2) as checked values.
// Two keys are required, `domain` and `[mx] new`; what is left out has its default or is found.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/propagation/policy.h"
#include "orchestrator/plan/window.h"
#include "probes/base/result.h"
#include "probes/dns/dns_name.h"
#include "probes/dns/endpoint.h"
#include "probes/dns/rrset.h"

namespace mxswitch::orchestrator {

struct IgnoredServer {
  std::string server;  // a name or an address
  std::string reason;
};

struct AuthorityPlan {
  std::vector<IgnoredServer> ignore;
  std::vector<probes::DnsName> formerly;  // left the delegation before the watch began
  bool ns_drain_by_ttl = false;           // ns_drain = "ttl"
};

struct SpfPlan {
  std::vector<std::string> require;  // mechanisms, lower case: "include:_spf.filter.example"
  std::string all;                   // "-all", "~all", "?all"; empty: any
  std::vector<probes::IpAddress> senders_old, senders_new;
  std::optional<probes::DnsName> helo;
};

struct RelayPlan {
  std::string name;   // of a [[relay]] in mxswitch.toml; empty: the only one there
  std::string place;  // file:line of the name, for errors
  std::optional<std::string> forward, hosted;  // next hops; absent: found
  std::optional<std::string> probe_recipient;
  bool old_server_exempts = false;
};

struct RosterPlan {
  std::string accounts, aliases;  // paths as written; see path_beside
  std::optional<std::string> catch_all;
  std::vector<std::string> ignore;  // whole addresses, lower case

  bool given() const { return !accounts.empty() || !aliases.empty(); }
};

struct Plan {
  probes::DnsName domain_name;
  std::string domain;  // A-labels, lower case, no final dot
  std::vector<probes::DnsName> alias_domains;
  std::vector<probes::DnsName> subdomains;  // whole names

  probes::MxSet new_mx;
  std::optional<probes::MxSet> old_mx;  // the new one: only addresses of its exchanges change
  std::optional<seconds> old_ttl;
  std::optional<Time> changed_at;

  AuthorityPlan authority;
  std::optional<SpfPlan> spf;  // absent: the gate is not asked
  std::vector<std::string> dkim_selectors;
  std::map<std::string, std::string> dkim_keys;  // base64 (p=) by selector, where one is planned
  RelayPlan relay;
  RosterPlan roster;
  std::vector<std::string> contact_external;  // addresses, or http(s) URLs of webhooks

  monitor::Policy policy;
  bool quiet = false;  // no real message is expected
  std::optional<Window> window;
  int approvers = 0;                               // people beside the author of the command
  Duration unknown_grace = std::chrono::hours(1);  // then unknown names are refused
  std::string probe_from;  // "smtp://host:port"; empty: straight to the exchanges

  // Domain, alias domains and subdomains: each is watched for itself.
  std::vector<probes::DnsName> owners() const;
};

// `name` stands in errors ("name:line"); they are of `usage`. An unknown key is answered with the
// nearest known one.
Result<Plan> parse_plan(std::string_view toml, const std::string& name);
Result<Plan> read_plan(const std::string& path);  // blocks

// A path of the plan, seen from the plan file's own directory.
std::string path_beside(const std::string& plan_path, const std::string& path);

// Why this contact would fail together with the domain; empty: it does not. `address` is a mail
// address or a URL.
std::string contact_fault(const Plan& plan, const std::string& address);

}  // namespace mxswitch::orchestrator
