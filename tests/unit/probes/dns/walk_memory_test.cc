#include "probes/dns/walk_memory.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

const DnsName kHost = *DnsName::parse("ns1.victim.example");
const std::vector<IpAddress> kAddresses = {*IpAddress::parse("192.0.2.1")};

Time at(Duration since) { return Time(seconds(1'000'000)) + since; }

TEST(WalkMemory, WhatWasFoundRestsForMinutesAndStandsForAnHour) {
  WalkMemory memory;
  memory.begin(at(seconds(0)));
  EXPECT_FALSE(memory.rests(kHost));
  memory.found(kHost, kAddresses);
  EXPECT_TRUE(memory.rests(kHost));
  memory.begin(at(WalkMemory::kFresh));
  EXPECT_FALSE(memory.rests(kHost));
  EXPECT_EQ(memory.addresses(kHost), kAddresses);
  memory.begin(at(WalkMemory::kKept + seconds(1)));
  EXPECT_TRUE(memory.addresses(kHost).empty());
}

TEST(WalkMemory, AFailureIsRepeatedLessAndLessOften) {
  WalkMemory memory;
  Time now = at(seconds(0));
  memory.begin(now);
  memory.found(kHost, kAddresses);
  for (const int pause : {10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600}) {
    memory.failed(kHost);
    memory.begin(now + seconds(pause - 1));
    EXPECT_TRUE(memory.rests(kHost)) << pause;
    now += seconds(pause);
    memory.begin(now);
    EXPECT_FALSE(memory.rests(kHost)) << pause;
  }
}

TEST(WalkMemory, ANameWithoutAddressKeepsNone) {
  WalkMemory memory;
  memory.begin(at(seconds(0)));
  memory.found(kHost, kAddresses);
  memory.failed(kHost);
  EXPECT_EQ(memory.addresses(kHost), kAddresses) << "nobody said otherwise";
  memory.none(kHost);
  EXPECT_TRUE(memory.addresses(kHost).empty());
  EXPECT_TRUE(memory.rests(kHost));
}

TEST(WalkMemory, TellsWhoWasNeverLookedFor) {
  WalkMemory memory;
  memory.begin(at(seconds(0)));
  EXPECT_EQ(memory.looked_at(kHost), Time::min());
  memory.failed(kHost);
  EXPECT_EQ(memory.looked_at(kHost), at(seconds(0)));
}

}  // namespace
}  // namespace mxswitch::probes
