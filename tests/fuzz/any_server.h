// Servers that answer anything: the bytes of the input say what.
#pragma once

#include <map>
#include <span>
#include <string>

#include "probes/dns/transport.h"

namespace mxswitch::fuzz {

using namespace probes;

// Bytes to decisions; nought once they are used up, so that what follows is dull.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : left_(data, size) {}
  unsigned below(unsigned end) {
    if (left_.empty()) return 0;
    const unsigned chosen = left_[0] % end;
    left_ = left_.subspan(1);
    return chosen;
  }

 private:
  std::span<const std::uint8_t> left_;
};

// Answers of the records that walks need; a target adds those of its own.
class AnyServer : public Transport {
 public:
  explicit AnyServer(Choices& choices) : choices_(choices) {}

  asio::awaitable<Reply> ask(Query query) override {
    ++queries;
    ++at[query.server];
    Reply reply;
    switch (choices_.below(8)) {
      case 0:
        reply.answer = fail(Fault::timed_out, "no answer", query.server.text());
        break;
      case 1:
        reply.answer = fail(Fault::malformed, "it is cut", query.server.text());
        break;
      default:
        reply.answer = any_answer(query.question);
    }
    co_return reply;
  }

  int queries = 0;
  std::map<Endpoint, int> at;

 protected:
  Choices& choices_;

  // Names that meet again, above and below one another, some of them that of the question.
  DnsName any_name(const Question& question) {
    constexpr const char* kNames[] = {".",
                                      "example",
                                      "shop.example",
                                      "a.shop.example",
                                      "ns1.shop.example",
                                      "ns1.victim.example",
                                      "b.ns1.victim.example",
                                      "filter.example",
                                      "mx1.filter.example",
                                      "victim.example"};
    const unsigned kind = choices_.below(12);
    if (kind < 10) return *DnsName::parse(kNames[kind]);
    if (kind == 10) return question.name;
    const auto below = question.name.with_prefix("n" + std::to_string(choices_.below(256)));
    return below.value_or(question.name);
  }
  IpAddress any_address(bool v6) {
    const auto last = static_cast<std::uint8_t>(choices_.below(256));
    if (v6) return IpAddress::v6({0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last});
    constexpr std::uint8_t kFirst[] = {192, 10, 127, 169};
    return IpAddress::v4({kFirst[choices_.below(4)], 0, 2, last});
  }
  virtual Record any_record(const Question& question) {
    const DnsName owner = any_name(question);
    const std::uint32_t ttl = choices_.below(256);
    switch (choices_.below(8)) {
      case 0:
      case 1:
        return {owner, RrType::ns, ttl, any_name(question)};
      case 2:
        return {owner, RrType::a, ttl, any_address(false)};
      case 3:
        return {owner, RrType::aaaa, ttl, any_address(true)};
      case 4:
        return {owner, RrType::cname, ttl, any_name(question)};
      case 5:
        return {owner, RrType::mx, ttl, Mx{10, any_name(question)}};
      case 6:
        return {owner, RrType::ds, ttl, RawData{"x"}};
      default:
        return {owner, RrType::soa, ttl, Soa{}};
    }
  }

 private:
  Answer any_answer(const Question& question) {
    Answer answer;
    answer.question = question;
    const unsigned bits = choices_.below(16);
    answer.aa = (bits & 1) != 0;
    answer.rcode = (bits & 6) != 0   ? Rcode::noerror
                   : (bits & 8) != 0 ? Rcode::nxdomain
                                     : Rcode::refused;
    for (auto* section : {&answer.answer, &answer.authority, &answer.additional}) {
      const unsigned count = choices_.below(12);
      for (unsigned i = 0; i < count; ++i) section->push_back(any_record(question));
    }
    return answer;
  }
};

}  // namespace mxswitch::fuzz
