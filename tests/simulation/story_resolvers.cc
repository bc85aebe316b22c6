// Stories of resolvers that are no use: stuck, filtering, refusing, silent.
#include <fmt/format.h>

#include "tests/simulation/telling.h"

namespace mxswitch::simulation {
namespace {

constexpr std::uint64_t kDay = 86400;

void tell_servers(Telling& told) {
  const std::uint64_t servers = between(told.chance, 1, 3);
  told.authorities(servers);
  told.announced_watch();
  told.say_history();
  told.change(servers);
  told.add("resolvers 6 clients 600s");
}

}  // namespace

// They fetched before the change, and go on counting in a circle.
void tell_stuck_pair(Telling& told) {
  tell_servers(told);
  for (int i = 1; i <= 2; ++i)
    told.add(fmt::format("resolver 198.18.100.{0} Stuck-{0} forever clients {1}s", i,
                         between(told.chance, 5, 600)));
  told.story.patience += 4 * 3600;  // named and waived one after the other
  told.befall_watch(told.story.change);
}

void tell_filtered(Telling& told) {
  static constexpr std::array kHow = {"nxdomain", "nodata", "refused"};
  tell_servers(told);
  const std::uint64_t filters = between(told.chance, 1, 2);
  for (std::uint64_t i = 1; i <= filters; ++i)
    told.add(fmt::format("resolver 198.18.100.{0} Filter-{0} filters {1} clients 60s", i,
                         kHow[told.chance.below(kHow.size())]));
  told.befall_watch(told.story.change);
}

// For ever, or from some moment on for a day; what one of those was last seen to hold is waited
// for, or waived.
void tell_refusing(Telling& told) {
  tell_servers(told);
  told.add(fmt::format("resolvers {} refuses", between(told.chance, 1, 4)));
  told.add(fmt::format("resolvers {} silent", between(told.chance, 1, 2)));
  const std::string address = "198.18.100.1";
  told.add(fmt::format("resolver {} Fading clients {}s", address, between(told.chance, 5, 1200)));
  const std::uint64_t from = told.after(told.story.change - 1800, 2 * 3600);
  told.at(from, (told.chance.below(2) == 0 ? "down " : "refuse ") + address);
  told.at(from + kDay, "up " + address);
  told.story.patience += 4 * 3600;
  told.befall_watch(told.story.change);
}

}  // namespace mxswitch::simulation
