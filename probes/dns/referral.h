// Reads what an authoritative server says during a walk from the root (RFC 1034 5.3.3). Pure.
#pragma once

#include <string>
#include <vector>

#include "probes/dns/wire.h"

namespace mxswitch::probes {

struct Glue {
  DnsName name;
  IpAddress address;
};

enum class Said {
  answer,    // authoritative records, or an alias, at the name
  no_data,   // the name exists, the type does not
  nxdomain,  // the name does not exist
  referral,  // to a zone further down
  lame,      // nothing that helps: `why` says what it was
};

struct Response {
  Said said = Said::lame;
  DnsName zone;  // no_data: the apex that holds the name; referral: the zone referred to
  std::vector<DnsName> servers;  // of a referral
  std::vector<Glue> glue;        // only what the answering zone may speak for
  std::uint32_t ns_ttl = 0, glue_ttl = 0;
  bool has_ds = false;
  std::string why;
};

// `zone` is the one that the server was asked as an authority for.
Response read_response(const Answer& answer, const Question& question, const DnsName& zone);

// The NS records at `owner` in the answer section.
std::vector<Record> ns_records(const Answer& answer, const DnsName& owner);

}  // namespace mxswitch::probes
