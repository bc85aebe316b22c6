// Gives each answer its one class (PROPAGATION.md section 1).
#pragma once

#include <vector>

#include "monitor/propagation/observation.h"
#include "monitor/propagation/report.h"

namespace mxswitch::monitor {

// An answer that says something about the RRset. An empty set with one of these is `absent`.
bool is_conclusive(Outcome outcome);

class Classifier {
 public:
  // `old_sets`: every recorded earlier set; the expected one among them is ignored.
  Classifier(MxSet expected, std::vector<MxSet> old_sets);

  AnswerClass of(Outcome outcome, const MxSet& set) const;
  AnswerClass of(const MxSet& set) const;  // of a conclusive answer; empty: there was no MX

  const MxSet& expected() const { return expected_; }
  const std::vector<MxSet>& old_sets() const { return old_sets_; }

 private:
  MxSet expected_;
  std::vector<MxSet> old_sets_;
};

// The worse of two, in the order in which people want to hear of them.
AnswerClass worse(AnswerClass a, AnswerClass b);
std::string set_text(const MxSet& set);  // "no MX" when empty

}  // namespace mxswitch::monitor
