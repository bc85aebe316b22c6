#include "monitor/watch/spf_keep.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "monitor/propagation/persist.h"
#include "probes/base/json_text.h"

namespace mxswitch::monitor {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::size_t kLongestText = 4096;  // octets of one text; a usable record has under 512
constexpr std::size_t kMostKept = 2000;     // samples, and evaluations

json tagged(Time t) { return {{"at_ms", t.time_since_epoch().count()}}; }
Time time_of(const json& j) { return Time(Duration(j.at("at_ms").get<std::int64_t>())); }

bool is_plain(const std::string& text) {
  return text.size() <= kLongestText &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// Rows that many refer to.
class Table {
 public:
  std::size_t add(json row) {
    const auto [known, fresh] = known_.try_emplace(json_text(row), rows_.size());
    if (fresh) rows_.push_back(std::move(row));
    return known->second;
  }
  json take() { return std::move(rows_); }

 private:
  std::map<std::string, std::size_t> known_;
  json rows_ = json::array();
};

template <class Enum>
Enum enum_of(const json& j, Enum last) {
  const int value = j.get<int>();
  if (value < 0 || value > static_cast<int>(last)) throw std::runtime_error("no such value");
  return static_cast<Enum>(value);
}

// ---- to JSON ----

bool is_plain(const SpfEvaluation& made) {
  const auto plain = [](const std::string& text) { return is_plain(text); };
  return plain(made.record) &&
         std::all_of(made.cells.begin(), made.cells.end(),
                     [&](const SpfCell& cell) { return plain(cell.why); }) &&
         std::all_of(
             made.terms.begin(), made.terms.end(),
             [&](const SpfTermSeen& term) { return plain(term.term) && plain(term.why); }) &&
         std::all_of(made.broken.begin(), made.broken.end(),
                     [&](const SpfBroken& broken) { return plain(broken.why); });
}

json outcome_json(const SpfEvaluation& made) {
  json cells = json::array(), terms = json::array(), broken = json::array();
  for (const SpfCell& c : made.cells) cells.push_back({c.result, c.why, c.lookups, c.voids});
  for (const SpfTermSeen& t : made.terms) terms.push_back({t.term, t.effect, t.why});
  for (const SpfBroken& b : made.broken) broken.push_back({b.why, b.failed});
  const probes::spf::Cost& cost = made.cost;
  return {{"cells", std::move(cells)},
          {"terms", std::move(terms)},
          {"broken", std::move(broken)},
          {"cost", {cost.lookups, cost.voids_v4, cost.voids_v6, cost.at_least}}};
}

json senders_json(const std::vector<SpfSender>& senders) {
  json out = json::array();
  for (const SpfSender& sender : senders) out.push_back({sender.role, sender.ip.text()});
  return out;
}

// Without texts where they are not kept: the server is then known, and to be asked.
json sample_json(const TxtSample& sample, Table& texts) {
  json out = {{"authority", sample.from_authority},
              {"address", sample.endpoint.text()},
              {"name", sample.name.text()},
              {"at", tagged(sample.received_at)},
              {"ttl", sample.ttl},
              {"outcome", sample.outcome}};
  if (sample.from_authority) out["server"] = sample.server;
  const std::vector<std::string> records = spf_records(sample);
  if (std::all_of(records.begin(), records.end(), [](const auto& r) { return is_plain(r); }))
    out["texts"] = texts.add(records);
  return out;
}

// ---- from JSON ----

class Reader {
 public:
  Reader(const json& saved, const PropagationInput& input, Time now)
      : saved_(saved), input_(input), now_(now) {}

  SpfKept run() {
    for (const json& one : saved_.at("samples")) read_sample(one);
    for (const json& one : saved_.at("evaluations")) read_evaluation(one);
    return std::move(kept_);
  }

 private:
  bool is_fresh(Time at, Time known_until) const {
    return at <= now_ && now_ - std::max(at, std::min(now_, known_until)) <= input_.policy.validity;
  }

  static Endpoint endpoint_of(const json& j) {
    const auto parsed = Endpoint::parse(j.get<std::string>());
    if (!parsed) throw std::runtime_error(parsed.error().text());
    return *parsed;
  }
  static DnsName name_of(const json& j) {
    auto parsed = DnsName::parse(j.get<std::string>());
    if (!parsed) throw std::runtime_error(parsed.error().text());
    return std::move(*parsed);
  }

  void read_sample(const json& j) {
    TxtSample sample;
    sample.from_authority = j.at("authority").get<bool>();
    sample.endpoint = endpoint_of(j.at("address"));
    sample.name = name_of(j.at("name"));
    sample.received_at = time_of(j.at("at"));
    sample.ttl = j.at("ttl").get<std::uint32_t>();
    sample.outcome = enum_of(j.at("outcome"), Outcome::malformed);
    if (sample.from_authority) {
      sample.server = j.at("server").get<std::string>();
      kept_.authorities.push_back({true, sample.server, sample.endpoint, sample.name});
    } else {
      const probes::Resolver* resolver = input_.resolvers.find(sample.endpoint);
      if (resolver == nullptr) return;  // not asked any more
      sample.server = resolver->operator_name;
      kept_.resolvers = true;
    }
    const Time expires =
        sample.from_authority ? sample.received_at : sample.received_at + seconds(sample.ttl);
    if (!j.contains("texts") || !is_fresh(sample.received_at, expires)) return;
    sample.texts =
        saved_.at("texts").at(j.at("texts").get<std::size_t>()).get<std::vector<std::string>>();
    kept_.samples.push_back(std::move(sample));
  }

  void read_evaluation(const json& j) {
    SpfEvaluation made;
    made.from_authority = j.at("authority").get<bool>();
    if (!made.from_authority) made.resolver = endpoint_of(j.at("address"));
    made.record = saved_.at("records").at(j.at("record").get<std::size_t>()).get<std::string>();
    made.at = time_of(j.at("at"));
    made.expires_at = time_of(j.at("expires_at"));
    if (!is_fresh(made.at, made.from_authority ? made.at : made.expires_at)) return;
    for (const json& one : saved_.at("senders").at(j.at("senders").get<std::size_t>()))
      made.senders.push_back(sender_of(one));
    read_outcome(saved_.at("outcomes").at(j.at("outcome").get<std::size_t>()), made);
    kept_.evaluations.push_back(std::move(made));
  }

  static SpfSender sender_of(const json& j) {
    const auto ip = probes::IpAddress::parse(j.at(1).get<std::string>());
    if (!ip) throw std::runtime_error(ip.error().text());
    return {enum_of(j.at(0), SenderRole::stranger), *ip};
  }

  static void read_outcome(const json& j, SpfEvaluation& made) {
    for (const json& cell : j.at("cells"))
      made.cells.push_back({enum_of(cell.at(0), probes::spf::SpfResult::permerror),
                            cell.at(1).get<std::string>(), cell.at(2).get<int>(),
                            cell.at(3).get<int>(), nullptr});
    for (const json& term : j.at("terms"))
      made.terms.push_back({term.at(0).get<std::string>(), enum_of(term.at(1), SpfEffect::unknown),
                            term.at(2).get<std::string>()});
    for (const json& broken : j.at("broken"))
      made.broken.push_back({broken.at(0).get<std::string>(), broken.at(1).get<bool>()});
    const json& cost = j.at("cost");
    made.cost = {cost.at(0).get<int>(), cost.at(1).get<int>(), cost.at(2).get<int>(),
                 cost.at(3).get<bool>()};
  }

  const json& saved_;
  const PropagationInput& input_;
  Time now_;
  SpfKept kept_;
};

}  // namespace

json spf_to_json(const SpfKept& kept) {
  Table texts, records, senders, outcomes;
  json samples = json::array(), evaluations = json::array();
  for (const TxtSample& sample : kept.samples)
    if (samples.size() < kMostKept) samples.push_back(sample_json(sample, texts));
  for (const SpfEvaluation& made : kept.evaluations) {
    if (evaluations.size() >= kMostKept || !is_plain(made)) continue;
    json one = {{"authority", made.from_authority},
                {"record", records.add(made.record)},
                {"at", tagged(made.at)},
                {"expires_at", tagged(made.expires_at)},
                {"senders", senders.add(senders_json(made.senders))},
                {"outcome", outcomes.add(outcome_json(made))}};
    if (!made.from_authority) one["address"] = made.resolver.text();
    evaluations.push_back(std::move(one));
  }
  return {{"version", kVersion},
          {"samples", std::move(samples)},
          {"evaluations", std::move(evaluations)},
          {"texts", texts.take()},
          {"records", records.take()},
          {"senders", senders.take()},
          {"outcomes", outcomes.take()}};
}

SpfKept spf_from_state(const json& state, const PropagationInput& input,
                       const ClockReading& clock) {
  try {
    if (!state.contains("spf") || state["spf"].at("version").get<int>() != kVersion) return {};
    const Credit credit = credit_of(state.at("clock"), clock);
    if (!credit.accounted) return {};
    json saved = state["spf"];
    move_times(saved, credit.shift);
    return Reader(saved, input, clock.now).run();
  } catch (const std::exception&) {
    return {};  // nothing is lost: every server is asked at the start
  }
}

}  // namespace mxswitch::monitor
