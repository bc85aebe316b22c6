// What the old server says of recipients, remembered per domain and generation: asked once, not
// at every RCPT, and never carried across a switch. Pure and bounded.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "probes/base/clock.h"

namespace mxswitch::orchestrator {

struct OldVerdict {
  bool refused = false;  // else accepted
  std::string reply;
  Time until{};
};

class OldVerdicts {
 public:
  static constexpr std::size_t kLimit = 200000;

  // Forgets the domain's answers when the generation is another.
  void enter(const std::string& domain, std::int64_t generation);
  std::optional<OldVerdict> find(const std::string& domain, const std::string& address,
                                 Time now) const;
  // Accepted holds for a day, refused for five minutes: an account may be made there any time.
  void note(const std::string& domain, const std::string& address, bool refused, std::string reply,
            Time now);

  std::optional<bool> is_catch_all(const std::string& domain, Time now) const;
  void note_catch_all(const std::string& domain, bool catch_all, Time now);

 private:
  struct Domain {
    std::int64_t generation = 0;
    std::optional<bool> catch_all;
    Time catch_all_until{};
    std::map<std::string, OldVerdict> verdicts;
  };
  std::map<std::string, Domain> domains_;
  std::size_t held_ = 0;
};

}  // namespace mxswitch::orchestrator
