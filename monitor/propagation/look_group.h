// Facts of one look: servers that show the same thing are one fact, which names them. Inside
// monitor/propagation only.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "monitor/propagation/classify.h"
#include "monitor/propagation/one_look.h"

namespace mxswitch::monitor {

// What one server showed, in all looks at it.
struct Shown {
  std::string label;
  std::set<AnswerClass> classes;  // of its conclusive answers
  MxSet other;                    // the newest set that was not the expected one
  bool nxdomain = false;          // of an absent one
  std::uint32_t ttl = 0;          // of that answer
  std::string failure;            // of the newest look that failed
  std::string signature_fault;    // see signatures.h; of a signed zone
  bool lame = false;              // an authority that knows nothing of the zone
  bool aliased = false;           // its answer goes through a CNAME, or ends at one

  void note(AnswerClass found, const MxSet& set, std::uint32_t its_ttl);
  bool is_split() const { return classes.size() > 1; }
  AnswerClass worst() const;  // failed where no look was conclusive
};

// A predicate in singular and plural: "answers X", "answer X".
struct Saying {
  Weight weight = Weight::note;
  std::string code, one, many;
  std::string of_ttl;  // what the largest TTL among them means: "TTL", "for up to"; empty: nothing
};

// Gathers the facts about servers of one kind ("authority", "authorities").
class LookGroups {
 public:
  LookGroups(std::string one, std::string many) : one_(std::move(one)), many_(std::move(many)) {}

  void add(const Saying& saying, const std::string& who, std::uint32_t ttl = 0);
  // In the order in which each was first said. `all`: of how many.
  std::vector<LookFact> facts(int all) const;

 private:
  struct Group {
    Saying saying;
    std::vector<std::string> who;
    std::uint32_t longest = 0;
  };
  std::string one_, many_;
  std::vector<Group> groups_;
};

}  // namespace mxswitch::monitor
