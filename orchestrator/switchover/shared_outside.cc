#include "orchestrator/switchover/shared_outside.h"

namespace mxswitch::orchestrator {

SharedOutside::SharedOutside(asio::any_io_executor loop, const Clock& clock, Outside& outside)
    : outside_(outside),
      addresses_(loop, clock, [this](std::string host) { return outside_.addresses(host); }),
      alias_of_(loop, clock, [this](std::string host) { return outside_.alias_of(host); }),
      mail_hosts_(loop, clock, [this](std::string domain) { return outside_.mail_hosts(domain); }),
      txt_(loop, clock, [this](std::string name) { return outside_.txt(name); }),
      has_tlsa_(loop, clock, [this](std::string name) { return outside_.has_tlsa(name); }),
      size_limit_(loop, clock, [this](std::string server) { return outside_.size_limit(server); }) {
}

asio::awaitable<Result<std::vector<std::string>>> SharedOutside::addresses(std::string host) {
  return addresses_.about(std::move(host));
}

asio::awaitable<Result<std::optional<std::string>>> SharedOutside::alias_of(std::string host) {
  return alias_of_.about(std::move(host));
}

asio::awaitable<Result<std::vector<std::string>>> SharedOutside::mail_hosts(std::string domain) {
  return mail_hosts_.about(std::move(domain));
}

asio::awaitable<Result<std::vector<std::string>>> SharedOutside::txt(std::string name) {
  return txt_.about(std::move(name));
}

asio::awaitable<Result<bool>> SharedOutside::has_tlsa(std::string name) {
  return has_tlsa_.about(std::move(name));
}

asio::awaitable<Result<std::string>> SharedOutside::mta_sts_policy(std::string domain) {
  return outside_.mta_sts_policy(std::move(domain));
}

asio::awaitable<Result<void>> SharedOutside::send_probe(std::string server, std::string recipient) {
  return outside_.send_probe(std::move(server), std::move(recipient));
}

asio::awaitable<Result<std::optional<std::int64_t>>> SharedOutside::size_limit(std::string server) {
  return size_limit_.about(std::move(server));
}

asio::awaitable<Result<bool>> SharedOutside::in_mailbox(std::string relay, std::string recipient) {
  return outside_.in_mailbox(std::move(relay), std::move(recipient));
}

}  // namespace mxswitch::orchestrator
