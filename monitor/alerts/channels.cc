#include "monitor/alerts/channels.h"

#include <fmt/format.h>

#include "probes/base/secrets.h"
#include "probes/smtp/smtp_dialogue.h"

namespace mxswitch::monitor {

asio::awaitable<Result<void>> Channels::deliver(std::string target, Alert alert) {
  const auto kind = kind_of_target(target);
  if (!kind) co_return tl::unexpected(kind.error());
  if (*kind == TargetKind::webhook) {
    std::string body = compose_webhook(alert);
    co_return co_await post(std::move(target), std::move(body));
  }
  std::optional<std::string> message = compose_mail(options_.from, target, alert, random_uuid());
  co_return co_await mail(std::move(target), std::move(message));
}

asio::awaitable<Result<Proof>> Channels::prove(std::string target) {
  const auto kind = kind_of_target(target);
  if (!kind) co_return tl::unexpected(kind.error());
  if (*kind == TargetKind::webhook) {
    const auto connected = co_await connect(std::move(target));
    if (!connected) co_return tl::unexpected(connected.error());
    co_return Proof::reached;
  }
  std::optional<std::string> no_message;
  const auto taken = co_await mail(std::move(target), std::move(no_message));
  if (!taken) co_return tl::unexpected(taken.error());
  co_return Proof::proved;
}

// A request that is wanted no more once its connection stands: nothing is said to the webhook.
asio::awaitable<Result<void>> Channels::connect(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.timeout = options_.timeout;
  request.still_wanted = [] { return false; };
  const auto response = co_await http_.send(std::move(request));
  const bool connected = response || response.error().fault == Fault::stale;
  if (!connected) co_return tl::unexpected(response.error());
  co_return Result<void>();
}

asio::awaitable<Result<void>> Channels::post(std::string url, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers["Content-Type"] = "application/json";
  request.body = std::move(body);
  request.timeout = options_.timeout;
  const std::string where = request.url;
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return tl::unexpected(response.error());
  if (response->status >= 200 && response->status < 300) co_return Result<void>();
  co_return fail(Fault::unavailable, fmt::format("the webhook answered {}", response->status),
                 where);
}

asio::awaitable<Result<void>> Channels::mail(std::string to, std::optional<std::string> message) {
  if (options_.smtp_address.empty()) {
    co_return fail(Fault::unavailable, "no mail server is set for alerts", to,
                   "set [alerts] smtp = \"ADDRESS:PORT\" in mxswitch.toml");
  }
  probes::SmtpRequest request;
  request.address = options_.smtp_address;
  request.port = options_.smtp_port;
  request.helo = options_.helo;
  request.mail_from = options_.from;
  request.recipients = {to};
  request.message = std::move(message);
  request.reset = true;
  request.deadline = options_.timeout;
  const bool with_message = request.message.has_value();
  const probes::SmtpOutcome outcome = co_await probes::run_smtp(loop_, std::move(request));
  if (outcome.error) co_return tl::unexpected(*outcome.error);
  const probes::RecipientOutcome& recipient = outcome.recipients.at(0);
  if (recipient.code / 100 == 2 && (!with_message || outcome.accepted())) {
    co_return Result<void>();
  }
  const bool refused = recipient.code / 100 != 2;
  co_return fail(
      Fault::unavailable,
      fmt::format("the mail server answered {} {}", refused ? recipient.code : outcome.data.code,
                  refused ? recipient.text : outcome.data.text()),
      to);
}

}  // namespace mxswitch::monitor
