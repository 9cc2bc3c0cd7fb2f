#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lifetime/scenes.hpp"

namespace rediscache::lifetime {

void tell(const std::string& what, bool is_good) {
  std::printf("%s: %s\n", is_good ? "ok" : "wrong", what.c_str());
  std::fflush(stdout);
}

Options options_of(const Given& given) {
  Options options;
  options.location = {given.url};
  options.connect_timeout = options.socket_timeout = options.call_timeout = options.pool_timeout =
      std::chrono::seconds{30};
  options.tls.ca_file = given.ca_file;
  return options;
}

Options options_to_nobody() {
  Options options;
  options.location = {"unix:///nowhere/redis.sock"};
  options.ignore_exceptions = true;
  options.log_ignored_exceptions = true;
  return options;
}

bool works(RedisCache& cache) try {
  cache.set("number", 41);
  bool good = cache.get<int>("number") == 41 && cache.incr("number") == 42;
  good = good && cache.set("text", std::string(200'000, 'x')) &&
         cache.get<std::string>("text").value_or("").size() == 200'000;
  good = good && cache.set("list", std::vector<int>{1, 2, 3}) &&
         cache.get<std::vector<int>>("list") == std::vector<int>{1, 2, 3};
  Pipeline pipeline = cache.pipeline();
  const auto queued = pipeline.get<int>("number");
  good = good && pipeline.execute() && queued.value() == 42;
  auto lock = cache.lock("lock", {.timeout = std::chrono::seconds{30}});
  good = good && lock.try_lock();
  lock.unlock();
  for (const std::string& key : cache.iter_keys("lo*")) {
    good = good && key == "lock";
  }
  return good && cache.del("number");
} catch (const std::exception& error) {
  std::printf("threw: %s\n", error.what());
  return false;
}

}  // namespace rediscache::lifetime
