// What a cache sends and when it makes its client.
#include <atomic>
#include <chrono>
#include <latch>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/redis_cache.hpp>

#include "unit/bytes_of.hpp"
#include "unit/fake_client.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

/// A cache that is always answered with OK, 1 or one page of nothing, and remembers what it sent.
class SentByCache : public ::testing::Test {
 protected:
  [[nodiscard]] RedisCache cache(Options options = {}) {
    options.client_factory = [this](const Options&) {
      return std::make_unique<FakeClient>([this](const Commands& commands, std::span<Reply> replies) {
        sent_.push_back(bytes_of(commands));
        for (std::size_t i = 0; i < replies.size(); ++i) {
          const std::string_view name = commands.name(i);
          replies[i] = name == "SET"    ? Reply::status("OK")
                       : name == "GET"  ? Reply{}
                       : name == "MGET" ? Reply::array({Reply{}})
                       : name == "SCAN" ? Reply::array({Reply::text("0"), Reply::array({})})
                                        : Reply::integer(1);
        }
        return std::optional<Failure>{};
      });
    };
    return RedisCache{options};
  }

  std::vector<std::string> sent_;
};

TEST_F(SentByCache, KeysCarryPrefixAndVersion) {
  Options options;
  options.key_prefix = "shop";
  options.version = 3;
  RedisCache shop = cache(options);
  (void)shop.get<int>("k");
  (void)shop.get<int>("k", {.version = 4});
  (void)shop.get_many<int>({"a"}, {.version = 5});
  shop.del("k");
  EXPECT_THAT(sent_, ElementsAre(wire({"GET", "shop:3:k"}), wire({"GET", "shop:4:k"}),
                                 wire({"MGET", "shop:5:a"}), wire({"DEL", "shop:3:k"})));
  EXPECT_EQ(shop.make_key("k"), "shop:3:k");
  EXPECT_EQ(shop.make_key("k", {.version = 9}), "shop:9:k");
  EXPECT_EQ(shop.reverse_key("shop:3:a:b"), "a:b");
}

TEST_F(SentByCache, EntriesLiveAsLongAsTheCacheSaysUnlessTheCallDoes) {
  Options options;
  options.timeout = 10s;
  RedisCache ten = cache(options);
  ten.set("k", "v");
  ten.set("k", "v", 1500ms);
  ten.set("k", "v", never);
  ten.touch("k");
  ten.set_many(std::map<std::string, int>{{"a", 1}});
  EXPECT_THAT(sent_,
              ElementsAre(wire({"SET", ":1:k", "v", "PX", "10000"}), wire({"SET", ":1:k", "v", "PX", "1500"}),
                          wire({"SET", ":1:k", "v"}), wire({"PEXPIRE", ":1:k", "10000"}),
                          wire({"SET", ":1:a", "1", "PX", "10000"})));
}

TEST_F(SentByCache, EntriesLiveFiveMinutesWhenNobodySays) {
  cache().set("k", "v");
  EXPECT_THAT(sent_, ElementsAre(wire({"SET", ":1:k", "v", "PX", "300000"})));
}

TEST_F(SentByCache, ATimeoutThatIsOverDeletesOrOnlyLooks) {
  RedisCache plain = cache();
  EXPECT_TRUE(plain.set("k", "v", 0s)) << "it was there";
  EXPECT_TRUE(plain.set("k", "v", -1s));
  EXPECT_FALSE(plain.set("k", "v", {.timeout = 0s, .nx = true})) << "it is there";
  EXPECT_FALSE(plain.add("k", "v", 0s));
  EXPECT_TRUE(plain.touch("k", -5s));
  EXPECT_THAT(sent_, ElementsAre(wire({"DEL", ":1:k"}), wire({"DEL", ":1:k"}), wire({"EXISTS", ":1:k"}),
                                 wire({"EXISTS", ":1:k"}), wire({"PEXPIRE", ":1:k", "-1"})));
}

TEST_F(SentByCache, ConditionsGoWithTheSet) {
  RedisCache plain = cache();
  plain.set("k", "v", {.timeout = never, .nx = true});
  plain.set("k", "v", {.timeout = never, .xx = true});
  plain.add("k", "v", never);
  EXPECT_THAT(sent_, ElementsAre(wire({"SET", ":1:k", "v", "NX"}), wire({"SET", ":1:k", "v", "XX"}),
                                 wire({"SET", ":1:k", "v", "NX"})));
}

