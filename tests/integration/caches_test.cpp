// Settings that did not load, as they come up in services: each must end in a message that says what to do.
// And settings that are loaded anew under traffic.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "integration/cache_test.hpp"
#include "support/child.hpp"
#include "support/raw_client.hpp"
#include "support/redis_server.hpp"
#include "support/socket.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class CachesTest : public ServerSuite {
 protected:
  [[nodiscard]] static std::string json(const std::string& location, const std::string& options = {},
                                        const std::string& backend = "django_redis.cache.RedisCache") {
    return R"({"default": {"BACKEND": ")" + backend + R"(", "LOCATION": ")" + location +
           R"(", "OPTIONS": {)" + options + "}}}";
  }
  /// What the error of loading these settings says.
  [[nodiscard]] static std::string refusal(const std::string& text) {
    const auto error = thrown_by<InvalidOptions>([&] { (void)Settings::from_json(text); });
    return error ? error->what() : "";
  }
};

TEST_F(CachesTest, OnARealServerStoreWhatDjangoStores) {
  Caches registry;
  registry.configure(Settings::from_json(json(server().unix_url(1), R"("SERIALIZER": "json")")));
  CacheHandle cache = registry["default"];
  EXPECT_TRUE(cache.set("user", "Ada", 60s));
  EXPECT_EQ(cache.get<std::string>("user"), "Ada");
  EXPECT_EQ(cache.set_many(std::map<std::string, int>{{"a", 1}, {"b", 2}}), std::vector<std::string>{});
  EXPECT_EQ(cache.get_many<int>({"a", "b", "c"}).size(), 2U);
  EXPECT_TRUE(cache.add("counter", 5));
  EXPECT_EQ(cache.incr("counter").value(), 6);
  EXPECT_TRUE(cache.has_key("counter"));
  EXPECT_TRUE(cache.touch("counter", 50s));
  EXPECT_TRUE(cache.persist("counter"));
  EXPECT_TRUE(cache.ttl("counter").is_persistent());
  EXPECT_TRUE(cache.expire("counter", 50s));
  EXPECT_TRUE(cache.pexpire_at("counter", std::chrono::time_point_cast<std::chrono::milliseconds>(
                                              std::chrono::system_clock::now() + 1h)));
  EXPECT_EQ(cache.incr_version("counter").value(), 2);
  EXPECT_THAT(cache.keys("us*"), ElementsAre("user"));
  for (const std::string& key : cache.iter_keys("us*")) {
    EXPECT_EQ(key, "user");
  }
  EXPECT_EQ(cache.delete_pattern("us*"), 1);
  EXPECT_TRUE(cache.del("a"));
  EXPECT_EQ(cache.delete_many({"b", "c"}), 1);
  auto lock = cache.redis()->lock("work", {.timeout = 10s});
  EXPECT_TRUE(lock.acquire());
  lock.release();
  cache.clear();
  EXPECT_FALSE(cache.has_key("counter", {.version = 2}));
  cache.close();
}

TEST_F(CachesTest, WithoutTheAliasSayWhichThereAre) {
  Caches registry;
  registry.configure(Settings::from_json(json(server().unix_url())));
  const auto error = thrown_by<InvalidCacheBackendError>([&] { registry["sessions"].set("k", 1); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "Could not find config for 'sessions' in settings.CACHES. Known: default.");
}

TEST_F(CachesTest, UsedBeforeTheyAreConfiguredSaySo) {
  // In a process of its own, for the registry of this one may be configured by another test.
  const pid_t child = in_child([] {
    try {
      caches["default"].set("k", 1);
      return false;
    } catch (const InvalidCacheBackendError& error) {
      return std::string{error.what()}.find("before they are configured") != std::string::npos;
    }
  });
  EXPECT_TRUE(ended_well(child));
}

TEST_F(CachesTest, WithAnUnsetPasswordNameTheVariable) {
  ASSERT_EQ(std::getenv("REDISCACHE_TEST_UNSET"), nullptr);
  EXPECT_THAT(
      refusal(json(server().unix_url(), R"("PASSWORD": "${REDISCACHE_TEST_UNSET}")")),
      HasSubstr("CACHES.default.OPTIONS.PASSWORD names the environment variable REDISCACHE_TEST_UNSET, which "
                "is not set"));
}

TEST_F(CachesTest, WithAWrongPasswordSayThatTheServerRefusesIt) {
  const RedisServer guarded{{.tcp = true, .config = {"requirepass right"}}};
  Caches registry;
  registry.configure(Settings::from_json(json(guarded.tcp_url(), R"("PASSWORD": "hunter2")")));
  const auto error = thrown_by<AuthenticationError>([&] { registry["default"].set("k", 1); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), AllOf(HasSubstr("WRONGPASS"), Not(HasSubstr("hunter2"))));
  // Mended without a restart.
  registry.configure(Settings::from_json(json(guarded.tcp_url(), R"("PASSWORD": "right")")));
  EXPECT_TRUE(registry["default"].set("k", 1));
}

TEST_F(CachesTest, WithAMisspeltBackendNameTheNearest) {
  EXPECT_THAT(
      refusal(json(server().unix_url(), "", "django_redis.cache.RedisCahce")),
      HasSubstr("CACHES.default.BACKEND is \"django_redis.cache.RedisCahce\" (text), which is not a known "
                "backend. Did you mean \"django_redis.cache.RedisCache\"?"));
}

TEST_F(CachesTest, ReloadedUnderTrafficLoseNoCall) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/caches.json";
  const auto write = [&](int turn) {
    // In one step, as an editor or a container platform does it.
    std::ofstream{path + ".new"} << json(turn % 2 == 0 ? server().unix_url() : server().tcp_url(),
                                         R"("CLIENT_NAME": "turn)" + std::to_string(turn) + '"');
    ASSERT_EQ(std::rename((path + ".new").c_str(), path.c_str()), 0);
  };
  write(0);
  Caches registry;
  registry.watch(path, 1ms);
  const CacheHandle kept = registry["default"];
  std::atomic<bool> is_over{false};
  std::atomic<int> wrong{0};
  std::atomic<int> calls{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread, mine = kept]() mutable {
      for (int i = 0; !is_over; ++i) {
        const std::string key = std::to_string(thread) + ':' + std::to_string(i % 10);
        try {
          const bool stored = (i % 2 == 0 ? mine : registry["default"]).set(key, i);
          wrong += stored && registry["default"].get<int>(key) == i ? 0 : 1;
        } catch (const std::exception& error) {
          ADD_FAILURE() << error.what();
          ++wrong;
        }
        ++calls;
      }
    });
  }
  for (int turn = 1; turn <= 12; ++turn) {
    write(turn);
    const std::string name = "turn" + std::to_string(turn);
    EXPECT_TRUE(eventually([&] { return registry.settings().options("default").client_name == name; }));
    const int before = calls;
    EXPECT_TRUE(eventually([&] { return calls > before + 16; })) << "on the new cache";
  }
  is_over = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, 0);
  registry.stop_watching();
  // All connections are those of the last cache: the others ended theirs when their last call was over.
  EXPECT_TRUE(eventually([&] {
    const std::string clients = raw().text({"CLIENT", "LIST"}).value_or("");
    return clients.find("name=turn12 ") != std::string::npos &&
           clients.find("name=turn11 ") == std::string::npos &&
           clients.find("name=turn2 ") == std::string::npos;
  }));
}

}  // namespace
}  // namespace rediscache::test
