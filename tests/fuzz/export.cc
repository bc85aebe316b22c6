// An export comes from outside: read, and where it is whole, judged again.
#include "monitor/history/export_reader.h"
#include "monitor/history/replay.h"
#include "tests/fuzz/fuzz.h"

namespace {

constexpr std::size_t kMostSteps = 500;  // a run may count a million repetitions

bool is_named(const mxswitch::Error& error) {
  return error.fault == mxswitch::Fault::usage && error.where.starts_with("e.jsonl") &&
         !error.what.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mxswitch::fuzz::require;
  const auto file =
      mxswitch::monitor::parse_export(mxswitch::fuzz::as_text({data, size}), "e.jsonl");
  if (!file) {
    require(is_named(file.error()));
    return 0;
  }
  require(!file->steps.empty());
  for (std::size_t i = 1; i < file->steps.size(); ++i)
    require(file->steps[i - 1].seq <= file->steps[i].seq);
  if (file->steps.size() > kMostSteps) return 0;
  const auto replayed = mxswitch::monitor::replay(*file);
  require(replayed || is_named(replayed.error()));
  return 0;
}
