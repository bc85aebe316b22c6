// What one probe saw, as the cores take it: facts only, no handles. A watcher makes these from
// replies; a scenario or a replayed export makes the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "probes/base/clock.h"
#include "probes/dns/endpoint.h"
#include "probes/dns/rrset.h"
#include "probes/dns/signature.h"

namespace mxswitch::monitor {

using probes::DnsName;
using probes::Endpoint;
using probes::MxSet;
using probes::SignatureSpan;

// How an exchange with a server ended, before it is compared with anything.
enum class Outcome {
  answered,  // NOERROR with an MX RRset
  no_data,   // NOERROR without one
  nxdomain,
  servfail,
  refused,
  timed_out,
  malformed,  // also: a wrong question, another RCODE
};

// How it failed stands beside it in each sample as `failure`, for people: "REFUSED",
// "SERVFAIL (EDE 22, No Reachable Authority)", "no answer within 2 s", "truncated over UDP, and TCP
// is closed", "NOTIMP", "no recursion (RA is not set)", "answers without authority (AA)"; empty
// where the answer counts. No address stands in it, so equal failures of several servers are equal
// texts.

// One answer of an authoritative server about an owner's MX.
struct AuthoritySample {
  DnsName owner;   // the name asked for: the owner or the end of its chain; the root: not said
  DnsName server;  // its NS name
  Endpoint endpoint;
  Time sent_at, received_at;
  Outcome outcome = Outcome::timed_out;
  std::string failure;
  bool authoritative = false;  // AA
  MxSet set;
  std::uint32_t ttl = 0;  // of the set; of a negative answer min(SOA TTL, MINIMUM)
  std::optional<std::uint32_t> serial;
  // Of the SOA (RFC 1035 3.3.13), in seconds; EXPIRE is 0 if it was not seen.
  std::uint32_t soa_refresh = 0, soa_retry = 0, soa_expire = 0;
  std::string nsid;
  bool through_cname = false;              // the owner is an alias (RFC 1034 3.6.2)
  bool signatures_asked = false;           // the zone is signed
  std::optional<SignatureSpan> signature;  // over the set; asked for and none: not signed there
};

// One answer of an authoritative server about an RRset that belongs to the change beside the MX:
// addresses of an exchange, a CNAME, DS or DNSKEY.
struct CompanionSample {
  DnsName name;
  probes::RrType type = probes::RrType::a;
  DnsName server;
  Endpoint endpoint;
  Time sent_at, received_at;
  Outcome outcome = Outcome::timed_out;
  std::string failure;
  bool authoritative = false;  // AA
  // The RRset as text, sorted, so that equal sets are equal: "192.0.2.1, 192.0.2.2"; empty: none.
  std::string data;
  std::uint32_t ttl = 0;  // of the set; of a negative answer min(SOA TTL, MINIMUM)
  bool aliased = false;   // a CNAME stands at the name, and another type was asked for
};

// One answer of a recursive resolver about an owner's MX.
struct ResolverSample {
  DnsName owner;
  Endpoint resolver;
  Time sent_at, received_at;
  Outcome outcome = Outcome::timed_out;
  std::string failure;
  MxSet set;
  std::uint32_t ttl = 0;  // remaining
  std::string nsid;
  bool authenticated = false;  // AD: it validated the signatures (RFC 4035 3.2.3)
  bool stale_marked = false;   // EDE 3 or 19 (RFC 8914)
  bool bogus_marked = false;   // EDE 6-12 or 22, or CD=1 turned SERVFAIL into NOERROR
  bool filter_marked = false;  // EDE 15, 16 or 17: it does not want to speak of this name
  bool through_cname = false;  // the owner is an alias there
};

// An answer about the control names of a resolver (PROPAGATION.md 2 D).
struct ControlSample {
  Endpoint resolver;
  Time sent_at{}, received_at{};
  bool root_answered = false;  // `. SOA` was NOERROR
  bool root_only = false;      // nothing else was asked
  bool lies = false;           // a random label under com. was not NXDOMAIN
  bool intercepted = false;    // 192.0.2.53 answered, which serves no DNS (2 D)
  std::string failure{};       // of `. SOA`
};

// What a resolver answers about the owner's MX by DNS over TLS, where nobody on the way can answer
// in its place (2 D).
struct DotSample {
  Endpoint resolver;  // as it is asked over UDP
  Time sent_at, received_at;
  Outcome outcome = Outcome::timed_out;  // also where its certificate could not be verified
  MxSet set;
  bool stale_marked = false;  // EDE 3 or 19 (RFC 8914)
  std::string fault;          // why there is no answer to compare; else empty
};

// What a resolver calls itself: CHAOS TXT `id.server.` (RFC 4892), asked where it gives no NSID.
struct IdentitySample {
  Endpoint resolver;
  Time received_at;
  bool answered = false;  // if only by an error; what was known of one that is silent stands
  std::string id_server;  // printable, else hex; empty: it does not say
};

}  // namespace mxswitch::monitor
