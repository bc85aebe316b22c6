#include "probes/dns/wire.h"

#include <algorithm>
#include <array>
#include <memory>

#include "probes/dns/edns.h"

// Last: ldns redefines the words below, which no C++ header survives.
#include <ldns/ldns.h>
#undef bool
#undef true
#undef false

namespace mxswitch::probes {
namespace {

constexpr std::uint16_t kUdpPayload = 1232;  // unfragmented on every path (DNS flag day 2020)
constexpr std::size_t kMaxLinks = 16;
constexpr std::size_t kHeaderSize = 12;

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

std::span<const std::uint8_t> bytes_of(const ldns_rdf* rdata) {
  return {ldns_rdf_data(rdata), ldns_rdf_size(rdata)};
}

std::string to_string(std::span<const std::uint8_t> bytes) {
  return std::string(bytes.begin(), bytes.end());
}

// The rdata fields of one record in order; anything that is not there or of another size makes
// the record malformed, since ldns accepts rdata that ends early.
class Fields {
 public:
  explicit Fields(const ldns_rr* record) : record_(record) {}

  bool good() const { return good_ && next_ == ldns_rr_rd_count(record_); }

  std::span<const std::uint8_t> raw() {
    if (next_ >= ldns_rr_rd_count(record_)) {
      good_ = false;
      return {};
    }
    return bytes_of(ldns_rr_rdf(record_, next_++));
  }
  std::uint32_t integer(std::size_t size) {
    const auto bytes = raw();
    if (bytes.size() != size) good_ = false;
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes.first(good_ ? size : 0)) value = value << 8 | byte;
    return value;
  }
  DnsName name() {
    auto name = DnsName::from_wire(raw());
    if (name) return std::move(*name);
    good_ = false;
    return {};
  }
  template <std::size_t Size>
  std::array<std::uint8_t, Size> octets() {
    std::array<std::uint8_t, Size> octets{};
    const auto bytes = raw();
    if (bytes.size() == Size) {
      std::copy(bytes.begin(), bytes.end(), octets.begin());
    } else {
      good_ = false;
    }
    return octets;
  }
  bool more() const { return next_ < ldns_rr_rd_count(record_); }

 private:
  const ldns_rr* record_;
  std::size_t next_ = 0;
  bool good_ = true;
};

Mx read_mx(Fields& fields) {
  Mx mx;
  mx.preference = static_cast<std::uint16_t>(fields.integer(2));
  mx.exchange = fields.name();
  return mx;
}

Soa read_soa(Fields& fields) {
  Soa soa;
  soa.primary = fields.name();
  soa.mailbox = fields.name();
  for (auto* field : {&soa.serial, &soa.refresh, &soa.retry, &soa.expire, &soa.minimum}) {
    *field = fields.integer(4);
  }
  return soa;
}

Txt read_txt(Fields& fields) {
  Txt txt;
  while (fields.more()) {
    const auto string = fields.raw();  // a length octet and the text
    txt.strings.push_back(to_string(string.subspan(string.empty() ? 0 : 1)));
  }
  return txt;
}

Tlsa read_tlsa(Fields& fields) {
  Tlsa tlsa;
  tlsa.usage = static_cast<std::uint8_t>(fields.integer(1));
  tlsa.selector = static_cast<std::uint8_t>(fields.integer(1));
  tlsa.matching = static_cast<std::uint8_t>(fields.integer(1));
  tlsa.data = to_string(fields.raw());
  return tlsa;
}

RawData read_raw(Fields& fields) {
  RawData raw;
  while (fields.more()) raw.bytes += to_string(fields.raw());
  return raw;
}

RecordData read_data(RrType type, Fields& fields) {
  switch (type) {
    case RrType::a:
      return IpAddress::v4(fields.octets<4>());
    case RrType::aaaa:
      return IpAddress::v6(fields.octets<16>());
    case RrType::ns:
    case RrType::cname:
    case RrType::ptr:
      return fields.name();
    case RrType::mx:
      return read_mx(fields);
    case RrType::soa:
      return read_soa(fields);
    case RrType::txt:
    case RrType::spf:
      return read_txt(fields);
    case RrType::tlsa:
      return read_tlsa(fields);
    case RrType::ds:
    case RrType::rrsig:
    case RrType::dnskey:
      break;
  }
  return read_raw(fields);
}

Result<Record> read_record(const ldns_rr* rr) {
  Record record;
  auto owner = DnsName::from_wire(bytes_of(ldns_rr_owner(rr)));
  if (!owner) return Failure(owner.error());
  record.owner = std::move(*owner);
  record.type = static_cast<RrType>(ldns_rr_get_type(rr));
  // A TTL with the top bit set is zero (RFC 2181 8).
  record.ttl = ldns_rr_ttl(rr) > 0x7fffffffu ? 0 : ldns_rr_ttl(rr);
  Fields fields(rr);
  record.data = read_data(record.type, fields);
  if (!fields.good()) {
    return malformed(std::string(to_text(record.type)) + " data of " + record.owner.text() +
                     " is malformed");
  }
  return record;
}

Result<std::vector<Record>> read_section(const ldns_rr_list* list, RrClass rr_class) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
    const ldns_rr* rr = ldns_rr_list_rr(list, i);
    if (static_cast<RrClass>(ldns_rr_get_class(rr)) != rr_class) continue;
    auto record = read_record(rr);
    if (!record) return Failure(record.error());
    records.push_back(std::move(*record));
  }
  return records;
}

