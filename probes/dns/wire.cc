#include "probes/dns/wire.h"

#include <algorithm>
#include <memory>

#include "probes/dns/edns.h"

// Last: see there.
#include "probes/dns/ldns.h"

namespace mxswitch::probes {
namespace {

constexpr std::uint16_t kUdpPayload = 1232;  // unfragmented on every path (DNS flag day 2020)
constexpr std::size_t kMaxLinks = 16;

struct PacketFree {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};
struct RdataFree {
  void operator()(ldns_rdf* rdata) const { ldns_rdf_deep_free(rdata); }
};
struct BytesFree {
  void operator()(std::uint8_t* bytes) const { std::free(bytes); }
};
using Packet = std::unique_ptr<ldns_pkt, PacketFree>;
using Rdata = std::unique_ptr<ldns_rdf, RdataFree>;

Failure malformed(std::string what) { return fail(Fault::malformed, std::move(what)); }

Rdata make_rdata(ldns_rdf_type type, std::span<const std::uint8_t> bytes) {
  return Rdata(ldns_rdf_new_frm_data(type, bytes.size(), bytes.data()));
}

Packet make_query(const Question& question, const QueryFlags& flags) {
  const std::string_view wire = question.name.wire();
  const std::vector<std::uint8_t> name(wire.begin(), wire.end());
  Rdata owner = make_rdata(LDNS_RDF_TYPE_DNAME, name);
  const std::uint16_t bits = static_cast<std::uint16_t>((flags.recursion_desired ? LDNS_RD : 0) |
                                                        (flags.checking_disabled ? LDNS_CD : 0) |
                                                        (flags.authentic_data ? LDNS_AD : 0));
  // The packet takes the owner over, also where it fails.
  Packet packet(ldns_pkt_query_new(owner.release(), static_cast<ldns_rr_type>(question.type),
                                   static_cast<ldns_rr_class>(question.rr_class), bits));
  if (!packet || !flags.edns) return packet;
  ldns_pkt_set_edns_udp_size(packet.get(), kUdpPayload);
  ldns_pkt_set_edns_do(packet.get(), flags.dnssec_ok);
  if (!flags.nsid) return packet;
  Rdata options = make_rdata(LDNS_RDF_TYPE_UNKNOWN, kNsidRequest);
  ldns_pkt_set_edns_data(packet.get(), options.release());
  return packet;
}

}  // namespace

std::string rcode_text(Rcode rcode) {
  switch (rcode) {
    case Rcode::noerror:
      return "NOERROR";
    case Rcode::formerr:
      return "FORMERR";
    case Rcode::servfail:
      return "SERVFAIL";
    case Rcode::nxdomain:
      return "NXDOMAIN";
    case Rcode::notimp:
      return "NOTIMP";
    case Rcode::refused:
      return "REFUSED";
    case Rcode::badvers:
      return "BADVERS";
  }
  return "RCODE" + std::to_string(static_cast<unsigned>(rcode));
}

bool Answer::has_extended_error(std::uint16_t code) const {
  return std::any_of(extended_errors.begin(), extended_errors.end(),
                     [code](const ExtendedError& error) { return error.code == code; });
}

Result<std::vector<std::uint8_t>> encode_query(const Question& question, const QueryFlags& flags,
                                               std::uint16_t id) {
  const Packet packet = make_query(question, flags);
  if (!packet) return malformed("the question for " + question.name.text() + " has no wire form");
  ldns_pkt_set_id(packet.get(), id);
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  const ldns_status status = ldns_pkt2wire(&bytes, packet.get(), &size);
  const std::unique_ptr<std::uint8_t, BytesFree> owner(bytes);
  if (status != LDNS_STATUS_OK) return malformed(ldns_get_errorstr_by_id(status));
  return std::vector<std::uint8_t>(bytes, bytes + size);
}

ChainedRecords follow_chain(std::vector<Record> answers, const Question& question) {
  ChainedRecords chain;
  const auto asked_for = [&](const Record& record) {
    return record.type == question.type && record.owner == question.name;
  };
  if (std::all_of(answers.begin(), answers.end(), asked_for)) {
    chain.records = std::move(answers);
    return chain;
  }
  DnsName owner = question.name;
  while (chain.links.size() < kMaxLinks) {
    Record* link = nullptr;
    for (Record& record : answers) {
      if (record.owner != owner) continue;
      if (record.type == RrType::cname && !link) link = &record;
      if (record.type == question.type) chain.records.push_back(std::move(record));
    }
    if (!chain.records.empty() || !link) return chain;
    owner = std::get<DnsName>(link->data);
    chain.links.push_back(std::move(*link));
  }
  return chain;
}

}  // namespace mxswitch::probes
