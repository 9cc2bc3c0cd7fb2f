// What a call on a cache in the process costs, by one thread and by several at once. `scripts/bench --local`
// runs it.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rediscache/locmem_cache.hpp>

#include "statistics.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t keys = 1000;
constexpr int rounds = 11;
constexpr int calls = 300'000;

/// Nanoseconds of one call for the thread that makes it, while `threads` make them at once: each calls
/// `operation(position of a key)`.
template <class Operation>
double nanoseconds(std::size_t threads, const Operation& operation) {
  std::latch ready{static_cast<std::ptrdiff_t>(threads) + 1};
  std::vector<std::thread> team;
  team.reserve(threads);
  for (std::size_t thread = 0; thread < threads; ++thread) {
    team.emplace_back([&, thread] {
      std::size_t key = thread * keys / threads;
      ready.arrive_and_wait();
      for (int i = 0; i < calls; ++i) {
        operation(key);
        key = (key + 7) % keys;  // all of them, since it shares no factor with their number
      }
    });
  }
  ready.arrive_and_wait();
  const auto began = Clock::now();
  for (std::thread& thread : team) {
    thread.join();
  }
  return std::chrono::duration<double, std::nano>{Clock::now() - began}.count() / calls;
}

/// What a program would write by itself: copies, one lock, no bounds, no times.
class Map {
 public:
  void set(const std::string& key, std::string value) {
    const std::scoped_lock lock{mutex_};
    entries_.insert_or_assign(key, std::move(value));
  }
  [[nodiscard]] bool get(const std::string& key, std::string& out) const {
    const std::scoped_lock lock{mutex_};
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
      return false;
    }
    out = found->second;
    return true;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::string> entries_;
};

template <class Operation>
void report(const char* name, const Operation& operation) {
  std::printf("%-34s", name);
  for (const std::size_t threads : {1UL, 2UL, 4UL}) {
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
      times.push_back(nanoseconds(threads, operation));
    }
    const double median = spread_of(times).median;
    std::printf("  %4.0f ns %6.1f M/s", median, static_cast<double>(threads) * 1e3 / median);
  }
  std::printf("\n");
}

void check(bool good) {
  if (!good) {
    throw std::runtime_error{"a call did not do what it should"};
  }
}

void run() {
  std::vector<std::string> texts;
  std::vector<std::string> numbers;
  for (std::size_t i = 0; i < keys; ++i) {
    texts.push_back("user:" + std::to_string(100'000 + i) + ":name");
    numbers.push_back("user:" + std::to_string(100'000 + i) + ":hits");
  }
  const std::string value(64, 'x');
  rediscache::LocMemCache cache;
  Map map;
  for (std::size_t i = 0; i < keys; ++i) {
    check(cache.set(texts[i], value));
    check(cache.set(numbers[i], i));
    map.set(texts[i], value);
  }
  check(cache.get<std::string>(texts[0]) == value);
  rediscache::LocMemCache full{{.max_entries = keys / 2}};

  std::printf(
      "Nanoseconds that a call takes its thread, and calls of all threads in a second: medians of %d\n",
      rounds);
  std::printf("%-34s  %-17s  %-17s  %-17s\n", "", "1 thread", "2 threads", "4 threads");
  report("get, 64 bytes", [&](std::size_t i) {
    if (!cache.get<std::string>(texts[i])) {
      std::terminate();
    }
  });
  report("get, an integer", [&](std::size_t i) {
    if (!cache.get<int>(numbers[i])) {
      std::terminate();
    }
  });
  report("get, missing", [&](std::size_t i) {
    if (full.get<std::string>(texts[i])) {
      std::terminate();
    }
  });
  report("set, 64 bytes", [&](std::size_t i) { cache.set(texts[i], value); });
  report("incr", [&](std::size_t i) { cache.incr(numbers[i]); });
  report("set, 64 bytes, of which half fits", [&](std::size_t i) { full.set(texts[i], value); });
  report("std::unordered_map, mutex: get", [&](std::size_t i) {
    if (std::string found; !map.get(texts[i], found)) {
      std::terminate();
    }
  });
}

}  // namespace
}  // namespace bench

int main() {
  try {
    bench::run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "local_bench: %s\n", error.what());
    return 1;
  }
}