TEST_F(SentByCache, PatternsAreEscapedAndSizedAsAsked) {
  Options options;
  options.key_prefix = "a*";
  options.scan_itersize = 50;
  RedisCache starred = cache(options);
  starred.delete_pattern("x?");
  starred.delete_pattern("*", {.version = 2, .prefix = "b", .itersize = 7});
  EXPECT_THAT(sent_, ElementsAre(wire({"SCAN", "0", "MATCH", "a[*]:1:x?", "COUNT", "50"}),
                                 wire({"SCAN", "0", "MATCH", "b:2:*", "COUNT", "7"})));
}

TEST_F(SentByCache, NothingGoesOutForNothing) {
  RedisCache plain = cache();
  (void)plain.get_many<int>(std::vector<std::string>{});
  plain.set_many(std::map<std::string, int>{});
  plain.delete_many(std::vector<std::string>{});
  EXPECT_TRUE(sent_.empty());
}

class LazyClient : public ::testing::Test {
 protected:
  [[nodiscard]] Options options() {
    Options options;
    options.client_factory = [this](const Options&) {
      ++made_;
      return std::make_unique<FakeClient>([](const Commands&, std::span<Reply> replies) {
        replies[0] = Reply::integer(1);
        return std::optional<Failure>{};
      });
    };
    return options;
  }
  std::atomic<int> made_ = 0;
};

TEST_F(LazyClient, IsNotMadeByTheConstructorNorByWhatAsksNothing) {
  RedisCache cache{options()};
  EXPECT_EQ(cache.statistics().omitted, 0U);
  EXPECT_EQ(cache.make_key("k"), ":1:k");
  cache.close();
  RedisCache strict = cache.strict();
  EXPECT_EQ(made_, 0);
}

TEST_F(LazyClient, IsMadeOnceForTheCacheAndItsStrictView) {
  RedisCache cache{options()};
  EXPECT_TRUE(cache.has_key("a"));
  EXPECT_TRUE(cache.strict().has_key("b"));
  RedisCache moved = std::move(cache);
  EXPECT_TRUE(moved.has_key("c"));
  EXPECT_EQ(made_, 1);
}

TEST_F(LazyClient, IsMadeOnceByManyThreads) {
  RedisCache cache{options()};
  constexpr int threads = 8;
  std::latch start{threads};
  std::atomic<int> answered = 0;
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      start.arrive_and_wait();
      answered += cache.has_key("k") ? 1 : 0;
    });
  }
  running.clear();
  EXPECT_EQ(answered, threads);
  EXPECT_EQ(made_, 1);
}

TEST_F(LazyClient, IsTriedAgainAfterItsFactoryThrew) {
  Options failing = options();
  failing.client_factory = [make = failing.client_factory,
                            first = std::make_shared<bool>(true)](const Options& given) {
    if (std::exchange(*first, false)) {
      throw InvalidOptions{"not yet"};
    }
    return make(given);
  };
  RedisCache cache{failing};
  EXPECT_THROW((void)cache.has_key("k"), InvalidOptions);
  EXPECT_TRUE(cache.has_key("k"));
}

TEST_F(LazyClient, IsClosedByCloseOnlyWhenTheOptionsSaySo) {
  struct Closing final : Client {
    explicit Closing(int& count) : closed{&count} {}
    std::optional<Failure> execute(const Commands&, std::span<Reply> replies, Deadline) override {
      replies[0] = Reply::integer(1);
      return std::nullopt;
    }
    void close() noexcept override { ++*closed; }
    int* closed;
  };
  int closed = 0;
  Options with = options();
  with.client_factory = [&](const Options&) { return std::make_unique<Closing>(closed); };
  RedisCache keeping{with};
  (void)keeping.has_key("k");
  keeping.close();
  EXPECT_EQ(closed, 0);
  with.close_connection = true;
  RedisCache closing{with};
  closing.close();
  EXPECT_EQ(closed, 0) << "there was nothing to close";
  (void)closing.has_key("k");
  closing.close();
  EXPECT_EQ(closed, 1);
}

TEST(Clients, OfOnesOwnAreFoundByName) {
  register_client("redis_cache_test", [](const Options& options) {
    return std::make_unique<FakeClient>(
        [prefix = options.key_prefix](const Commands&, std::span<Reply> replies) {
          replies[0] = Reply::text(prefix);
          return std::optional<Failure>{};
        });
  });
  Options options;
  options.client_class = "redis_cache_test";
  options.key_prefix = "shop";
  options.location = {"not even a URL", "which only DefaultClient reads"};
  RedisCache cache{options};
  EXPECT_EQ(cache.get<std::string>("k"), "shop");
}

}  // namespace
}  // namespace rediscache::test
