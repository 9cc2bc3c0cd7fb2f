// How often calls ask for memory, once everything is warm. A program of its own, for it counts every
// operator new of the process.
#include <algorithm>
#include <cstddef>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/memory.hpp"
#include "support/redis_server.hpp"

namespace rediscache::test {
namespace {

class AllocationTest : public ::testing::Test {
 protected:
  AllocationTest() {
    Options options;
    options.location = {server_.unix_url()};
    cache_.emplace(options);
    cache_->set("text", std::string(16, 'x'));
    cache_->set("number", 1234567);
  }

  RedisCache& cache() { return *cache_; }

  /// The most that one of many calls made, after some to warm up.
  template <class Call>
  static std::size_t most_allocations(Call call) {
    constexpr int to_warm_up = 10;
    constexpr int counted_calls = 100;
    std::size_t most = 0;
    for (int i = 0; i < to_warm_up + counted_calls; ++i) {
      const std::size_t before = memory().allocations;
      call();
      if (i >= to_warm_up) {
        most = std::max(most, memory().allocations - before);
      }
    }
    return most;
  }
  static void report(const char* what, std::size_t count) {
    RecordProperty(what, static_cast<int>(count));
    std::cout << what << ": " << count << " allocations\n";
  }

 private:
  RedisServer server_;
  std::optional<RedisCache> cache_;
};

TEST_F(AllocationTest, OfAGetOfAShortTextAreTwoAtMost) {
  const std::size_t most =
      most_allocations([&] { EXPECT_EQ(cache().get<std::string>("text")->size(), 16U); });
  report("get of 16 bytes", most);
  EXPECT_LE(most, 2U);
}

TEST_F(AllocationTest, OfASetOfAShortTextAreTwoAtMost) {
  const std::string value(16, 'y');
  const std::size_t most = most_allocations([&] { EXPECT_TRUE(cache().set("text", value)); });
  report("set of 16 bytes", most);
  EXPECT_LE(most, 2U);
}

TEST_F(AllocationTest, OfAGetOfAnIntegerAreOneAtMost) {
  const std::size_t most = most_allocations([&] { EXPECT_EQ(cache().get<int>("number"), 1234567); });
  report("get of an int", most);
  EXPECT_LE(most, 1U);
}

TEST_F(AllocationTest, OfAPipelineDoNotGrowWithItsCalls) {
  const auto of_gets = [&](std::size_t count) {
    std::vector<Pending<std::optional<int>>> values;
    values.reserve(count);
    return most_allocations([&] {
      values.clear();
      auto pipeline = cache().pipeline();
      for (std::size_t i = 0; i < count; ++i) {
        values.push_back(pipeline.get<int>("number"));
      }
      EXPECT_TRUE(pipeline.execute());
      for (const auto& value : values) {
        EXPECT_EQ(value.value(), 1234567);
      }
    });
  };
  const std::size_t most = of_gets(100);
  report("pipeline of 100 gets of an int", most);
  EXPECT_LT(most, 30U);
  EXPECT_LE(of_gets(1000), most + 10) << "not one for each reply, nor a share of one";
}

/// The library's own operator new must be the one above, or nothing is counted.
TEST_F(AllocationTest, AreCountedInTheLibraryToo) {
  const std::size_t large = most_allocations([&] { (void)cache().make_key(std::string(500, 'k')); });
  EXPECT_GE(large, 2U) << "the key of the caller and the one made of it";
}

}  // namespace
}  // namespace rediscache::test
