#include "probes/dns/pacer.h"

#include <gtest/gtest.h>

namespace mxswitch::probes {
namespace {

using std::chrono::milliseconds;

const Time kStart = Time(std::chrono::hours(1));
const Endpoint kServer = *Endpoint::parse("192.0.2.1");

TEST(Pacer, LetsABurstPassAndSpacesTheRest) {
  Pacer pacer;
  const Rate rate{2, 3};
  std::vector<Duration> waits;
  for (int i = 0; i < 6; ++i) waits.push_back(pacer.reserve(kServer, rate, kStart) - kStart);
  EXPECT_EQ(waits,
            (std::vector<Duration>{milliseconds(0), milliseconds(0), milliseconds(0),
                                   milliseconds(500), milliseconds(1000), milliseconds(1500)}));
}

TEST(Pacer, RefillsUpToTheBurstOnly) {
  Pacer pacer;
  const Rate rate{1, 2};
  for (int i = 0; i < 2; ++i) pacer.reserve(kServer, rate, kStart);
  const Time later = kStart + std::chrono::hours(5);
  EXPECT_EQ(pacer.reserve(kServer, rate, later), later);
  EXPECT_EQ(pacer.reserve(kServer, rate, later), later);
  EXPECT_EQ(pacer.reserve(kServer, rate, later), later + milliseconds(1000));
}

TEST(Pacer, DelayTakesNothing) {
  Pacer pacer;
  const Rate rate{1, 1};
  EXPECT_EQ(pacer.delay(kServer, rate, kStart), Duration(0));
  pacer.reserve(kServer, rate, kStart);
  EXPECT_EQ(pacer.delay(kServer, rate, kStart), milliseconds(1000));
  EXPECT_EQ(pacer.delay(kServer, rate, kStart), milliseconds(1000));
  EXPECT_EQ(pacer.delay(kServer, rate, kStart + milliseconds(400)), milliseconds(600));
}

TEST(Pacer, KeepsServersApart) {
  Pacer pacer;
  const Rate rate{1, 1};
  pacer.reserve(kServer, rate, kStart);
  EXPECT_EQ(pacer.reserve(*Endpoint::parse("192.0.2.1:5353"), rate, kStart), kStart);
  EXPECT_EQ(pacer.reserve(*Endpoint::parse("192.0.2.2"), rate, kStart), kStart);
}

// Courtesy is the invariant: however queries arrive, no window holds more than burst + rate x time.
TEST(Pacer, NeverPassesMoreThanTheRateAllows) {
  Pacer pacer;
  const Rate rate{5, 4};
  std::vector<Time> leaves;
  Time now = kStart;
  for (int i = 0; i < 500; ++i) {
    now += milliseconds((i * 37) % 210);
    leaves.push_back(pacer.reserve(kServer, rate, now));
  }
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    for (std::size_t j = i; j < leaves.size(); ++j) {
      const double window = std::chrono::duration<double>(leaves[j] - leaves[i]).count();
      ASSERT_LE(static_cast<double>(j - i + 1), rate.burst + rate.per_second * window + 1.01);
    }
  }
}

TEST(Pacer, AClockThatStepsBackGivesNoTokens) {
  Pacer pacer;
  const Rate rate{1, 1};
  pacer.reserve(kServer, rate, kStart);
  EXPECT_EQ(pacer.delay(kServer, rate, kStart - std::chrono::hours(1)), milliseconds(1000));
}

TEST(Pacer, ForgetsServersThatWereNotAskedForLong) {
  Pacer pacer;
  for (std::uint8_t i = 0; i < 200; ++i) {
    for (std::uint8_t j = 0; j < 100; ++j) {
      const Endpoint server{IpAddress::v4({10, 0, i, j}), 53};
      pacer.reserve(server, Rate{1, 4}, kStart + milliseconds(i * 1000));
    }
  }
  EXPECT_LT(pacer.size(), 9000u);
}

}  // namespace
}  // namespace mxswitch::probes
