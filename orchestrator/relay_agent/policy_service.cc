#include "orchestrator/relay_agent/policy_service.h"

#include <algorithm>

#include "orchestrator/relay_agent/netstring.h"
#include "orchestrator/roster/address.h"
#include "probes/base/secrets.h"

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kMessagesLimit = 10000;
constexpr std::size_t kRecipientsLimit = 1000;
constexpr auto kMessageLifetime = std::chrono::hours(1);
constexpr int kAskingLimit = 20;
constexpr std::string_view kPass = "DUNNO";

bool is_refusal(int code) { return code >= 500 && code < 600; }
bool is_acceptance(int code) { return code >= 200 && code < 300; }

// The reply of another server becomes part of ours: one printable line.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, 200));
  std::ranges::replace_if(
      out, [](char c) { return c < ' ' || c > '~'; }, ' ');
  return out;
}

// Postfix gives recipients without their quotes. What still has them is one name to every server
// that gets it in quotes, so the table of recipients says whether it is known.
bool is_quoted(std::string_view local_part) {
  return local_part.size() > 1 && local_part.front() == '"' && local_part.back() == '"';
}

}  // namespace

PolicyService::PolicyService(Registry& registry, ProbeBoard& probes, FlowCollector& flow,
                             MailTrail& trail, const Clock& clock, AskOldServer ask)
    : registry_(registry),
      probes_(probes),
      flow_(flow),
      trail_(trail),
      clock_(clock),
      ask_(std::move(ask)) {}

asio::awaitable<std::string> PolicyService::answer(Request request) {
  std::string action{kPass};
  if (request.state == "RCPT") {
    action = co_await on_recipient(std::move(request));
  } else if (request.state == "END-OF-MESSAGE") {
    on_end(request);
  }
  co_return to_policy_reply(action);
}

void PolicyService::remember(const PolicyRequest& request) {
  const Time now = clock_.now();
  if (messages_.size() >= kMessagesLimit) {
    std::erase_if(messages_, [&](const auto& m) { return now > m.second.at + kMessageLifetime; });
    // Transactions that were begun and left must not crowd out one that is under way.
    const auto by_age = [](const auto& message) { return message.second.at; };
    if (messages_.size() >= kMessagesLimit) {
      messages_.erase(std::ranges::min_element(messages_, {}, by_age));
    }
  }
  auto& message = messages_[request.instance];
  message.at = now;
  if (message.recipients.size() < kRecipientsLimit) {
    message.recipients.push_back(lower_case(request.recipient));
  }
}

asio::awaitable<std::string> PolicyService::on_recipient(PolicyRequest request) {
  const auto address = split_address(request.recipient);
  if (!address) co_return std::string(kPass);
  const Time now = clock_.now();
  const auto domain = registry_.state()->routed(address->domain, now);
  if (!domain) co_return std::string(kPass);
  const std::string action = co_await judge(request, *address, *domain);
  const std::string local_part = lower_case(address->local_part);
  const auto token = probes_.kind(local_part, address->domain, now);
  // What the table of recipients says is Postfix's next question.
  const bool taken =
      action == kPass && answer_recipient(*domain, local_part, token).status == LookupStatus::ok;
  if (taken) {
    remember(request);
  } else {
    flow_.rejected(domain->name, now);
  }
  co_return action;
}

asio::awaitable<std::string> PolicyService::judge(PolicyRequest request, AddressKey address,
                                                  RoutedDomain domain) {
  const std::string local_part = lower_case(address.local_part);
  const auto token = probes_.kind(local_part, address.domain, clock_.now());
  if (!domain.withheld && !is_quoted(local_part) && is_route(domain, local_part)) {
    co_return "554 5.7.1 <" + printable(request.recipient) + ">: Relay access denied";
  }
  if (domain.mode == Mode::hold && token == TokenKind::none) {
    // Postfix by itself would say 450: it sees the transport `retry` before the recipient table.
    co_return "451 4.3.0 <" + printable(request.recipient) + ">: mail for " + domain.name +
        " is on hold";
  }
  if (defers_unknown(domain, local_part, token)) {
    co_return "450 4.1.1 <" + printable(request.recipient) +
        ">: not known here yet, try again later";
  }
  const bool to_old = domain.mode == Mode::forward && domain.forward && !domain.withheld &&
                      token == TokenKind::none && !is_always_accepted(local_part);
  if (!to_old) co_return std::string(kPass);
  const auto state = registry_.state();
  const auto* kept = state->find(address.domain);
  if (!kept) co_return std::string(kPass);
  verdicts_.enter(domain.name, kept->record.row.generation);
  const std::string whole = local_part + "@" + address.domain;
  co_return co_await judge_by_old_server(domain, whole);
}

