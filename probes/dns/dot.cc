#include "probes/dns/dot.h"

#include <algorithm>
#include <array>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "probes/dns/query_bytes.h"
#include "probes/dns/random_pool.h"

namespace mxswitch::probes {
namespace {

using asio::ip::tcp;
using Bytes = std::vector<std::uint8_t>;

asio::ip::address to_asio(const IpAddress& address) {
  const auto& octets = address.bytes();
  if (address.is_v6()) return asio::ip::address_v6(octets);
  const asio::ip::address_v4::bytes_type v4{octets[0], octets[1], octets[2], octets[3]};
  return asio::ip::address_v4(v4);
}

// Closes itself when its time is over, which ends whatever waits for it.
struct Connection : std::enable_shared_from_this<Connection> {
  Connection(const asio::any_io_executor& loop, asio::ssl::context& tls)
      : stream(loop, tls), timer(loop) {}

  void close_after(Duration time) {
    timer.expires_after(time);
    timer.async_wait([weak = weak_from_this()](const std::error_code& cancelled) {
      const auto self = weak.lock();
      if (!self || cancelled) return;
      self->expired = true;
      self->close();
    });
  }
  void close() {
    std::error_code ignored;
    stream.lowest_layer().close(ignored);
  }

  asio::ssl::stream<tcp::socket> stream;
  asio::steady_timer timer;
  bool expired = false;
};

// The name is sent, so that a server of many names shows the right certificate, and must be in it.
bool expect_name(SSL* tls, const std::string& name) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(tls);
  if (IpAddress::parse(name)) return X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size()) == 1 &&
         SSL_set_tlsext_host_name(tls, name.c_str()) == 1;
}

std::shared_ptr<Connection> open(const asio::any_io_executor& loop, asio::ssl::context& tls,
                                 const std::string& name) {
  try {
    auto connection = std::make_shared<Connection>(loop, tls);
    connection->stream.set_verify_mode(asio::ssl::verify_peer);
    if (!name.empty() && expect_name(connection->stream.native_handle(), name)) return connection;
  } catch (const std::exception&) {
    // OpenSSL has no memory for it: no connection, as if the server had refused it.
  }
  return nullptr;
}

Failure failed(const Connection& connection, const DotQuery& query, const std::string& what,
               const std::error_code& error) {
  const std::string where = query.server.text();
  if (connection.expired)
    return fail(Fault::timed_out, "no answer by DNS over TLS in time (" + what + ")", where);
  return fail(Fault::unavailable, what + ": " + error.message(), where);
}

Failure no_tls(Connection& connection, const DotQuery& query, const std::error_code& error) {
  const long verified = SSL_get_verify_result(connection.stream.native_handle());
  if (verified == X509_V_OK) return failed(connection, query, "no TLS", error);
  return fail(Fault::unavailable,
              "its certificate can't be verified for " + query.name + ": " +
                  X509_verify_cert_error_string(verified),
              query.server.text());
}

Result<Answer> read_answer(const Bytes& message, const DotQuery& query, std::uint16_t id) {
  auto answer = parse_answer(message);
  const std::string where = query.server.text();
  if (!answer) {
    answer.error().where = where;
  } else if (answer->id != id || (answer->question && *answer->question != query.question)) {
    return fail(Fault::malformed, "the answer is to another question", where);
  }
  return answer;
}

// A message goes behind its length in two octets (RFC 1035 4.2.2).
Bytes framed(const MessageBytes& message) {
  Bytes framed(message.size() + 2);
  framed[0] = static_cast<std::uint8_t>(message.size() >> 8);
  framed[1] = static_cast<std::uint8_t>(message.size());
  std::copy(message.begin(), message.end(), framed.begin() + 2);
  return framed;
}

asio::awaitable<Result<Bytes>> exchange(std::shared_ptr<Connection> connection, DotQuery query,
                                        Bytes message) {
  auto& stream = connection->stream;
  std::error_code error;
  const auto noted = [&error] { return asio::redirect_error(asio::use_awaitable, error); };
  const tcp::endpoint server(to_asio(query.server.address), query.server.port);
  co_await stream.lowest_layer().async_connect(server, noted());
  if (error) co_return failed(*connection, query, "no connection", error);
  co_await stream.async_handshake(asio::ssl::stream_base::client, noted());
  if (error) co_return no_tls(*connection, query, error);
  co_await asio::async_write(stream, asio::buffer(message), noted());
  if (error) co_return failed(*connection, query, "the question could not be sent", error);
  std::array<std::uint8_t, 2> size{};
  co_await asio::async_read(stream, asio::buffer(size), noted());
  if (error) co_return failed(*connection, query, "no answer", error);
  Bytes answer(static_cast<std::size_t>(size[0] << 8 | size[1]));
  co_await asio::async_read(stream, asio::buffer(answer), noted());
  if (error) co_return failed(*connection, query, "the answer broke off", error);
  co_return answer;
}

class TlsAsker final : public DotAsker {
 public:
  TlsAsker(asio::any_io_executor loop, const Clock& clock, std::shared_ptr<asio::ssl::context> tls)
      : loop_(std::move(loop)), clock_(clock), tls_(std::move(tls)) {}

  asio::awaitable<Reply> ask(DotQuery query) override {
    return ask_over(loop_, clock_, tls_, static_cast<std::uint16_t>(random_.next()),
                    std::move(query));
  }

 private:
  // Holds what it needs, never this object, which may go first.
  static asio::awaitable<Reply> ask_over(asio::any_io_executor loop, const Clock& clock,
                                         std::shared_ptr<asio::ssl::context> tls, std::uint16_t id,
                                         DotQuery query) {
    Reply reply;
    reply.over_tcp = true;
    reply.sent_at = clock.now();
    auto message = encode_query(query.question, query.flags, id);
    const auto connection = open(loop, *tls, query.name);
    if (!message) {
      reply.answer = Failure(message.error());
    } else if (!connection) {
      reply.answer =
          fail(Fault::unavailable, "no certificate can hold the name \"" + query.name + "\"",
               query.server.text());
    } else {
      connection->close_after(query.deadline);
      Bytes wire = framed(*message);
      const auto received = co_await exchange(connection, query, std::move(wire));
      connection->timer.cancel();
      connection->close();
      if (received)
        reply.answer = read_answer(*received, query, id);
      else
        reply.answer = Failure(received.error());
    }
    reply.received_at = clock.now();
    reply.rtt = reply.received_at - reply.sent_at;
    co_return reply;
  }

  asio::any_io_executor loop_;
  const Clock& clock_;
  std::shared_ptr<asio::ssl::context> tls_;
  RandomPool random_;
};

}  // namespace

Result<std::unique_ptr<DotAsker>> make_dot_asker(asio::any_io_executor loop, const Clock& clock,
                                                 const std::string& ca_file) {
  std::error_code error;
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  // Without the system's store no certificate is verified, and each answer says so.
  tls->set_default_verify_paths(error);
  if (!ca_file.empty()) tls->load_verify_file(ca_file, error);
  if (!ca_file.empty() && error)
    return fail(Fault::usage, "the certificates can't be read: " + error.message(), ca_file,
                "give a PEM file of the authorities that sign the resolvers' certificates");
  return std::make_unique<TlsAsker>(std::move(loop), clock, std::move(tls));
}

}  // namespace mxswitch::probes
