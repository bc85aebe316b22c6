#include "monitor/propagation/signs.h"

#include <fmt/format.h>

#include <optional>

#include "monitor/propagation/dot.h"

namespace mxswitch::monitor {
namespace {

constexpr std::size_t kMostNamed = 4;

bool is_site(SignKind kind) { return kind == SignKind::nsid || kind == SignKind::id_server; }

// Which site says to answer. One that gives an NSID needs no other name.
std::optional<Signs::Key> site_of(const ResolverTrack& track) {
  if (!track.nsid.empty()) return Signs::Key{SignKind::nsid, track.nsid};
  if (!track.own_name.id_server.empty())
    return Signs::Key{SignKind::id_server, track.own_name.id_server};
  return std::nullopt;
}

std::string names_of(const std::set<std::string>& operators) {
  std::string text;
  std::size_t named = 0;
  for (const std::string& name : operators) {
    if (named++ == kMostNamed)
      return text + fmt::format(" and {} more", operators.size() - kMostNamed);
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

std::string sentence(const Signs::Key& key, const std::set<std::string>& operators) {
  if (key.first == SignKind::nobody) return kInterceptedWords;
  if (key.first == SignKind::dot)
    return fmt::format(
        "UDP and DNS over TLS disagree at {} in {} samples in a row: something on the "
        "way answers UDP in their place, so they count as one",
        names_of(operators), kDotSamples);
  return fmt::format(
      "{} \"{}\" answers in the name of {}, which declare no forwarding: they count "
      "as one",
      key.first == SignKind::nsid ? "NSID" : "id.server", key.second, names_of(operators));
}

}  // namespace

std::string opinion_of(const probes::Resolver& resolver) {
  if (!resolver.upstream.empty()) return resolver.upstream;
  return resolver.operator_name.empty() ? resolver.endpoint.text() : resolver.operator_name;
}

Signs::Signs(const std::vector<ResolverStanding>& standings) {
  for (const ResolverStanding& standing : standings) {
    if (!standing.counted) continue;
    const std::string who = opinion_of(*standing.resolver);
    if (standing.track->intercepted) all_[{SignKind::nobody, ""}].insert(who);
    if (is_dot_sign(*standing.track)) all_[{SignKind::dot, ""}].insert(who);
    if (const auto site = site_of(*standing.track)) all_[*site].insert(who);
  }
  std::erase_if(all_,
                [](const auto& one) { return is_site(one.first.first) && one.second.size() < 2; });
}

Signs::All::const_iterator Signs::find(const ResolverTrack& track) const {
  if (track.intercepted) return all_.find({SignKind::nobody, ""});
  if (is_dot_sign(track)) return all_.find({SignKind::dot, ""});
  const auto site = site_of(track);
  return site ? all_.find(*site) : all_.end();
}

std::string Signs::of(const ResolverTrack& track) const {
  const auto found = find(track);
  return found == all_.end() ? "" : sentence(found->first, found->second);
}

std::vector<std::string> Signs::sentences() const {
  std::vector<std::string> all;
  for (const auto& [key, operators] : all_) all.push_back(sentence(key, operators));
  return all;
}

}  // namespace mxswitch::monitor
