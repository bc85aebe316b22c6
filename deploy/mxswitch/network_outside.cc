#include "deploy/mxswitch/network_outside.h"

#include <fmt/format.h>

#include <charconv>

#include "deploy/mxswitch/config.h"
#include "probes/base/http_client.h"
#include "probes/dns/authority_lookup.h"
#include "probes/smtp/smtp_dialogue.h"

namespace mxswitch {
namespace {

using probes::DnsName;
using probes::RrType;

constexpr Duration kSmtpPatience = seconds(20);
constexpr Duration kImapPatience = seconds(10);
constexpr Duration kPolicyPatience = seconds(10);
constexpr std::size_t kPolicyOctets = 64u << 10;  // RFC 8461 section 3.2

struct Server {
  std::string host;  // an address or a name
  std::uint16_t port = 25;
};

// "192.0.2.1", "192.0.2.1:25", "[2001:db8::1]:25", "mail.shop.example:25": port 25 unless it says
// another.
Server smtp_server(const std::string& text) {
  if (const auto endpoint = probes::Endpoint::parse(text)) {
    const bool told = endpoint->port != 53 || text.ends_with(":53");
    return {endpoint->address.text(), told ? endpoint->port : std::uint16_t{25}};
  }
  const auto colon = text.rfind(':');
  Server server{text.substr(0, colon)};
  if (colon == text.npos) return server;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, server.port);
  // What is no port is left to the host, which then can't be resolved, and is told as it stands.
  return read.ec == std::errc() && read.ptr == end ? server : Server{text};
}

class NetworkOutside final : public orchestrator::Outside {
 public:
  NetworkOutside(asio::any_io_executor loop, probes::Transport& transport, Offload& offload,
                 OutsideOptions options)
      : loop_(std::move(loop)),
        transport_(transport),
        offload_(offload),
        http_(make_http_client(loop_)),
        options_(std::move(options)) {}

  asio::awaitable<Result<std::vector<std::string>>> addresses(std::string host) override {
    // A next hop may name an address itself.
    if (const auto literal = probes::IpAddress::parse(host)) {
      co_return std::vector<std::string>{literal->text()};
    }
    const auto name = DnsName::parse(host);
    if (!name) co_return tl::unexpected(name.error());
    const auto found = co_await probes::find_addresses(transport_, *name, options_.delegation);
    // A name that does not exist has no address: that is an answer.
    const bool nowhere = !found && found.error().fault == Fault::not_found;
    if (nowhere) co_return std::vector<std::string>();
    if (!found) co_return tl::unexpected(found.error());
    std::vector<std::string> texts;
    for (const auto& address : with_route(*found)) texts.push_back(address.text());
    co_return texts;
  }

  // A family that this host has no route of says nothing of the host; where it has no other, that
  // is to be seen.
  std::vector<probes::IpAddress> with_route(const std::vector<probes::IpAddress>& all) const {
    std::vector<probes::IpAddress> reached = all;
    const auto& has_route = options_.delegation.has_route;
    if (has_route) std::erase_if(reached, [&](const auto& one) { return !has_route(one); });
    return reached.empty() ? all : reached;
  }

  asio::awaitable<Result<std::optional<std::string>>> alias_of(std::string host) override {
    const auto records = co_await look_up(std::move(host), RrType::cname);
    if (!records) co_return tl::unexpected(records.error());
    std::optional<std::string> target;
    for (const auto& record : *records) {
      if (const auto* name = std::get_if<DnsName>(&record.data)) target = name->text();
    }
    co_return target;
  }

  asio::awaitable<Result<std::vector<std::string>>> mail_hosts(std::string domain) override {
    const auto records = co_await look_up(domain, RrType::mx);
    if (!records) co_return tl::unexpected(records.error());
    std::vector<std::string> hosts;
    for (const auto& record : *records) {
      const auto* mx = std::get_if<probes::Mx>(&record.data);
      if (mx != nullptr && !mx->exchange.is_root()) hosts.push_back(mx->exchange.text());
    }
    if (records->empty()) hosts.push_back(domain);
    co_return hosts;
  }

  asio::awaitable<Result<std::vector<std::string>>> txt(std::string name) override {
    const auto records = co_await look_up(std::move(name), RrType::txt);
    if (!records) co_return tl::unexpected(records.error());
    std::vector<std::string> texts;
    for (const auto& record : *records) {
      if (const auto* txt = std::get_if<probes::Txt>(&record.data)) texts.push_back(txt->joined());
    }
    co_return texts;
  }

  asio::awaitable<Result<bool>> has_tlsa(std::string name) override {
    const auto records = co_await look_up(std::move(name), RrType::tlsa);
    if (!records) co_return tl::unexpected(records.error());
    co_return !records->empty();
  }

