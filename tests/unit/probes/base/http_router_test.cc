#include "probes/base/http_router.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace mxswitch {
namespace {

using Segments = std::vector<std::string>;

class Router : public testing::Test {
 protected:
  Router() {
    for (const char* pattern : {"/", "/d/{any}", "/badge/{any}.svg", "/v1/{host}/x/{any 1-64}",
                                "/ack/{word 16-128}", "/v1/fixed/x/y", "/a/"})
      router_.add({"GET", pattern, {}}, pattern);
    router_.add({"PUT", "put", {}}, "/d/{any}");
  }
  // The pattern that was found, with its captures.
  std::string find(const Segments& segments, const char* method = "GET") {
    const auto found = router_.find(method, segments);
    if (found.route == nullptr) return "";
    std::string text = found.route->scope;
    for (const std::string& capture : found.captures) text += " " + capture;
    return text;
  }
  HttpRouter router_;
};

TEST_F(Router, FindsByWholeSegments) {
  const struct {
    Segments segments;
    std::string found;
  } kRows[] = {
      {{""}, "/"},
      {{"d", "shop.example"}, "/d/{any} shop.example"},
      {{"d", "a/b"}, "/d/{any} a/b"},
      {{"d", ""}, ""},
      {{"d"}, ""},
      {{"d", "x", ""}, ""},
      {{"D", "x"}, ""},
      {{"badge", "shop.example.svg"}, "/badge/{any}.svg shop.example"},
      {{"badge", ".svg"}, ""},
      {{"badge", "shop.example"}, ""},
      {{"v1", "shop.example", "x", "joe/tag"}, "/v1/{host}/x/{any 1-64} shop.example joe/tag"},
      {{"v1", "SHOP.example", "x", "joe"}, ""},
      {{"v1", std::string(253, 'a'), "x", "j"},
       "/v1/{host}/x/{any 1-64} " + std::string(253, 'a') + " j"},
      {{"v1", std::string(254, 'a'), "x", "j"}, ""},
      {{"v1", "a", "x", std::string(65, 'j')}, ""},
      {{"v1", "fixed", "x", "y"}, "/v1/{host}/x/{any 1-64} fixed y"},
      {{"ack", std::string(15, 'A')}, ""},
      {{"ack", std::string(16, 'A')}, "/ack/{word 16-128} " + std::string(16, 'A')},
      {{"ack", std::string(15, 'A') + "!"}, ""},
      {{"a", ""}, "/a/"},
      {{"a"}, ""},
      {{"*"}, ""},
  };
  for (const auto& row : kRows) EXPECT_EQ(find(row.segments), row.found);
}

TEST_F(Router, KnowsTheMethodsOfAPlace) {
  EXPECT_EQ(find({"d", "x"}, "PUT"), "put x");
  EXPECT_EQ(find({"d", "x"}, "POST"), "");
  EXPECT_EQ(router_.methods_at({"d", "x"}), "GET, PUT");
  EXPECT_EQ(router_.methods_at({""}), "GET");
  EXPECT_EQ(router_.methods_at({"none"}), "");
}

TEST(RouterPattern, ThatIsNoneIsABug) {
  for (const char* pattern : {"", "d", "/{", "/}", "/{no}", "/{any 1-}", "/{any x}", "/}{"})
    EXPECT_THROW(HttpRouter().add({"GET", "", {}}, pattern), std::logic_error) << pattern;
}

}  // namespace
}  // namespace mxswitch
