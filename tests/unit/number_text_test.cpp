// Floats as Python spells them.
#include "codec/number_text.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

using codec::append_float;
using codec::parse_float;

std::string spelt(double value) {
  std::string out;
  append_float(out, value);
  return out;
}

std::optional<double> parsed(std::string_view text) {
  double value = 12345.678;
  return parse_float(text, value) ? std::optional{value} : std::nullopt;
}

TEST(FloatText, IsSpeltAsPythonsReprDoes) {
  const std::vector<std::pair<double, std::string_view>> spellings{
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {-1.5, "-1.5"},
      {0.1, "0.1"},
      {0.1 + 0.2, "0.30000000000000004"},
      {100.0, "100.0"},
      {1.0 / 3, "0.3333333333333333"},
      {123456789012345.0, "123456789012345.0"},
      {1234567890123456.0, "1234567890123456.0"},
      {1234567890123456.8, "1234567890123456.8"},
      {9999999999999998.0, "9999999999999998.0"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {1.5e16, "1.5e+16"},
      {12345678901234568.0, "1.2345678901234568e+16"},
      {1e22, "1e+22"},
      {1e100, "1e+100"},
      {0.001, "0.001"},
      {0.0001, "0.0001"},
      {0.00012, "0.00012"},
      {0.00001, "1e-05"},
      {0.000012345, "1.2345e-05"},
      {1e-100, "1e-100"},
      {-2.5e-7, "-2.5e-07"},
      {5e-324, "5e-324"},
      {2.2250738585072014e-308, "2.2250738585072014e-308"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {9007199254740993.0, "9007199254740992.0"},
      {std::numeric_limits<double>::infinity(), "Infinity"},
      {-std::numeric_limits<double>::infinity(), "-Infinity"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
      {-std::numeric_limits<double>::quiet_NaN(), "NaN"}};
  for (const auto& [value, text] : spellings) {
    EXPECT_EQ(spelt(value), text);
  }
}

TEST(FloatText, IsAppended) {
  std::string out = "[";
  append_float(out, 1.0);
  EXPECT_EQ(out, "[1.0");
}

TEST(FloatText, ReadsBackAsTheSameNumber) {
  std::mt19937_64 random{20240229};
  for (int i = 0; i < 200'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (std::isnan(value)) {
      continue;
    }
    const std::string text = spelt(value);
    double back = 0;
    ASSERT_TRUE(parse_float(text, back)) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value)) << text;
  }
}

TEST(FloatText, OfOrdinaryNumbersReadsBackAsTheSameNumber) {
  std::mt19937_64 random{7};
  std::uniform_int_distribution<std::int64_t> numbers{-1'000'000'000, 1'000'000'000};
  for (int i = 0; i < 50'000; ++i) {
    const double value = static_cast<double>(numbers(random)) / 10'000;
    double back = 0;
    ASSERT_TRUE(parse_float(spelt(value), back)) << spelt(value);
    ASSERT_EQ(back, value);
  }
}

TEST(FloatText, IsReadInAnyDecimalSpelling) {
  EXPECT_EQ(parsed("1"), 1.0);
  EXPECT_EQ(parsed("-1"), -1.0);
  EXPECT_EQ(parsed("1.50"), 1.5);
  EXPECT_EQ(parsed("007"), 7.0);
  EXPECT_EQ(parsed("1e3"), 1000.0);
  EXPECT_EQ(parsed("1E+3"), 1000.0);
  EXPECT_EQ(parsed("25e-1"), 2.5);
  EXPECT_EQ(parsed("123456789012345678901234567890"), 123456789012345678901234567890.0);
  EXPECT_EQ(parsed("Infinity"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(parsed("-Infinity"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(parsed("NaN").value()));
  EXPECT_TRUE(std::signbit(parsed("-0.0").value()));
}

TEST(FloatText, RefusesWhatIsNoNumber) {
  for (const std::string_view text :
       {"",    " ",   "x",  "1x",  " 1", "1 ", "inf", "-inf", "infinity", "nan",   "nan(1)", "-NaN", "0x10",
        "1,5", "--1", "1e", "1e+", ".",  "-",  "+",   "e5",   "1.2.3",    "1e5e5", "1-2",    "1\n"}) {
    EXPECT_EQ(parsed(text), std::nullopt) << '"' << text << '"';
  }
  EXPECT_EQ(parsed(std::string_view{"1\0", 2}), std::nullopt);
}

TEST(FloatText, BeyondTheRangeOfDoubleIsInfinityOrZeroAsInPython) {
  EXPECT_EQ(parsed("1e400"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(parsed("-1e400"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(parsed("1e-400"), 0.0);
  EXPECT_EQ(parsed("-1e-400"), 0.0);
  EXPECT_TRUE(std::signbit(parsed("-1e-400").value()));
}

TEST(FloatText, BeyondTheRangeOfDoubleIsJudgedByItsSizeAndNotByItsSpelling) {
  const std::string zeros(400, '0');
  EXPECT_EQ(parsed("1" + zeros), std::numeric_limits<double>::infinity());
  EXPECT_EQ(parsed("1" + zeros + ".0e-2"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(parsed("0." + zeros + "1"), 0.0);
  EXPECT_EQ(parsed("0." + zeros + "1e+2"), 0.0);
  EXPECT_EQ(parsed("10e9223372036854775807"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(parsed("0.01e-9223372036854775807"), 0.0);
  EXPECT_EQ(parsed("10e99999999999999999999"), std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace rediscache::test