  asio::awaitable<Result<std::string>> mta_sts_policy(std::string domain) override {
    HttpRequest request;
    request.url = fmt::format("https://mta-sts.{}/.well-known/mta-sts.txt", domain);
    request.timeout = kPolicyPatience;
    request.body_limit = kPolicyOctets;
    const auto response = co_await http_->send(std::move(request));
    if (!response) co_return tl::unexpected(response.error());
    if (response->status != 200) {  // no redirect is followed (RFC 8461 section 3.3)
      co_return fail(Fault::unavailable, fmt::format("it answers {}", response->status),
                     "mta-sts." + domain);
    }
    co_return response->body;
  }

  asio::awaitable<Result<void>> send_probe(std::string server, std::string recipient) override {
    auto request = co_await request_to(server, recipient);
    if (!request) co_return tl::unexpected(request.error());
    request->message = fmt::format(
        "From: mxswitch <>\nTo: <{}>\nSubject: mxswitch probe\nAuto-Submitted: auto-generated\n"
        "X-Mxswitch-Probe: {}\n\nA probe of mxswitch; nobody needs to read it.\n",
        recipient, recipient);
    probes::SmtpRequest ready = std::move(*request);
    const auto outcome = co_await probes::run_smtp(loop_, std::move(ready));
    if (outcome.error) co_return tl::unexpected(*outcome.error);
    const auto& answered = outcome.recipients.at(0);
    if (answered.code / 100 != 2) {
      co_return fail(Fault::unavailable, fmt::format("{} {}", answered.code, answered.text),
                     server);
    }
    if (outcome.accepted()) co_return Result<void>();
    co_return fail(Fault::unavailable, fmt::format("{} {}", outcome.data.code, outcome.data.text()),
                   server);
  }

  asio::awaitable<Result<std::optional<std::int64_t>>> size_limit(std::string server) override {
    const std::string nobody = "postmaster@localhost";
    auto request = co_await request_to(server, nobody);
    if (!request) co_return tl::unexpected(request.error());
    probes::SmtpRequest ready = std::move(*request);
    const auto outcome = co_await probes::run_smtp(loop_, std::move(ready));
    if (!outcome.extended && outcome.error) co_return tl::unexpected(*outcome.error);
    std::optional<std::int64_t> limit;
    if (outcome.has_size && outcome.size_limit > 0) {
      limit = static_cast<std::int64_t>(outcome.size_limit);
    }
    co_return limit;
  }

  asio::awaitable<Result<bool>> in_mailbox(std::string relay, std::string recipient) override {
    const auto mailbox = options_.probe_mailboxes.find(relay);
    if (mailbox == options_.probe_mailboxes.end()) {
      co_return fail(Fault::unavailable, "no probe mailbox is set", relay,
                     "set probe_mailbox = { imap, user, password_file } of the relay");
    }
    auto found = std::make_shared<Result<bool>>(false);
    auto work = [found, recipient, box = mailbox->second] {
      *found = probes::imap_has_message(box, "X-Mxswitch-Probe", recipient, kImapPatience);
    };
    const auto ran = co_await offload_.run(std::move(work));
    if (!ran) co_return tl::unexpected(ran.error());
    co_return *found;
  }

 private:
  asio::awaitable<Result<std::vector<probes::Record>>> look_up(std::string text, RrType type) {
    const auto name = DnsName::parse(text);
    if (!name) co_return tl::unexpected(name.error());
    co_return co_await probes::look_up_at_authorities(transport_, *name, type, options_.delegation);
  }

  // A next hop may be a host: its address is asked of the authorities, as everything here is.
  asio::awaitable<Result<probes::SmtpRequest>> request_to(std::string server,
                                                          std::string recipient) {
    const Server where = smtp_server(server);
    const std::string host = where.host;
    const auto found = co_await addresses(host);
    if (!found) co_return tl::unexpected(found.error());
    if (found->empty()) co_return fail(Fault::not_found, "the host has no address", host);
    probes::SmtpRequest request;
    request.address = found->front();
    request.port = where.port;
    request.helo = options_.helo;
    request.recipients = {recipient};
    request.deadline = kSmtpPatience;
    co_return request;
  }

  asio::any_io_executor loop_;
  probes::Transport& transport_;
  Offload& offload_;
  std::unique_ptr<HttpClient> http_;
  OutsideOptions options_;
};

}  // namespace

std::unique_ptr<orchestrator::Outside> make_network_outside(asio::any_io_executor loop,
                                                            probes::Transport& transport,
                                                            Offload& offload,
                                                            OutsideOptions options) {
  return std::make_unique<NetworkOutside>(std::move(loop), transport, offload, std::move(options));
}

}  // namespace mxswitch
