// Stories of a delegation that moves to another provider.
#include <fmt/format.h>

#include "tests/simulation/telling.h"

namespace mxswitch::simulation {
namespace {

constexpr std::uint64_t kDay = 86400;

std::string old_name(std::uint64_t number) { return fmt::format("ns{}.old.example", number); }

// Of what leads caches to the servers; none is kept for more than two days.
void some_ttls(Telling& told) {
  static constexpr std::array kTtls = {3600, 86400, 172800};
  const auto any = [&] { return kTtls[told.chance.below(kTtls.size())]; };
  told.add(fmt::format("delegation ttl {} child {} addresses {}", any(), any(), any()));
}

// The new provider's servers join with the new set; to the old one's only NS records in caches
// lead. Returns how many those are.
std::uint64_t move_delegation(Telling& told) {
  const std::uint64_t olds = between(told.chance, 1, 2), news = between(told.chance, 1, 2);
  for (std::uint64_t i = 1; i <= olds; ++i) {
    told.add(fmt::format("authority {} 198.51.100.{} serves old ttl {}", old_name(i), 50 + i,
                         told.story.ttl));
    told.change_at(told.after(told.story.change, 300), "leave " + old_name(i));
  }
  for (std::uint64_t i = 1; i <= news; ++i) {
    told.add(fmt::format("authority ns{}.new.example 198.51.100.{} serves new ttl {} later", i,
                         40 + i, told.new_ttl));
    told.at(told.story.change, fmt::format("join ns{}.new.example", i));
  }
  told.announced_watch();
  told.add(fmt::format("declare old_ttl {}", told.story.ttl));
  some_ttls(told);
  told.add(fmt::format("resolvers {} child-centric clients {}s unlisted",
                       between(told.chance, 2, 8), between(told.chance, 5, 1200)));
  told.add(fmt::format("resolvers {} asks-parent clients {}s unlisted", between(told.chance, 2, 8),
                       between(told.chance, 5, 1200)));
  return olds;
}

}  // namespace

void tell_provider_moves(Telling& told) {
  const std::uint64_t olds = move_delegation(told);
  for (std::uint64_t i = 1; i <= olds; ++i) {
    const std::uint64_t turns = told.after(told.story.change, 1800);
    told.serve(turns, old_name(i), "new", told.new_ttl);
    told.at(turns + between(told.chance, 2 * kLongestPoll, 2 * kDay), "down " + old_name(i));
  }
  told.story.patience = 4 * kDay;  // an outage before READY: caches may answer stale for 3 days
  told.befall_watch(told.story.change);
}

void tell_provider_goes_dark(Telling& told) {
  const std::uint64_t olds = move_delegation(told);
  const std::uint64_t dark = told.story.change + between(told.chance, 2 * kLongestPoll, kDay);
  for (std::uint64_t i = 1; i <= olds; ++i) {
    const char* how = told.chance.below(3) == 0 ? "refuse " : "down ";
    told.change_at(told.after(dark, 900), how + old_name(i));
  }
  told.story.patience = 6 * kDay;  // NS records of 2 days, 3 days of stale answers
  told.befall_watch(told.story.change);
}

}  // namespace mxswitch::simulation
