#include "monitor/alerts/sender.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

namespace mxswitch::monitor {
namespace {

constexpr int kBatch = 20;
// Also bounds how late a row is seen that nobody announced by wake().
constexpr Duration kLongestPause = seconds(2);

struct Tested {
  std::string domain, target;
};

// Contacts that a person has seen at least one message at, and that were not tried lately.
std::vector<Tested> contacts_to_test(Transaction& transaction, Time before) {
  std::vector<Tested> contacts;
  for (const Row& row :
       transaction.query("SELECT domain, target FROM contacts WHERE acknowledged_at NOT NULL AND "
                         "coalesce(last_delivery_at, 0) <= ? LIMIT 100",
                         {before.time_since_epoch().count()})) {
    contacts.push_back({row.text(0), row.text(1)});
  }
  return contacts;
}

std::optional<std::string> error_text(const Result<void>& result) {
  if (result) return std::nullopt;
  return result.error().text();
}

}  // namespace

struct AlertSender::Impl : std::enable_shared_from_this<AlertSender::Impl> {
  Impl(asio::any_io_executor executor, const Clock& the_clock, Database& the_database,
       Channels& the_channels, Duration pause)
      : loop(std::move(executor)),
        clock(the_clock),
        database(the_database),
        channels(the_channels),
        test_every(pause),
        timer(loop) {}

  asio::awaitable<void> run() {
    const auto self = shared_from_this();
    while (!stopped) {
      co_await send_due();
      if (!stopped) co_await test_contacts();
      if (stopped) co_return;
      timer.expires_after(std::min(test_every, kLongestPause));
      std::error_code woken;
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
  }

  asio::awaitable<void> send_due() {
    const Time now = clock.now();
    auto read = [now](Transaction& transaction) { return due_alerts(transaction, now, kBatch); };
    const auto rows = co_await database.transact(std::move(read));
    if (!rows) co_return;
    for (const OutboxRow& row : *rows) {
      if (stopped) co_return;
      const auto sent = co_await channels.deliver(row.target, row.alert);
      co_await note_sent(row, error_text(sent));
    }
  }

  asio::awaitable<void> note_sent(OutboxRow row, std::optional<std::string> error) {
    const Time now = clock.now();
    auto note = [row, error, now](Transaction& transaction) {
      if (error) {
        mark_failed(transaction, row.id, *error, now);
      } else {
        mark_delivered(transaction, row.id, now);
      }
      record_delivery(transaction, row.alert.domain, row.target, error, now);
    };
    co_await database.transact(std::move(note));
  }

  asio::awaitable<void> test_contacts() {
    const Time before = clock.now() - test_every;
    auto read = [before](Transaction& transaction) {
      return contacts_to_test(transaction, before);
    };
    const auto contacts = co_await database.transact(std::move(read));
    if (!contacts) co_return;
    for (const Tested& contact : *contacts) {
      if (stopped) co_return;
      const auto reached = co_await channels.probe(contact.target, contact.domain, clock.now());
      const auto error = error_text(reached);
      const Time now = clock.now();
      auto note = [contact, error, now](Transaction& transaction) {
        record_delivery(transaction, contact.domain, contact.target, error, now);
      };
      co_await database.transact(std::move(note));
    }
  }

  asio::any_io_executor loop;
  const Clock& clock;
  Database& database;
  Channels& channels;
  Duration test_every;
  asio::steady_timer timer;
  bool stopped = false;
};

AlertSender::AlertSender(asio::any_io_executor loop, const Clock& clock, Database& database,
                         Channels& channels, Duration test_every)
    : impl_(std::make_shared<Impl>(std::move(loop), clock, database, channels, test_every)) {}

AlertSender::~AlertSender() { stop(); }

void AlertSender::start() { asio::co_spawn(impl_->loop, impl_->run(), asio::detached); }

void AlertSender::wake() { impl_->timer.cancel(); }

void AlertSender::stop() {
  impl_->stopped = true;
  impl_->timer.cancel();
}

}  // namespace mxswitch::monitor
