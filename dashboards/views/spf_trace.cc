#include "dashboards/views/spf_trace.h"

#include <fmt/format.h>

namespace mxswitch::dashboards {
namespace {

using probes::spf::CheckResult;
using probes::spf::Lookup;
using probes::spf::TraceTerm;

std::string data_text(const probes::RecordData& data) {
  struct Visitor {
    std::string operator()(const probes::IpAddress& address) const { return address.text(); }
    std::string operator()(const probes::DnsName& name) const { return name.text(); }
    std::string operator()(const probes::Mx& mx) const {
      return fmt::format("{} {}", mx.preference, mx.exchange.text());
    }
    std::string operator()(const probes::Txt& txt) const { return txt.joined(); }
    std::string operator()(const probes::Soa&) const { return "SOA"; }
    std::string operator()(const probes::Tlsa&) const { return "TLSA"; }
    std::string operator()(const probes::RawData&) const { return "data"; }
  };
  return std::visit(Visitor{}, data);
}

nlohmann::json to_json(const Lookup& lookup) {
  nlohmann::json records = nlohmann::json::array();
  for (const auto& data : lookup.records) records.push_back(data_text(data));
  return {{"name", lookup.name},
          {"type", std::string(probes::to_text(lookup.type))},
          {"outcome", std::string(to_text(lookup.outcome))},
          {"records", std::move(records)},
          // A cache tells only what remains.
          {"ttl_s", lookup.authoritative ? nlohmann::json(lookup.ttl) : nlohmann::json()},
          {"remaining_ttl_s", lookup.ttl}};
}

void render(const TraceTerm& term, const std::string& indent, std::string& out) {
  out += indent + term_text(term, indent.size() < 36 ? 40 - indent.size() : 4) + "\n";
  for (const Lookup& lookup : term.asked) out += indent + "    " + lookup_text(lookup) + "\n";
  for (const TraceTerm& inner : term.terms) render(inner, indent + "  ", out);
}

}  // namespace

std::string visible(const std::string& text) {
  std::string shown;
  for (const char c : text)
    shown += c >= ' ' && c <= '~' ? std::string(1, c)
                                  : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return shown;
}

nlohmann::json trace_json(const TraceTerm& term) {
  nlohmann::json asked = nlohmann::json::array(), terms = nlohmann::json::array();
  for (const Lookup& lookup : term.asked) asked.push_back(to_json(lookup));
  for (const TraceTerm& inner : term.terms) terms.push_back(trace_json(inner));
  return {{"term", term.term},         {"domain", term.domain},    {"result", term.result},
          {"why", term.why},           {"lookups", term.lookups},  {"voids", term.voids},
          {"asked", std::move(asked)}, {"terms", std::move(terms)}};
}

std::string term_text(const TraceTerm& term, std::size_t column) {
  return fmt::format("{:<{}} {}{}", visible(term.term), column, term.result,
                     term.why.empty() ? "" : ": " + visible(term.why));
}

std::string lookup_text(const Lookup& lookup) {
  std::string out = fmt::format("{} {}: ", probes::to_text(lookup.type), visible(lookup.name));
  if (lookup.records.empty()) return out += to_text(lookup.outcome);
  for (std::size_t i = 0; i < lookup.records.size(); ++i)
    out += fmt::format("{}{}", i ? ", " : "", visible(data_text(lookup.records[i])));
  return out + fmt::format(fmt::runtime(lookup.authoritative ? " (TTL {} s)" : " ({} s left)"),
                           lookup.ttl);
}

std::string trace_text(const TraceTerm& term) {
  std::string out;
  render(term, "", out);
  return out;
}

nlohmann::json to_json(const CheckResult& result) {
  return {{"result", std::string(to_text(result.result))},
          {"explanation", result.explanation},
          {"why", result.why},
          {"lookups", result.lookups},
          {"voids", result.voids},
          {"trace", nlohmann::json::array({trace_json(result.trace)})}};
}

std::string render_spf(const CheckResult& result) {
  std::string out = fmt::format("{}{}\n", to_text(result.result),
                                result.why.empty() ? "" : ": " + visible(result.why));
  if (!result.explanation.empty())
    out += fmt::format("The sender's domain says: {}\n", visible(result.explanation));
  out += fmt::format("{} of {} terms that ask, {} of {} of them found nothing\n\n", result.lookups,
                     probes::spf::kMostLookups, result.voids, probes::spf::kMostVoids);
  return out + trace_text(result.trace);
}

}  // namespace mxswitch::dashboards
