#include "monitor/alerts/sender.h"

#include <fmt/format.h>

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

// A channel that can only be reached without a message gets one when it had none for this long.
constexpr std::chrono::hours kMessageEvery{7 * 24};

// One of the domains that name the target, for the words of a message.
struct Tested {
  std::string domain, target;
  Time message_at{};  // the last one that was tried
};

// Targets that a person has seen at least one message at, and that were not proved lately: by a
// message, or without one.
std::vector<Tested> contacts_to_test(Transaction& transaction, Time before) {
  std::vector<Tested> contacts;
  for (const Row& row : transaction.query(
           "SELECT min(domain), target, max(coalesce(last_delivery_at, 0)) FROM contacts "
           "GROUP BY target HAVING max(acknowledged_at) NOT NULL AND "
           "max(max(coalesce(last_delivery_at, 0), coalesce(reached_at, 0))) <= ? LIMIT 100",
           {before.time_since_epoch().count()})) {
    contacts.push_back({row.text(0), row.text(1), Time(Duration(row.integer(2)))});
  }
  return contacts;
}

Alert weekly_alert(const std::string& domain, Time now) {
  return {domain, "contact-probe",
          fmt::format("{}: mxswitch still reaches you here; nothing is to be done", domain),
          "Sent when no other alert was for 7 days, since this kind of channel can't be proved "
          "without a message.",
          now};
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
      co_await test(contact);
    }
  }

  asio::awaitable<void> test(Tested contact) {
    const auto proof = co_await channels.prove(contact.target);
    const bool proves = !proof || *proof == Proof::proved;
    const bool message_due = !proves && clock.now() - contact.message_at >= kMessageEvery;
    std::optional<std::string> error;
    if (!proof) error = proof.error().text();
    if (message_due) {
      const Alert alert = weekly_alert(contact.domain, clock.now());
      const auto sent = co_await channels.deliver(contact.target, alert);
      error = error_text(sent);
    }
    const Time now = clock.now();
    const bool reached_only = !message_due && kind_of_target(contact.target) == TargetKind::webhook;
    auto note = [contact, error, now, reached_only](Transaction& transaction) {
      if (reached_only) {
        record_reach(transaction, contact.domain, contact.target, error, now);
      } else {
        record_delivery(transaction, contact.domain, contact.target, error, now);
      }
    };
    co_await database.transact(std::move(note));
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
