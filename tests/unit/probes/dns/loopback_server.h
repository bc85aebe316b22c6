// A DNS server on 127.0.0.1 that answers as a test says: several datagrams a query, or none; and
// one message a query over TCP on the same port.
#pragma once

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <functional>
#include <memory>
#include <set>

#include "probes/dns/query_bytes.h"
#include "tests/unit/probes/dns/message_builder.h"

namespace mxswitch::probes {

inline Question question_of(const Bytes& query) {
  const auto octets = question_octets(query);
  Question question;
  question.name = DnsName::from_wire(octets.first(octets.size() - 4)).value();
  question.type = static_cast<RrType>(octets[octets.size() - 4] << 8 | octets[octets.size() - 3]);
  question.rr_class =
      static_cast<RrClass>(octets[octets.size() - 2] << 8 | octets[octets.size() - 1]);
  return question;
}

class LoopbackServer {
 public:
  using AnswerUdp = std::function<std::vector<Bytes>(const Bytes&)>;
  using AnswerTcp = std::function<Bytes(const Bytes&)>;

  LoopbackServer(asio::io_context& loop, AnswerUdp udp, AnswerTcp tcp = nullptr)
      : udp_answer_(std::move(udp)),
        tcp_answer_(std::move(tcp)),
        udp_(loop, {asio::ip::address_v4::loopback(), 0}),
        acceptor_(loop) {
    udp_.non_blocking(true);
    if (tcp_answer_) listen();
    receive();
  }
  ~LoopbackServer() { *alive_ = false; }

  Endpoint endpoint() const {
    return {IpAddress::v4({127, 0, 0, 1}), udp_.local_endpoint().port()};
  }
  const std::set<std::uint16_t>& peers() const { return peers_; }  // their ports
  asio::ip::udp::endpoint last_peer() const { return last_peer_; }
  void answer_udp(AnswerUdp answer) { udp_answer_ = std::move(answer); }
  void send_udp(const Bytes& message, const asio::ip::udp::endpoint& to) {
    udp_.send_to(asio::buffer(message), to);
  }

 private:
  struct Connection {
    explicit Connection(asio::io_context& loop) : socket(loop) {}
    asio::ip::tcp::socket socket;
    std::array<std::uint8_t, 2> size{};
    Bytes message;
  };

  void receive() {
    udp_.async_wait(
        asio::ip::udp::socket::wait_read, [this, alive = alive_](std::error_code error) {
          if (error || !*alive) return;
          Bytes query(4096);
          std::error_code failed;
          const std::size_t size = udp_.receive_from(asio::buffer(query), last_peer_, 0, failed);
          query.resize(size);
          if (!failed) {
            peers_.insert(last_peer_.port());
            if (udp_answer_) {
              for (const Bytes& message : udp_answer_(query)) send_udp(message, last_peer_);
            }
          }
          if (*alive) receive();
        });
  }

  void listen() {
    acceptor_.open(asio::ip::tcp::v4());
    acceptor_.set_option(asio::ip::tcp::acceptor::reuse_address(true));
    acceptor_.bind({asio::ip::address_v4::loopback(), udp_.local_endpoint().port()});
    acceptor_.listen();
    accept();
  }
  void accept() {
    auto connection = std::make_shared<Connection>(
        static_cast<asio::io_context&>(acceptor_.get_executor().context()));
    acceptor_.async_accept(connection->socket,
                           [this, connection, alive = alive_](std::error_code error) {
                             if (error || !*alive) return;
                             read(connection);
                             accept();
                           });
  }
  void read(const std::shared_ptr<Connection>& connection) {
    asio::async_read(connection->socket, asio::buffer(connection->size),
                     [this, connection, alive = alive_](std::error_code error, std::size_t) {
                       if (error || !*alive) return;
                       const std::size_t size = connection->size[0] * 256u + connection->size[1];
                       connection->message.resize(size);
                       read_body(connection);
                     });
  }
  void read_body(const std::shared_ptr<Connection>& connection) {
    asio::async_read(connection->socket, asio::buffer(connection->message),
                     [this, connection, alive = alive_](std::error_code error, std::size_t) {
                       if (error || !*alive) return;
                       const Bytes answer = tcp_answer_(connection->message);
                       Bytes framed;
                       put16(framed, static_cast<unsigned>(answer.size()));
                       framed.insert(framed.end(), answer.begin(), answer.end());
                       asio::write(connection->socket, asio::buffer(framed), error);
                       if (!error) read(connection);
                     });
  }

  AnswerUdp udp_answer_;
  AnswerTcp tcp_answer_;
  asio::ip::udp::socket udp_;
  asio::ip::tcp::acceptor acceptor_;
  asio::ip::udp::endpoint last_peer_;
  std::set<std::uint16_t> peers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace mxswitch::probes
