#include "dashboards/views/text_resolvers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dashboards/views/text_canvas.h"
#include "monitor/propagation/resolvers.h"

namespace mxswitch::dashboards {
namespace {

using monitor::HealthVerdict;
using monitor::ResolverHealth;
using monitor::Told;
using monitor::Worth;

std::string_view tier_of(const probes::Resolver& resolver) {
  return resolver.tier == probes::Tier::isp ? "isp" : "public";
}

std::string place_of(const probes::Resolver& resolver) {
  if (resolver.anycast) return "anycast";
  return resolver.place.empty() ? "-" : resolver.place;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

// What is declared of it, beside its place in the list.
std::string remarks_of(const probes::Resolver& resolver) {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  if (resolver.filtering) add("filters");
  if (!resolver.upstream.empty()) add("forwards to " + resolver.upstream);
  if (!resolver.dot_name.empty()) add("TLS as " + resolver.dot_name);
  return out;
}

Colour colour_of(Worth worth) {
  switch (worth) {
    case Worth::good:
      return Colour::green;
    case Worth::remark:
      return Colour::yellow;
    case Worth::bad:
      return Colour::red;
  }
  return Colour::plain;
}

std::string identity_of(const ResolverHealth& health) {
  return or_dash(health.nsid.empty() ? health.id_server : health.nsid);
}

Line checkup_row(const ResolverHealth& health, const HealthVerdict& verdict) {
  return {{monitor::resolver_label(health.resolver)},
          {std::string(to_text(verdict.worth)), colour_of(verdict.worth)},
          {health.answered ? fmt::format("{} ms", health.rtt.count()) : "-"},
          {std::string(to_text(health.honest))},
          {std::string(to_text(health.validates))},
          {std::string(to_text(health.filters))},
          {identity_of(health)},
          {verdict.why}};
}

}  // namespace

std::string render_resolvers(const std::vector<probes::Resolver>& resolvers,
                             const TextOptions& options) {
  std::vector<Line> rows;
  std::set<std::string> operators, countries;
  for (const probes::Resolver& one : resolvers) {
    operators.insert(one.operator_name);
    if (!one.country_code.empty()) countries.insert(one.country_code);
    rows.push_back({{one.endpoint.text()},
                    {or_dash(one.operator_name)},
                    {std::string(tier_of(one))},
                    {or_dash(one.country_code)},
                    {place_of(one)},
                    {remarks_of(one), Colour::dim}});
  }
  Canvas canvas(options);
  canvas.line(fmt::format("{} resolvers of {} operators in {} countries", resolvers.size(),
                          operators.size(), countries.size()),
              Colour::bold);
  if (!rows.empty())
    canvas.table({"ADDRESS", "OPERATOR", "TIER", "COUNTRY", "PLACE", "DECLARED"}, rows, 1);
  return canvas.text();
}

std::string render_checkup(const std::vector<ResolverHealth>& all, const TextOptions& options) {
  std::vector<std::pair<HealthVerdict, const ResolverHealth*>> judged;
  int counts[3] = {0, 0, 0};
  for (const ResolverHealth& health : all) {
    judged.emplace_back(judge_health(health), &health);
    ++counts[static_cast<int>(judged.back().first.worth)];
  }
  std::stable_sort(judged.begin(), judged.end(), [](const auto& a, const auto& b) {
    return a.first.worth != b.first.worth ? a.first.worth > b.first.worth
                                          : a.second->rtt > b.second->rtt;
  });
  std::vector<Line> rows;
  for (const auto& [verdict, health] : judged) rows.push_back(checkup_row(*health, verdict));
  Canvas canvas(options);
  canvas.line({{fmt::format("{} resolvers", all.size()), Colour::bold},
               {fmt::format(": {} good", counts[0]), Colour::green},
               {fmt::format(", {} with a remark, {} of no use to a watch", counts[1], counts[2])}});
  if (!rows.empty())
    canvas.table({"RESOLVER", "WORTH", "RTT", "HONEST", "VALIDATES", "FILTERS", "IDENTITY", "WHY"},
                 rows, 1);
  return canvas.text();
}

nlohmann::json to_json(const probes::Resolver& one) {
  return {{"address", one.endpoint.text()},
          {"operator", one.operator_name},
          {"name", one.name},
          {"tier", tier_of(one)},
          {"country", one.country_code},
          {"place", one.place},
          {"anycast", one.anycast},
          {"filtering", one.filtering},
          {"upstream", one.upstream},
          {"dot_name", one.dot_name},
          {"latitude", one.latitude},
          {"longitude", one.longitude}};
}

nlohmann::json to_json(const ResolverHealth& health) {
  nlohmann::json body = to_json(health.resolver);
  const HealthVerdict verdict = judge_health(health);
  body.update({{"worth", to_text(verdict.worth)},
               {"why", verdict.why},
               {"answered", health.answered},
               {"failure", health.failure},
               {"honest", to_text(health.honest)},
               {"validates", to_text(health.validates)},
               {"filters", to_text(health.filters)},
               {"nsid", health.nsid},
               {"id_server", health.id_server},
               {"rtt_ms", health.rtt.count()},
               {"burst", health.burst},
               {"burst_failed", health.burst_failed},
               {"intercepted", health.intercepted}});
  return body;
}

}  // namespace mxswitch::dashboards
