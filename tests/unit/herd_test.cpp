// The herd policy, with a clock and a chance of the test's own.
#include "cache/herd.hpp"

#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <rediscache/serializer.hpp>
#include <rediscache/timeout.hpp>
#include <rediscache/value.hpp>

#include "cache/stored_form.hpp"
#include "codec/value_codec.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using cache::Herd;

constexpr Herd::Time noon{1'700'000'000'000ms};

std::string wrapped(std::string_view stored, Herd::Time over = noon) {
  std::string scratch;
  Herd::wrap(stored, over, scratch);
  return scratch;
}

/// What becomes of a stored form: its value, or "missing".
std::string opened(const Herd& herd, std::string stored, Herd::Time now, double random) {
  return herd.unwrap(stored, now, random) ? stored : "missing";
}

TEST(HerdTest, StoresTheEndOfTheTimeoutBeforeTheValue) {
  EXPECT_EQ(wrapped("value"), "\x01herd1:0001700000000000:value");
  EXPECT_EQ(wrapped("", Herd::Time{}), "\x01herd1:0000000000000000:");
  std::string scratch = "in place";
  Herd::wrap(scratch, noon, scratch);
  EXPECT_EQ(scratch, wrapped("in place"));
}

TEST(HerdTest, TellsNobodyMissingBeforeTheEnd) {
  const Herd herd{60s};
  for (const double random : {0.0, 0.5, 0.999}) {
    EXPECT_EQ(opened(herd, wrapped("v"), noon - 1ms, random), "v");
    EXPECT_EQ(opened(herd, wrapped("v"), noon, random), "v");
  }
}

TEST(HerdTest, TellsAGrowingShareMissingAfterIt) {
  const Herd herd{60s};
  EXPECT_EQ(opened(herd, wrapped("v"), noon + 15s, 0.24), "missing");
  EXPECT_EQ(opened(herd, wrapped("v"), noon + 15s, 0.26), "v");
  EXPECT_EQ(opened(herd, wrapped("v"), noon + 45s, 0.74), "missing");
  EXPECT_EQ(opened(herd, wrapped("v"), noon + 45s, 0.76), "v");
  EXPECT_EQ(opened(herd, wrapped("v"), noon + 60s, 0.999), "missing");
}

TEST(HerdTest, OfManyReadersAtOnceTellsFew) {
  const Herd herd{60s};
  std::mt19937 generator{64};
  std::uniform_real_distribution<double> chance{0.0, 1.0};
  int missing = 0;
  int old = 0;
  for (int round = 0; round < 100; ++round) {
    for (int reader = 0; reader < 64; ++reader) {  // three seconds late: one in twenty
      (opened(herd, wrapped("v"), noon + 3s, chance(generator)) == "v" ? old : missing) += 1;
    }
  }
  EXPECT_EQ(old + missing, 6400);
  EXPECT_GT(missing, 250);
  EXPECT_LT(missing, 400);
}

TEST(HerdTest, LeavesOtherBytesAlone) {
  const Herd herd{60s};
  for (const std::string& other : {std::string{}, std::string{"17"}, std::string{"\x01herd1:"},
                                   std::string{"\x01herd1:000170000000000x:v"},
                                   std::string{"\x01herd1:0001700000000000;v"}, std::string{"text"}}) {
    EXPECT_EQ(opened(herd, other, noon + 100h, 0.0), other);
  }
}

TEST(HerdTest, TakesNoTextForAHeaderOfItsOwn) {
  const cache::StoredForm form{codec::ValueCodec{make_serializer("plain")}, Herd{60s}};
  for (const Timeout given : {Timeout{rediscache::never}, Timeout{10s}}) {
    const std::string text = wrapped("text that looks like an entry", Herd::Time{1ms});
    Timeout timeout = given;
    std::string scratch;
    std::string stored{form.encode("k", ValueView{std::string_view{text}}, timeout, scratch)};
    std::optional<Value> value;
    ASSERT_TRUE(form.open(stored, value));
    std::string read;
    form.decode("k", std::move(stored), std::move(value), ValueTarget{read});
    EXPECT_EQ(read, text);
  }
}

TEST(HerdTest, AnEndOfZeroNeverComes) {
  EXPECT_EQ(opened(Herd{60s}, wrapped("v", Herd::Time{}), noon, 0.0), "v");
}

TEST(HerdTest, KeepsEntriesLongerWithinWhatAServerTakes) {
  const Herd herd{60s};
  EXPECT_EQ(herd.kept_for(5s), 65s);
  constexpr auto longest = Timeout{std::chrono::milliseconds::max()}.time();
  EXPECT_EQ(herd.kept_for(longest), longest);
}

TEST(HerdTest, WritesTimesAsFarAsTheirDigitsGo) {
  EXPECT_EQ(Herd::text(Herd::Time{std::chrono::milliseconds::max()}), "9999999999999999");
  EXPECT_EQ(Herd::text(Herd::Time{-5ms}), "0000000000000000");
}

}  // namespace
}  // namespace rediscache::test
