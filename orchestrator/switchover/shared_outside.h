// Plans of one operator ask the same of the world: the addresses of their exchanges, what a server
// announces, where a contact lives. Whoever asks while the same is being asked, or was answered
// some seconds ago, shares that answer. A failure is shared by those who waited for it alone.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "orchestrator/switchover/outside.h"
#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

// Far below the validity of every gate that rests on such an answer.
inline constexpr Duration kAnswerShared = seconds(10);

template <class T>
class SharedAnswer {
 public:
  using Ask = std::function<asio::awaitable<Result<T>>(std::string about)>;
  SharedAnswer(asio::any_io_executor loop, const Clock& clock, Ask ask)
      : loop_(std::move(loop)), clock_(clock), ask_(std::move(ask)) {}

  asio::awaitable<Result<T>> about(std::string what) {
    forget_old();
    std::shared_ptr<Entry>& known = entries_[what];
    if (known && known->answer && *known->answer) co_return *known->answer;
    if (!known) known = std::make_shared<Entry>();
    const std::shared_ptr<Entry> entry = known;
    if (entry->asking) {
      co_await join(*entry);
    } else {
      entry->asking = true;
      auto answer = co_await ask_(what);
      entry->asking = false;
      entry->answered_at = clock_.now();
      entry->answer = std::make_unique<Result<T>>(std::move(answer));
      for (const auto& woken : std::exchange(entry->waiting, {})) woken->cancel();
    }
    co_return *entry->answer;
  }

 private:
  struct Entry {
    std::unique_ptr<Result<T>> answer;
    Time answered_at{};
    bool asking = false;
    std::vector<std::shared_ptr<asio::steady_timer>> waiting;
  };

  asio::awaitable<void> join(Entry& entry) {
    auto woken = std::make_shared<asio::steady_timer>(loop_);
    woken->expires_at(asio::steady_timer::time_point::max());
    entry.waiting.push_back(woken);
    asio::error_code ignored;
    co_await woken->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  void forget_old() {
    const Time now = clock_.now();
    std::erase_if(entries_, [&](const auto& one) {
      const Entry& entry = *one.second;
      return !entry.asking && (!*entry.answer || now - entry.answered_at >= kAnswerShared);
    });
  }

  asio::any_io_executor loop_;
  const Clock& clock_;
  Ask ask_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
};

class SharedOutside final : public Outside {
 public:
  // The references must outlive it.
  SharedOutside(asio::any_io_executor loop, const Clock& clock, Outside& outside);

  asio::awaitable<Result<std::vector<std::string>>> addresses(std::string host) override;
  asio::awaitable<Result<std::optional<std::string>>> alias_of(std::string host) override;
  asio::awaitable<Result<std::vector<std::string>>> mail_hosts(std::string domain) override;
  asio::awaitable<Result<std::vector<std::string>>> txt(std::string name) override;
  asio::awaitable<Result<bool>> has_tlsa(std::string name) override;
  asio::awaitable<Result<std::string>> mta_sts_policy(std::string domain) override;
  asio::awaitable<Result<void>> send_probe(std::string server, std::string recipient) override;
  asio::awaitable<Result<std::optional<std::int64_t>>> size_limit(std::string server) override;
  asio::awaitable<Result<bool>> in_mailbox(std::string relay, std::string recipient) override;

 private:
  Outside& outside_;
  SharedAnswer<std::vector<std::string>> addresses_;
  SharedAnswer<std::optional<std::string>> alias_of_;
  SharedAnswer<std::vector<std::string>> mail_hosts_;
  SharedAnswer<std::vector<std::string>> txt_;
  SharedAnswer<bool> has_tlsa_;
  SharedAnswer<std::optional<std::int64_t>> size_limit_;
};

}  // namespace mxswitch::orchestrator
