// A plug-in that links the library statically.
#include <chrono>
#include <memory>
#include <string>

#include <rediscache/rediscache.hpp>

#include "lifetime/scenes.hpp"

namespace {

// Destroyed when the plug-in is unloaded, or when the process exits.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::unique_ptr<rediscache::RedisCache> cache;

}  // namespace

/// Whether calls work, of which `with_threads` have the library start threads: a lock is renewed, messages
/// come.
extern "C" __attribute__((visibility("default"))) bool use_cache(const char* url, bool with_threads) {
  using namespace std::chrono_literals;
  cache = std::make_unique<rediscache::RedisCache>(rediscache::lifetime::options_of({.url = url}));
  cache->set("k", 1);
  if (!with_threads) {
    return cache->get<int>("k") == 1;
  }
  // Nobody destroys these before the plug-in goes.
  auto* const subscription = new rediscache::Subscription{cache->subscribe({.channels = {"c"}})};
  auto* const lock = new rediscache::Lock{cache->lock("plugin", {.timeout = 300ms})};
  return lock->try_lock() && subscription->wait_until_active(30s);
}
