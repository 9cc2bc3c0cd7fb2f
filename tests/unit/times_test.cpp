// Arithmetic with times at and beyond what their 64 bits can count.
#include "base/times.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include <rediscache/lock_options.hpp>
#include <rediscache/options.hpp>

#include "base/deadline.hpp"
#include "base/timestamp.hpp"
#include "net/try_time.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using base::limited;
using base::longest_time;
using base::saturating_add;
using base::saturating_ceil;
using base::saturating_subtract;
using std::chrono::duration;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using Point = base::Clock::time_point;

TEST(Times, ConvertToAFinerUnitOrToItsEnds) {
  EXPECT_EQ(saturating_ceil<milliseconds>(5s), 5000ms);
  EXPECT_EQ(saturating_ceil<milliseconds>(-5s), -5000ms);
  EXPECT_EQ(saturating_ceil<milliseconds>(0h), 0ms);
  for (const auto& furthest :
       {saturating_ceil<milliseconds>(hours::max()), saturating_ceil<milliseconds>(seconds::max()),
        saturating_ceil<milliseconds>(milliseconds::max()),
        saturating_ceil<milliseconds>(std::chrono::years::max())}) {
    EXPECT_GE(furthest, milliseconds{67'767'976'233'532'800});
  }
  EXPECT_EQ(saturating_ceil<milliseconds>(hours::max()), milliseconds::max());
  EXPECT_EQ(saturating_ceil<milliseconds>(hours::min()), milliseconds::min());
  EXPECT_EQ(saturating_ceil<nanoseconds>(seconds::min()), nanoseconds::min());
  EXPECT_EQ(saturating_ceil<milliseconds>(duration<std::uint64_t>{std::numeric_limits<std::uint64_t>::max()}),
            milliseconds::max());
  EXPECT_EQ((saturating_ceil<milliseconds>(duration<std::int16_t>{32767})), 32'767'000ms);
}

TEST(Times, ConvertToACoarserUnitRoundedUp) {
  EXPECT_EQ(saturating_ceil<milliseconds>(1ns), 1ms);
  EXPECT_EQ(saturating_ceil<milliseconds>(1'000'000ns), 1ms);
  EXPECT_EQ(saturating_ceil<milliseconds>(-1ns), 0ms);
  EXPECT_EQ(saturating_ceil<milliseconds>(-1'000'001ns), -1ms);
  EXPECT_EQ(saturating_ceil<milliseconds>(nanoseconds::max()), 9'223'372'036'855ms);
  EXPECT_EQ(saturating_ceil<milliseconds>(nanoseconds::min()), -9'223'372'036'854ms);
}

TEST(Times, ConvertFromFloatsWithoutUndefinedResults) {
  EXPECT_EQ(saturating_ceil<milliseconds>(duration<double>{0.25}), 250ms);
  EXPECT_EQ(saturating_ceil<milliseconds>(duration<double>{HUGE_VAL}), milliseconds::max());
  EXPECT_EQ(saturating_ceil<milliseconds>(duration<double>{-HUGE_VAL}), milliseconds::min());
  EXPECT_EQ(saturating_ceil<milliseconds>(duration<double>{std::nan("")}), 0ms);
  EXPECT_EQ(saturating_ceil<nanoseconds>(duration<float>{1e30F}), nanoseconds::max());
}

TEST(Times, AreAddedAndSubtractedUpToTheEndsOfTheClock) {
  const Point now = base::Clock::now();
  EXPECT_EQ(saturating_add(now, 1s), now + 1s);
  EXPECT_EQ(saturating_add(now, -1s), now - 1s);
  EXPECT_EQ(saturating_add(now, milliseconds::max()), Point::max());
  EXPECT_EQ(saturating_add(now, hours::max()), Point::max());
  EXPECT_EQ(saturating_add(Point::max(), 1ns), Point::max());
  EXPECT_EQ(saturating_add(Point::min(), -1ns), Point::min());
  EXPECT_EQ(saturating_add(now, hours::min()), now + nanoseconds::min());
  EXPECT_EQ(saturating_add(milliseconds::max(), 1ms), milliseconds::max());
  EXPECT_EQ(saturating_add(milliseconds::min(), -1ms), milliseconds::min());
  EXPECT_EQ(saturating_subtract(Point::max(), now), Point::max() - now);
  EXPECT_EQ(saturating_subtract(Point::min(), now), nanoseconds::min());
  EXPECT_EQ(saturating_subtract(Point::max(), Point::min()), nanoseconds::max());
  EXPECT_GT(detail::saturating_between(std::chrono::sys_time<hours>::max(), std::chrono::system_clock::now()),
            24h * 365);
  EXPECT_EQ(
      detail::saturating_between(std::chrono::sys_time<hours>::min(), std::chrono::sys_time<hours>::max()),
      nanoseconds::min());
}

TEST(Times, OfOptionsTakeWhateverConvertsToMilliseconds) {
  constexpr Milliseconds furthest = hours::max();
  static_assert(furthest == milliseconds::max());
  static_assert(Milliseconds{seconds::min()} == milliseconds::min());
  static_assert(Milliseconds{250}.count() == 250);
  static_assert(!std::convertible_to<int, Milliseconds>, "a bare number has no unit");
  static_assert(!std::convertible_to<std::chrono::microseconds, Milliseconds>, "it would be cut off");
  const Options options{.connect_timeout = hours::max(), .call_timeout = 3s};
  EXPECT_EQ(options.connect_timeout, milliseconds::max());
  EXPECT_EQ(options.call_timeout, 3000ms);
  const LockOptions lock{.timeout = std::chrono::days::max(), .sleep = seconds::max()};
  EXPECT_GT(*lock.timeout, hours{24});
  EXPECT_EQ(lock.sleep, milliseconds::max());
  EXPECT_EQ(Microseconds{hours::min()}, std::chrono::microseconds::min());
}

TEST(Times, AreLimitedSoThatSumsAndProductsFit) {
  EXPECT_EQ(limited(milliseconds::max()), longest_time);
  EXPECT_EQ(limited(5ms), 5ms);
  EXPECT_EQ(limited(-5ms), -5ms);
  EXPECT_LT(base::Clock::now() + 2 * longest_time, Point::max());
  EXPECT_EQ(base::doubled(10ms, 3, 1s), 80ms);
  EXPECT_EQ(base::doubled(10ms, 30, 1s), 1s);
  EXPECT_EQ(base::doubled(milliseconds::max(), 16, milliseconds::max()), milliseconds::max());
}

TEST(Times, OfDeadlinesCompareAtTheEndsOfTheClock) {
  for (const Point at :
       {Point::max(), base::Deadline::in(milliseconds::max()).at(), base::Deadline::in(hours::max()).at()}) {
    const base::Deadline far{at};
    EXPECT_FALSE(far.passed());
    EXPECT_TRUE(far.leaves(1h));
    EXPECT_FALSE(far.leaves(nanoseconds::max()));
    EXPECT_EQ(far.poll_timeout(), 3'600'000);
  }
  for (const Point at : {Point::min(), Point{}, base::Deadline::in(hours::min()).at()}) {
    const base::Deadline past{at};
    EXPECT_TRUE(past.passed());
    EXPECT_FALSE(past.leaves(0ns));
    EXPECT_EQ(past.poll_timeout(), 0);
  }
}

TEST(Times, OfATryAreHalfOfWhatIsLeftWhileAnotherIsPossible) {
  using net::TryTime;
  const net::TryLimits limits{.socket_timeout = 10s, .call_timeout = 10s};
  const base::Deadline call = base::Deadline::in(8s);
  const auto left = [](base::Deadline end) { return end.remaining(); };
  EXPECT_EQ(TryTime{call}.of_try().at(), call.at());
  EXPECT_EQ((TryTime{call, limits, TryTime::Next::none}.of_try().at()), call.at());
  const auto half = left(TryTime{call, limits, TryTime::Next::possible}.of_try());
  EXPECT_LE(half, 4100ms);
  EXPECT_GT(half, 2s);
  const net::TryLimits strict{.socket_timeout = 1s, .call_timeout = 10s};
  EXPECT_LE(left(TryTime{call, strict, TryTime::Next::possible}.of_try()), 1s);
  EXPECT_LE(left(TryTime{call, strict, TryTime::Next::none}.of_try()), 1s);
  const net::TryLimits small{.socket_timeout = 1s, .call_timeout = 1s};
  EXPECT_EQ((TryTime{call, small, TryTime::Next::none}.of_own_connection().at()), call.at())
      << "the caller gave it more time than a call has";
  for (const Point at : {Point::min(), Point::max()}) {
    const base::Deadline end = TryTime{base::Deadline{at}, limits, TryTime::Next::possible}.of_try();
    EXPECT_EQ(end.passed(), at == Point::min());
  }
}

TEST(Times, AreShownInUtc) {
  EXPECT_EQ(base::utc_text(std::chrono::system_clock::time_point{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(base::utc_text(std::chrono::system_clock::time_point{1'709'209'800'125ms}),
            "2024-02-29T12:30:00.125Z");
  EXPECT_EQ(base::utc_text(std::chrono::system_clock::time_point{-1ms}), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace rediscache::test
