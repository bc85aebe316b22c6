// Finds the handler of a path, segment by segment; no regular expression sees what a client sends
// (libstdc++'s recurse once an octet: a path of 8 kB takes 5 MB of stack).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/base/http_server.h"

namespace mxswitch {

// A pattern is a path whose segments are literal text or hold one capture:
//   {any}   one octet or more, whatever they are
//   {word}  letters, digits, ".", "_" and "-"
//   {host}  the same without capitals, at most 253
// A length may follow, {any 1-64}, and literal text stand around: "/badge/{any}.svg".
class HttpRouter {
 public:
  struct Route {
    std::string method, scope;
    Handler handler;
  };
  struct Found {
    const Route* route = nullptr;  // null: nothing is there for this method
    std::vector<std::string> captures;
  };

  // A bad pattern is a bug of ours: throws std::logic_error.
  void add(Route route, std::string_view pattern);
  // `segments` are decoded (path_segments), so an encoded slash parts nothing.
  Found find(std::string_view method, const std::vector<std::string>& segments) const;
  // "GET, PUT"; empty: nothing is there for any method.
  std::string methods_at(const std::vector<std::string>& segments) const;

 private:
  struct Piece {
    std::string before, after;  // all of a literal segment stands in `before`
    std::string kind;           // empty: no capture
    std::size_t least = 1, most = std::string::npos;
  };
  struct Entry {
    Route route;
    std::vector<Piece> pieces;
  };

  static Piece read_piece(std::string_view text);
  static bool fits(const Piece& piece, std::string_view segment,
                   std::vector<std::string>& captures);
  static bool fits(const Entry& entry, const std::vector<std::string>& segments,
                   std::vector<std::string>& captures);

  std::vector<Entry> entries_;
};

}  // namespace mxswitch
