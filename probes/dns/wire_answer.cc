// From the bytes of a message to an Answer.
#include <algorithm>
#include <array>
#include <memory>

#include "probes/dns/edns.h"
#include "probes/dns/wire.h"

// Last: see there.
#include "probes/dns/ldns.h"

namespace mxswitch::probes {
namespace {

constexpr std::size_t kHeaderSize = 12;

struct RrFree {
  void operator()(ldns_rr* record) const { ldns_rr_free(record); }
};
using Rr = std::unique_ptr<ldns_rr, RrFree>;

Failure malformed(std::string what) { return fail(Fault::malformed, std::move(what)); }

std::span<const std::uint8_t> bytes_of(const ldns_rdf* rdata) {
  return {ldns_rdf_data(rdata), ldns_rdf_size(rdata)};
}

std::string to_string(std::span<const std::uint8_t> bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
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
  bool more() const { return left() > 0; }
  std::size_t left() const { return ldns_rr_rd_count(record_) - next_; }

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
  txt.strings.reserve(fields.left());
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

Result<void> read_record(const ldns_rr* rr, Record& record) {
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
  return {};
}

unsigned integer_at(std::span<const std::uint8_t> message, std::size_t at) {
  return static_cast<unsigned>(message[at] << 8 | message[at + 1]);
}

// One message from its header to its end. ldns parses the records; those of a section that nobody
// asked for are stepped over.
class MessageReader {
 public:
  explicit MessageReader(std::span<const std::uint8_t> message) : message_(message) {}

  Result<Answer> read(Sections wanted) {
    read_header();
    auto done = read_question();
    if (done) done = read_section(count(kAnswerCount), LDNS_SECTION_ANSWER, &answer_.answer);
    const bool all = wanted == Sections::all;
    if (done)
      done = read_section(count(kAuthorityCount), LDNS_SECTION_AUTHORITY,
                          all ? &answer_.authority : nullptr);
    if (done)
      done = read_section(count(kAdditionalCount), LDNS_SECTION_ADDITIONAL,
                          all ? &answer_.additional : nullptr);
    if (!done) return Failure(done.error());
    return std::move(answer_);
  }

 private:
  // Where the header counts records, and the octets that the shortest one takes.
  static constexpr std::size_t kQuestionCount = 4, kAnswerCount = 6, kAuthorityCount = 8,
                               kAdditionalCount = 10, kShortestRecord = 11;

  std::size_t count(std::size_t field) const { return integer_at(message_, field); }

  void read_header() {
    answer_.id = static_cast<std::uint16_t>(integer_at(message_, 0));
    answer_.aa = (message_[2] & 0x04) != 0;
    answer_.tc = (message_[2] & 0x02) != 0;
    answer_.ra = (message_[3] & 0x80) != 0;
    answer_.ad = (message_[3] & 0x20) != 0;
    answer_.rcode = static_cast<Rcode>(message_[3] & 0x0f);
  }

  Result<Rr> next(ldns_pkt_section section) {
    ldns_rr* rr = nullptr;
    const auto status = ldns_wire2rr(&rr, message_.data(), message_.size(), &at_, section);
    if (status != LDNS_STATUS_OK) return malformed(ldns_get_errorstr_by_id(status));
    return Rr(rr);
  }

  Result<void> read_question() {
    if (count(kQuestionCount) == 0) return {};
    if (count(kQuestionCount) > 1) return malformed("the message holds several questions");
    constexpr std::size_t kFixed = 4;  // type and class
    const auto size = name_size();
    if (!size || left() < *size + kFixed) return malformed("the question is cut short");
    auto name = DnsName::from_wire(message_.subspan(at_, *size));
    if (!name) return Failure(name.error());
    at_ += *size;
    answer_.question = Question{std::move(*name), static_cast<RrType>(integer_at(message_, at_)),
                                static_cast<RrClass>(integer_at(message_, at_ + 2))};
    at_ += kFixed;
    return {};
  }

  // `records` is null for a section that is not wanted; its OPT counts all the same.
  Result<void> read_section(std::size_t count, ldns_pkt_section section,
                            std::vector<Record>* records) {
    if (records) records->reserve(std::min(count, message_.size() / kShortestRecord));
    for (; count > 0; --count) {
      if (!records && !at_opt()) {
        if (!step_over()) return malformed("a record does not end within the message");
        continue;
      }
      const auto rr = next(section);
      if (!rr) return Failure(rr.error());
      if (section == LDNS_SECTION_ADDITIONAL && ldns_rr_get_type(rr->get()) == LDNS_RR_TYPE_OPT)
        read_opt(rr->get());
      else if (auto done = keep(rr->get(), records); !done)
        return done;
    }
    return {};
  }

  Result<void> keep(const ldns_rr* rr, std::vector<Record>* records) {
    const RrClass wanted = answer_.question ? answer_.question->rr_class : RrClass::in;
    if (!records || static_cast<RrClass>(ldns_rr_get_class(rr)) != wanted) return {};
    return read_record(rr, records->emplace_back());
  }

  // RFC 6891 6.1.3: the upper bits of the RCODE stand in the TTL.
  void read_opt(const ldns_rr* rr) {
    answer_.edns = true;
    const unsigned rcode = (ldns_rr_ttl(rr) >> 24) << 4 | (message_[3] & 0x0fu);
    answer_.rcode = static_cast<Rcode>(std::min(rcode, 255u));
    if (ldns_rr_rd_count(rr) > 0) read_edns_options(bytes_of(ldns_rr_rdf(rr, 0)), answer_);
  }

  std::size_t left() const { return message_.size() - std::min(at_, message_.size()); }

  // The owner of OPT is the root.
  bool at_opt() const {
    return left() >= kShortestRecord && message_[at_] == 0 &&
           integer_at(message_, at_ + 1) == LDNS_RR_TYPE_OPT;
  }

  bool step_over() {
    constexpr std::size_t kFixed = 10;  // type, class, TTL, and the length of the data
    const auto name = name_size();
    if (!name || left() < *name + kFixed) return false;
    const std::size_t data = integer_at(message_, at_ + *name + kFixed - 2);
    if (left() - *name - kFixed < data) return false;
    at_ += *name + kFixed + data;
    return true;
  }

  // Octets of the owner at at_, which ends at the root or at a pointer.
  std::optional<std::size_t> name_size() const {
    constexpr std::uint8_t kPointer = 0xc0;
    std::size_t size = 0;
    while (at_ + size < message_.size()) {
      const std::uint8_t length = message_[at_ + size];
      if (length >= kPointer) return size + 2;
      if (length > 63) return std::nullopt;
      size += 1u + length;
      if (length == 0) return size;
    }
    return std::nullopt;
  }

  std::span<const std::uint8_t> message_;
  std::size_t at_ = kHeaderSize;
  Answer answer_;
};

}  // namespace

Result<Answer> parse_answer(std::span<const std::uint8_t> message, Sections wanted) {
  if (message.size() < kHeaderSize) return malformed("the message is shorter than its header");
  if (message.size() > 65535) return malformed("the message is longer than 65535 octets");
  if ((message[2] & 0x80) == 0) return malformed("the message is a query, not a response");
  return MessageReader(message).read(wanted);
}

}  // namespace mxswitch::probes
