#include "probes/base/http_head.h"

#include <gtest/gtest.h>

#include "probes/base/request_reader.h"

namespace mxswitch {
namespace {

const RequestLimits kLimits;

std::string with_host(const std::string& first, const std::string& fields = "") {
  return first + "\r\nHost: a.example\r\n" + fields + "\r\n";
}

TEST(HttpHead, IsReadOnceForAll) {
  const auto head = parse_head(with_host("POST /d/a%2Fb?x=1&y=%20 HTTP/1.1",
                                         "Content-Length: 12\r\nX-One:\t two \r\nx-one:3\r\n"),
                               kLimits);
  ASSERT_TRUE(head) << head.error().detail;
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->path, "/d/a%2Fb");
  EXPECT_EQ(head->query, "x=1&y=%20");
  EXPECT_EQ(head->content_length, 12u);
  EXPECT_FALSE(head->is_http_1_0 || head->expects_continue);
  EXPECT_EQ(*head->find("x-one"), "two");
  EXPECT_EQ(head->fields.size(), 4u);
  EXPECT_EQ(head->find("x-two"), nullptr);
}

TEST(HttpHead, OfAnAbsoluteTargetItsOwnHostHolds) {
  for (const char* target : {"http://b.example:80/x?y", "https://b.example:80/x?y"}) {
    const auto head = parse_head(with_host("GET " + std::string(target) + " HTTP/1.1"), kLimits);
    ASSERT_TRUE(head) << target;
    EXPECT_EQ(head->path, "/x");
    EXPECT_EQ(head->query, "y");
    EXPECT_EQ(*head->find("host"), "b.example:80");
  }
  EXPECT_EQ(parse_head(with_host("GET http://b.example HTTP/1.1"), kLimits)->path, "/");
  EXPECT_EQ(parse_head(with_host("OPTIONS * HTTP/1.1"), kLimits)->path, "*");
  EXPECT_TRUE(parse_head("GET / HTTP/1.0\r\n\r\n", kLimits)->is_http_1_0);
}

// Each of these could be taken for one request by a proxy and for another one here.
TEST(HttpHead, RefusesWhatTwoReadersCouldTakeForTwoRequests) {
  const struct {
    std::string text;
    int status;
  } kRows[] = {
      {with_host("GET / HTTP/1.1", "Host: b.example\r\n"), 400},
      {with_host("GET / HTTP/1.1", "Content-Length: 1\r\nContent-Length: 1\r\n"), 400},
      {with_host("GET / HTTP/1.1", "Content-Length: 1, 1\r\n"), 400},
      {with_host("GET / HTTP/1.1", "Content-Length: +1\r\n"), 400},
      {with_host("GET / HTTP/1.1", "Content-Length: 0x1\r\n"), 400},
      {with_host("GET / HTTP/1.1", "Content-Length:\r\n"), 400},
      {with_host("GET / HTTP/1.1", "Content-Length: 1048577\r\n"), 413},
      {with_host("GET / HTTP/1.1", "Content-Length: 99999999999999999999\r\n"), 413},
      {with_host("GET / HTTP/1.1", "Transfer-Encoding: chunked\r\n"), 411},
      {with_host("GET / HTTP/1.1", "Transfer-Encoding: x\r\nContent-Length: 1\r\n"), 400},
      {with_host("GET / HTTP/1.1", "X: a\r\n b\r\n"), 400},
      {with_host("GET / HTTP/1.1", " X: a\r\n"), 400},
      {with_host("GET / HTTP/1.1", "X : a\r\n"), 400},
      {with_host("GET / HTTP/1.1", ": a\r\n"), 400},
      {with_host("GET / HTTP/1.1", "X\r\n"), 400},
      {with_host("GET / HTTP/1.1", "X: a\nY: b\r\n"), 400},
      {with_host("GET / HTTP/1.1", "X: a\rY: b\r\n"), 400},
      {with_host("GET / HTTP/1.1", std::string("X: a\0b\r\n", 8)), 400},
      {with_host("GET / HTTP/1.1", "Content-Encoding: gzip\r\n"), 415},
      {with_host("GET / HTTP/1.1", "Content-Type: Multipart/form-data; boundary=x\r\n"), 415},
      {with_host("GET / HTTP/1.1", "Expect: something\r\n"), 417},
      {"GET / HTTP/1.1\r\nX: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
      {with_host("GET  / HTTP/1.1"), 400},
      {with_host("GET / HTTP/1.1 "), 400},
      {with_host("GET\t/ HTTP/1.1"), 400},
      {with_host("GET /a b HTTP/1.1"), 400},
      {with_host("GET /"), 400},
      {with_host("GET / HTTPS/1.1"), 400},
      {with_host("GET / http/1.1"), 400},
      {with_host("GET / HTTP/1.11"), 400},
      {with_host("GET / HTTP/2.0"), 505},
      {with_host("GET / HTTP/0.9"), 505},
      {with_host("GET / HTTP/1.2"), 505},
      {with_host("BREW / HTTP/1.1"), 501},
      {with_host("get / HTTP/1.1"), 501},
      {with_host("CONNECT b.example:80 HTTP/1.1"), 501},
      {with_host("G(T / HTTP/1.1"), 400},
      {with_host("GET * HTTP/1.1"), 400},
      {with_host("GET d/x HTTP/1.1"), 400},
      {with_host("GET ftp://b.example/ HTTP/1.1"), 400},
      {with_host("GET http://u@b.example/ HTTP/1.1"), 400},
      {with_host("GET /#x HTTP/1.1"), 400},
      {with_host("GET /gr\xc3\xbc\xc3\x9f HTTP/1.1"), 400},
      {with_host("GET /" + std::string(512, 'a') + " HTTP/1.1"), 414},
      {with_host("GET http://b.example/" + std::string(512, 'a') + " HTTP/1.1"), 414},
      {with_host("GET /?" + std::string(2048, 'a') + " HTTP/1.1"), 414},
      {"\r\n", 400},
      {"", 400},
  };
  for (const auto& row : kRows) {
    const auto head = parse_head(row.text, kLimits);
    ASSERT_FALSE(head) << row.text;
    EXPECT_EQ(head.error().status, row.status) << row.text << ": " << head.error().detail;
  }
  EXPECT_TRUE(parse_head(with_host("GET /" + std::string(511, 'a') + " HTTP/1.1"), kLimits));
}

TEST(PathSegments, AreDecodedOneByOne) {
  using Segments = std::vector<std::string>;
  EXPECT_EQ(path_segments("/"), Segments{""});
  EXPECT_EQ(path_segments("/a/b%2fc/%C3%BC+"), (Segments{"a", "b/c", "\xc3\xbc+"}));
  EXPECT_EQ(path_segments("//a/"), (Segments{"", "a", ""}));
  for (const char* broken : {"/%", "/%4", "/%4g", "/%00", "/a%0a", "/%7F", "/%%41", "/a%2"})
    EXPECT_FALSE(path_segments(broken)) << broken;
}

// The whole request in one piece, and octet by octet.
TEST(RequestReader, TakesPiecesOfAnySize) {
  const std::string text = with_host("POST /x HTTP/1.1", "Content-Length: 4\r\n") + "bodymore";
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, text.size()}) {
    RequestReader reader(kLimits);
    for (std::size_t at = 0; at < text.size(); at += size) reader.feed(text.substr(at, size));
    ASSERT_EQ(reader.state(), RequestReader::State::whole) << size;
    EXPECT_EQ(reader.body(), "body");
    EXPECT_EQ(reader.head().path, "/x");
  }
}

