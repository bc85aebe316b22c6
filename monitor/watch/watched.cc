#include "monitor/watch/watched.h"

#include <string_view>

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

}  // namespace

void Watched::take(const AuthoritySample& sample) {
  core.observe(sample);
  note("authority", sample.server.text() + " " + sample.endpoint.text(), answer_text(sample),
       sample.received_at);
}

void Watched::take(const ResolverSample& sample) {
  core.observe(sample);
  note("resolver", sample.resolver.text(), answer_text(sample), sample.received_at);
}

void Watched::note(const std::string& kind, const std::string& server, const std::string& answer,
                   Time at) {
  dirty = true;
  std::string& last = last_answers_[kind + " " + server];
  if (last == answer) return;
  unsaved.push_back({setup.input.owner.text(), at, kind, server, last, answer});
  last = answer;
}

bool Watched::wants_soa(const Endpoint& endpoint) {
  return polls_[endpoint]++ % kPollsBetweenSoa == 0;
}

std::vector<TxtServer> Watched::txt_servers() const {
  std::vector<TxtServer> servers;
  for (const AuthorityAddress& authority : endpoints) {
    servers.push_back({true, authority.server.text(), authority.endpoint});
  }
  for (const probes::Resolver& resolver : setup.input.resolvers) {
    servers.push_back({false, resolver.operator_name, resolver.endpoint});
  }
  return servers;
}

}  // namespace mxswitch::monitor
