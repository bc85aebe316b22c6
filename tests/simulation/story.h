// What happens to the authorities of a random world, to the records beside its MX and to the
// watch. Every authority is visible: what one serves, the watch can see or is told.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tests/simulation/parts.h"

namespace mxswitch::simulation {

enum class Happening {
  plain,               // lags, split brain, lowered TTLs, rollbacks, outages
  late_watch,          // begins during or after the change, which is declared with the old TTL
  anycast,             // sites whose lag is below `authority_spread`, seen and not
  address_alone,       // the set stays, an exchange moves
  address_too,         // so does one while the MX changes
  alias,               // the owner is one and its CNAME changes
  provider_moves,      // NS too: the old provider serves the new set, then goes dark
  provider_goes_dark,  // it goes on serving the old set, then goes dark: days until READY
  lowered_unsaid,      // the TTL was lowered before the watch began, and nobody said so
  lowered_said,        // the plan says from what
  absent_before,       // no MX stood there: negative answers
  ipv6_alone,          // a server has IPv6 alone
  other_box,           // behind the AAAA of a server stands another one
  one_dark,            // one server of several for minutes: before, in and across the drain
  all_dark,            // all of them
  uplink_dead,         // we hear nobody for minutes
  ignored_dies,        // a server that the plan ignores
  stuck_pair,          // resolvers of two operators never let go
  filtered,            // some resolvers filter this name alone
  refusing,            // some refuse all names or are silent, for ever or for a day
};
inline constexpr std::array kHappenings = {Happening::plain,          Happening::late_watch,
                                           Happening::anycast,        Happening::address_alone,
                                           Happening::address_too,    Happening::alias,
                                           Happening::provider_moves, Happening::provider_goes_dark,
                                           Happening::lowered_unsaid, Happening::lowered_said,
                                           Happening::absent_before,  Happening::ipv6_alone,
                                           Happening::other_box,      Happening::one_dark,
                                           Happening::all_dark,       Happening::uplink_dead,
                                           Happening::ignored_dies,   Happening::stuck_pair,
                                           Happening::filtered,       Happening::refusing};
const char* to_text(Happening happening);
Happening some_happening(Chance& chance);  // of 10,000 worlds at least 300 of each

struct Story {
  std::string text;
  const char* owner = "shop.example";
  std::uint64_t change = 0;            // when the first server changes
  std::uint64_t last = 0;              // when what is served changes last
  std::uint64_t patience = 8 * 3600;   // READY comes within, once caches may hold nothing earlier
  std::uint32_t ttl = 0, longest = 0;  // of the old set; of all that is served
  bool copies_unseen = false;          // resolvers in the list have no copies of before
};
Story tell(Chance& chance, Happening happening);

}  // namespace mxswitch::simulation