TEST(RequestReader, SaysThatABodyIsAwaited) {
  RequestReader reader(kLimits);
  reader.feed(with_host("POST /x HTTP/1.1", "Expect: 100-Continue\r\nContent-Length: 2\r\n"));
  EXPECT_TRUE(reader.is_awaited());
  reader.feed("a");
  EXPECT_FALSE(reader.is_awaited());
  EXPECT_EQ(reader.feed("b"), RequestReader::State::whole);
  RequestReader empty(kLimits);
  empty.feed(with_host("POST /x HTTP/1.1", "Expect: 100-continue\r\n"));
  EXPECT_FALSE(empty.is_awaited());
}

// A client that holds its connection open can't make it wait for what would be refused anyway.
TEST(RequestReader, RefusesBeforeTheEnd) {
  std::string many;
  for (int i = 0; i < 102; ++i) many += "X: 1\r\n";
  std::string wide;
  for (int i = 0; i < 9; ++i) wide += "X: " + std::string(7900, 'a') + "\r\n";
  const struct {
    std::string text;
    int status;
  } kRows[] = {
      {"GET /" + std::string(512, 'a'), 414},
      {"GET /?" + std::string(2200, 'a'), 414},
      {"GET http://" + std::string(2200, 'a'), 414},
      {std::string(2200, 'a'), 414},
      {"GET / HTTP/1.1\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\n", 400},
      {"GET / HTTP/1.1\rX", 400},
      {"\n", 400},
      {"GET / HTTP/1.1\r\n" + many, 431},
      {"GET / HTTP/1.1\r\nX: " + std::string(8010, 'a'), 431},
      {"GET / HTTP/1.1\r\n" + wide, 431},
  };
  for (const auto& row : kRows) {
    RequestReader reader(kLimits);
    EXPECT_EQ(reader.feed(row.text), RequestReader::State::refused) << row.text.substr(0, 60);
    EXPECT_EQ(reader.refusal().status, row.status) << row.text.substr(0, 60);
    EXPECT_EQ(reader.feed(with_host("GET / HTTP/1.1")), RequestReader::State::refused);
  }
}

}  // namespace
}  // namespace mxswitch
