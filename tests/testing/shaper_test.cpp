// The rules of one direction, without sockets: what becomes of bytes, and when.
#include "testing/shaper.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rediscache::testing {
namespace {

using namespace std::chrono_literals;
using Time = Shaper::Time;

constexpr Time start{1h};

std::string bytes_of(const std::deque<Piece>& pieces) {
  std::string all;
  for (const Piece& piece : pieces) {
    all += piece.bytes;
  }
  return all;
}

TEST(ShaperTest, LetsBytesPassUnchangedAtOnce) {
  Shaper shaper{1, 0};
  std::deque<Piece> out;
  shaper.shape("hello", start, out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].bytes, "hello");
  EXPECT_LE(out[0].due, start);
  EXPECT_FALSE(out[0].breaks);
}

TEST(ShaperTest, DelaysEveryChunkFromItsOwnArrival) {
  Shaper shaper{1, 0};
  shaper.set({.delay = 5ms});
  std::deque<Piece> out;
  shaper.shape("a", start, out);
  shaper.shape("b", start + 1ms, out);
  shaper.end(start + 2ms, out);
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[0].due, start + 5ms);
  EXPECT_EQ(out[1].due, start + 6ms);
  EXPECT_EQ(out[2].due, start + 7ms);
  EXPECT_TRUE(out[2].ends);
  EXPECT_EQ(shaper.delayed(), 3U);
}

TEST(ShaperTest, NeverLetsAChunkOvertakeAnother) {
  Shaper shaper{7, 0};
  shaper.set({.delay = 1ms, .jitter = 10ms});
  std::deque<Piece> out;
  for (int i = 0; i < 200; ++i) {
    shaper.shape("x", start + i * 100us, out);
  }
  ASSERT_EQ(out.size(), 200U);
  bool some_jitter = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    EXPECT_GE(out[i].due, start + static_cast<int>(i) * 100us + 1ms);
    EXPECT_LE(out[i].due, start + static_cast<int>(i) * 100us + 11ms);
    EXPECT_TRUE(i == 0 || out[i].due >= out[i - 1].due);
    some_jitter |= out[i].due > start + static_cast<int>(i) * 100us + 5ms;
  }
  EXPECT_TRUE(some_jitter);
}

TEST(ShaperTest, ThrottledBytesTrickle) {
  Shaper shaper{1, 0};
  shaper.set({.bytes_per_second = 1000});
  std::deque<Piece> out;
  shaper.shape(std::string(500, 'a'), start, out);
  shaper.shape(std::string(500, 'b'), start, out);
  EXPECT_EQ(bytes_of(out), std::string(500, 'a') + std::string(500, 'b'));
  EXPECT_LE(out.front().due, start + 11ms);
  EXPECT_NEAR(std::chrono::duration<double>(out.back().due - start).count(), 1.0, 0.001);
}

TEST(ShaperTest, ALineNotUsedDoesNotSaveUp) {
  Shaper shaper{1, 0};
  shaper.set({.bytes_per_second = 1000});
  std::deque<Piece> out;
  shaper.shape("a", start, out);
  out.clear();
  shaper.shape(std::string(100, 'b'), start + 10s, out);
  EXPECT_NEAR(std::chrono::duration<double>(out.back().due - start).count(), 10.1, 0.001);
}

TEST(ShaperTest, BreaksInPlaceOfTheByteNamedHoweverBytesCome) {
  for (std::uint64_t at = 0; at <= 6; ++at) {
    for (std::size_t first = 1; first <= 5; ++first) {
      Shaper shaper{1, 0};
      shaper.set({.break_at = at, .breaks = Break::reset});
      std::deque<Piece> out;
      shaper.shape(std::string_view{"hello"}.substr(0, first), start, out);
      shaper.shape(std::string_view{"hello"}.substr(first), start, out);
      EXPECT_EQ(bytes_of(out), std::string_view{"hello"}.substr(0, at)) << at << ' ' << first;
      const auto broken =
          std::ranges::count_if(out, [](const Piece& piece) { return piece.breaks.has_value(); });
      EXPECT_EQ(broken, at < 5 ? 1 : 0) << at << ' ' << first;
      EXPECT_EQ(shaper.has_lost(), at < 5);
    }
  }
}

TEST(ShaperTest, AStallLosesNothing) {
  Shaper shaper{1, 0};
  shaper.set({.break_at = 2, .breaks = Break::stall});
  std::deque<Piece> out;
  shaper.shape("hello", start, out);
  shaper.shape("more", start, out);
  EXPECT_EQ(bytes_of(out), "hellomore");
  ASSERT_EQ(out.size(), 4U);
  EXPECT_EQ(out[0].bytes, "he");
  EXPECT_EQ(out[1].breaks, Break::stall);
  EXPECT_FALSE(shaper.has_lost());
}

TEST(ShaperTest, FlipsTheByteNamedAndNoOther) {
  for (std::uint64_t at = 0; at < 6; ++at) {
    Shaper shaper{1, 0};
    shaper.set({.corrupt_at = at});
    std::deque<Piece> out;
    shaper.shape("hel", start, out);
    shaper.shape("lo", start, out);
    std::string expected = "hello";
    if (at < expected.size()) {
      expected[at] = static_cast<char>(~expected[at]);
    }
    EXPECT_EQ(bytes_of(out), expected) << at;
    EXPECT_EQ(shaper.corrupted(), at < 5 ? 1U : 0U);
  }
}

TEST(ShaperTest, FlipsAboutAsManyBytesAsAskedForTheSameForASeed) {
  const auto flipped = [](std::uint64_t seed, std::uint64_t stream) {
    Shaper shaper{seed, stream};
    shaper.set({.corrupt_rate = 0.25});
    std::deque<Piece> out;
    shaper.shape(std::string(10'000, 'a'), start, out);
    EXPECT_NEAR(static_cast<double>(shaper.corrupted()), 2500, 300);
    return bytes_of(out);
  };
  EXPECT_EQ(flipped(3, 1), flipped(3, 1));
  EXPECT_NE(flipped(3, 1), flipped(4, 1));
  EXPECT_NE(flipped(3, 1), flipped(3, 2));
}

TEST(ShaperTest, SendsAChunkTwice) {
  Shaper shaper{1, 0};
  shaper.set({.duplicate_rate = 1});
  std::deque<Piece> out;
  shaper.shape("ab", start, out);
  EXPECT_EQ(bytes_of(out), "abab");
  EXPECT_EQ(shaper.duplicated(), 1U);
}

TEST(ShaperTest, CountsFromZeroAgainWithANewFault) {
  Shaper shaper{1, 0};
  std::deque<Piece> out;
  shaper.shape("before", start, out);
  out.clear();
  shaper.set({.break_at = 1});
  shaper.shape("after", start, out);
  EXPECT_EQ(bytes_of(out), "a");
}

TEST(ShaperTest, DelaysAsLongAsCanBeWithoutOverflow) {
  for (const Microseconds time :
       {Microseconds{std::chrono::hours::max()}, Microseconds{std::chrono::hours::min()}, Microseconds{0us},
        Microseconds{-1us}}) {
    Shaper shaper{1, 0};
    shaper.set({.delay = time, .jitter = time, .bytes_per_second = 1});
    std::deque<Piece> out;
    shaper.shape("ab", start, out);
    shaper.end(start, out);
    ASSERT_EQ(out.size(), 3U);
    for (const Piece& piece : out) {
      EXPECT_EQ(piece.due > start + 1h, time > 0us) << time.count();
    }
  }
}

}  // namespace
}  // namespace rediscache::testing
