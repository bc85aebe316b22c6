// Whatever a client sends, in pieces of any size: the request's head, its path and the routes.
#include "probes/base/http_router.h"
#include "probes/base/request_reader.h"
#include "tests/fuzz/fuzz.h"

using namespace mxswitch;
using fuzz::require;

namespace {

RequestReader read(std::string_view text, std::size_t piece) {
  RequestReader reader(RequestLimits{});
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    reader.feed(text.substr(0, piece));
  return reader;
}

HttpRouter routes() {
  HttpRouter router;
  for (const char* pattern :
       {"/", "/d/{any}", "/badge/{any}.svg", "/v1/domains/{host}/accounts/{any 1-64}"})
    router.add({"GET", "", {}}, pattern);
  return router;
}

void check_whole(const RequestReader& reader) {
  const RequestHead& head = reader.head();
  require(reader.body().size() == head.content_length && head.path.size() <= 512);
  require(head.path.starts_with('/') || head.path == "*");
  for (const auto& [name, value] : head.fields)
    require(!name.empty() && value.find_first_of("\r\n") == value.npos);
  require(head.is_http_1_0 || head.find("host") != nullptr);
  static const HttpRouter router = routes();
  const auto segments = path_segments(head.path);
  if (!segments) return;
  const auto found = router.find(head.method, *segments);
  require(found.route == nullptr || !router.methods_at(*segments).empty());
  for (const std::string& capture : found.captures) require(!capture.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::as_text({data, size});
  const RequestReader whole = read(text, text.size() + 1), slow = read(text, 1);
  require(whole.state() == slow.state());
  if (whole.state() == RequestReader::State::refused)
    require(whole.refusal().status == slow.refusal().status && whole.refusal().status >= 400);
  if (whole.state() == RequestReader::State::whole) {
    require(whole.head().path == slow.head().path && whole.body() == slow.body());
    check_whole(whole);
  }
  return 0;
}
