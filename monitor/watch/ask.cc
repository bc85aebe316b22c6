#include "monitor/watch/ask.h"

#include <algorithm>

#include "monitor/watch/mx_answer.h"
#include "monitor/watch/rrset_text.h"

namespace mxswitch::monitor {
namespace {

using probes::Answer;
using probes::Query;
using probes::Question;
using probes::Rcode;
using probes::Reply;
using probes::RrType;
using probes::Transport;

constexpr const char* kLame = "answers without authority (AA)";

const probes::Record* find_soa(const std::vector<probes::Record>& section) {
  const auto found = std::find_if(section.begin(), section.end(),
                                  [](const auto& record) { return record.type == RrType::soa; });
  return found == section.end() ? nullptr : &*found;
}

// How long a negative answer may be kept (RFC 2308 section 5).
std::uint32_t negative_ttl(const Answer& answer) {
  const auto* record = find_soa(answer.authority);
  if (record == nullptr) return 0;
  const auto* soa = std::get_if<probes::Soa>(&record->data);
  return soa == nullptr ? 0 : std::min(record->ttl, soa->minimum);
}

template <class Sample>
void fill_mx(Sample& sample, const Reply& reply, const Question& question,
             Outcome (*outcome)(const Result<Answer>&, bool has_records)) {
  sample.sent_at = reply.sent_at;
  sample.received_at = reply.received_at;
  MxAnswer mx;
  if (reply.answer) {
    mx = read_mx(*reply.answer, question);
    sample.nsid = reply.answer->nsid;
  }
  sample.outcome = outcome(reply.answer, !mx.set.empty());
  sample.failure = failure_of(reply.answer, sample.outcome);
  sample.set = std::move(mx.set);
  sample.ttl = mx.ttl;
  sample.through_cname = mx.through_cname;
  const bool negative = sample.outcome == Outcome::no_data || sample.outcome == Outcome::nxdomain;
  if (negative) sample.ttl = negative_ttl(*reply.answer);
}

void fill_soa(AuthoritySample& sample, const std::vector<probes::Record>& section) {
  const auto* record = find_soa(section);
  if (record == nullptr) return;
  if (const auto* soa = std::get_if<probes::Soa>(&record->data)) {
    sample.serial = soa->serial;
    sample.soa_refresh = soa->refresh;
    sample.soa_retry = soa->retry;
    sample.soa_expire = soa->expire;
  }
}

// One poll: two tries by UDP and one by TCP (PROPAGATION.md 2 A). Only silence is tried again.
asio::awaitable<Reply> poll(Transport& transport, Query query) {
  Reply reply = co_await transport.ask(query);
  for (int attempt = 1; attempt < 3 && !reply.answer; ++attempt) {
    query.tcp = attempt == 2;
    reply = co_await transport.ask(query);
  }
  co_return reply;
}

bool marks_bogus(const Answer& answer) {
  return std::any_of(answer.extended_errors.begin(), answer.extended_errors.end(),
                     [](const auto& e) { return (e.code >= 6 && e.code <= 12) || e.code == 22; });
}

bool marks_filter(const Answer& answer) {
  return std::any_of(answer.extended_errors.begin(), answer.extended_errors.end(),
                     [](const auto& e) { return e.code >= 15 && e.code <= 17; });
}

}  // namespace

asio::awaitable<AuthoritySample> ask_authority(Transport& transport, AuthorityAsk ask) {
  AuthoritySample sample;
  sample.owner = ask.owner;
  sample.server = ask.server;
  sample.endpoint = ask.endpoint;

  Query query;
  query.server = ask.endpoint;
  query.question = Question{ask.owner, RrType::mx};
  query.flags.recursion_desired = false;
  query.flags.nsid = true;  // the sites of an anycast address are many servers
  query.flags.dnssec_ok = ask.with_signatures;
  query.deadline = ask.deadline;
  const Reply reply = co_await poll(transport, query);
  fill_mx(sample, reply, query.question, outcome_of);
  if (!reply.answer) co_return sample;
  sample.authoritative = reply.answer->aa;
  if (!sample.authoritative && sample.failure.empty()) sample.failure = kLame;
  sample.signatures_asked = ask.with_signatures;
  if (ask.with_signatures)
    sample.signature = probes::signature_over(*reply.answer, query.question, reply.received_at);
  fill_soa(sample, reply.answer->authority);

  if (ask.with_soa && !sample.serial) {
    query.flags.dnssec_ok = false;
    query.question.type = RrType::soa;
    const Reply soa = co_await transport.ask(query);
    if (soa.answer) {
      fill_soa(sample, soa.answer->answer);
      if (!sample.serial) fill_soa(sample, soa.answer->authority);
    }
  }
  co_return sample;
}

asio::awaitable<CompanionSample> ask_companion(Transport& transport, CompanionAsk ask) {
  CompanionSample sample;
  sample.name = ask.name;
  sample.type = ask.type;
  sample.server = ask.server;
  sample.endpoint = ask.endpoint;

  Query query;
  query.server = ask.endpoint;
  query.question = Question{ask.name, ask.type};
  query.flags.recursion_desired = false;
  query.deadline = ask.deadline;
  const Reply reply = co_await poll(transport, query);
  sample.sent_at = reply.sent_at;
  sample.received_at = reply.received_at;
  if (!reply.answer) {
    sample.outcome = outcome_of(reply.answer, false);
    sample.failure = failure_of(reply.answer, sample.outcome);
    co_return sample;
  }
  RrsetText found = rrset_text(*reply.answer, query.question);
  sample.authoritative = reply.answer->aa;
  sample.outcome = outcome_of(reply.answer, !found.data.empty());
  sample.failure = failure_of(reply.answer, sample.outcome);
  if (!sample.authoritative && sample.failure.empty()) sample.failure = kLame;
  sample.aliased = found.aliased;
  sample.data = std::move(found.data);
  sample.ttl = sample.outcome == Outcome::answered ? found.ttl : negative_ttl(*reply.answer);
  co_return sample;
}

asio::awaitable<ResolverSample> ask_resolver(Transport& transport, DnsName owner, Endpoint resolver,
                                             Duration deadline, bool sparing) {
  ResolverSample sample;
  sample.owner = owner;
  sample.resolver = resolver;

  Query query;
  query.server = resolver;
  query.question = Question{owner, RrType::mx};
  query.flags.authentic_data = true;
  query.flags.nsid = true;  // a resolver's address hides many caches
  query.deadline = deadline;
  const Reply reply = co_await transport.ask(query);
  fill_mx(sample, reply, query.question, resolver_outcome_of);
  if (!reply.answer) co_return sample;
  sample.authenticated = reply.answer->ad;
  sample.stale_marked = marks_stale(*reply.answer);
  sample.bogus_marked = marks_bogus(*reply.answer);
  sample.filter_marked = marks_filter(*reply.answer);

  if (sample.outcome == Outcome::servfail && !sample.bogus_marked && !sparing) {
    query.flags.checking_disabled = true;
    const Reply unchecked = co_await transport.ask(query);
    sample.bogus_marked = unchecked.answer && unchecked.answer->rcode == Rcode::noerror;
  }
  co_return sample;
}

namespace {

// The TTL is the least of the chain: the whole answer holds for no longer.
void read_texts(TxtSample& sample, const Answer& answer, const Question& question) {
  const auto chained = probes::follow_chain(answer.answer, question);
  sample.ttl = UINT32_MAX;
  for (const auto& link : chained.links) sample.ttl = std::min(sample.ttl, link.ttl);
  for (const auto& record : chained.records) {
    sample.ttl = std::min(sample.ttl, record.ttl);
    if (const auto* txt = std::get_if<probes::Txt>(&record.data))
      sample.texts.push_back(txt->joined());
  }
  if (sample.texts.empty()) sample.ttl = 0;
}

}  // namespace

asio::awaitable<TxtSample> ask_txt(Transport& transport, TxtAsk ask) {
  TxtSample sample;
  sample.name = ask.owner;
  sample.from_authority = ask.from_authority;
  sample.server = ask.server;
  sample.endpoint = ask.endpoint;

  Query query;
  query.server = ask.endpoint;
  query.question = Question{ask.owner, RrType::txt};
  query.flags.recursion_desired = !ask.from_authority;
  query.deadline = ask.deadline;
  const Reply reply = co_await transport.ask(query);
  sample.received_at = reply.received_at;
  if (reply.answer && !speaks(*reply.answer, ask.from_authority)) {
    // A lame server's NOERROR says no more than a refusal.
    const Rcode rcode = reply.answer->rcode;
    const bool lame = rcode == Rcode::noerror || rcode == Rcode::nxdomain;
    sample.outcome = lame ? Outcome::refused : outcome_of(reply.answer, false);
    co_return sample;
  }
  if (reply.answer) read_texts(sample, *reply.answer, query.question);
  sample.outcome = outcome_of(reply.answer, !sample.texts.empty());
  if (reply.answer && sample.texts.empty()) sample.ttl = negative_ttl(*reply.answer);
  co_return sample;
}

asio::awaitable<ControlSample> ask_control(Transport& transport, Endpoint resolver,
                                           std::string random_label, Duration deadline) {
  ControlSample sample;
  sample.resolver = resolver;

  Query query;
  query.server = resolver;
  query.question.type = RrType::soa;  // of the root
  query.deadline = deadline;
  const Reply root = co_await transport.ask(query);
  sample.sent_at = root.sent_at;
  sample.received_at = root.received_at;
  const bool noerror = root.answer && root.answer->rcode == Rcode::noerror;
  sample.root_answered = noerror && speaks(*root.answer, false);
  if (!sample.root_answered)
    sample.failure = failure_of(root.answer, resolver_outcome_of(root.answer, false));
  sample.root_only = random_label.empty();
  if (!sample.root_answered || random_label.empty()) co_return sample;

  const auto nowhere = DnsName::parse(random_label + ".com");
  if (!nowhere) co_return sample;
  query.question = Question{*nowhere, RrType::a};
  const Reply reply = co_await transport.ask(query);
  sample.received_at = reply.received_at;
  // Only an answer can be a lie: a time-out or SERVFAIL is a failure of another kind.
  sample.lies =
      reply.answer && reply.answer->rcode == Rcode::noerror && speaks(*reply.answer, false);
  co_return sample;
}

}  // namespace mxswitch::monitor
