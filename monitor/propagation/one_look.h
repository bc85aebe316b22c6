// What `check` says: one look at the owner, its exchanges, its authorities and the resolvers. No
// history, so no drain is judged. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "monitor/propagation/observation.h"
#include "monitor/propagation/propagation.h"
#include "monitor/propagation/report.h"

namespace mxswitch::monitor {

enum class Look {
  all_new,       // every answer that counts is the expected set, and there are enough of them
  not_yet,       // somebody answered something else, or mail would not reach an exchange
  inconclusive,  // nobody did, but too much is not known
};
std::string_view to_text(Look look);

// How a fact bears on the look.
enum class Weight {
  blocks,  // makes it not_yet
  open,    // makes it inconclusive where nothing blocks
  note,    // decides nothing
  good,
};
std::string_view to_text(Weight weight);  // "blocks", "open", "note", "good"

// One fact, said once however many show it.
struct LookFact {
  Weight weight = Weight::note;
  std::string code;  // "authority-old", "resolver-failed", "exchange-alias", ...
  std::string text;  // a sentence without its subjects' names
  std::vector<std::string> who;

  std::string sentence() const;  // the text with all names
};

struct LookCounts {
  int asked = 0, split = 0, excluded = 0;  // excluded ones are in no class
  std::map<AnswerClass, int> by_class;
  int of(AnswerClass c) const;
  int counted() const { return asked - excluded; }
};

// What was seen, as it came. Several samples of one server are several looks at it.
struct LookSeen {
  DnsName owner;
  MxSet expected;
  std::vector<MxSet> old_sets;  // declared ones; what differs is else `foreign`
  // What the walk found; without one (`walked` is false) the given servers alone were asked.
  bool walked = true;
  DnsName mx_name;  // where the MX stands: the owner, or the end of its aliases
  std::vector<AuthorityAddress> endpoints;
  std::vector<ListedCompanion> companions;
  std::vector<std::string> warnings;
  WalkLimits limits;  // families without a route here, name servers that were left out
  std::string fault;  // why no server was found; else empty
  std::vector<AuthoritySample> authorities;
  std::vector<CompanionSample> exchanges;  // addresses of the expected exchanges
  probes::ResolverList resolvers;          // those that were asked
  std::vector<ResolverSample> samples;
  std::vector<ControlSample> controls;     // of the resolvers that answered
  std::vector<IdentitySample> identities;  // of those that answered without an NSID
  bool intercepted = false;                // somebody on the way answers in place of all of them
};

struct OneLook {
  Look look = Look::inconclusive;
  LookCounts authorities, resolvers;
  std::vector<LookFact> facts;             // worst first; one that decides unless all_new
  std::vector<std::string> not_looked_at;  // never empty: drain is always among them

  // The facts that decide, as reasons; empty only for all_new.
  std::vector<Reason> reasons() const;
};

// Inconclusive: an authority gave no usable answer, the owner is an alias, over 20 % of the
// resolvers that count failed (2 D), or nobody was asked. Resolvers that lie about a control name,
// or are a filter by their own word, do not count.
OneLook one_look(const LookSeen& seen);

}  // namespace mxswitch::monitor
