// A tour of the cache on a real server: `./scripts/quickstart` starts one and runs this.
//
// With REDIS_URL the tour goes to that server, under a prefix of its own. With QUICKSTART_SERVER_PID it ends
// by killing that server, to show what an outage looks like to the program.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <rediscache/rediscache.hpp>

namespace shop {

struct User {
  std::string name;
  int age = 0;
  std::vector<std::string> tags;
};
REDISCACHE_FIELDS(User, name, age, tags)

}  // namespace shop

namespace {

using namespace std::chrono_literals;

void show(const std::string& call, const auto& result) {
  std::cout << "  " << call << "  ->  " << result << '\n';
}

void tour(rediscache::RedisCache& cache) {
  std::cout << "Text and numbers:\n";
  cache.set("greeting", "hello", 5min);
  show(R"(get("greeting", "nothing"))", cache.get("greeting", "nothing"));
  show(R"(get("farewell", "nothing"))", cache.get("farewell", "nothing"));
  cache.set("hits", 41, rediscache::never);
  show(R"(incr("hits"))", cache.incr("hits").value());

  std::cout << "A struct of one's own:\n";
  cache.set("user:1", shop::User{.name = "Ada", .age = 36, .tags = {"admin", "math"}}, 1h);
  if (const std::optional<shop::User> user = cache.get<shop::User>("user:1")) {
    show(R"(get<User>("user:1")->name)", user->name);
  }
  show(R"(ttl("user:1"))", std::to_string(cache.ttl("user:1").remaining().value_or(0s).count()) + " s");

  std::cout << "Many at once:\n";
  cache.set_many<int>({{"stock:apple", 3}, {"stock:pear", 5}});
  for (const auto& [key, count] : cache.get_many<int>({"stock:apple", "stock:fig", "stock:pear"})) {
    show("get_many: " + key, count);
  }
  show(R"(delete_pattern("stock:*"))", cache.delete_pattern("stock:*"));
}

/// Ends the server and waits until it is gone, so that the next call meets the outage.
bool kill_server() {
  const char* const pid = std::getenv("QUICKSTART_SERVER_PID");
  if (pid == nullptr || std::atoi(pid) <= 1) {
    return false;
  }
  return ::kill(std::atoi(pid), SIGKILL) == 0;
}

void outage(rediscache::RedisCache& cache, rediscache::RedisCache& forgiving) {
  std::cout << "The server is killed. A cache that reports errors:\n";
  try {
    // The signal may take a moment; a few calls may still be answered.
    for (int call = 0; call < 100'000; ++call) {
      static_cast<void>(cache.get<std::string>("greeting"));
    }
    std::cout << "  still answered\n";
  } catch (const rediscache::ConnectionInterrupted& error) {
    show("get throws", error.what());
  }
  std::cout << "The same with ignore_exceptions:\n";
  show(R"(get("greeting", "rendered without the cache"))",
       forgiving.get("greeting", "rendered without the cache"));
  show(R"(set("greeting", "hi"))", forgiving.set("greeting", "hi") ? "stored" : "not stored");
  show("statistics().omitted", forgiving.statistics().omitted);
}

}  // namespace

int main() {
  const char* const url = std::getenv("REDIS_URL");
  const std::string location = url != nullptr ? url : "redis://127.0.0.1:6379/0";
  try {
    rediscache::RedisCache cache{{.location = {location}, .key_prefix = "quickstart"}};
    rediscache::RedisCache forgiving{
        {.location = {location}, .key_prefix = "quickstart", .ignore_exceptions = true}};
    tour(cache);
    cache.delete_pattern("*");
    if (kill_server()) {
      outage(cache, forgiving);
    }
  } catch (const rediscache::Error& error) {
    std::cerr << "quickstart: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
