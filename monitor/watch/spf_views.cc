#include "monitor/watch/spf_views.h"

#include <algorithm>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

namespace mxswitch::monitor {
namespace {

using probes::Reply;
using probes::spf::AskingBudget;
using probes::spf::DnsView;
using probes::spf::Lookup;

constexpr Duration kResolverDeadline = seconds(6);
constexpr Duration kAuthorityDeadline = seconds(3);
constexpr Duration kAuthorityMemory = seconds(60);  // no cache stands between: soon forgotten
constexpr Duration kDelegationsKept = seconds(300);

std::string folded(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

}  // namespace

asio::awaitable<probes::Reply> PacedTransport::ask(probes::Query query) {
  const Time now = clock_.now();
  if (pacer_.delay(query.server, rate_, now) >= query.patience) {
    Reply reply;
    reply.answer = fail(Fault::unavailable, "its turn comes too late", query.server.text());
    co_return reply;
  }
  const Duration wait = pacer_.reserve(query.server, rate_, now) - now;
  if (wait > Duration(0)) {
    asio::steady_timer turn(loop_, wait);
    co_await turn.async_wait(asio::use_awaitable);
    query.deadline = std::min(query.deadline, query.patience - wait);
  }
  co_return co_await below_.ask(std::move(query));
}

asio::awaitable<Lookup> MemoView::lookup(std::string name, probes::RrType type,
                                         AskingBudget& budget) {
  const std::pair key{folded(name), type};
  const Time now = clock_.now();
  if (const auto known = kept_.find(key); known != kept_.end() && now < known->second.until) {
    Lookup again = known->second.lookup;
    const auto age = std::chrono::duration_cast<seconds>(now - known->second.at).count();
    again.ttl -= std::min(again.ttl, static_cast<std::uint32_t>(age));
    co_return again;
  }
  const Lookup made = co_await below_->lookup(std::move(name), type, budget);
  // That it was cut short says nothing about the name.
  if (made.outcome == Lookup::Outcome::failed && budget.used_up()) co_return made;
  const Time then = clock_.now();
  const bool found = made.outcome == Lookup::Outcome::found;
  const Duration life =
      found ? std::clamp<Duration>(seconds(made.ttl), kShortMemory, most_) : kShortMemory;
  if (kept_.size() >= kMostRemembered)
    std::erase_if(kept_, [&](const auto& one) { return one.second.until <= then; });
  if (kept_.size() < kMostRemembered) kept_[key] = {made, then, then + life};
  co_return made;
}

std::shared_ptr<DnsView> SpfViews::resolver(const Endpoint& endpoint, bool isp) {
  std::shared_ptr<MemoView>& known = resolvers_[endpoint];
  if (!known)
    known = std::make_shared<MemoView>(
        probes::spf::resolver_view(paced(isp), endpoint, kResolverDeadline), clock_,
        Duration(std::chrono::hours(24)));
  return known;
}

std::shared_ptr<DnsView> SpfViews::authorities() {
  const Time now = clock_.now();
  if (!authorities_ || now - authorities_made_at_ >= kDelegationsKept) {
    authorities_ = std::make_shared<MemoView>(
        probes::spf::authority_view(paced_authorities(), delegation_, kAuthorityDeadline), clock_,
        kAuthorityMemory);
    authorities_made_at_ = now;
  }
  return authorities_;
}

probes::Transport& SpfViews::paced(bool isp) {
  std::shared_ptr<PacedTransport>& known = isp ? isp_ : public_;
  if (!known) known = paced_at(isp ? rates_.isp : rates_.resolver);
  return *known;
}

probes::Transport& SpfViews::paced_authorities() {
  if (!authority_) authority_ = paced_at(rates_.authority);
  return *authority_;
}

std::shared_ptr<PacedTransport> SpfViews::paced_at(const probes::Rate& rate) {
  return std::make_shared<PacedTransport>(loop_, clock_, transport_, pacer_, rate);
}

}  // namespace mxswitch::monitor