asio::awaitable<std::string> PolicyService::judge_by_old_server(RoutedDomain domain,
                                                                std::string address) {
  Time now = clock_.now();
  auto verdict = verdicts_.find(domain.name, address, now);
  const auto catch_all = verdicts_.is_catch_all(domain.name, now);
  if (!verdict && catch_all != true && asking_ < kAskingLimit) {
    std::vector<std::string> asked{address};
    // A server that takes a name nobody could have is not asked again.
    if (!catch_all) asked.push_back("mxswitch-" + random_hex(8) + "@" + domain.name);
    ++asking_;
    const auto replies = co_await ask_(*domain.forward, asked);
    --asking_;
    note_replies(domain, asked, replies);
    now = clock_.now();
    verdict = verdicts_.find(domain.name, address, now);
  }
  if (!verdict || !verdict->refused) co_return std::string(kPass);
  flow_.old_rejected(domain.name, address, now);
  co_return "550 5.1.1 <" + printable(address) +
      ">: refused by its server: " + printable(verdict->reply);
}

void PolicyService::note_replies(const RoutedDomain& domain, const std::vector<std::string>& asked,
                                 const std::vector<OldServerReply>& replies) {
  const Time now = clock_.now();
  if (replies.empty()) return;
  const OldServerReply& first = replies[0];
  if (is_refusal(first.code) || is_acceptance(first.code)) {
    verdicts_.note(domain.name, asked[0], is_refusal(first.code), first.text, now);
  }
  if (asked.size() < 2 || replies.size() < 2) return;
  const int random_code = replies[1].code;
  if (is_refusal(random_code) || is_acceptance(random_code)) {
    verdicts_.note_catch_all(domain.name, is_acceptance(random_code), now);
  }
}

void PolicyService::on_end(const PolicyRequest& request) {
  const auto found = messages_.find(request.instance);
  if (found == messages_.end()) return;
  auto recipients = std::move(found->second.recipients);
  messages_.erase(found);
  note(trail_.complete(request.queue_id, std::move(recipients), clock_.now()));
}

void PolicyService::read_log_line(std::string_view line) {
  if (auto read = parse_log_line(line)) note(trail_.read(std::move(*read), clock_.now()));
}

void PolicyService::note(const TrailProof& proof) {
  for (const auto& recipients : proof.accepted) note_accepted(recipients);
  for (const auto& event : proof.deliveries) note_delivery(event);
}

void PolicyService::note_accepted(const std::vector<std::string>& recipients) {
  const Time now = clock_.now();
  std::set<std::string> domains;
  for (const auto& recipient : recipients) {
    const auto address = split_address(recipient);
    if (!address) continue;
    if (probes_.kind(address->local_part, address->domain, now) != TokenKind::none) {
      probes_.note_accepted(address->local_part, now);
      continue;
    }
    domains.insert(address->domain);
    flow_.addressed(address->domain, recipient, now);
  }
  for (const auto& domain : domains) flow_.accepted(domain, now);
}

void PolicyService::note_delivery(const LogEvent& event) {
  const Time now = clock_.now();
  probes_.note_log(event, now);
  const auto key = split_address(event.recipient);
  if (key && probes_.kind(key->local_part, key->domain, now) != TokenKind::none) return;
  flow_.logged(event, *registry_.state(), now);
  note_verdict(event);
}

void PolicyService::note_verdict(const LogEvent& event) {
  const auto address = split_address(event.recipient);
  const auto state = registry_.state();
  const DomainState* domain = address ? state->find(address->domain) : nullptr;
  if (!domain || delivered_to(event, *domain) != DeliveredTo::old_server) return;
  // A message refused for what it holds says nothing of its recipient.
  const bool no_such_user = event.status == LogStatus::bounced && event.dsn == "5.1.1";
  if (event.status != LogStatus::sent && !no_such_user) return;
  verdicts_.enter(address->domain, domain->record.row.generation);
  verdicts_.note(address->domain, event.recipient, no_such_user, event.reply, clock_.now());
}

}  // namespace mxswitch::orchestrator
