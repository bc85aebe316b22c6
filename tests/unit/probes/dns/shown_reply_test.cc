#include "probes/dns/shown_reply.h"

#include <gtest/gtest.h>

#include "tests/unit/probes/dns/message_builder.h"

namespace mxswitch::probes {
namespace {

using Bytes = std::vector<std::uint8_t>;

Question question() { return {DnsName::parse("Shop.example").value(), RrType::mx}; }

Bytes answer(std::uint16_t id) {
  MessageBuilder builder(question(), id);
  builder.flags(0x8180);
  return builder.bytes();
}

Bytes framed(const Bytes& message) {
  Bytes frame = {static_cast<std::uint8_t>(message.size() >> 8),
                 static_cast<std::uint8_t>(message.size())};
  frame.insert(frame.end(), message.begin(), message.end());
  return frame;
}

Bytes read_all(TcpReplies& replies) {
  Bytes shown(1000);
  shown.resize(replies.read(shown));
  return shown;
}

TEST(ShownReply, IsHeaderAndQuestionUnderTheOtherId) {
  Bytes reply = answer(7);
  reply[2] |= 0x02;  // TC: c-ares is to ask by TCP
  const Bytes shown = shown_reply(reply, 0x1234);
  EXPECT_EQ(message_id(shown), 0x1234);
  EXPECT_EQ(shown[2], 0x83);
  EXPECT_EQ(shown[3], 2) << "no answer, of which c-ares would measure the time";
  const auto asked = question_octets(reply);
  EXPECT_TRUE(std::ranges::equal(std::span(shown).subspan(kHeaderOctets), asked));
}

// c-ares since 1.28 refuses to ask for anything else.
TEST(NameAHost, ReplacesOctetsThatNoHostsNameHas) {
  const auto asked = [](std::string_view name) {
    return MessageBuilder({DnsName::parse(name).value(), RrType::a}, 7).bytes();
  };
  struct Case {
    const char *name, *host;
  };
  const Case cases[] = {
      {"\"a@b\".users.shop.example", "xaxbx.users.shop.example"},
      {"\\195\\169.shop.example", "xx.shop.example"},
      {"a\\.b.shop.example", "axb.shop.example"},
      {"_spf.Shop-2.example", "_spf.Shop-2.example"},
  };
  for (const auto& [name, host] : cases) {
    MessageBytes query = asked(name);
    name_a_host(query);
    EXPECT_EQ(query, asked(host)) << name;
  }
}

TEST(ShownReply, OfBytesThatEndTooSoonReadsNoFurther) {
  const Bytes reply = answer(7);
  for (std::size_t size = kHeaderOctets; size < reply.size(); ++size) {
    const Bytes cut(reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_LE(shown_reply(cut, 1).size(), size) << size;
  }
}

TEST(TcpRepliesTest, WholeRepliesComeHoweverTheOctetsWereCut) {
  Bytes stream = framed(answer(1));
  const Bytes second = framed(answer(2));
  stream.insert(stream.end(), second.begin(), second.end());
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    TcpReplies replies;
    replies.feed(std::span(stream).first(cut));
    replies.feed(std::span(stream).subspan(cut));
    Bytes expected = framed(shown_reply(answer(1), 1));
    const Bytes other = framed(shown_reply(answer(2), 2));
    expected.insert(expected.end(), other.begin(), other.end());
    EXPECT_EQ(read_all(replies), expected) << cut;
    EXPECT_EQ(replies.take(1), answer(1)) << cut;
    EXPECT_EQ(replies.take(2), answer(2)) << cut;
    EXPECT_EQ(replies.take(2), std::nullopt) << cut;
  }
}

TEST(TcpRepliesTest, AreReadInPiecesOfAnySize) {
  TcpReplies replies;
  replies.feed(framed(answer(1)));
  Bytes shown;
  std::uint8_t octet = 0;
  while (replies.unread() > 0) {
    ASSERT_EQ(replies.read({&octet, 1}), 1u);
    shown.push_back(octet);
  }
  EXPECT_EQ(shown, framed(shown_reply(answer(1), 1)));
  EXPECT_EQ(replies.read({&octet, 1}), 0u);
}

TEST(TcpRepliesTest, AFrameThatIsNoMessageIsPassedOver) {
  TcpReplies replies;
  replies.feed(Bytes{0, 0, 0, 3, 1, 2, 3});
  EXPECT_EQ(replies.unread(), 0u);
  replies.feed(framed(answer(9)));
  EXPECT_EQ(replies.take(9), answer(9));
}

}  // namespace
}  // namespace mxswitch::probes
