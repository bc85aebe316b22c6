// The dates of signatures as RFC 4034 section 3.1 puts them on the wire.
#include "probes/dns/signature.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

const DnsName kOwner = *DnsName::parse("shop.example");
const Question kQuestion{kOwner, RrType::mx};
const Time kNow{seconds(1'800'000'000)};

void append(std::string& bytes, std::uint32_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> shift & 255);
}

// Seconds from now; the wire has the low 32 bits.
Record signature(std::int64_t from, std::int64_t until, RrType covered = RrType::mx) {
  const auto date = [](std::int64_t away) {
    return static_cast<std::uint32_t>(1'800'000'000 + away);
  };
  RawData rdata;
  append(rdata.bytes, static_cast<std::uint32_t>(covered), 2);
  append(rdata.bytes, 13, 1);
  append(rdata.bytes, 2, 1);
  append(rdata.bytes, 3600, 4);
  append(rdata.bytes, date(until), 4);
  append(rdata.bytes, date(from), 4);
  append(rdata.bytes, 4711, 2);
  rdata.bytes += std::string("\4shop\7example\0", 14) + "signature";
  return {kOwner, RrType::rrsig, 3600, rdata};
}

Answer answer(std::vector<Record> records) {
  Answer made;
  made.answer = std::move(records);
  return made;
}

TEST(SignatureSpan, IsReadFromTheRecord) {
  const auto span = signature_over(answer({signature(-100, 200)}), kQuestion, kNow);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->inception, kNow - seconds(100));
  EXPECT_EQ(span->expiration, kNow + seconds(200));
  EXPECT_TRUE(span->holds_at(kNow));
  EXPECT_FALSE(span->holds_at(kNow + seconds(201)));
  EXPECT_FALSE(span->holds_at(kNow - seconds(101)));
}

TEST(SignatureSpan, OneThatHoldsIsEnoughAndTheOneThatHoldsLongestCounts) {
  const auto span = signature_over(
      answer({signature(100, 900), signature(-900, -100), signature(-9, 5), signature(-9, 50)}),
      kQuestion, kNow);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->expiration, kNow + seconds(50));
}

TEST(SignatureSpan, OthersRecordsAndCutOnesAreNone) {
  Record elsewhere = signature(-1, 1);
  elsewhere.owner = *DnsName::parse("www.shop.example");
  Record cut = signature(-1, 1);
  std::get<RawData>(cut.data).bytes.resize(17);
  const Answer made = answer({elsewhere, cut, signature(-1, 1, RrType::soa)});
  EXPECT_FALSE(signature_over(made, kQuestion, kNow));
}

// 4294967296 s after 1970 the count begins again.
TEST(SignatureSpan, DatesGoOnBeyond2106) {
  const Time late{seconds(4'294'967'290)};
  RawData rdata = std::get<RawData>(signature(0, 0).data);
  for (std::size_t i = 8; i < 16; ++i) rdata.bytes[i] = 0;
  rdata.bytes[11] = 20;  // expiration: 20 s into the new era; inception: its begin
  const auto span = signature_over(answer({{kOwner, RrType::rrsig, 1, rdata}}), kQuestion, late);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->inception - late, seconds(6));
  EXPECT_EQ(span->expiration - late, seconds(26));
}

}  // namespace
}  // namespace mxswitch::probes
