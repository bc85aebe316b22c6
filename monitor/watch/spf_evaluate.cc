#include "monitor/watch/spf_evaluate.h"

#include <algorithm>

#include "monitor/watch/spf_cut.h"

namespace mxswitch::monitor {
namespace {

namespace spf = probes::spf;
using spf::Lookup;

// Until when an answer that is not there is taken for good.
constexpr Duration kNegativeLife = seconds(60);

// The view of one evaluation: the owner's record is pinned, so that results belong to that text
// and no other; the retired type 99 is not asked for.
class PinnedView final : public spf::DnsView {
 public:
  PinnedView(spf::DnsView& below, const Clock& clock, const SpfMove& move, const SpfRound& round)
      : below_(below), clock_(clock), owner_(move.owner), record_(round.record) {}

  asio::awaitable<Lookup> lookup(std::string name, probes::RrType type,
                                 spf::AskingBudget& budget) override {
    const auto wanted = spf::name_of(name);
    if (type == probes::RrType::txt && wanted && *wanted == owner_) {
      Lookup pinned;
      pinned.outcome = Lookup::Outcome::found;
      pinned.name = std::move(name);
      pinned.records = {probes::Txt{{record_}}};
      co_return pinned;
    }
    if (type == probes::RrType::spf) {
      Lookup nothing;
      nothing.outcome = Lookup::Outcome::no_data;
      nothing.name = std::move(name);
      nothing.type = type;
      co_return nothing;
    }
    Lookup made = co_await below_.lookup(std::move(name), type, budget);
    const bool found = made.outcome == Lookup::Outcome::found;
    const Duration life = found ? Duration(seconds(made.ttl)) : kNegativeLife;
    expires_at_ = std::min(expires_at_, clock_.now() + life);
    co_return made;
  }

  Time expires_at() const { return expires_at_; }

 private:
  spf::DnsView& below_;
  const Clock& clock_;
  DnsName owner_;
  std::string record_;
  Time expires_at_ = Time::max();
};

// A record of addresses alone asks nothing, and holds for as long as its text.
constexpr Duration kLongestLife = std::chrono::hours(24);
constexpr std::size_t kMostTraced = 3;  // senders of one evaluation

spf::CheckRequest request_of(const SpfMove& move, const SpfSender& sender, Time now) {
  const std::string domain = move.owner.text();
  spf::CheckRequest request;
  request.ip = sender.ip;
  request.mail_from = "postmaster@" + domain;
  request.helo = move.helo.empty() ? domain : move.helo;
  request.now = now;
  request.with_trace = false;
  return request;
}

// Evaluated once more for the trace: most results are as wanted, and the view still remembers the
// answers. Nothing is kept where it comes out otherwise now; a missing answer is told by `why`, and
// would be waited for again.
asio::awaitable<void> trace_unwanted(spf::DnsView& view, const Clock& clock, const SpfMove& move,
                                     SpfEvaluation& made) {
  if (move.may_send_nothing && lets_nobody_send(made.record)) co_return;
  std::size_t traced = 0;
  for (std::size_t i = 0; i < made.cells.size() && traced < kMostTraced; ++i) {
    SpfCell& cell = made.cells[i];
    const bool silent = cell.result == spf::SpfResult::temperror;
    if (silent || gives_wanted(move, move.senders[i], cell.result)) continue;
    spf::CheckRequest request = request_of(move, move.senders[i], clock.now());
    request.with_trace = true;
    spf::CheckResult result = co_await spf::check_host(view, std::move(request), clock);
    ++traced;
    if (result.result != cell.result || result.why != cell.why) continue;
    cell.trace = std::make_shared<const spf::TraceTerm>(cut_trace(std::move(result.trace)));
  }
}

}  // namespace

asio::awaitable<SpfEvaluation> evaluate_spf(std::shared_ptr<spf::DnsView> view, const Clock& clock,
                                            SpfMove move, SpfRound round) {
  SpfEvaluation made;
  made.from_authority = round.from_authority;
  made.resolver = round.resolver;
  made.record = round.record;
  made.senders = move.senders;
  PinnedView pinned(*view, clock, move, round);
  const std::string domain = move.owner.text();
  for (const SpfSender& sender : move.senders) {
    spf::CheckRequest request = request_of(move, sender, clock.now());
    const spf::CheckResult result = co_await spf::check_host(pinned, std::move(request), clock);
    made.cells.push_back({result.result, result.why, result.lookups, result.voids, nullptr});
  }
  co_await trace_unwanted(pinned, clock, move, made);
  const spf::Survey survey = co_await spf::survey(pinned, domain, clock);
  for (const std::string& term : move.required) made.terms.push_back(judge_term(survey.root, term));
  made.broken = broken_targets(survey.root);
  made.cost = spf::worst_case(survey.root);
  made.at = clock.now();
  made.expires_at = std::min(pinned.expires_at(), made.at + kLongestLife);
  co_return made;
}

}  // namespace mxswitch::monitor
