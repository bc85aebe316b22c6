#include "probes/dns/transport.h"

#include "probes/dns/exchange.h"

namespace mxswitch::probes {
namespace {

class CaresTransport final : public NetworkTransport {
 public:
  CaresTransport(asio::any_io_executor loop, const Clock& clock,
                 std::unique_ptr<Datagrams> datagrams)
      : exchange_(Exchange::make(std::move(loop), clock, std::move(datagrams))) {}
  ~CaresTransport() override { exchange_->stop(); }

  // The coroutine holds the exchange, never this object, which may go first.
  asio::awaitable<Reply> ask(Query query) override {
    return ask_by_attempts(exchange_, std::move(query));
  }
  TransportCounters counters() const override { return exchange_->counters(); }
  void cancel_all() override { exchange_->cancel_all(); }

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace

std::unique_ptr<NetworkTransport> make_transport(asio::any_io_executor loop, const Clock& clock,
                                                 std::unique_ptr<Datagrams> datagrams) {
  return std::make_unique<CaresTransport>(std::move(loop), clock, std::move(datagrams));
}

std::unique_ptr<NetworkTransport> make_transport(asio::any_io_executor loop, const Clock& clock,
                                                 TransportOptions options) {
  auto datagrams = make_udp_datagrams(loop, options.udp_sockets);
  return make_transport(std::move(loop), clock, std::move(datagrams));
}

}  // namespace mxswitch::probes
