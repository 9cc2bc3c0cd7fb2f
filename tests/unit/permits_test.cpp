// What semaphores and shared locks send.
#include "cache/operations/permits.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using cache::Claim;
using cache::Life;
using cache::PermitScripts;
using ::testing::ElementsAre;

const PermitScripts one{"k", 3, PermitScripts::Way::one};
const PermitScripts alone{"k", PermitScripts::unlimited, PermitScripts::Way::alone};

TEST(PermitScriptsTest, AcquireSaysHowManyThereAreAndWhereEverythingIs) {
  const auto call = one.acquire({.token = "rc:t", .timeout = 1500ms});
  EXPECT_EQ(call.script, &cache::acquire_permit_script);
  EXPECT_THAT(call.arguments, ElementsAre("src:t", "1500", "{k}:fence", "{k}:waiting", "3", "0"));
}

TEST(PermitScriptsTest, OnlyWhoWaitsKeepsOthersOut) {
  EXPECT_THAT(alone.acquire({.token = "rc:t", .waits = true}).arguments,
              ElementsAre("xrc:t", "0", "{k}:fence", "{k}:waiting", "1099511627776", "3000"));
  EXPECT_EQ(alone.acquire({.token = "rc:t", .waits = false}).arguments.back(), "0");
}

TEST(PermitScriptsTest, ReleaseAndLeaveTellWhoWaits) {
  EXPECT_EQ(one.channel(), "k:released");
  const auto release = one.release("rc:t");
  EXPECT_EQ(release.script, &cache::release_permit_script);
  EXPECT_THAT(release.arguments, ElementsAre("src:t", "3", "k:released", "{k}:waiting"));
  const auto leave = alone.leave("rc:t", true);
  EXPECT_EQ(leave.script, &cache::leave_permit_script);
  EXPECT_THAT(leave.arguments, ElementsAre("xrc:t", "k:released", "{k}:waiting"));
}

TEST(PermitScriptsTest, RenewSaysHow) {
  EXPECT_THAT(one.renew("rc:t", 7ms, Life::add).arguments, ElementsAre("src:t", "3", "7", "0"));
  EXPECT_THAT(one.renew("rc:t", 7ms, Life::replace).arguments, ElementsAre("src:t", "3", "7", "1"));
  EXPECT_THAT(one.renew("rc:t", 7ms, Life::at_least).arguments, ElementsAre("src:t", "3", "7", "2"));
}

TEST(PermitScriptsTest, CountAsksForAllOrForOne) {
  EXPECT_THAT(one.count().arguments, ElementsAre(""));
  EXPECT_THAT(one.is_held("rc:t").arguments, ElementsAre("src:t"));
}

TEST(PermitScriptsTest, WhatIsBesideAKeyIsInItsSlot) {
  const PermitScripts tagged{"a{b}c", 1, PermitScripts::Way::one};
  EXPECT_EQ(tagged.acquire({.token = "t"}).arguments[2], "a{b}c:fence");
}

}  // namespace
}  // namespace rediscache::test
