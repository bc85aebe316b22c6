#include "probes/base/json_text.h"

#include <gtest/gtest.h>

namespace mxswitch {
namespace {

// Octets of others reach JSON from everywhere; a program that aborts at them can be stopped by
// whoever writes a TXT record.
TEST(JsonText, TakesOctetsThatAreNoUtf8) {
  for (const char* bad : {"Telef\xf3nica", "\xff\xfe", "\xed\xa0\x80", "cut\xe5\xaf"}) {
    const nlohmann::json plain = {{"text", bad}, {bad, 1}};
    const nlohmann::ordered_json ordered = {{"text", bad}};
    for (const std::string& text : {json_text(plain), json_text(plain, 2), json_text(ordered)}) {
      EXPECT_FALSE(nlohmann::json::parse(text, nullptr, false).is_discarded()) << text;
      EXPECT_NE(text.find("\xef\xbf\xbd"), std::string::npos) << text;
    }
  }
}

TEST(JsonText, LeavesTheRestAsItIs) {
  EXPECT_EQ(json_text(nlohmann::json{{"a", "gr\xc3\xbc\xc3\x9f\n"}}),
            "{\"a\":\"gr\xc3\xbc\xc3\x9f\\n\"}");
  EXPECT_EQ(json_text(nlohmann::ordered_json{{"b", 1}, {"a", 2}}, 1),
            "{\n \"b\": 1,\n \"a\": 2\n}");
}

}  // namespace
}  // namespace mxswitch
