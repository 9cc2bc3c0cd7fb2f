// The herd policy on a real server, with one server and with shards.
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "integration/cache_test.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

struct HerdSetup {
  std::string client;
  std::string serializer;

  /// Then the end of the timeout stands in the value's own pickle.
  [[nodiscard]] bool pickles() const { return serializer == "pickle"; }
};

class HerdCacheTest : public ::testing::TestWithParam<HerdSetup> {
 public:
  static void SetUpTestSuite() {
    for (int i = 0; i < 2; ++i) {
      servers_.push_back(std::make_unique<RedisServer>());
    }
  }
  static void TearDownTestSuite() { servers_.clear(); }

 protected:
  void SetUp() override {
    for (const auto& server : servers_) {
      server->connect().run({"FLUSHALL"});
    }
  }
  [[nodiscard]] static Options options() {
    Options options;
    options.location = {servers_[0]->unix_url()};
    options.client_class = GetParam().client;
    options.serializer = GetParam().serializer;
    if (GetParam().client == "ShardClient") {
      options.location.push_back(servers_[1]->unix_url());
      options.herd = true;
    }
    return options;
  }
  /// Of the server that has the key.
  [[nodiscard]] static RawClient raw_of(const std::string& made_key) {
    RawClient first = servers_[0]->connect();
    return first.exists(made_key) ? std::move(first) : servers_[1]->connect();
  }
  [[nodiscard]] static std::string stored(const std::string& made_key) {
    return raw_of(made_key).get(made_key).value_or("nothing");
  }
  /// As if its timeout had ended so long ago.
  static void end_timeout(const std::string& made_key, std::chrono::milliseconds ago) {
    const auto end = std::chrono::system_clock::now() - ago;
    if (GetParam().pickles()) {  // eight bytes, and the last three instructions
      const std::chrono::duration<double> since_1970 = end.time_since_epoch();
      const auto bits = std::bit_cast<std::uint64_t>(since_1970.count());
      std::string bytes;
      for (int shift = 56; shift >= 0; shift -= 8) {
        bytes += static_cast<char>(bits >> static_cast<unsigned>(shift) & 0xffU);
      }
      raw_of(made_key).run(
          {"SETRANGE", made_key, std::to_string(stored(made_key).size() - 3 - bytes.size()), bytes});
      return;
    }
    std::string digits =
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(end.time_since_epoch()).count());
    digits.insert(0, 16 - digits.size(), '0');
    raw_of(made_key).run({"SETRANGE", made_key, "7", digits});
  }

 private:
  static inline std::vector<std::unique_ptr<RedisServer>> servers_;
};
INSTANTIATE_TEST_SUITE_P(Each, HerdCacheTest,
                         ::testing::Values(HerdSetup{"HerdClient", "plain"}, HerdSetup{"HerdClient", "json"},
                                           HerdSetup{"django_redis.client.HerdClient", "plain"},
                                           HerdSetup{"ShardClient", "json"},
                                           HerdSetup{"HerdClient", "pickle"},
                                           HerdSetup{"ShardClient", "pickle"}),
                         [](const auto& setup) { return "setup_" + std::to_string(setup.index); });

