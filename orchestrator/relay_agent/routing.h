// Where a recipient's mail goes: (mode, unknown names, roster, recipient, what is amiss) to the
// answers of Postfix's four tables. Pure; every look-up of the relay passes through here.
//
// Postfix expands aliases at arrival alone, so the transport goes by recipient and not by domain:
// an account to the hosted side, an alias through the reinjection smtpd, and what is neither (it
// was accepted before the switch) to the old server still.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/relay/contract/contract.h"
#include "orchestrator/relay_agent/next_hop.h"
#include "orchestrator/roster/resolve.h"

namespace mxswitch::orchestrator {

struct RoutedDomain {
  std::string name;
  Mode mode = Mode::forward;
  UnknownNames unknown = UnknownNames::reject;
  std::optional<NextHop> forward;
  NextHop hosted;
  std::shared_ptr<const RosterIndex> roster;  // in force: of the domain that same_as names
  bool soak = false;                          // keep refused mail in the queue
  // Set: every route of this domain answers TEMP with this reason (a next hop is a relay node;
  // an operation was open when the agent stopped and no peer can tell how it ended).
  std::optional<std::string> withheld;
};

struct RelayFacts {
  std::string reinject;    // transport of the reinjection smtpd: "reinject:[127.0.0.1]:10026"
  std::string postmaster;  // the provider's own address: postmaster@ and abuse@ never lack one
};

// What the agent itself made an address for.
enum class TokenKind { none, inbound, hosted };

enum class LookupStatus { ok, not_found, temporary };

struct LookupReply {
  LookupStatus status = LookupStatus::not_found;
  std::string value;  // ok: the result; temporary: the reason
  bool operator==(const LookupReply&) const = default;
};

// True for the names that RFC 2142 and RFC 5321 4.5.1 promise to everybody.
bool is_always_accepted(std::string_view local_part);

// "joe%victim.example@shop.example" once was a route by way of shop.example, and a server behind
// this one may follow it for us, whom it trusts. Such a sign is no route in a name that the roster
// has; in a tag it is none of the name.
bool is_route(const RoutedDomain& domain, std::string_view local_part);

// relay_domains: a domain keeps its class for good, for smtpd remembers it.
LookupReply answer_domain(const RoutedDomain* domain);
// relay_recipient_maps
LookupReply answer_recipient(const RoutedDomain& domain, std::string_view local_part,
                             TokenKind token);
// virtual_alias_maps
LookupReply answer_alias(const RoutedDomain& domain, const RelayFacts& relay,
                         std::string_view local_part, TokenKind token);
// transport_maps
LookupReply answer_transport(const RoutedDomain& domain, const RelayFacts& relay,
                             std::string_view local_part, TokenKind token);

// Whether RCPT for a name that is neither account nor alias gets 450 4.1.1 from the policy
// service now (the table can only say 550).
bool defers_unknown(const RoutedDomain& domain, std::string_view local_part, TokenKind token);

}  // namespace mxswitch::orchestrator
