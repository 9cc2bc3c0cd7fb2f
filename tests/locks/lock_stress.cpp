// Many threads in several processes take one lock, a permit of one semaphore or one shared lock, while
// processes are stopped and killed and the server is restarted: as long as it keeps its data and no timeout
// has passed there are never more holders than may be, and nobody beside one that is alone; fencing tokens
// only grow, nobody who waits is forgotten, and who comes too late is refused by the resource's fence.
//
// LOCK_STRESS_SECONDS (30) for each kind, LOCK_STRESS_PROCESSES (4), LOCK_STRESS_THREADS (16)
// and LOCK_STRESS_SEED choose another run.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <rediscache/redis_cache.hpp>

#include "locks/lock_torture.hpp"
#include "locks/torture_worker.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;

std::uint64_t number_from(const char* name, std::uint64_t fallback) {
  const char* const text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

/// What WorkerProcess starts, in its order: state, server, process, first place, threads, kind, seed.
int work(char** arguments) {
  const auto number = [&](int at) { return std::strtoull(arguments[at], nullptr, 10); };
  const SharedFile<TortureState> state{arguments[0], SharedFile<TortureState>::Way::open};
  Options options;
  options.location = {arguments[1]};
  options.connect_timeout = 300ms;
  options.socket_timeout = 1s;
  options.call_timeout = 2s;
  options.logger = "lock_stress";
  RedisCache cache{options};
  std::vector<std::unique_ptr<TortureWorker>> workers;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < number(4); ++i) {
    workers.push_back(
        std::make_unique<TortureWorker>(cache, *state,
                                        TortureWorker::Settings{.process = number(2),
                                                                .holder = number(3) + i,
                                                                .kind = static_cast<TortureKind>(number(5)),
                                                                .seed = number(6) + i}));
    threads.emplace_back([worker = workers.back().get()] { worker->run(); });
  }
  return EXIT_SUCCESS;
}

int direct() {
  TortureSettings settings;
  settings.processes = number_from("LOCK_STRESS_PROCESSES", settings.processes);
  settings.threads = number_from("LOCK_STRESS_THREADS", settings.threads);
  settings.time = std::chrono::seconds{number_from("LOCK_STRESS_SECONDS", 30)};
  settings.seed = number_from("LOCK_STRESS_SEED", 1);
  std::printf("seed %llu, %zu processes of %zu threads, %lld s for each kind\n",
              static_cast<unsigned long long>(settings.seed), settings.processes, settings.threads,
              static_cast<long long>(settings.time.count()));
  bool is_good = true;
  for (std::size_t kind = 0; kind < torture_kind_names.size(); ++kind) {
    settings.kind = static_cast<TortureKind>(kind);
    is_good = LockTorture{settings}.run() && is_good;
  }
  return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace rediscache::test

int main(int count, char** arguments) {
  try {
    return count == 9 && std::strcmp(arguments[1], "--worker") == 0 ? rediscache::test::work(arguments + 2)
                                                                    : rediscache::test::direct();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lock_stress: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
