#include "monitor/propagation/classify.h"

#include <algorithm>
#include <array>

namespace mxswitch::monitor {
namespace {

// Best first.
constexpr std::array kRank = {AnswerClass::new_, AnswerClass::failed,  AnswerClass::mixed,
                              AnswerClass::old,  AnswerClass::foreign, AnswerClass::absent};

auto rank(AnswerClass c) { return std::find(kRank.begin(), kRank.end(), c) - kRank.begin(); }

}  // namespace

bool is_conclusive(Outcome outcome) {
  return outcome == Outcome::answered || outcome == Outcome::no_data ||
         outcome == Outcome::nxdomain;
}

Classifier::Classifier(MxSet expected, std::vector<MxSet> old_sets)
    : expected_(std::move(expected)), old_sets_(std::move(old_sets)) {
  std::erase(old_sets_, expected_);
}

AnswerClass Classifier::of(Outcome outcome, const MxSet& set) const {
  if (!is_conclusive(outcome)) return AnswerClass::failed;
  if (outcome == Outcome::answered) return set.empty() ? AnswerClass::failed : of(set);
  return AnswerClass::absent;
}

AnswerClass Classifier::of(const MxSet& set) const {
  if (set.empty()) return AnswerClass::absent;
  if (set == expected_) return AnswerClass::new_;
  if (std::find(old_sets_.begin(), old_sets_.end(), set) != old_sets_.end())
    return AnswerClass::old;
  const bool shares_old = std::any_of(old_sets_.begin(), old_sets_.end(),
                                      [&](const MxSet& old) { return set.shares_exchange(old); });
  return shares_old && set.shares_exchange(expected_) ? AnswerClass::mixed : AnswerClass::foreign;
}

AnswerClass worse(AnswerClass a, AnswerClass b) { return rank(a) >= rank(b) ? a : b; }

std::string set_text(const MxSet& set) { return set.empty() ? "no MX" : set.text(); }

}  // namespace mxswitch::monitor
