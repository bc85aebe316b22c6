#include "probes/dns/referral.h"

#include <algorithm>

namespace mxswitch::probes {
namespace {

// Of a zone: no message holds more that matter; how many are asked is the walk's bound.
constexpr std::size_t kMostServers = 256;
constexpr std::size_t kMostGlue = 128;

bool answers(const Answer& answer, const Question& question) {
  return std::any_of(answer.answer.begin(), answer.answer.end(), [&](const Record& record) {
    return record.owner == question.name &&
           (record.type == question.type || record.type == RrType::cname);
  });
}

// The zone cut below `zone` on the way to the name, if the authority section tells one.
const Record* find_cut(const Answer& answer, const Question& question, const DnsName& zone) {
  for (const Record& record : answer.authority) {
    const bool below = record.owner.is_within(zone) && record.owner != zone;
    if (record.type == RrType::ns && below && question.name.is_within(record.owner)) return &record;
  }
  return nullptr;
}

void read_glue(const Answer& answer, const DnsName& zone, Response& response) {
  std::vector<Glue>& glue = response.glue;
  for (const Record& record : answer.additional) {
    const auto* address = std::get_if<IpAddress>(&record.data);
    if (!address || !record.owner.is_within(zone)) continue;
    const auto& servers = response.servers;
    if (std::find(servers.begin(), servers.end(), record.owner) == servers.end()) continue;
    response.glue_ttl = std::max(response.glue_ttl, record.ttl);
    if (glue.size() < kMostGlue) glue.push_back({record.owner, *address});
  }
}

Response read_referral(const Answer& answer, const Record& cut, const DnsName& zone) {
  Response response;
  response.said = Said::referral;
  response.zone = cut.owner;
  response.ns_ttl = cut.ttl;
  for (const Record& record : answer.authority) {
    if (record.owner != cut.owner) continue;
    if (record.type == RrType::ds) response.has_ds = true;
    if (record.type != RrType::ns || response.servers.size() >= kMostServers) continue;
    const DnsName& server = std::get<DnsName>(record.data);
    if (std::find(response.servers.begin(), response.servers.end(), server) ==
        response.servers.end()) {
      response.servers.push_back(server);
    }
  }
  read_glue(answer, zone, response);
  return response;
}

// The apex by the SOA of a negative answer: a server may hold a zone further down as well.
DnsName apex(const Answer& answer, const Question& question, const DnsName& zone) {
  for (const Record& record : answer.authority) {
    const bool fits = question.name.is_within(record.owner) && record.owner.is_within(zone);
    if (record.type == RrType::soa && fits) return record.owner;
  }
  return zone;
}

Response lame(std::string why) {
  Response response;
  response.why = std::move(why);
  return response;
}

}  // namespace

Response read_response(const Answer& answer, const Question& question, const DnsName& zone) {
  if (answer.rcode != Rcode::noerror && answer.rcode != Rcode::nxdomain) {
    return lame("answers " + rcode_text(answer.rcode));
  }
  Response response;
  if (answers(answer, question)) {
    if (!answer.aa) return lame("answers without authority");
    response.said = Said::answer;
    return response;
  }
  if (answer.rcode == Rcode::noerror) {
    const Record* cut = find_cut(answer, question, zone);
    if (cut) return read_referral(answer, *cut, zone);
  }
  if (!answer.aa) return lame("does not speak for " + zone.text());
  response.said = answer.rcode == Rcode::nxdomain ? Said::nxdomain : Said::no_data;
  response.zone = apex(answer, question, zone);
  return response;
}

std::vector<Record> ns_records(const Answer& answer, const DnsName& owner) {
  std::vector<Record> records;
  for (const Record& record : answer.answer) {
    const bool wanted = record.type == RrType::ns && record.owner == owner;
    if (wanted && records.size() < kMostServers) records.push_back(record);
  }
  return records;
}

}  // namespace mxswitch::probes