Result<std::optional<Question>> read_question(const ldns_rr_list* list) {
  if (ldns_rr_list_rr_count(list) == 0) return std::optional<Question>();
  if (ldns_rr_list_rr_count(list) > 1) return malformed("the message holds several questions");
  const ldns_rr* rr = ldns_rr_list_rr(list, 0);
  auto name = DnsName::from_wire(bytes_of(ldns_rr_owner(rr)));
  if (!name) return Failure(name.error());
  Question question;
  question.name = std::move(*name);
  question.type = static_cast<RrType>(ldns_rr_get_type(rr));
  question.rr_class = static_cast<RrClass>(ldns_rr_get_class(rr));
  return std::optional<Question>(std::move(question));
}

void read_header(const ldns_pkt* packet, Answer& answer) {
  answer.id = ldns_pkt_id(packet);
  answer.aa = ldns_pkt_aa(packet);
  answer.tc = ldns_pkt_tc(packet);
  answer.ra = ldns_pkt_ra(packet);
  answer.ad = ldns_pkt_ad(packet);
  answer.edns = ldns_pkt_edns(packet);
  const unsigned rcode = static_cast<unsigned>(ldns_pkt_edns_extended_rcode(packet)) << 4 |
                         static_cast<unsigned>(ldns_pkt_get_rcode(packet));
  answer.rcode = static_cast<Rcode>(std::min(rcode, 255u));
}

Result<Answer> read_packet(const ldns_pkt* packet) {
  Answer answer;
  read_header(packet, answer);
  auto question = read_question(ldns_pkt_question(packet));
  if (!question) return Failure(question.error());
  answer.question = std::move(*question);
  const RrClass rr_class = answer.question ? answer.question->rr_class : RrClass::in;
  struct Section {
    const ldns_rr_list* from;
    std::vector<Record>* to;
  };
  const std::array<Section, 3> sections = {{{ldns_pkt_answer(packet), &answer.answer},
                                            {ldns_pkt_authority(packet), &answer.authority},
                                            {ldns_pkt_additional(packet), &answer.additional}}};
  for (const Section& section : sections) {
    auto records = read_section(section.from, rr_class);
    if (!records) return Failure(records.error());
    *section.to = std::move(*records);
  }
  if (const ldns_rdf* options = ldns_pkt_edns_data(packet)) {
    read_edns_options(bytes_of(options), answer);
  }
  return answer;
}

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

Result<Answer> parse_answer(std::span<const std::uint8_t> message) {
  if (message.size() < kHeaderSize) return malformed("the message is shorter than its header");
  if (message.size() > 65535) return malformed("the message is longer than 65535 octets");
  if ((message[2] & 0x80) == 0) return malformed("the message is a query, not a response");
  ldns_pkt* parsed = nullptr;
  const ldns_status status = ldns_wire2pkt(&parsed, message.data(), message.size());
  const Packet packet(status == LDNS_STATUS_OK ? parsed : nullptr);
  if (!packet) return malformed(ldns_get_errorstr_by_id(status));
  return read_packet(packet.get());
}

ChainedRecords follow_chain(const Answer& answer, const Question& question) {
  ChainedRecords chain;
  DnsName owner = question.name;
  while (chain.links.size() < kMaxLinks) {
    const Record* link = nullptr;
    for (const Record& record : answer.answer) {
      if (record.owner != owner) continue;
      if (record.type == question.type) chain.records.push_back(record);
      if (record.type == RrType::cname && !link) link = &record;
    }
    if (!chain.records.empty() || !link) return chain;
    chain.links.push_back(*link);
    owner = std::get<DnsName>(link->data);
  }
  return chain;
}

}  // namespace mxswitch::probes
