// Timeouts, and the results that can be "omitted".
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/result.hpp>
#include <rediscache/timeout.hpp>

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::duration;
using std::chrono::milliseconds;

constexpr milliseconds longest{3'155'760'000'000'000'000};

TEST(Timeouts, AreTheCachesUnlessGiven) {
  EXPECT_TRUE(Timeout{}.is_default());
  EXPECT_FALSE(Timeout{}.is_never());
  EXPECT_FALSE(Timeout{}.is_over());
  EXPECT_EQ(Timeout{}.or_default(Timeout{5s}), Timeout{5s});
  EXPECT_EQ(Timeout{}.or_default(Timeout{never}), Timeout{never});
  EXPECT_EQ(Timeout{7s}.or_default(Timeout{5s}), Timeout{7s});
  EXPECT_EQ(Timeout{never}.or_default(Timeout{5s}), Timeout{never});
}

TEST(Timeouts, MayBeNever) {
  EXPECT_TRUE(Timeout{never}.is_never());
  EXPECT_FALSE(Timeout{never}.is_default());
  EXPECT_FALSE(Timeout{never}.is_over());
}

TEST(Timeouts, AreKeptInMillisecondsTruncated) {
  EXPECT_EQ(Timeout{5min}.time(), 300'000ms);
  EXPECT_EQ(Timeout{1500us}.time(), 1ms);
  EXPECT_EQ(Timeout{1999999ns}.time(), 1ms);
  EXPECT_EQ(Timeout{duration<double>{0.3}}.time(), 300ms);
  EXPECT_EQ(Timeout{duration<double>{1.9999}}.time(), 1999ms);
  EXPECT_EQ(Timeout{24h}.time(), 86'400'000ms);
}

TEST(Timeouts, AboveZeroAreAtLeastAMillisecond) {
  EXPECT_EQ(Timeout{1ns}.time(), 1ms);
  EXPECT_EQ(Timeout{999us}.time(), 1ms);
  EXPECT_EQ(Timeout{duration<double>{1e-300}}.time(), 1ms);
  EXPECT_EQ(Timeout{std::chrono::duration<float>{0.0005F}}.time(), 1ms);
  EXPECT_FALSE(Timeout{1ns}.is_over());
}

TEST(Timeouts, OfZeroAndLessAreOver) {
  EXPECT_TRUE(Timeout{0s}.is_over());
  EXPECT_TRUE(Timeout{-1ns}.is_over());
  EXPECT_TRUE(Timeout{-5min}.is_over());
  EXPECT_TRUE(Timeout{duration<double>{-0.0}}.is_over());
  EXPECT_TRUE(Timeout{duration<double>{-HUGE_VAL}}.is_over());
  EXPECT_TRUE(Timeout{duration<std::int64_t>{std::numeric_limits<std::int64_t>::min()}}.is_over());
  EXPECT_TRUE(Timeout{duration<double>{std::numeric_limits<double>::quiet_NaN()}}.is_over());
}

TEST(Timeouts, HaveALongestTime) {
  EXPECT_EQ(Timeout{std::chrono::hours::max()}.time(), longest);
  EXPECT_EQ(Timeout{duration<double>{HUGE_VAL}}.time(), longest);
  EXPECT_EQ(Timeout{milliseconds::max()}.time(), longest);
  EXPECT_EQ(Timeout{longest}.time(), longest);
  EXPECT_EQ(Timeout{longest - 1ms}.time(), longest - 1ms);
  EXPECT_EQ((Timeout{duration<std::int64_t, std::ratio<31'557'600>>{10}}.time()), 315'576'000'000ms);
}

TEST(Timeouts, TakeDurationsAndNeverButNoBareNumbers) {
  static_assert(TimeoutLike<std::chrono::seconds> && TimeoutLike<duration<double>> && TimeoutLike<Never>);
  static_assert(!TimeoutLike<int> && !TimeoutLike<double> && !TimeoutLike<std::nullptr_t>);
  EXPECT_EQ(Timeout{1s}, Timeout{1000ms});
  EXPECT_FALSE(Timeout{never} == Timeout{});
  EXPECT_FALSE(Timeout{0s} == Timeout{});
}

TEST(Counters, HoldAValueOrSayThatTheyWereOmitted) {
  const Counter counted{-7};
  EXPECT_FALSE(counted.omitted());
  EXPECT_EQ(counted.value(), -7);
  EXPECT_EQ(*counted, -7);
  EXPECT_EQ(counted.value_or(1), -7);
  const Counter omitted;
  EXPECT_TRUE(omitted.omitted());
  EXPECT_EQ(omitted.value_or(1), 1);
  EXPECT_THROW((void)omitted.value(), OmittedError);
  EXPECT_THROW((void)*omitted, OmittedError);
  EXPECT_FALSE(Counter{0}.omitted()) << "zero is a number too";
}

TEST(Counters, ThatWereOmittedEqualNoNumberAndDoNotThrow) {
  const Counter omitted;
  EXPECT_FALSE(omitted == 0);
  EXPECT_TRUE(omitted != 5);
  EXPECT_TRUE(omitted == Counter{});
  EXPECT_TRUE(Counter{5} == 5);
  EXPECT_TRUE(Score{1.5} == 1.5);
  EXPECT_FALSE(Score{} == 0.0);
}

TEST(RemainingTimes, OfAKeyWithAnExpiryTellWhatIsLeft) {
  const Pttl left = Pttl::of(1500ms);
  EXPECT_FALSE(left.omitted());
  EXPECT_FALSE(left.is_missing());
  EXPECT_FALSE(left.is_persistent());
  EXPECT_EQ(left.remaining(), 1500ms);
  EXPECT_EQ(left.django(), 1500);
}

TEST(RemainingTimes, InSecondsAreRoundedUp) {
  EXPECT_EQ(Ttl::of(1500ms).remaining(), 2s);
  EXPECT_EQ(Ttl::of(1ms).django(), 1) << "a living key never shows 0";
  EXPECT_EQ(Ttl::of(2000ms).remaining(), 2s);
  EXPECT_EQ(Ttl::of(2001ms).remaining(), 3s);
}

TEST(RemainingTimes, OfAMissingKeyAreDjangosZero) {
  EXPECT_TRUE(Ttl::missing().is_missing());
  EXPECT_FALSE(Ttl::missing().is_persistent());
  EXPECT_EQ(Ttl::missing().remaining(), std::nullopt);
  EXPECT_EQ(Ttl::missing().django(), 0);
}

TEST(RemainingTimes, WithoutExpiryAreDjangosNone) {
  EXPECT_TRUE(Ttl::no_expiry().is_persistent());
  EXPECT_FALSE(Ttl::no_expiry().is_missing());
  EXPECT_EQ(Ttl::no_expiry().remaining(), std::nullopt);
  EXPECT_EQ(Ttl::no_expiry().django(), std::nullopt);
}

TEST(RemainingTimes, ThatWereOmittedSayNoToEveryQuestion) {
  const Ttl omitted;
  EXPECT_TRUE(omitted.omitted());
  EXPECT_FALSE(omitted.is_missing());
  EXPECT_FALSE(omitted.is_persistent());
  EXPECT_EQ(omitted.remaining(), std::nullopt);
  EXPECT_EQ(omitted.value_or(7s), 7s);
  EXPECT_THROW((void)omitted.django(), OmittedError) << "0, None and n all say something else";
}

TEST(RemainingTimes, AreTheirOwnValueOnlyWhereThereIsOne) {
  EXPECT_EQ(Ttl::of(5s).value_or(7s), 5s);
  EXPECT_EQ(Ttl::missing().value_or(7s), 7s);
  EXPECT_EQ(Ttl::no_expiry().value_or(7s), 7s);
}

TEST(RemainingTimes, EqualOnlyTheirOwnState) {
  EXPECT_EQ(Ttl{}, Ttl{});
  EXPECT_FALSE(Ttl{} == Ttl::missing());
  EXPECT_FALSE(Ttl::missing() == Ttl::no_expiry());
  EXPECT_FALSE(Ttl::of(1s) == Ttl::of(2s));
  EXPECT_EQ(Ttl::of(900ms), Ttl::of(1s));
}

}  // namespace
}  // namespace rediscache::test
