// What the parts of story.h share: a story being put together line by line.
#pragma once

#include <string>

#include "tests/simulation/story.h"

namespace mxswitch::simulation {

class Telling {
 public:
  // Draws when the change begins, and the TTL of the new set.
  Telling(Chance& its, std::uint32_t old_ttl);

  void add(const std::string& line) { story.text += line + "\n"; }
  void at(std::uint64_t when, const std::string& what);
  void change_at(std::uint64_t when, const std::string& what);  // of what is served
  void serve(std::uint64_t when, const std::string& server, const char* set, std::uint32_t ttl);
  // `count` servers ns1, ns2 ... of the owner's zone.
  void authorities(std::uint64_t count, const char* set = "old", const std::string& traits = "");
  void announced_watch();  // from the beginning; half of the changes are announced
  // What the plan says of the TTL before the watch: most say what it was, which is true here; some
  // trust that no copy is older than the watch; few say nothing, so that a day is assumed.
  void say_history();
  // Nothing says what records beside the MX were before: `history_ttl` of the plan, or a day.
  void say_history_of_records();
  // Servers of the root, by which a silent server is told from our own network.
  void root_servers();
  // Other people's, and a few of ours, that answer stale while they can't fetch; they look again
  // after half a minute to a quarter of an hour.
  void stale_caches();
  // The new set, by servers that lag or stay behind for hours.
  void change(std::uint64_t count);
  // The program is killed, the machine reboots or sleeps, somebody sets its clock.
  void befall_watch(std::uint64_t from, bool may_sleep = true);
  std::uint64_t after(std::uint64_t when, std::uint64_t most);  // at most so much later

  Chance& chance;
  Story story;
  std::uint32_t new_ttl = 0;
};

std::string server_name(std::uint64_t number);  // from 1: ns1.shop.example

void tell_address_alone(Telling& told);
void tell_address_too(Telling& told);
void tell_alias(Telling& told);
void tell_provider_moves(Telling& told);
void tell_provider_goes_dark(Telling& told);
void tell_lowered_unsaid(Telling& told);
void tell_lowered_said(Telling& told);
void tell_absent_before(Telling& told);
void tell_ipv6_alone(Telling& told);
void tell_other_box(Telling& told);
void tell_one_dark(Telling& told);
void tell_all_dark(Telling& told);
void tell_uplink_dead(Telling& told);
void tell_ignored_dies(Telling& told);
void tell_stuck_pair(Telling& told);
void tell_filtered(Telling& told);
void tell_refusing(Telling& told);

}  // namespace mxswitch::simulation
