// The signs that resolvers of several operators are one and the same from here, because something
// on the way answers in their place (PROPAGATION.md 2 D). Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "monitor/propagation/resolvers.h"

namespace mxswitch::monitor {

enum class SignKind {
  nobody,     // 192.0.2.53 answers, where nobody serves DNS
  nsid,       // one NSID behind two operators that are no declared forwarders
  id_server,  // the same of what CHAOS TXT `id.server.` says
  dot,        // UDP and DNS over TLS disagree (dot.h)
};

inline constexpr const char* kInterceptedWords =
    "192.0.2.53, where nobody serves DNS, answers from here: something on the way answers in the "
    "place of every resolver, so all of them count as one";

// One operator is one opinion; a declared forwarder's is that of the operator it forwards to.
std::string opinion_of(const probes::Resolver& resolver);

class Signs {
 public:
  // With the NSID, or with what id.server says.
  using Key = std::pair<SignKind, std::string>;

  // Those that resolvers which count show. A text that two operators gave their servers by chance
  // ("resolver1") is a sign too: that costs an opinion, and READY comes later, never too early.
  explicit Signs(const std::vector<ResolverStanding>& standings);

  bool any() const { return !all_.empty(); }
  bool collapses(const ResolverTrack& track) const { return find(track) != all_.end(); }
  std::string of(const ResolverTrack& track) const;  // a sentence; empty: it shows none
  std::vector<std::string> sentences() const;        // one a sign

 private:
  using All = std::map<Key, std::set<std::string>>;  // the operators whose resolvers show it
  All::const_iterator find(const ResolverTrack& track) const;
  All all_;
};

}  // namespace mxswitch::monitor
