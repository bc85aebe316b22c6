#include "orchestrator/relay/domain_list.h"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "orchestrator/relay/contract/domain_page.h"

namespace mxswitch::orchestrator {
namespace {

constexpr Duration kShared = seconds(1);
constexpr Duration kCount = seconds(5);  // plans are counted over so long
constexpr std::size_t kFewPlans = 8;
// A list of as many domains a plan costs what a question for the one does.
constexpr std::size_t kDomainsAPlan = 32;
constexpr std::size_t kMostPages = 1000;

}  // namespace

bool DomainList::pays(Time now) {
  if (now - counted_from_ >= kCount) {
    plans_before_ = std::exchange(plans_, 0);
    counted_from_ = now;
  }
  const std::size_t plans = std::max(++plans_, plans_before_);
  return plans > kFewPlans && length_ <= plans * kDomainsAPlan;
}

asio::awaitable<Result<RelayDomain>> DomainList::find(std::string domain, Time now, ReadPage read) {
  if (reading_) {
    co_await wait();
  } else if (now - began_at_ >= kShared) {
    co_await read_all(now, std::move(read));
  }
  co_return listed(domain);
}

Result<RelayDomain> DomainList::listed(const std::string& domain) const {
  if (!outcome_) return tl::unexpected(outcome_.error());
  for (const Page& page : pages_) {
    const auto found = page.domains.find(domain);
    if (found != page.domains.end()) return found->second;
  }
  return fail(Fault::not_found, "the node does not list the domain", domain);
}

asio::awaitable<void> DomainList::wait() {
  const auto executor = co_await asio::this_coro::executor;
  auto woken = std::make_shared<asio::steady_timer>(executor);
  woken->expires_at(asio::steady_timer::time_point::max());
  waiting_.push_back(woken);
  asio::error_code ignored;
  co_await woken->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> DomainList::read_all(Time now, ReadPage read) {
  reading_ = true;
  began_at_ = now;
  Result<void> outcome;
  std::size_t length = 0, page = 0;
  for (std::string after; outcome && page < kMostPages; ++page) {
    auto body = co_await read(after);
    outcome = body ? take(page, std::move(*body)) : tl::unexpected(body.error());
    if (!outcome) break;
    const auto& domains = pages_[page].domains;
    length += domains.size();
    if (domains.size() < kPage) break;
    after = domains.rbegin()->first;
  }
  if (outcome) {
    pages_.resize(page + 1);
    length_ = length;
  }
  outcome_ = std::move(outcome);
  reading_ = false;
  for (const auto& woken : std::exchange(waiting_, {})) woken->cancel();
}

Result<void> DomainList::take(std::size_t page, std::string body) {
  if (page >= pages_.size()) pages_.resize(page + 1);
  if (!pages_[page].body.empty() && pages_[page].body == body) return {};
  auto domains = parse_domain_page(body);
  pages_[page] = Page{};
  if (!domains) return tl::unexpected(domains.error());
  pages_[page].body = std::move(body);
  for (RelayDomain& domain : *domains) {
    std::string name = domain.domain;
    pages_[page].domains.emplace(std::move(name), std::move(domain));
  }
  return {};
}

}  // namespace mxswitch::orchestrator
