#include "probes/dns/wire.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mxswitch::probes;
  const auto answer = parse_answer({data, size});
  const auto brief = parse_answer({data, size}, Sections::answer);
  if (!answer) return 0;
  // A record that is longer than it says is forgiven where it is read, not where it is stepped
  // over.
  mxswitch::fuzz::require(!brief || brief->answer == answer->answer);
  const Question question = answer->question.value_or(Question{});
  const auto chain = follow_chain(answer->answer, question);
  mxswitch::fuzz::require(chain.links.size() <= 16);
  for (const Record& record : chain.records) {
    mxswitch::fuzz::require(record.type == question.type);
  }
  mxswitch::fuzz::require(encode_query(question, {}, answer->id).has_value());
  return 0;
}
