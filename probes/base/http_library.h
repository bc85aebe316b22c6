// cpp-httplib as the maker of answers: a whole request goes in from memory and its answer out to
// the connection. All that differs between the releases (0.11 of Debian 12, 0.18 of Debian 13), and
// all that the library must not see, stands in http_library.cc.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "probes/base/http_head.h"
#include "probes/base/http_server.h"

namespace mxswitch {

class HttpStream;

// Used by one thread at a time.
class HttpLibrary {
 public:
  using Query = std::map<std::string, std::string>;  // decoded; the first of a name holds
  using Answer = std::function<ServerResponse(const Query&)>;

  using Dress = std::function<void(const std::string& accept, ServerResponse& response)>;

  // `dress` sees every answer last, with the client's Accept field; may be empty.
  explicit HttpLibrary(Dress dress);
  ~HttpLibrary();

  // Reads the query, asks `answer`, whose exceptions become 500, and writes what it gives. Returns
  // when all of it (of a stream: its end) is written or the client is gone.
  void converse(const RequestHead& head, const std::string& peer, HttpStream& out,
                const Answer& answer);
  // To what could not be read as a request.
  void refuse(const HttpRefusal& refusal, bool without_body, const std::string& accept,
              HttpStream& out);

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace mxswitch
