#include "monitor/propagation/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

using Effect = Forecast::Move::Effect;

// A resolver that serves stale answers the expired set once more with this TTL (RFC 8767 4).
constexpr seconds kStaleAnswer{30};
constexpr std::size_t kMostNamed = 3;

// Reasons that end with the samples, by themselves: they have no clock of their own.
constexpr std::array kEndsWithSamples = {
    "samples",     "control-names", "validity",   "operators",        "countries",
    "not-counted", "not-sampled",   "not-judged", "cache-unresolved", "dot-unasked"};

bool ends_with_samples(const std::string& code) {
  return std::find(kEndsWithSamples.begin(), kEndsWithSamples.end(), code) !=
         kEndsWithSamples.end();
}

// The first of them can end READY's wait only when somebody acts.
const Reason* without_end(const Condition& condition) {
  for (const Reason& reason : condition.reasons)
    if ((!reason.until && !ends_with_samples(reason.code)) || reason.code == "violator")
      return &reason;
  return nullptr;
}

class Forecasting {
 public:
  Forecasting(const Reading& reading, const std::vector<ResolverStanding>& standings,
              const PropagationReport& report)
      : reading_(reading), standings_(standings), report_(report), policy_(input().policy) {}

  Forecast run() {
    opens_at_ = reading_.bound.opens_at;
    if (opens_at_)
      from_clock();
    else
      without_clock();
    if (const Reason* reason = endless()) {
      forecast_.latest.reset();
      forecast_.waits_for = *reason;
    }
    name_moves();
    return std::move(forecast_);
  }

 private:
  const PropagationInput& input() const { return reading_.state.input; }

  // Samples still to be taken after the first one, at the spacing that is kept.
  Duration draw(int missing) const { return policy_.sample_spacing * std::max(0, missing - 1); }
  Duration sampling() const { return std::max(policy_.settle, draw(policy_.k)); }

  // Whose samples READY waits for.
  bool is_awaited(const ResolverStanding& standing) const {
    if (standing.waived || standing.filter || standing.track->lies || standing.failed) return false;
    const bool unasked = !standing.track->control_at && standing.track->failures_in_row == 0;
    return is_relevant(standing, reading_) || unasked;
  }

  const Reason* endless() const {
    for (const Condition* condition : {&report_.a, &report_.b, &report_.c, &report_.d})
      if (const Reason* reason = without_end(*condition)) return reason;
    if (!opens_at_ && !report_.b.reasons.empty()) return &report_.b.reasons.front();
    return few_operators();
  }

  // Fewer operators answer than the policy wants: more samples do not mend that.
  const Reason* few_operators() const {
    std::vector<ResolverStanding> hoped = standings_;
    for (ResolverStanding& standing : hoped) standing.passed = is_awaited(standing);
    if (static_cast<int>(independent_operators(hoped).size()) >= policy_.min_operators)
      return nullptr;
    const auto named = std::find_if(report_.c.reasons.begin(), report_.c.reasons.end(),
                                    [](const Reason& r) { return r.code == "operators"; });
    return named == report_.c.reasons.end() ? nullptr : &*named;
  }

  void without_clock() {
    if (reading_.bound.earliest) forecast_.earliest = *reading_.bound.earliest + sampling();
  }

  void from_clock() {
    Reason drain{"settle", "the answers must hold still", {}};
    if (!report_.b.reasons.empty()) drain = report_.b.reasons.front();
    consider(*opens_at_, *opens_at_, drain);
    if (report_.ready_from) {
      const bool drained = reading_.now >= *opens_at_;
      const Reason settle{"settle",
                          fmt::format("the answers must hold still until {}",
                                      format_moment(*report_.ready_from, reading_.now)),
                          report_.ready_from};
      const bool decides = drained || *report_.ready_from > *opens_at_ + policy_.settle;
      consider(*report_.ready_from, *report_.ready_from, decides ? settle : drain);
    }
    for (const Reason& reason : report_.a.reasons)
      if (reason.until) consider(*reason.until, *reason.until, reason);
    for (const Reason& reason : report_.reasons)
      if (reason.code == kRecheck) consider(reading_.now, reading_.now, reason);
    for (const Reason& reason : report_.d.reasons)
      if (reason.until && (reason.code == "incoherent" || reason.code == "dot-differs"))
        consider(*reason.until, *reason.until, reason);
    for (const ResolverStanding& standing : standings_)
      if (is_awaited(standing)) consider_resolver(standing, drain);
    forecast_.earliest = std::max(*forecast_.earliest, reading_.now);
    forecast_.latest = std::max(*forecast_.latest, reading_.now);
  }

  void consider_resolver(const ResolverStanding& standing, const Reason& drain) {
    const ResolverTrack& track = *standing.track;
    const Time begin = std::max(reading_.now, *opens_at_);
    const int wanted = samples_wanted(track, reading_.context);
    int missing = std::max(0, wanted - standing.new_samples);
    if (standing.stale_caches > 0) missing = std::max(missing, 1);
    if (missing == 0) return;
    const Reason why = reason_of(standing, reading_.context, reading_.now).value_or(drain);
    Time first = begin, last_first = begin, settled = begin;
    bool own = false;
    if (standing.stale_expires_at) {
      const Time fresh = std::max(reading_.now, *standing.stale_expires_at + policy_.reprobe_first);
      own = fresh > begin;
      first = std::max(first, fresh);
      if (is_old(standing)) {
        last_first = std::max(last_first, fresh + kStaleAnswer + policy_.reprobe_first);
        settled = fresh + policy_.settle;
      }
    }
    if (drawn_out(track)) {
      own = true;
      first = std::max(first, track.failed_draws.front() + std::chrono::hours(1));
      last_first = std::max(first, last_first);
    }
    const bool sampling_now = reading_.now >= *opens_at_;
    const Time last = last_first + draw(missing) + repeats(track, missing);
    consider(first + draw(missing), std::max(last, settled), own || sampling_now ? why : drain);
  }

