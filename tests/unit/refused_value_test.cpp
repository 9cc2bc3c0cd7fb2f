// Values whose own conversion refuses to store them.
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/thrown.hpp"

namespace shop {

/// Stored only while there is something of it.
struct Stock {
  int pieces = 0;
};
static void to_value(rediscache::Value& out, const Stock& stock) {
  if (stock.pieces < 0) {
    throw rediscache::ValueError{"a stock below zero"};
  }
  if (stock.pieces == 0) {
    throw std::out_of_range{"sold out"};
  }
  out = stock.pieces;
}
static void from_value(const rediscache::Value& value, Stock& stock) {
  stock.pieces = static_cast<int>(value.as_integer());
}

/// Text of which there may be none.
struct Label {
  operator std::string_view() const { throw rediscache::ValueError{"no label"}; }
};

}  // namespace shop

namespace rediscache::test {
namespace {

using shop::Stock;
using ::testing::HasSubstr;

/// Nobody listens: a call that gets as far as sending throws a ConnectionError.
class RefusedValueTest : public ::testing::Test {
 protected:
  template <class Call>
  void expect_encode_error(Call call) {
    const auto error = thrown_by<EncodeError>(call);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->key(), "shelf");
    EXPECT_THAT(error->what(), HasSubstr("a stock below zero"));
  }

  Options options_{.location = {"unix:///nonexistent/redis.sock"}};
  RedisCache cache_{options_};
  const Stock bad_{-1};
  const Stock sold_out_{0};
};

TEST_F(RefusedValueTest, IsAnEncodeErrorThatNamesTheKeyWhateverTheCall) {
  expect_encode_error([&] { cache_.set("shelf", bad_); });
  expect_encode_error([&] { cache_.set("shelf", bad_, never); });
  expect_encode_error([&] { cache_.add("shelf", bad_); });
  const std::map<std::string, Stock> entries{{"another", {1}}, {"shelf", bad_}};
  expect_encode_error([&] { cache_.set_many(entries); });
  expect_encode_error([&] { cache_.set_many<Stock>({{"another", {1}}, {"shelf", bad_}}); });
}

TEST_F(RefusedValueTest, IsAnEncodeErrorInAPipelineToo) {
  auto pipeline = cache_.pipeline();
  expect_encode_error([&] { static_cast<void>(pipeline.set("shelf", bad_)); });
  expect_encode_error([&] { static_cast<void>(pipeline.add("shelf", bad_)); });
  EXPECT_EQ(pipeline.size(), 0U) << "nothing was queued";
}

TEST_F(RefusedValueTest, IsAnEncodeErrorHoweverDeepItStands) {
  expect_encode_error([&] { cache_.set("shelf", std::optional{bad_}); });
  expect_encode_error([&] { cache_.set("shelf", std::optional{std::optional{bad_}}); });
  expect_encode_error([&] { cache_.set("shelf", std::vector{bad_}); });
  expect_encode_error([&] { cache_.set("shelf", std::map<std::string, Stock>{{"left", bad_}}); });
  expect_encode_error([&] { cache_.set("shelf", std::pair{1, bad_}); });
}

TEST_F(RefusedValueTest, IsNotOmittedWithTheOutagesOfTheServer) {
  options_.ignore_exceptions = true;
  RedisCache cache{options_};
  expect_encode_error([&] { cache.set("shelf", bad_); });
  expect_encode_error([&] { static_cast<void>(cache.get_or_set("shelf", bad_)); });
  EXPECT_FALSE(cache.set("shelf", Stock{1})) << "that was omitted";
}

TEST_F(RefusedValueTest, IsAnEncodeErrorWhenItShowsItselfAsText) {
  const auto error = thrown_by<EncodeError>([&] { cache_.set("shelf", shop::Label{}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "shelf");
}

TEST_F(RefusedValueTest, PassesOnWhateverElseAConversionThrows) {
  EXPECT_TRUE(thrown_by<std::out_of_range>([&] { cache_.set("shelf", sold_out_); }));
  EXPECT_TRUE(thrown_by<std::out_of_range>([&] { cache_.add("shelf", std::vector{sold_out_}); }));
  EXPECT_TRUE(
      thrown_by<std::out_of_range>([&] { cache_.set_many(std::map<std::string, Stock>{{"k", sold_out_}}); }));
  auto pipeline = cache_.pipeline();
  EXPECT_TRUE(thrown_by<std::out_of_range>([&] { static_cast<void>(pipeline.set("shelf", sold_out_)); }));
}

}  // namespace
}  // namespace rediscache::test
