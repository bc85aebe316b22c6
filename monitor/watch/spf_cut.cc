#include "monitor/watch/spf_cut.h"

#include <fmt/format.h>

#include <variant>

namespace mxswitch::monitor {
namespace {

namespace spf = probes::spf;

void cut(std::string& text) {
  if (text.size() <= kLongestTraceText) return;
  const std::size_t more = text.size() - kLongestTraceText;
  text.resize(kLongestTraceText);
  text += fmt::format("... ({} more octets)", more);
}

void cut(spf::Lookup& lookup) {
  cut(lookup.name);
  if (lookup.records.size() > kMostTraceRecords) lookup.records.resize(kMostTraceRecords);
  for (probes::RecordData& data : lookup.records) {
    if (auto* txt = std::get_if<probes::Txt>(&data)) {
      std::string joined = txt->joined();
      cut(joined);
      txt->strings = {std::move(joined)};
    } else if (auto* raw = std::get_if<probes::RawData>(&data)) {
      raw->bytes.clear();
    }
  }
  lookup.records.shrink_to_fit();
}

std::size_t count(const spf::TraceTerm& term) {
  std::size_t terms = 1;
  for (const spf::TraceTerm& inner : term.terms) terms += count(inner);
  return terms;
}

class Cutter {
 public:
  void run(spf::TraceTerm& term) {
    --left_;
    cut(term.term);
    cut(term.domain);
    cut(term.why);
    if (term.asked.size() > kMostTraceRecords) term.asked.resize(kMostTraceRecords);
    for (spf::Lookup& lookup : term.asked) cut(lookup);
    std::vector<spf::TraceTerm> kept;
    std::size_t gone = 0;
    for (spf::TraceTerm& inner : term.terms) {
      if (left_ == 0) {
        gone += count(inner);
        continue;
      }
      run(inner);
      kept.push_back(std::move(inner));
    }
    if (gone > 0) {
      kept.emplace_back().term = "...";
      kept.back().why = fmt::format("{} more terms", gone);
    }
    term.terms = std::move(kept);
  }

 private:
  std::size_t left_ = kMostTraceTerms;
};

}  // namespace

spf::TraceTerm cut_trace(spf::TraceTerm trace) {
  Cutter().run(trace);
  return trace;
}

}  // namespace mxswitch::monitor
