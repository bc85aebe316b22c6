#include "monitor/watch/watched.h"

#include <fmt/format.h>

#include <string_view>

#include "probes/base/time_text.h"

namespace mxswitch::monitor {
namespace {

std::string_view outcome_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::answered:
      return "answered";
    case Outcome::no_data:
      return "no MX";
    case Outcome::nxdomain:
      return "NXDOMAIN";
    case Outcome::servfail:
      return "SERVFAIL";
    case Outcome::refused:
      return "REFUSED";
    case Outcome::timed_out:
      return "no answer";
    case Outcome::malformed:
      return "malformed";
  }
  return "unknown";
}

template <class Sample>
std::string answer_text(const Sample& sample) {
  if (sample.outcome == Outcome::answered) return sample.set.text();
  return std::string(outcome_text(sample.outcome));
}

constexpr int kPollsBetweenSoa = 10;
constexpr Duration kShownWait = seconds(1);  // shorter ones stretch nothing that matters
constexpr Duration kWaitShownFor = std::chrono::minutes(10);

std::optional<TxtSchedule> txt_of(const WatchedOwner& owner) {
  if (!owner.ask_txt) return std::nullopt;
  return TxtSchedule(owner.input.policy, owner.input.resolvers);
}

}  // namespace

Watched::Watched(const WatchedOwner& owner, Propagation restored)
    : core(std::move(restored)), txt(txt_of(owner)) {}

void Watched::replace(WatchedOwner owner, Time now) {
  txt = txt_of(owner);
  walk_at = now;  // the TXT schedule wants the servers again
  core.replace_input(std::move(owner.input), now);
}

void Watched::take(const AuthoritySample& sample) {
  core.observe(sample);
  note("authority", sample.server.text() + " " + sample.endpoint.text(), answer_text(sample),
       sample.received_at);
}

void Watched::take(const ResolverSample& sample) {
  core.observe(sample);
  note("resolver", sample.resolver.text(), answer_text(sample), sample.received_at);
}

void Watched::take(WalkResult result, Time now) {
  if (result.endpoints.empty()) return core.enumeration_failed(std::move(result.fault), now);
  if (txt) {
    std::vector<TxtServer> servers;
    for (const AuthorityAddress& authority : result.endpoints)
      servers.push_back({true, authority.server.text(), authority.endpoint});
    txt->set_authorities(std::move(servers), now);
  }
  core.set_endpoints(std::move(result.endpoints), now, std::move(result.warnings), result.ns_ttl,
                     result.signed_zone);
}

void Watched::note(const char* kind, const std::string& server, const std::string& answer,
                   Time at) {
  std::string& last = last_answers_[server];
  if (last == answer) return;
  unsaved.push_back({core.input().owner.text(), at, kind, server, last, answer});
  last = answer;
}

bool Watched::wants_soa(const Endpoint& endpoint) {
  return polls_[endpoint]++ % kPollsBetweenSoa == 0;
}

void Watched::note_wait(const Endpoint& server, Time slot, Time now) {
  const Duration pause = slot - now;
  if (pause < kShownWait || (wait_ && wait_->pause > pause && now - wait_->at < kWaitShownFor))
    return;
  wait_ = Wait{server, pause, now};
}

std::string Watched::stretched(Time now) const {
  if (!wait_ || now - wait_->at >= kWaitShownFor) return "";
  return fmt::format("the courtesy limit stretches intervals: a probe of {} waited {} for its turn",
                     wait_->server.text(), format_duration(wait_->pause));
}

}  // namespace mxswitch::monitor
