// The questions of `plan init`, as a table: each says what it asks, what an empty answer means and
// what is wrong with an answer, by the rules that the plan itself is read by.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "deploy/mxswitch/dns_options.h"
#include "deploy/mxswitch/published_mx.h"
#include "orchestrator/plan/plan_template.h"

namespace mxswitch {

// What the flags gave, before it is checked.
struct GivenAnswers {
  std::string domain, file, new_mx, old_ttl, forward, hosted, accounts, aliases, relay, contact;
};

// The plan as far as it is answered; every answer in it is good.
struct PlanDraft {
  DnsSetup dns;
  std::string file;
  probes::DnsName domain;
  PublishedMx published;
  probes::MxSet new_mx;
  orchestrator::PlanAnswers answers;
};

struct PlanQuestion {
  const char* flag;  // as errors name it
  std::string GivenAnswers::*given;
  // Asked only where neither a flag nor the fallback answers it.
  bool quiet;
  std::string (*text)(const PlanDraft& draft);
  std::string (*fallback)(const PlanDraft& draft);
  // Keeps a good answer; says of another what is wrong and what to write instead.
  Result<void> (*take)(PlanDraft& draft, const std::string& answer);
};

// In the order in which they are asked.
std::span<const PlanQuestion> plan_questions();

// Gives every question its answer: by flag, by the person at the terminal, who is told what is
// wrong and asked again some times, or by its fallback. Fails where an answer is wrong and nobody
// can be asked, and where the input ends before the questions do.
Result<void> answer_all(PlanDraft& draft, const GivenAnswers& given);

}  // namespace mxswitch
