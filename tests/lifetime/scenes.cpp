#include "lifetime/scenes.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <unistd.h>

namespace rediscache::lifetime {
namespace {

using namespace std::chrono_literals;

// These are made before main() and before everything that the library makes at its first use, so that they
// are destroyed after that. NOLINTBEGIN(cert-err58-cpp,cppcoreguidelines-avoid-non-const-global-variables)
struct RunsLast {
  RunsLast() noexcept = default;
  RunsLast(const RunsLast&) = delete;
  RunsLast& operator=(const RunsLast&) = delete;
  ~RunsLast() {
    if (work) {
      work();
    }
  }
  std::function<void()> work{};
} runs_last;
std::optional<RedisCache> held_cache;
std::optional<Lock> held_lock;
std::optional<Subscription> held_subscription;
// NOLINTEND(cert-err58-cpp,cppcoreguidelines-avoid-non-const-global-variables)

/// A cache that nobody destroys.
RedisCache& kept(const Options& options) {
  static RedisCache* cache = nullptr;  // within reach of those who look for leaks
  cache = new RedisCache{options};     // NOLINT(cppcoreguidelines-owning-memory)
  return *cache;
}

void static_destructor(const Given& given) {
  RedisCache& cache = kept(options_of(given));
  tell("a call in main()", works(cache));
  at_the_very_end([&cache] { tell("a call in the destructor of a static object", works(cache)); });
}

void first_call_of_all(const Given& given) {
  at_the_very_end([given] {
    RedisCache cache{options_of(given)};
    tell("the first cache of all, in the destructor of a static object", works(cache));
  });
}

void exit_handler(const Given& given) {
  static RedisCache* cache = nullptr;
  std::atexit([] { tell("a call in an exit handler", works(*cache)); });
  cache = &kept(options_of(given));
  tell("a call in main()", works(*cache));
}

struct CallsWhenDestroyed {
  CallsWhenDestroyed() noexcept = default;
  CallsWhenDestroyed(const CallsWhenDestroyed&) = delete;
  CallsWhenDestroyed& operator=(const CallsWhenDestroyed&) = delete;
  ~CallsWhenDestroyed() {
    if (cache != nullptr) {
      tell("a call in the destructor of a thread_local object", works(*cache));
    }
  }
  RedisCache* cache = nullptr;
};

void thread_locals(const Given& given) {
  RedisCache& cache = kept(options_of(given));
  const auto use = [&cache](const char* where) {
    thread_local CallsWhenDestroyed last;  // older than what the library keeps for this thread
    last.cache = &cache;
    tell(where, works(cache));
  };
  std::thread{[&] { use("a call in a thread"); }}.join();
  std::thread{[&] {
    thread_local CallsWhenDestroyed only;
    only.cache = &cache;
  }}.join();
  use("a call in main()");
}

void static_lock(const Given& given) {
  held_cache.emplace(options_of(given));
  held_cache->del("held");  // by a process that could not release it
  held_lock.emplace(held_cache->lock("held", {.timeout = 1min}));
  tell("a lock that a static object holds", held_lock->try_lock());
}

/// A value stored by what was registered under a name.
bool stores_by(const Given& given, std::string_view serializer, std::string_view compressor) {
  Options options = options_of(given);
  options.serializer = serializer;
  options.compressor = compressor;
  RedisCache cache{options};
  const std::string long_text(1000, 'x');
  return cache.set("stored", long_text) && cache.get<std::string>("stored") == long_text;
}

void registries(const Given& given) {
  const auto use = [given](const std::string& when) {
    register_serializer("mine", [] { return make_serializer("json"); });
    register_client("Mine", [](const Options& options) { return make_client("DefaultClient", options); });
    register_backend("mine", [](const BackendSettings& settings) {
      return std::make_shared<RedisCache>(settings.options);
    });
    register_key_function("mine", [](std::string_view key, std::string_view prefix, int) {
      return std::string{prefix}.append(key);
    });
    Defaults mine = defaults();
    mine.logger = "mine";
    set_defaults(mine);
    tell("registered names " + when, stores_by(given, "mine", "") && stores_by(given, "pickle", ""));
    const Settings settings = Settings::from_json(R"({"default": {"BACKEND": "mine", "LOCATION": ")" +
                                                  given.url + R"(", "OPTIONS": {"CLIENT_CLASS": "Mine"}}})");
    Caches of_settings;
    of_settings.configure(settings);
    CacheHandle cache = of_settings["default"];
    tell("settings " + when, cache.set("k", 1) && cache.get<int>("k") == 1);
  };
  use("in main()");
  at_the_very_end([use] { use("at the very end"); });
}

void process_wide_caches(const Given& given) {
  caches.add("default", options_of(given));
  const auto use = [](const std::string& when) {
    CacheHandle cache = caches["default"];
    tell("a cache by its alias " + when, cache.set("k", 1) && works(*cache.redis()));
    CacheHandle dummy = caches.get_or_dummy("missing" + when);
    tell("a dummy " + when, dummy.set("k", 1) && !dummy.get<int>("k"));
  };
  use("in main()");
  at_the_very_end([use] { use("at the very end"); });
}

