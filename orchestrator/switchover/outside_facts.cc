// What does not come from the relay: reports of the watcher, addresses of the exchanges, MTA-STS
// and TLSA, the operator.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "monitor/alerts/outbox.h"
#include "orchestrator/gates/bugs.h"
#include "orchestrator/switchover/switchover.h"
#include "probes/base/time_text.h"

namespace mxswitch::orchestrator {
namespace {

// Resolvers whose word does not count for MX does not count for SPF either. Control names are
// asked late, so before that nobody is left out for want of an answer.
std::set<probes::Endpoint> left_out(const monitor::PropagationReport& report) {
  std::set<probes::Endpoint> out;
  for (const monitor::ResolverReport& resolver : report.resolvers) {
    const bool uncounted = report.counted > 0 && !resolver.counted;
    if (resolver.excluded || resolver.waived || uncounted) out.insert(resolver.endpoint);
  }
  return out;
}

// From then on the old senders have nothing left to send.
bool has_switched(State state) {
  return state == State::verifying || state == State::hosted || state == State::final_;
}

void alert_bugs(monitor::Transaction& tx, const std::string& domain,
                const std::vector<std::string>& targets, const std::vector<GateResult>& bugs,
                Time now) {
  for (const GateResult& gate : bugs) {
    monitor::Alert alert;
    alert.domain = domain;
    alert.kind = "gate-bug";
    alert.line =
        fmt::format("{}: the gate {} failed to judge, which is a bug of mxswitch", domain, gate.id);
    alert.body = gate.why +
                 "\nThe gate stays unknown, so nothing is switched. Nothing else to do "
                 "but to report it.";
    alert.at = now;
    monitor::enqueue_alert(tx, alert, targets);
  }
}

// A report holds sentences and forecasts that are reckoned from its moment.
constexpr Duration kReportReuse = seconds(60);

// After a start nothing is known for a moment. That is no loss of a gate: what the journal says
// stands until every fact was looked at once; a switch waits as long. What is silent by then (an
// old server that died meanwhile) is a closed gate like any other.
constexpr Duration kStartPatience = seconds(60);

constexpr Duration kPolicyPause = seconds(300);  // between two fetches of one MTA-STS policy

bool looked_at_all(const Facts& facts, const GatePlan& plan) {
  const auto seen = [](Time t) { return t != Time{}; };
  const bool contacts_known = std::ranges::none_of(
      facts.contact.channels,
      [](const ContactChannelFacts& c) { return c.not_known == kDependenceNotAsked; });
  const bool spf_known = std::ranges::none_of(facts.spf, [](const SpfFacts& spf) {
    return spf.matrix.state == monitor::SpfState::unknown;
  });
  const bool keys_known = plan.dkim_selectors.empty() || seen(facts.outbound.observed_at);
  const bool asked = contacts_known && spf_known && keys_known && seen(facts.relay.observed_at) &&
                     seen(facts.relay.dry_run_at) && seen(facts.relay.exchanges_at) &&
                     seen(facts.contact.observed_at) && seen(facts.flow.observed_at) &&
                     (!plan.has_old_server || seen(facts.old_server.observed_at));
  if (!asked) return false;
  const bool old_server_answered =
      std::ranges::none_of(facts.old_server.nodes, [](const OldServerNodeFacts& node) {
        return node.result == ProbeResult::waiting && node.error.empty();
      });
  const bool probes_arrived =
      !facts.flow.addresses.empty() &&
      std::ranges::all_of(facts.flow.addresses,
                          [](const FlowAddressFacts& a) { return a.arrived_at.has_value(); });
  return old_server_answered && probes_arrived;
}

}  // namespace

// Between two polls of a standing verdict up to an hour passes: nothing is written on the strength
// of that.
asio::awaitable<void> Switchover::look_again() {
  std::vector<std::string> unanswered;
  for (std::size_t i = 0; i < plan_->owners.size(); ++i) {
    const probes::DnsName owner = plan_->owners[i].owner;
    for (std::string& who : co_await parts_.reports.look_again(owner))
      unanswered.push_back(std::move(who));
  }
  facts_.unanswered = std::move(unanswered);
}

// A report whose stamp stands says what one of now would say. True: all do.
bool Switchover::take_reports() {
  const Time now = parts_.clock.now();
  std::vector<std::optional<std::uint64_t>> stamps;
  for (const monitor::PropagationInput& owner : plan_->owners)
    stamps.push_back(parts_.reports.stamp(owner.owner));
  const bool same = stamps == stamps_ && facts_.reports.size() == plan_->owners.size() &&
                    std::ranges::all_of(stamps, [](const auto& s) { return s.has_value(); }) &&
                    now - reports_at_ < kReportReuse;
  stamps_ = std::move(stamps);
  if (same) return true;
  reports_at_ = now;
  facts_.reports.clear();
  for (const monitor::PropagationInput& owner : plan_->owners) {
    auto report = parts_.reports.report(owner.owner);
    if (!report) continue;
    facts_.reports.push_back(
        std::make_shared<const monitor::PropagationReport>(std::move(*report)));
  }
  // An owner without a report says nothing: neither do the others for the whole plan.
  if (facts_.reports.size() != plan_->owners.size()) facts_.reports.clear();
  return false;
}

void Switchover::take_spf() {
  spf_switched_ = has_switched(kept_.machine.state);
  facts_.spf.clear();
  for (const monitor::SpfMove& move : plan_->spf) {
    SpfFacts& facts = facts_.spf.emplace_back();
    facts.owner = move.owner.text();
    const monitor::SpfSeen seen = parts_.reports.spf_seen(move.owner);
    if (seen.samples.empty()) continue;
    std::set<probes::Endpoint> out;
    for (const ReportPtr& report : facts_.reports)
      if (report->owner == move.owner) out = left_out(*report);
    facts.matrix = monitor::judge_spf_matrix(move, seen, out, spf_switched_, parts_.clock.now());
    facts.observed_at = facts.matrix.observed_at;
  }
}

void Switchover::take_operator() {
  OperatorFacts& facts = facts_.operator_;
  facts = OperatorFacts{};
  facts.observed_at = parts_.clock.now();
  if (kept_.machine.frozen) facts.frozen = to_text(*kept_.machine.frozen, facts.observed_at);
  const WindowState window = plan_->window(facts.observed_at);
  facts.window_open = window.open;
  facts.window_opens_at = window.opens_at;
  facts.carried_out = kept_.machine.state == State::switching || has_switched(kept_.machine.state);
  if (!kept_.machine.armed) return;
  facts.commanded = true;
  facts.author = kept_.machine.armed->author;
  facts.reason = kept_.machine.armed->reason;
  facts.digest = kept_.machine.armed->digest;
  facts.approvals = kept_.machine.armed->approvals;
}

asio::awaitable<void> Switchover::look_outside() {
  co_await refresh_outside();
  co_await refresh_outbound();
  co_await refresh_next_hops();
}

asio::awaitable<void> Switchover::refresh_outside() {
  if (!plan_) co_return;
  const Looks::Look begun = looks_.begin();
  RelayFacts addresses;
  MtaStsFacts policy;
  const std::vector<std::string> exchanges = plan_->exchanges;
  for (const std::string& exchange : exchanges) {
    auto found = co_await parts_.outside.addresses(exchange);
    if (found) {
      addresses.exchanges[exchange] = *found;
    } else {
      addresses.exchanges_error = found.error().text();
    }
    auto alias = co_await parts_.outside.alias_of(exchange);
    if (!alias) {
      addresses.exchanges_error = alias.error().text();
    } else if (*alias) {
      addresses.exchange_aliases[exchange] = **alias;
    }
    const std::string tlsa_name = "_25._tcp." + exchange;
    auto tlsa = co_await parts_.outside.has_tlsa(tlsa_name);
    if (!tlsa) {
      policy.error = tlsa.error().text();
    } else if (*tlsa) {
      policy.tlsa_at.push_back(tlsa_name);
    }
  }
  policy.tlsa_asked = true;
  const std::string policy_name = "_mta-sts." + domain_;
  auto txt = co_await parts_.outside.txt(policy_name);
  policy.txt_asked = true;
  if (!txt) {
    policy.error = txt.error().text();
  } else {
    const auto record = probes::mta_sts_record(*txt);
    policy.txt_published = record.has_value();
    const auto seen = after_look(kept_.mta_sts, record, parts_.clock.now());
    const auto kept = co_await keep_seen_policy(seen);
    // What is not durable must not be forgotten by a restart: no verdict rests on it.
    if (!kept) policy.error = kept.error().text();
  }
  if (!looks_.take(Fact::outside, begun)) co_return;
  policy.exchanges = exchanges;
  policy.observed_at = parts_.clock.now();
  facts_.mta_sts = std::move(policy);
  show_seen_policy();
  facts_.relay.exchanges = std::move(addresses.exchanges);
  facts_.relay.exchange_aliases = std::move(addresses.exchange_aliases);
  facts_.relay.exchanges_error = std::move(addresses.exchanges_error);
  facts_.relay.exchanges_at = parts_.clock.now();
  fact_moved();
  co_await fetch_policy();
}

asio::awaitable<Result<void>> Switchover::keep_seen_policy(std::optional<SeenMtaSts> seen) {
  if (!seen || seen == kept_.mta_sts) co_return Result<void>();
  const auto work = [domain = domain_, seen](monitor::Transaction& tx) {
    keep_mta_sts(tx, domain, *seen);
  };
  auto kept = co_await parts_.database.transact(work);
  if (kept) kept_.mta_sts = std::move(seen);
  co_return kept;
}

void Switchover::show_seen_policy() {
  fact_moved();
  facts_.mta_sts.gone_at = kept_.mta_sts ? kept_.mta_sts->gone_at : std::nullopt;
  facts_.mta_sts.policy = kept_.mta_sts ? kept_.mta_sts->policy : std::nullopt;
}

// While the record is published, so that what it announced is known once it is gone. Last, since
// that server may be slow.
asio::awaitable<void> Switchover::fetch_policy() {
  if (!kept_.mta_sts || kept_.mta_sts->gone_at || !facts_.mta_sts.txt_published) co_return;
  const Time now = parts_.clock.now();
  const bool due = policy_asked_at_ == Time{} || policy_asked_of_ != kept_.mta_sts->record ||
                   now - policy_asked_at_ >= kPolicyPause;
  if (!due) co_return;
  policy_asked_at_ = now;
  policy_asked_of_ = kept_.mta_sts->record;
  const auto body = co_await parts_.outside.mta_sts_policy(domain_);
  auto read = body ? probes::parse_mta_sts_policy(*body)
                   : Result<probes::MtaStsPolicy>(Failure(body.error()));
  // One that was fetched before is what senders hold, too.
  if (!read || !kept_.mta_sts || kept_.mta_sts->record != policy_asked_of_) co_return;
  SeenMtaSts seen = *kept_.mta_sts;
  seen.policy = std::move(*read);
  (void)co_await keep_seen_policy(seen);  // tried again at the next fetch
  show_seen_policy();
}

asio::awaitable<void> Switchover::judge(bool fresh) {
  if (!plan_) co_return;
  facts_moved_ = false;
  facts_.unanswered.clear();
  if (fresh && relay() != nullptr) {
    co_await look_again();
    co_await refresh_relay();
    co_await refresh_dry_runs();
    co_await refresh_contacts();
  }
  const bool as_before = take_reports();
  if (!as_before || spf_switched_ != has_switched(kept_.machine.state)) take_spf();
  take_operator();
  std::vector<GateOverride> overrides;
  for (const Override& o : kept_.overrides) {
    overrides.push_back({o.gate, o.digest, o.author, o.reason, o.expires_at});
  }
  const Time now = parts_.clock.now();
  judged_at_ = now;
  const auto before = std::exchange(gates_, std::make_shared<const std::vector<GateResult>>(
                                                judge_all(facts_, plan_->gate, overrides, now)));
  // What was judged is named before anything else is awaited: another plan or command may come.
  GatesJudged event;
  event.digest = kept_.machine.digest;
  if (kept_.machine.armed) event.op_id = kept_.machine.armed->op_id;
  event.closed = closed_gates(*gates_, false);
  event.operator_open = closed_gates(*gates_, true).size() == event.closed.size();
  event.fresh = fresh;
  for (const GateResult& gate : *gates_) {
    if (gate.open() || gate.id == "operator") continue;
    event.why += fmt::format("{}{}: {}", event.why.empty() ? "" : "; ", gate.id, gate.why);
  }
  const std::vector<GateResult> bugs = new_bugs(*before, *gates_);
  if (!bugs.empty()) {
    const auto tell = [bugs, domain = domain_, targets = plan_->targets, now](
                          monitor::Transaction& tx) { alert_bugs(tx, domain, targets, bugs, now); };
    const auto told = co_await parts_.database.transact(tell);
    if (told && parts_.alert_queued) parts_.alert_queued();
  }
  if (!facts_.reports.empty() && facts_.reports.front()->change_started_at) {
    FirstNewAnswer changed;
    changed.evidence = "since " + format_time(*facts_.reports.front()->change_started_at);
    co_await observe(changed);
  }
  const bool operator_open = event.operator_open;
  const bool waits = kept_.machine.state == State::ready || kept_.machine.state == State::armed;
  const bool too_early = waits && relay() != nullptr && !event.closed.empty() &&
                         now - began_at_ <= kStartPatience && !looked_at_all(facts_, plan_->gate);
  if (too_early) co_return;  // the next tick judges again
  co_await observe(event);
  co_await notice();
  if (kept_.machine.state == State::armed && operator_open && !fresh) {
    const Event opened = WindowOpen{};
    co_await observe(opened);
  }
}

}  // namespace mxswitch::orchestrator
