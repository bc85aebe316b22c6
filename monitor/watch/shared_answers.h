// Answers about records beside the MX, shared by all owners that want them: domains that move to
// one filter have the same exchanges, and their servers need not be asked once a domain. An owner
// takes what another's question brought when that is fresh enough for it (ProbeDue::fresh_since),
// or waits for one that is under way; a sample keeps the time at which it was taken. The owner's
// own MX and TXT are never shared. Pure; one thread; O(log n) in the number of questions.
//
// Each is asked without RD, CD and DO, by ask_companion alone, so flags are no part of the key.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "monitor/propagation/propagation.h"

namespace mxswitch::monitor {

struct Watched;

class SharedAnswers {
 public:
  static constexpr Duration kKept = std::chrono::minutes(5);  // longer than any answer is fresh
  static constexpr std::size_t kMostKept = 65'536;            // the oldest go first

  struct Ask {};  // it must be asked: tell asked(), and answered() at its end
  struct Joined {
    Time leaves_at;  // of the packet that it waits for
  };
  struct Waiter {
    std::shared_ptr<Watched> owner;
    DnsName server;  // as this owner's walk named it
    Time fresh_since{};
  };

  // What becomes of a probe of kind `companion`. Joined: answered() will name the owner.
  std::variant<Ask, Joined, CompanionSample> want(const ProbeDue& probe,
                                                  const std::shared_ptr<Watched>& owner, Time now);
  // `leaves_at`: when its first packet may leave.
  void asked(const ProbeDue& probe, Time leaves_at, Time now);
  // Those who joined and for whom the sample is fresh enough; they wait no longer. A question
  // that never ends is forgotten: who waits for it asks again (Propagation::started).
  std::vector<Waiter> answered(const CompanionSample& sample, Time now);

  std::size_t size() const { return questions_.size(); }

 private:
  struct Question {
    Endpoint server;
    DnsName name;
    probes::RrType type;
    auto operator<=>(const Question&) const = default;
  };
  struct UnderWay {
    Time asked_at, leaves_at;
  };
  struct Known {
    std::optional<CompanionSample> newest;
    std::optional<UnderWay> under_way;  // the newest question
    std::vector<Waiter> waiters;
  };
  void remember(const Question& question, Time now);
  void forget(Time now);
  void forget_oldest();

  std::map<Question, Known> questions_;
  std::deque<std::pair<Time, Question>> ages_;  // when each may be forgotten, unless renewed
};

}  // namespace mxswitch::monitor
