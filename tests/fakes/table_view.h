// A DNS for the SPF evaluator: answers from a table, without packets.
#pragma once

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "probes/spf/evaluate.h"

namespace mxswitch::probes::spf {

inline DnsName name(std::string_view text) { return DnsName::parse(text).value(); }
inline RecordData address(std::string_view text) { return IpAddress::parse(text).value(); }
inline RecordData text(std::string_view string) { return Txt{{std::string(string)}}; }
inline RecordData exchange(std::string_view host) { return Mx{10, name(host)}; }

// A name that is not in the table does not exist.
class TableView final : public DnsView {
 public:
  void add(const std::string& owner, RrType type, std::vector<RecordData> records) {
    table_[{owner, type}] = std::move(records);
    names_.insert(owner);
  }
  // Queries for it fail after `after`.
  void silence(const std::string& owner, RrType type, Duration after = Duration(0)) {
    silent_[{owner, type}] = after;
  }

  asio::awaitable<Lookup> lookup(std::string owner, RrType type, AskingBudget&) override {
    asked.emplace_back(owner, type);
    Lookup made;
    made.name = owner;
    made.type = type;
    const auto found = table_.find({owner, type});
    const auto silent = silent_.find({owner, type});
    if (!name_of(owner)) {
      made.outcome = Lookup::Outcome::no_name;
    } else if (silent != silent_.end()) {
      clock.advance(silent->second);
    } else if (found != table_.end()) {
      made.outcome = Lookup::Outcome::found;
      made.records = found->second;
      made.ttl = 300;
    } else {
      made.outcome =
          names_.contains(owner) ? Lookup::Outcome::no_data : Lookup::Outcome::name_error;
    }
    co_return made;
  }

  std::vector<std::pair<std::string, RrType>> asked;  // in order
  ManualClock clock{Time{}};

 private:
  std::map<std::pair<std::string, RrType>, std::vector<RecordData>> table_;
  std::map<std::pair<std::string, RrType>, Duration> silent_;
  std::set<std::string> names_;
};

inline CheckResult check(TableView& view, CheckRequest request) {
  CheckResult result;
  asio::io_context loop;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        result = co_await check_host(view, std::move(request), view.clock);
      },
      asio::detached);
  loop.run();
  return result;
}

inline CheckResult check(TableView& view, const std::string& sender = "joe@shop.example",
                         const char* ip = "192.0.2.25",
                         const std::string& helo = "mail.shop.example") {
  return check(view, {IpAddress::parse(ip).value(), sender, helo, "unknown", Time{}});
}

}  // namespace mxswitch::probes::spf