  static bool is_old(const ResolverStanding& standing) {
    return standing.last_class == AnswerClass::old || standing.last_class == AnswerClass::mixed;
  }

  static bool drawn_out(const ResolverTrack& track) {
    return track.failed_draws.size() >= static_cast<std::size_t>(kMostDraws);
  }

  // Failed samples are taken again: as many as this resolver lost lately.
  Duration repeats(const ResolverTrack& track, int missing) const {
    const auto failed = std::count(track.outcomes.begin(), track.outcomes.end(), 1);
    if (failed == 0) return Duration(0);
    const auto asked = static_cast<std::int64_t>(track.outcomes.size());
    const auto lost = (missing * failed + asked - 1) / asked;
    return (std::max(policy_.sample_spacing, policy_.failing_retry) + policy_.query_deadline) *
           lost;
  }

  void consider(Time earliest, Time latest, const Reason& why) {
    if (!forecast_.earliest || earliest > *forecast_.earliest) {
      forecast_.earliest = earliest;
      forecast_.waits_for = why;
    }
    forecast_.latest = std::max({forecast_.latest.value_or(latest), latest, earliest});
  }

  // ---- what would move it ----

  void name_moves() {
    if (!opens_at_) {
      if (forecast_.earliest)
        add(Effect::later, "not-begun",
            "each minute until all authoritative servers serve the new set moves READY by a "
            "minute");
    } else {
      name_rollback();
      name_samples();
      name_late_caches();
    }
    name_mends();
  }

  void add(Effect effect, std::string code, std::string text, std::optional<Time> until = {}) {
    forecast_.moves.push_back({effect, std::move(code), std::move(text), until});
  }

  void name_rollback() {
    const Duration again = policy_.authority_spread + policy_.clock_error +
                           seconds(reading_.context.old_ttl) + policy_.delta;
    add(Effect::later, "rollback",
        fmt::format("an old answer from any authoritative server (a rollback, a site not seen "
                    "yet) starts the drain again: READY {} after the last one",
                    format_duration(std::max(again, policy_.floor) + sampling())));
    add(Effect::later, "blackout",
        fmt::format("if no authoritative server answers for {} or more, READY is {} after they "
                    "answer again at the earliest, because resolvers may serve stale meanwhile "
                    "(RFC 8767)",
                    format_duration(kBlackout), format_duration(policy_.recovery + sampling())));
  }

  void name_samples() {
    const auto awaited = std::count_if(standings_.begin(), standings_.end(),
                                       [&](const auto& s) { return is_awaited(s); });
    const Duration needed = draw(policy_.k);
    add(Effect::part, "samples",
        fmt::format("{} samples at each of {} resolvers, {} apart, take {}{}", policy_.k, awaited,
                    format_duration(policy_.sample_spacing), format_duration(needed),
                    needed <= policy_.settle ? fmt::format(", inside the settle time of {}",
                                                           format_duration(policy_.settle))
                                             : std::string()));
    add(Effect::later, "another-cache",
        "an old answer while sampling (another cache behind the same address) waits for that "
        "copy's expiry, and the samples there begin again");
  }

  // Copies that outlive the bound: stretchers, late fetches, caches served stale.
  void name_late_caches() {
    std::size_t named = 0, more = 0;
    for (const ResolverStanding& standing : standings_) {
      const bool outlives = standing.stale_expires_at && is_awaited(standing) &&
                            *standing.stale_expires_at > *opens_at_;
      const auto reason =
          outlives ? reason_of(standing, reading_.context, reading_.now) : std::nullopt;
      if (!reason) continue;
      if (named++ < kMostNamed)
        add(Effect::part, reason->code, reason->text, standing.stale_expires_at);
      else
        ++more;
    }
    if (more > 0)
      add(Effect::part, "stale-cache", fmt::format("and {} more copies outlive the bound", more));
  }

  // What a person can do about it.
  void name_mends() {
    for (const ResolverStanding& standing : standings_)
      if (standing.violator && !standing.waived)
        add(Effect::earlier, "waive",
            fmt::format("mxswitch waive {} {} --reason ... leaves that resolver out; every view "
                        "then says so",
                        input().owner.text(), standing.resolver->endpoint.text()));
    for (const Reason& reason : report_.a.reasons)
      if (reason.code == "authority-unknown" || reason.code == "authority-unreachable")
        add(Effect::earlier, "ignore",
            "a server that is gone for good: take it out of the delegation, or name it with a "
            "reason in [authority] ignore of the plan");
    for (const Obligation& obligation : report_.obligations)
      if (obligation.kind == Obligation::Kind::assumed)
        add(Effect::earlier, "declare",
            "changed_at and old_ttl in [mx] of the plan replace the assumed old TTL");
  }

  const Reading& reading_;
  const std::vector<ResolverStanding>& standings_;
  const PropagationReport& report_;
  const Policy& policy_;
  std::optional<Time> opens_at_;
  Forecast forecast_;
};

}  // namespace

Forecast forecast_of(const Reading& reading, const std::vector<ResolverStanding>& standings,
                     const PropagationReport& report) {
  if (report.reasons.empty()) return {};
  return Forecasting(reading, standings, report).run();
}

}  // namespace mxswitch::monitor
