// DNS messages to and from bytes, by ldns. The only part that knows ldns; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "probes/base/result.h"
#include "probes/dns/rrset.h"

namespace mxswitch::probes {

enum class Rcode : std::uint8_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  badvers = 16,  // RFC 6891 9; its upper bits stand in the OPT record
};
std::string rcode_text(Rcode rcode);

// What is asked for is of the Internet; CHAOS holds what a server says of itself (RFC 4892).
enum class RrClass : std::uint16_t { in = 1, chaos = 3 };

struct Question {
  DnsName name;
  RrType type = RrType::a;
  RrClass rr_class = RrClass::in;
  bool operator==(const Question&) const = default;
};

struct ExtendedError {  // RFC 8914
  std::uint16_t code = 0;
  std::string text;
};

// One response message, parsed. Records of another class than the question's are left out.
struct Answer {
  std::uint16_t id = 0;
  Rcode rcode = Rcode::noerror;
  bool aa = false, tc = false, ra = false, ad = false;
  std::optional<Question> question;
  std::vector<Record> answer, authority, additional;
  bool edns = false;
  std::string nsid;  // RFC 5001; printable, else hex
  std::vector<ExtendedError> extended_errors;
  std::optional<std::uint8_t> ecs_scope;  // RFC 7871

  bool has_extended_error(std::uint16_t code) const;
};

struct QueryFlags {
  bool recursion_desired = true;
  bool checking_disabled = false;
  bool authentic_data = false;  // asks a validator to say so by AD (RFC 6840 5.7)
  bool dnssec_ok = false;
  bool edns = true;   // payload 1232
  bool nsid = false;  // with an NSID request (RFC 5001), where there is EDNS
};

// Fails with `malformed` only when the question can't be encoded.
Result<std::vector<std::uint8_t>> encode_query(const Question& question, const QueryFlags& flags,
                                               std::uint16_t id);
// Which sections are read; of the others only the EDNS record is, and that their records end
// within the message.
enum class Sections { all, answer };
// Fails with `malformed`; never throws, never reads past the span, whatever the bytes are.
Result<Answer> parse_answer(std::span<const std::uint8_t> message, Sections wanted = Sections::all);

// The records of the question's type at the end of the CNAME chain from its name (RFC 1034 3.6.2),
// out of the answer section; chains over 16 links end.
struct ChainedRecords {
  std::vector<Record> links;    // the CNAMEs followed, in order
  std::vector<Record> records;  // of the type asked for
};
ChainedRecords follow_chain(std::vector<Record> answers, const Question& question);

}  // namespace mxswitch::probes
