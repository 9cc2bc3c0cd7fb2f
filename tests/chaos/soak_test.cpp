// Many threads, a server and a network that fail all the time: no answer may be wrong, no call may hang, and
// nothing may pile up. SOAK_SECONDS says how long, SOAK_SEED which faults; ./scripts/soak runs it for longer.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include <rediscache/rediscache.hpp>
#include <rediscache/testing/fault_proxy.hpp>

#include "chaos/soak_chaos.hpp"
#include "chaos/soak_tally.hpp"
#include "chaos/soak_worker.hpp"
#include "support/redis_server.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A sanitizer keeps what was freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_ours = false;
#elif !defined(__has_feature)
constexpr bool memory_is_ours = true;
#elif __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool memory_is_ours = false;
#else
constexpr bool memory_is_ours = true;
#endif

constexpr int thread_count = 16;
constexpr std::size_t most_growth_kib = std::size_t{48} * 1024;

std::uint64_t number_from(const char* name, std::uint64_t fallback) {
  const char* const text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

std::size_t resident_kib() {
  std::ifstream file{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

std::size_t descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

Options soak_options(const testing::FaultProxy& proxy) {
  Options options;
  options.location = {proxy.url()};
  options.connect_timeout = 200ms;
  options.socket_timeout = 200ms;
  options.call_timeout = 300ms;
  options.pool_timeout = 200ms;
  options.max_connections = 24;
  options.logger = "soak";
  return options;
}

/// Ends the program when a call has not come back at all: nobody else could.
void watch(const std::vector<std::unique_ptr<SoakWorker>>& workers) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch());
  for (const auto& worker : workers) {
    const std::int64_t began = worker->began_us();
    if (began != 0 && now.count() - began > 60'000'000) {
      std::fprintf(stderr, "hang: a call has not come back for a minute\n");
      std::abort();
    }
  }
}

void print(const SoakTally& tally, const SoakChaos& chaos, const RedisCache& forgiving) {
  std::printf("operations %llu, slowest %llu ms, omitted %llu\nerrors:",
              static_cast<unsigned long long>(tally.operations.load()),
              static_cast<unsigned long long>(tally.slowest_us.load() / 1000),
              static_cast<unsigned long long>(forgiving.statistics().omitted));
  for (std::size_t code = 0; code < tally.errors.size(); ++code) {
    if (const auto count = tally.errors.at(code).load(); count > 0) {
      std::printf(" %s %llu", std::string{to_string(static_cast<ErrorCode>(code))}.c_str(),
                  static_cast<unsigned long long>(count));
    }
  }
  std::printf("\nfaults:");
  for (const auto& [name, count] : chaos.faults()) {
    std::printf(" %s %llu,", std::string{name}.c_str(), static_cast<unsigned long long>(count));
  }
  std::printf("\nwrong answers %llu, hangs %llu\n", static_cast<unsigned long long>(tally.wrong.load()),
              static_cast<unsigned long long>(tally.hangs.load()));
}

/// Memory after a quarter of the time and at the end; by then caches and pools have what they need.
struct Memory {
  std::size_t early_kib = 0;
  std::size_t late_kib = 0;
};

Memory soak(RedisServer& server, std::uint64_t seconds, std::uint64_t seed, SoakTally& tally) {
  testing::FaultProxy proxy{server.unix_url()};
  Options options = soak_options(proxy);
  options.max_retries = 0;
  RedisCache strict{options};
  options.max_retries = 2;
  options.ignore_exceptions = true;
  RedisCache forgiving{options};
  SoakChaos chaos{server, proxy, tally, seed};

  std::vector<std::unique_ptr<SoakWorker>> workers;
  workers.reserve(thread_count);
  for (int number = 0; number < thread_count; ++number) {
    workers.push_back(std::make_unique<SoakWorker>(SoakCaches{strict, forgiving, options.call_timeout}, tally,
                                                   seed * 1000 + static_cast<std::uint64_t>(number), number));
  }
  std::atomic<bool> stop{false};
  Memory memory;
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    threads.reserve(workers.size());
    for (const auto& worker : workers) {
      threads.emplace_back([&stop, &worker] {
        while (!stop) {
          worker->step();
        }
      });
    }
    while (Clock::now() - start < std::chrono::seconds{seconds}) {
      chaos.step();
      watch(workers);
      if (memory.early_kib == 0 && Clock::now() - start > std::chrono::seconds{seconds} / 4) {
        memory.early_kib = resident_kib();
      }
    }
    chaos.heal();
    stop = true;
  }
  memory.late_kib = resident_kib();
  print(tally, chaos, forgiving);
  return memory;
}

bool run() {
  const std::uint64_t seconds = number_from("SOAK_SECONDS", 12);
  const std::uint64_t seed = number_from("SOAK_SEED", 1);
  std::printf("seed %llu, %llu s, %d threads\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(seconds), thread_count);
  SoakTally tally;
  RedisServer server{{.config = {"enable-debug-command yes", "maxmemory 200mb"}}};
  const std::size_t before = descriptors();
  const Memory memory = soak(server, seconds, seed, tally);
  const std::size_t after = descriptors();
  std::printf("memory %zu KiB early, %zu KiB late; descriptors %zu before, %zu after\n", memory.early_kib,
              memory.late_kib, before, after);
  const bool is_flat =
      after == before && (!memory_is_ours || memory.late_kib < memory.early_kib + most_growth_kib);
  if (!is_flat) {
    std::fprintf(stderr, "something piled up\n");
  }
  return is_flat && tally.wrong == 0 && tally.hangs == 0 && tally.operations > 0;
}

}  // namespace
}  // namespace rediscache::test

int main() {
  return rediscache::test::run() ? EXIT_SUCCESS : EXIT_FAILURE;
}