void local_caches(const Given& given) {
  auto* const local = new std::shared_ptr<LocMemCache>{std::make_shared<LocMemCache>()};
  auto* const failover = new FailoverCache{kept(options_to_nobody()), *local};
  static_cast<void>(given);
  const auto use = [local, failover](const std::string& when) {
    tell("LocMemCache " + when, (*local)->set("k", 1) && (*local)->get<int>("k") == 1);
    tell("FailoverCache " + when, failover->set("k", 2) && failover->get<int>("k") == 2);
  };
  use("in main()");
  at_the_very_end([use] { use("at the very end"); });
}

void logs(const Given& given) {
  static_cast<void>(given);
  RedisCache& cache = kept(options_to_nobody());
  tell("a call that is logged", !cache.get<int>("early"));
  at_the_very_end([&cache] { tell("a call that is logged at the very end", !cache.get<int>("late")); });
}

void first_log_of_all(const Given& given) {
  static_cast<void>(given);
  at_the_very_end([] {
    RedisCache cache{options_to_nobody()};
    tell("the first message of all", !cache.get<int>("late"));
  });
}

/// Threads of the program that go on calling while the process exits.
void threads(const Given& given) {
  RedisCache& cache = kept(options_of(given));
  static std::atomic<int> calls{0};
  for (int i = 0; i < 4; ++i) {
    std::thread{[&cache] {
      while (true) {
        static_cast<void>(cache.get<int>("k"));
        cache.set("k", 1);
        calls.fetch_add(1);
      }
    }}.detach();
  }
  while (calls.load() < 100) {
    std::this_thread::yield();
  }
  tell("threads that do not end", true);
}

/// Background work of objects that nobody destroys: messages, and a lock that is renewed.
void background_work(const Given& given) {
  RedisCache& cache = kept(options_of(given));
  static std::atomic<int> messages{0};
  static Subscription* subscription = nullptr;
  static Lock* lock = nullptr;
  subscription =
      new Subscription{cache.subscribe({.channels = {"c"}}, [](const Message&) { messages.fetch_add(1); })};
  // Each process has a lock of its own, for this one is still held when the process has ended.
  lock = new Lock{cache.lock("renewed by " + std::to_string(::getpid()), {.timeout = 1500ms})};
  tell("a lock that is renewed", lock->try_lock());
  tell("a subscription", subscription->wait_until_active(30s));
  while (messages.load() == 0 || cache.statistics().locks.renewed == 0) {
    cache.publish("c", "m");
    std::this_thread::sleep_for(1ms);
  }
  std::thread{[&cache] {
    while (true) {
      cache.publish("c", "m");
    }
  }}.detach();
  tell("background work", true);
}

/// The process exits in a thread of the library's: static objects are destroyed there that would wait for it.
void exit_in_callback(const Given& given) {
  held_cache.emplace(options_of(given));
  held_subscription.emplace(held_cache->subscribe({.channels = {"c"}}, [](const Message&) {
    tell("a callback that exits", true);
    std::exit(0);  // NOLINT(concurrency-mt-unsafe): that is the point
  }));
  RedisCache& cache = kept(options_of(given));
  while (true) {
    cache.publish("c", "m");
    std::this_thread::sleep_for(1ms);
  }
}

void exit_in_on_lost(const Given& given) {
  held_cache.emplace(options_of(given));
  held_lock.emplace(held_cache->lock("lost", {.timeout = 300ms, .on_lost = [](const LostLock&) {
                                                tell("an on_lost that exits", true);
                                                std::exit(0);  // NOLINT(concurrency-mt-unsafe)
                                              }}));
  tell("a lock", held_lock->try_lock());
  RedisCache& cache = kept(options_of(given));
  cache.del("lost");
  while (true) {
    std::this_thread::sleep_for(1s);
  }
}

using Scene = std::pair<std::string_view, void (*)(const Given&)>;
constexpr std::array scenes{
    Scene{"static_destructor", static_destructor},
    Scene{"first_call_of_all", first_call_of_all},
    Scene{"exit_handler", exit_handler},
    Scene{"thread_locals", thread_locals},
    Scene{"static_lock", static_lock},
    Scene{"registries", registries},
    Scene{"process_wide_caches", process_wide_caches},
    Scene{"local_caches", local_caches},
    Scene{"logs", logs},
    Scene{"first_log_of_all", first_log_of_all},
    Scene{"threads", threads},
    Scene{"background_work", background_work},
    Scene{"exit_in_callback", exit_in_callback},
    Scene{"exit_in_on_lost", exit_in_on_lost},
};

}  // namespace

void at_the_very_end(std::function<void()> work) {
  runs_last.work = std::move(work);
}

bool run(const std::string& scene, const Given& given) {
  for (const auto& [name, play] : scenes) {
    if (name == scene) {
      play(given);
      return true;
    }
  }
  return false;
}

}  // namespace rediscache::lifetime
