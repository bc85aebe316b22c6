#include "orchestrator/switchover/plan_view.h"

#include <algorithm>
#include <cctype>

#include "orchestrator/plan/digest.h"
#include "orchestrator/plan/plan.h"

namespace mxswitch::orchestrator {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// "smtp:[192.0.2.1]:25" -> "192.0.2.1:25"; brackets stay around IPv6.
std::string server_of(const std::string& next_hop) {
  const auto open = next_hop.find('[');
  const auto close = next_hop.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  const std::string host = next_hop.substr(open + 1, close - open - 1);
  const std::string port = next_hop.substr(close + 1);
  const std::string plain = host.starts_with("IPv6:") ? host.substr(5) : host;
  return (plain.find(':') == std::string::npos ? plain : "[" + plain + "]") + port;
}

GatePlan gate_plan(const Plan& plan, const DigestContext& context) {
  GatePlan gate;
  gate.domain = plan.domain;
  gate.digest = plan_digest(plan, context);
  gate.policy = plan.policy;
  gate.old_server_exempts = plan.relay.old_server_exempts;
  gate.probe_recipient = plan.relay.probe_recipient.value_or("postmaster@" + plan.domain);
  if (plan.spf) {
    gate.spf_asked = true;
    gate.spf_has_new_senders = !plan.spf->senders_new.empty();
  }
  gate.dkim_selectors = plan.dkim_selectors;
  gate.dkim_keys = plan.dkim_keys;
  gate.quiet = plan.quiet;
  gate.probe_from = plan.probe_from;
  gate.has_roster_files = plan.roster.given();
  gate.ignored_recipients = plan.roster.ignore;
  gate.approvers = plan.approvers;
  return gate;
}

// An alias domain that sends needs the same include: senders of the domain are taken for all.
std::vector<monitor::SpfMove> spf_moves(const Plan& plan) {
  std::vector<monitor::SpfMove> moves;
  if (!plan.spf) return moves;
  for (const probes::DnsName& owner : plan.owners()) {
    monitor::SpfMove move;
    move.owner = owner;
    move.required = plan.spf->require;
    move.all = plan.spf->all;
    move.senders = monitor::matrix_senders(plan.spf->senders_old, plan.spf->senders_new);
    if (plan.spf->helo) move.helo = plan.spf->helo->text();
    move.may_send_nothing = !moves.empty();
    moves.push_back(std::move(move));
  }
  return moves;
}

// The first is the domain's; what was declared of the old state belongs to it alone.
std::vector<monitor::PropagationInput> inputs_of(const Plan& plan,
                                                 const probes::ResolverList& resolvers) {
  std::vector<monitor::PropagationInput> inputs;
  for (const probes::DnsName& owner : plan.owners()) {
    monitor::PropagationInput input;
    input.owner = owner;
    input.expected = plan.new_mx;
    input.changed_at = plan.changed_at;
    input.policy = plan.policy;
    input.resolvers = resolvers;
    for (const IgnoredServer& ignored : plan.authority.ignore) {
      input.ignored_authorities.push_back({ignored.server, ignored.reason});
    }
    input.formerly = plan.authority.formerly;
    input.ns_drain_by_ttl = plan.authority.ns_drain_by_ttl;
    if (inputs.empty()) {
      input.declared_old = plan.old_mx;
      input.declared_old_ttl = plan.old_ttl;
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

std::function<WindowState(Time)> window_of(const std::optional<Window>& window) {
  if (!window) return [](Time) { return WindowState{}; };
  return [window = *window](Time now) {
    WindowState state;
    state.open = window.contains(now);
    if (!state.open) state.opens_at = window.next(now);
    return state;
  };
}

}  // namespace

ReadPlanView plan_view_reader(probes::ResolverList resolvers) {
  return [resolvers = std::move(resolvers)](const std::string& text, const std::string& name,
                                            std::int64_t generation,
                                            const nlohmann::json& baseline) -> Result<PlanView> {
    auto plan = parse_plan(text, name);
    if (!plan) return tl::unexpected(plan.error());
    DigestContext context;
    context.relay_baseline = baseline;
    context.generation = generation;
    PlanView view;
    view.gate = gate_plan(*plan, context);
    view.owners = inputs_of(*plan, resolvers);
    view.spf = spf_moves(*plan);
    for (const probes::DnsName& owner : plan->owners()) {
      view.own_domains.push_back(lower(owner.text()));
    }
    view.gate.other_domains.assign(view.own_domains.begin() + 1, view.own_domains.end());
    for (const probes::Mx& mx : plan->new_mx.records()) {
      view.exchanges.push_back(lower(mx.exchange.text()));
    }
    view.relay = plan->relay.name;
    view.relay_place = plan->relay.place;
    view.forward = plan->relay.forward.value_or("");
    view.hosted = plan->relay.hosted.value_or("");
    view.old_server = server_of(view.forward);
    view.targets = plan->contact_external;
    view.catch_all = plan->roster.catch_all;
    if (!plan->roster.accounts.empty())
      view.accounts_file = path_beside(name, plan->roster.accounts);
    if (!plan->roster.aliases.empty()) view.aliases_file = path_beside(name, plan->roster.aliases);
    view.unknown_grace = plan->unknown_grace;
    view.window = window_of(plan->window);
    for (const std::string& target : view.targets) {
      view.contact_faults[target] = contact_fault(*plan, target);
    }
    return view;
  };
}

}  // namespace mxswitch::orchestrator
