// What becomes of entries that do not read as what was asked for.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/convert.hpp>
#include <rediscache/error.hpp>
#include <rediscache/failover_cache.hpp>
#include <rediscache/locmem_cache.hpp>

#include "log_capture.hpp"
#include "support/thrown.hpp"

namespace rediscache::orders {

struct Order {
  int number = 0;
  std::string customer{};
};
REDISCACHE_FIELDS(Order, number, customer)

}  // namespace rediscache::orders

namespace rediscache::test {
namespace {

using orders::Order;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using Old = std::map<std::string, int>;

TEST(OnDecodeError, IsAnErrorUnlessChosenOtherwise) {
  LocMemCache cache;
  cache.set("k", Old{{"number", 1}});
  EXPECT_TRUE(thrown_by<DecodeError>([&] { (void)cache.get<Order>("k"); }));
  EXPECT_TRUE(thrown_by<DecodeError>([&] { (void)cache.get_or_set("k", Order{}); }));
  EXPECT_THAT(cache.get_many<Order>({"k"}).errors(), SizeIs(1));
  EXPECT_EQ(cache.statistics().unreadable, 0U);
}

TEST(OnDecodeError, AMissIsAsIfTheEntryWereNotThere) {
  LocMemCache cache{{.on_decode_error = OnDecodeError::miss}};
  cache.set("field", Old{{"number", 1}});
  cache.set("json", "{");
  cache.set("text", "seven");
  EXPECT_EQ(cache.get("field", Order{.number = 5}).number, 5);
  EXPECT_FALSE(cache.get<Order>("field"));
  EXPECT_FALSE(cache.get<std::vector<int>>("json"));
  EXPECT_FALSE(cache.get<int>("text"));
  EXPECT_EQ(cache.get("text", 7), 7);
  EXPECT_EQ(cache.get<std::string>("text"), "seven") << "it is there all the same";
  EXPECT_EQ(cache.statistics().unreadable, 5U);
}

TEST(OnDecodeError, AMissIsReplacedByGetOrSet) {
  LocMemCache cache{{.on_decode_error = OnDecodeError::miss}};
  cache.set("k", Old{{"number", 1}});
  int loads = 0;
  for (int i = 0; i < 3; ++i) {
    const auto order = cache.get_or_set("k", [&] {
      ++loads;
      return Order{.number = 9, .customer = "Ann"};
    });
    EXPECT_EQ(order.number, 9);
  }
  EXPECT_EQ(loads, 1);
  EXPECT_EQ(cache.get("k", Order{}).customer, "Ann");
}

TEST(OnDecodeError, AMissIsLeftOutOfMany) {
  LocMemCache cache{{.on_decode_error = OnDecodeError::miss}};
  std::vector<std::string> keys;
  for (int i = 0; i < 30; ++i) {
    keys.push_back("k" + std::to_string(i));
    if (i % 3 == 0) {
      cache.set(keys.back(), Old{{"number", i}});
    } else {
      cache.set(keys.back(), Order{.number = i, .customer = "c"});
    }
  }
  for (const std::size_t asked : {std::size_t{5}, keys.size()}) {
    std::vector<std::string> some(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(asked));
    some.push_back("k0");  // once more
    const auto found = cache.get_many<Order>(some);
    EXPECT_THAT(found.errors(), SizeIs(0));
    EXPECT_EQ(found.size(), asked - (asked + 2) / 3);
    EXPECT_FALSE(found.contains("k0"));
    EXPECT_FALSE(found.contains("k3"));
    EXPECT_EQ(found.at("k4").number, 4);
  }
}

TEST(OnDecodeError, IsLoggedOnceForEachKind) {
  const LogCapture log{"rediscache"};
  LocMemCache cache{{.on_decode_error = OnDecodeError::miss}};
  for (int i = 0; i < 50; ++i) {
    const std::string key = "key " + std::to_string(i);
    cache.set(key, std::string(static_cast<std::size_t>(i) + 1, '{'));
    EXPECT_FALSE(cache.get<int>(key));
  }
  ASSERT_THAT(log.messages(), SizeIs(1));
  EXPECT_EQ(log.messages()[0].level, spdlog::level::warn);
  EXPECT_THAT(log.messages()[0].text, HasSubstr("key \"key 0\": expected integer"));
  EXPECT_FALSE(cache.get<Order>("key 1"));
  EXPECT_THAT(log.messages(), SizeIs(2));
  EXPECT_EQ(cache.statistics().unreadable, 51U);
}

TEST(OnDecodeError, IsThatOfTheCacheBehindAFailover) {
  const auto first = std::make_shared<LocMemCache>(LocMemOptions{.on_decode_error = OnDecodeError::miss});
  FailoverCache cache{first, std::make_shared<LocMemCache>()};
  cache.set("k", Old{{"number", 1}});
  EXPECT_FALSE(cache.get<Order>("k"));
  EXPECT_EQ(first->statistics().unreadable, 1U);
}

}  // namespace
}  // namespace rediscache::test
