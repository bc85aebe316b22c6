// Authoritative servers as a Transport: zones in text, answers by RFC 1034 4.3.2, and servers
// that are silent, refuse, or answer as a test says.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "probes/dns/transport.h"

namespace mxswitch::probes {

class SimulatedInternet : public Transport {
 public:
  // Lines of "owner TTL TYPE data"; the zone's SOA is made up.
  void serve(const std::string& address, const std::string& apex, const std::string& text) {
    Zone zone;
    zone.apex = name(apex);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string owner, ttl, type, data;
      words >> owner >> ttl >> type;
      if (type == "TXT" ? std::getline(words >> std::ws, data) : words >> data)
        zone.records.push_back(record(owner, ttl, type, data));
    }
    zones_[endpoint(address)].push_back(std::move(zone));
  }
  void silence(const std::string& address) { silent_.insert(endpoint(address)); }
  void refuse(const std::string& address) { refusing_.insert(endpoint(address)); }
  void revive(const std::string& address) { silent_.erase(endpoint(address)); }
  std::function<void(const Query&, Answer&)> tamper;
  int queries = 0;
  std::vector<Query> asked;

  asio::awaitable<Reply> ask(Query query) override {
    ++queries;
    asked.push_back(query);
    Reply reply;
    const auto zones = zones_.find(query.server);
    if (zones == zones_.end() || silent_.contains(query.server)) {
      reply.rtt = query.deadline;
      reply.answer = fail(Fault::timed_out, "no answer within 3 s", query.server.text());
      co_return reply;
    }
    Answer answer;
    answer.question = query.question;
    answer.rcode = Rcode::refused;
    if (!refusing_.contains(query.server)) answer_from(zones->second, query.question, answer);
    if (tamper) tamper(query, answer);
    reply.answer = answer;
    co_return reply;
  }

  static DnsName name(std::string_view text) { return DnsName::parse(text).value(); }
  static Endpoint endpoint(const std::string& text) { return Endpoint::parse(text).value(); }

 private:
  struct Zone {
    DnsName apex;
    std::vector<Record> records;
  };

  static Record record(const std::string& owner, const std::string& ttl, const std::string& type,
                       const std::string& data) {
    const auto seconds = static_cast<std::uint32_t>(std::stoul(ttl));
    if (type == "A") return {name(owner), RrType::a, seconds, IpAddress::parse(data).value()};
    if (type == "AAAA") return {name(owner), RrType::aaaa, seconds, IpAddress::parse(data).value()};
    if (type == "TXT") return {name(owner), RrType::txt, seconds, Txt{{data}}};
    if (type == "DS") return {name(owner), RrType::ds, seconds, RawData{data}};
    return {name(owner), type == "NS" ? RrType::ns : RrType::cname, seconds, name(data)};
  }

  static void answer_from(const std::vector<Zone>& zones, const Question& question,
                          Answer& answer) {
    const Zone* zone = nullptr;
    for (const Zone& candidate : zones) {
      // The parent's side of a cut answers for the DS.
      const bool own_ds = question.type == RrType::ds && candidate.apex == question.name;
      if (!question.name.is_within(candidate.apex) || own_ds) continue;
      if (!zone || candidate.apex.is_within(zone->apex)) zone = &candidate;
    }
    if (!zone) return;
    answer.rcode = Rcode::noerror;
    if (!refer(*zone, question, answer)) answer_in(*zone, question, answer);
  }

  static bool refer(const Zone& zone, const Question& question, Answer& answer) {
    for (const Record& cut : zone.records) {
      const bool ds = question.type == RrType::ds && question.name == cut.owner;
      if (cut.type != RrType::ns || cut.owner == zone.apex || ds) continue;
      if (!question.name.is_within(cut.owner)) continue;
      for (const Record& record : zone.records) {
        const bool at_cut = record.owner == cut.owner;
        if (at_cut && (record.type == RrType::ns || record.type == RrType::ds)) {
          answer.authority.push_back(record);
        }
        if (std::holds_alternative<IpAddress>(record.data)) answer.additional.push_back(record);
      }
      return true;
    }
    return false;
  }

  static void answer_in(const Zone& zone, const Question& question, Answer& answer) {
    answer.aa = true;
    bool exists = question.name == zone.apex;
    for (const Record& record : zone.records) {
      exists = exists || record.owner.is_within(question.name);
      if (record.owner != question.name) continue;
      if (record.type == question.type || record.type == RrType::cname) {
        answer.answer.push_back(record);
      }
    }
    if (!answer.answer.empty()) return;
    if (!exists) answer.rcode = Rcode::nxdomain;
    answer.authority.push_back({zone.apex, RrType::soa, 900, Soa{}});
  }

  std::map<Endpoint, std::vector<Zone>> zones_;
  std::set<Endpoint> silent_, refusing_;
};

}  // namespace mxswitch::probes
