// Stories of the records beside the MX: an exchange's address, the CNAME at the owner.
#include <fmt/format.h>

#include <algorithm>

#include "tests/simulation/telling.h"

namespace mxswitch::simulation {
namespace {

// Of the new set, at some servers of their zone.
class Exchanges {
 public:
  Exchanges(Telling& told, std::uint64_t servers)
      : told_(told), servers_(servers), ttl_(some_ttl(told.chance)) {
    for (std::uint64_t i = 1; i <= servers_; ++i) {
      record("mx1.filter.example A 192.0.2.1", i);
      record("mx1.filter.example AAAA 2001:db8::25", i);
      record("mx2.filter.example A 192.0.2.2", i);
    }
    told_.story.longest = std::max(told_.story.longest, ttl_);
  }

  // The first one, at the first server then and at the others within a quarter of an hour.
  void move(std::uint64_t when) {
    for (std::uint64_t i = 1; i <= servers_; ++i)
      told_.change_at(
          i == 1 ? when : told_.after(when, 900),
          fmt::format("record mx1.filter.example A 192.0.2.99 ttl {} at ns{}.filter.example", ttl_,
                      i));
  }

 private:
  void record(const char* what, std::uint64_t server) {
    told_.add(fmt::format("record {} ttl {} at ns{}.filter.example 198.51.100.{}", what, ttl_,
                          server, 20 + server));
  }

  Telling& told_;
  std::uint64_t servers_;
  std::uint32_t ttl_;
};

}  // namespace

void tell_address_alone(Telling& told) {
  told.authorities(between(told.chance, 1, 3), "new");
  told.add("declare old new");
  told.announced_watch();
  told.say_history_of_records();
  Exchanges exchanges(told, between(told.chance, 1, 2));
  exchanges.move(told.story.change);
  told.befall_watch(told.story.change);
}

// It begins before READY can come, so that the watch knows of it.
void tell_address_too(Telling& told) {
  const std::uint64_t servers = between(told.chance, 1, 3);
  told.authorities(servers);
  told.announced_watch();
  told.say_history_of_records();
  told.add(fmt::format("declare old_ttl {}", told.story.ttl));
  told.change(servers);
  Exchanges exchanges(told, between(told.chance, 1, 2));
  exchanges.move(told.story.change - 1800 + told.chance.below(1920));
  told.befall_watch(told.story.change);
}

void tell_alias(Telling& told) {
  static constexpr std::array<std::uint32_t, 3> kLinkTtls = {300, 3600, 86400};
  Story& story = told.story;
  story.owner = "news.shop.example";
  // No cache answers more than the least TTL of a chain.
  const std::uint32_t ttl = std::max(story.longest, kLinkTtls[told.chance.below(kLinkTtls.size())]);
  told.add(fmt::format("authority ns1.host.example 198.51.100.31 serves old ttl {}", story.ttl));
  told.announced_watch();
  const Exchanges exchanges(told, 1);
  told.say_history_of_records();
  told.add(fmt::format("declare old_ttl {}", ttl));
  told.serve(story.change, "ns1.host.example", "new", told.new_ttl);
  const std::uint64_t servers = between(told.chance, 1, 2);
  std::uint64_t when = told.after(story.change, 60);
  for (std::uint64_t i = 1; i <= servers; ++i) {
    told.add(fmt::format("record {} CNAME old.host.example ttl {} at {} 198.51.100.{}", story.owner,
                         ttl, server_name(i), 10 + i));
    told.change_at(when, fmt::format("record {} CNAME new.host.example ttl {} at {}", story.owner,
                                     ttl, server_name(i)));
    when = told.after(when, 900);
  }
  story.longest = std::max(story.longest, ttl);
  told.befall_watch(story.change);
}

}  // namespace mxswitch::simulation
