// What one node says of all its domains, read a page at a time and shared by all plans that look in
// the same moment: a thousand of them at rest are one question. Used from the loop's thread.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "orchestrator/relay/contract/contract.h"
#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

class DomainList {
 public:
  // A page from after a name on, as the node sent it; each name in it is above that one.
  using ReadPage = std::function<asio::awaitable<Result<std::string>>(std::string after)>;

  // Notes that a plan looks. True: so many do that the list costs less than a question each.
  bool pays(Time now);
  // The domain as it was listed less than a second before `now`, or as it is being listed.
  // `not_found` for one that is not; an error of the reading is that of all who wait for it.
  asio::awaitable<Result<RelayDomain>> find(std::string domain, Time now, ReadPage read);

  static constexpr int kPage = 1000;

 private:
  struct Page {
    std::string body;
    std::map<std::string, RelayDomain> domains;
  };
  asio::awaitable<void> read_all(Time now, ReadPage read);
  Result<void> take(std::size_t page, std::string body);
  asio::awaitable<void> wait();
  Result<RelayDomain> listed(const std::string& domain) const;

  std::vector<Page> pages_;  // a page that came again as it was is not parsed again
  Result<void> outcome_;
  Time began_at_{};
  bool reading_ = false;
  std::vector<std::shared_ptr<asio::steady_timer>> waiting_;
  Time counted_from_{};
  std::size_t plans_ = 0, plans_before_ = 0, length_ = 0;
};

}  // namespace mxswitch::orchestrator
