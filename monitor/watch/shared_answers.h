// Answers that say the same to every owner: about records beside the MX (domains that move to one
// filter have the same exchanges), and a resolver's to control names. An owner takes what another's
// question brought when that is fresh enough for it (ProbeDue::fresh_since), or waits for one that
// is under way; a sample keeps the time at which it was taken. The owner's own MX and TXT are never
// shared. Pure; one thread; O(log n) in the number of questions.
//
// Each kind is asked by one function alone, ask_companion or ask_control, so flags are no part of
// the key.
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

// An owner that waits for an answer.
struct AnswerWaiter {
  std::shared_ptr<Watched> owner;
  DnsName server;  // as this owner's walk named it
  Time fresh_since{};
};

// Sample: CompanionSample or ControlSample.
template <class Sample>
class SharedAnswers {
 public:
  static constexpr Duration kKept = std::chrono::minutes(5);  // longer than any answer is fresh
  static constexpr std::size_t kMostKept = 65'536;            // the oldest go first

  struct Ask {};  // it must be asked: tell asked(), and answered() at its end
  struct Joined {
    Time leaves_at;  // of the packet that it waits for
  };

  // What becomes of a probe. Joined: answered() will name the owner.
  std::variant<Ask, Joined, Sample> want(const ProbeDue& probe,
                                         const std::shared_ptr<Watched>& owner, Time now);
  // `leaves_at`: when its first packet may leave.
  void asked(const ProbeDue& probe, Time leaves_at, Time now);
  // Those who joined and for whom the sample is fresh enough; they wait no longer. A question
  // that never ends is forgotten: who waits for it asks again (Propagation::started).
  std::vector<AnswerWaiter> answered(const Sample& sample, Time now);

  std::size_t size() const { return questions_.size(); }

 private:
  struct Question {
    Endpoint server;
    DnsName name;
    probes::RrType type;
    auto operator<=>(const Question&) const = default;
  };
  static Question question_of(const ProbeDue& probe);
  static Question question_of(const Sample& sample);
  struct UnderWay {
    Time asked_at, leaves_at;
  };
  struct Known {
    std::optional<Sample> newest;
    std::optional<UnderWay> under_way;  // the newest question
    std::vector<AnswerWaiter> waiters;
  };
  void remember(const Question& question, Time now);
  void forget(Time now);
  void forget_oldest();

  std::map<Question, Known> questions_;
  std::deque<std::pair<Time, Question>> ages_;  // when each may be forgotten, unless renewed
};

// What one owner calls the server.
void name_server(CompanionSample& sample, const DnsName& server);
void name_server(ControlSample& sample, const DnsName& server);  // a resolver has no such name

}  // namespace mxswitch::monitor