TEST_P(HerdCacheTest, KeepsEntriesLongerThanTheirTimeout) {
  RedisCache cache{options()};
  EXPECT_TRUE(cache.set("k", "value", 10s));
  EXPECT_TRUE(stored(":1:k").starts_with(GetParam().pickles() ? "\x80\x04" : "\x01herd1:"));
  EXPECT_GT(raw_of(":1:k").pttl(":1:k"), 60'000);
  EXPECT_LE(raw_of(":1:k").pttl(":1:k"), 70'000);
  EXPECT_EQ(cache.get<std::string>("k"), "value");
  const auto left = cache.pttl("k").remaining();
  ASSERT_TRUE(left);
  EXPECT_LE(*left, 10s) << "what is told is the timeout";
  EXPECT_GT(*left, 5s);
}

TEST_P(HerdCacheTest, LeavesIntegersAndEntriesWithoutTimeoutBare) {
  RedisCache cache{options()};
  cache.set("n", 5, 10s);
  EXPECT_EQ(stored(":1:n"), "5");
  EXPECT_LE(raw_of(":1:n").pttl(":1:n"), 10'000);
  EXPECT_EQ(cache.incr("n"), 6);
  cache.set("v", true, never);
  EXPECT_EQ(raw_of(":1:v").pttl(":1:v"), -1);
  EXPECT_FALSE(stored(":1:v").starts_with("\x01"));
  EXPECT_EQ(cache.get<bool>("v"), true);
}

TEST_P(HerdCacheTest, OverItIsMissingForAShareOfReaders) {
  RedisCache cache{options()};
  cache.set("k", "old", 10s);
  end_timeout(":1:k", 30s);  // half of the herd timeout
  std::atomic<int> missing{0};
  std::atomic<int> old{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 64; ++i) {
    readers.emplace_back([&] {
      for (int read = 0; read < 10; ++read) {
        const auto found = cache.get<std::string>("k");
        ++(found == "old" ? old : missing);
      }
    });
  }
  for (std::thread& reader : readers) {
    reader.join();
  }
  EXPECT_EQ(old + missing, 640);
  EXPECT_GT(missing, 200) << "with a chance of a half the odds against this are beyond 10^20";
  EXPECT_GT(old, 200);
}

TEST_P(HerdCacheTest, GetManyLeavesOutWhatIsToBeRefreshed) {
  RedisCache cache{options()};
  cache.set_many(std::map<std::string, std::string>{{"a", "1x"}, {"b", "2x"}, {"c", "3x"}}, 10s);
  end_timeout(":1:b", 61s);  // told missing by all
  const auto found = cache.get_many<std::string>({"a", "b", "c"});
  EXPECT_EQ(found.size(), 2);
  EXPECT_FALSE(found.contains("b"));
  auto pipeline = cache.pipeline();
  auto a = pipeline.get<std::string>("a");
  auto b = pipeline.get<std::string>("b");
  EXPECT_TRUE(pipeline.execute());
  EXPECT_EQ(a.value(), "1x");
  EXPECT_EQ(b.value(), std::nullopt);
}

TEST_P(HerdCacheTest, AnEntryThatIsOverIsNoneToAdd) {
  RedisCache cache{options()};
  EXPECT_TRUE(cache.add("k", "old", 10s));
  EXPECT_FALSE(cache.add("k", "new", 10s));
  end_timeout(":1:k", 61s);
  EXPECT_EQ(cache.get_or_set("k", std::string{"new"}, 10s), "new");
  EXPECT_EQ(cache.get<std::string>("k"), "new");
  EXPECT_FALSE(cache.add("k", "newer", 10s));
  cache.set("n", 1, never);
  EXPECT_FALSE(cache.add("n", 2)) << "an integer has no end";
  cache.sadd("set", {1});
  EXPECT_FALSE(cache.add("set", 2)) << "and a set is there as well";
  end_timeout(":1:k", 1s);
  auto pipeline = cache.pipeline();
  if (GetParam().pickles()) {
    EXPECT_THROW((void)pipeline.add("k", "queued"), InvalidArgument) << "it takes more than one command";
    EXPECT_TRUE(cache.add("k", "newest", never));
    EXPECT_TRUE(cache.pttl("k").is_persistent());
    return;
  }
  auto added = pipeline.add("k", "queued", never);
  auto again = pipeline.add("k", "again", 10s);
  EXPECT_TRUE(pipeline.execute());
  EXPECT_TRUE(added.value());
  EXPECT_FALSE(again.value());
  EXPECT_TRUE(cache.pttl("k").is_persistent());
}

TEST_P(HerdCacheTest, XxIsKept) {
  RedisCache cache{options()};
  EXPECT_FALSE(cache.set("k", "v", {.timeout = 10s, .xx = true}));
  cache.set("k", "v", 10s);
  EXPECT_TRUE(cache.set("k", "w", {.timeout = 10s, .xx = true}));
  EXPECT_EQ(cache.get<std::string>("k"), "w");
}

TEST_P(HerdCacheTest, TouchMovesTheEnd) {
  RedisCache cache{options()};
  cache.set("k", "v", 10s);
  end_timeout(":1:k", 61s);
  EXPECT_TRUE(cache.touch("k", 100s));
  EXPECT_EQ(cache.get<std::string>("k"), "v");
  EXPECT_GT(cache.pttl("k").remaining(), 90s);
  EXPECT_GT(raw_of(":1:k").pttl(":1:k"), 150'000);
  EXPECT_TRUE(cache.pexpire_at(
      "k", std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 500s));
  EXPECT_GT(cache.pttl("k").remaining(), 450s);
  EXPECT_TRUE(cache.persist("k"));
  EXPECT_FALSE(cache.persist("k"));
  EXPECT_TRUE(cache.pttl("k").is_persistent());
  EXPECT_EQ(cache.get<std::string>("k"), "v") << "without an end";
  EXPECT_TRUE(cache.expire("k", 5s));
  EXPECT_TRUE(cache.touch("k", never));
  EXPECT_FALSE(cache.touch("missing", never));
  EXPECT_FALSE(cache.touch("missing", 5s));
  EXPECT_EQ(cache.get<std::string>("k"), "v");
  EXPECT_TRUE(cache.touch("k", 0s));
  EXPECT_FALSE(cache.has_key("k"));
  cache.set("n", 7, 10s);
  EXPECT_TRUE(cache.touch("n", 100s));
  EXPECT_LE(raw_of(":1:n").pttl(":1:n"), 100'000) << "integers are kept no longer";
}

TEST_P(HerdCacheTest, TouchMovesWhatIsNoTextToo) {
  RedisCache cache{options()};
  cache.sadd("set", {1});
  EXPECT_TRUE(cache.touch("set", 100s));
  EXPECT_LE(raw_of(":1:set").pttl(":1:set"), 100'000);
  EXPECT_TRUE(cache.pttl("set").remaining());
  EXPECT_TRUE(cache.persist("set"));
  EXPECT_TRUE(cache.pttl("set").is_persistent());
}

TEST_P(HerdCacheTest, PipelinesTouchAndTellWhatIsLeft) {
  RedisCache cache{options()};
  cache.set("k", "v", 10s);
  auto pipeline = cache.pipeline();
  if (GetParam().pickles()) {
    EXPECT_THROW((void)pipeline.touch("k", 100s), InvalidArgument) << "it takes more than one command";
    EXPECT_THROW((void)pipeline.touch("k", never), InvalidArgument);
    EXPECT_EQ(pipeline.size(), 0U);
    EXPECT_TRUE(cache.touch("k", 100s));
  } else {
    (void)pipeline.touch("k", 100s);
  }
  auto left = pipeline.pttl("k");
  auto missing = pipeline.pttl("missing");
  EXPECT_TRUE(pipeline.execute());
  const Pttl found = left.value();
  EXPECT_GT(found.remaining(), 90s);
  EXPECT_LE(found.remaining(), 100s);
  EXPECT_TRUE(missing.value().is_missing());
}

TEST_P(HerdCacheTest, ManyTouchOneEntryAtOnce) {
  RedisCache cache{options()};
  cache.set("k", "v", 10s);
  std::atomic<int> touched{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        touched += cache.touch("k", std::chrono::seconds{1000 + i * 20 + round}) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(touched, 160);
  EXPECT_EQ(cache.get<std::string>("k"), "v");
  EXPECT_GT(cache.pttl("k").remaining(), 900s);
}

TEST_P(HerdCacheTest, OthersEntriesAreReadAsTheyAre) {
  Options plain = options();
  plain.herd = false;
  if (plain.client_class != "ShardClient") {
    plain.client_class = "DefaultClient";
  }
  RedisCache other{plain};
  other.set("k", "value", 10s);
  RedisCache cache{options()};
  EXPECT_EQ(cache.get<std::string>("k"), "value");
  EXPECT_TRUE(cache.touch("k", 20s));
  EXPECT_EQ(cache.get<std::string>("k"), "value");
}

}  // namespace
}  // namespace rediscache::test
