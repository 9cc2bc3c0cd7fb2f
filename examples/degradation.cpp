// What a service feels of its cache's troubles: a page that is rendered with ignore_exceptions, through a
// proxy that makes the way to Redis bad. It needs a redis-server: REDIS_URL, or one on the PATH.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <rediscache/rediscache.hpp>
#include <rediscache/testing/fault_proxy.hpp>

namespace {

using namespace std::chrono_literals;
using rediscache::testing::Break;
using rediscache::testing::Fault;
using rediscache::testing::FaultProxy;
using Clock = std::chrono::steady_clock;

/// A private server, unless REDIS_URL names one.
class Redis {
 public:
  Redis() {
    if (const char* const url = std::getenv("REDIS_URL"); url != nullptr) {
      url_ = url;
      return;
    }
    directory_ = "/tmp/degradation-" + std::to_string(::getpid());
    std::filesystem::create_directory(directory_);
    const std::string socket = directory_ + "/redis.sock";
    const std::string log = directory_ + "/log";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket.c_str(), "--save", "",
               "--logfile", log.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    url_ = "unix://" + socket;
    for (int i = 0; i < 100 && !std::filesystem::exists(socket); ++i) {
      std::this_thread::sleep_for(50ms);
    }
  }
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;
  ~Redis() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      std::filesystem::remove_all(directory_);
    }
  }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  std::string url_;
  std::string directory_;
  pid_t pid_ = -1;
};

/// The service: three reads and, where they find nothing, what they would have spared it.
std::string render_page(rediscache::RedisCache& cache) {
  std::string page;
  for (const char* const part : {"header", "body", "footer"}) {
    page += cache.get_or_set(part, [&] { return std::string{"<"} + part + ">"; }, 1min);
  }
  return page;
}

/// Renders a page under a fault, says what it cost, and whether it was right.
bool try_with(const std::string& name, const Fault& fault, FaultProxy& proxy, rediscache::RedisCache& cache) {
  proxy.set(fault);
  const auto omitted = cache.statistics().omitted;
  const auto start = Clock::now();
  const bool is_right = render_page(cache) == "<header><body><footer>";
  const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  proxy.heal();
  std::cout << std::left << std::setw(28) << name << std::right << std::setw(8) << std::fixed
            << std::setprecision(1) << static_cast<double>(taken.count()) / 1000 << " ms, "
            << cache.statistics().omitted - omitted << " calls omitted, page "
            << (is_right ? "right" : "WRONG") << '\n';
  return is_right;
}

}  // namespace

int main() {
  const Redis redis;
  FaultProxy proxy{redis.url()};
  rediscache::RedisCache cache{{.location = {proxy.url()},
                                .key_prefix = "degradation",
                                .ignore_exceptions = true,
                                .connect_timeout = 50ms,
                                .call_timeout = 100ms}};
  bool fine = try_with("all is well, cache empty", {}, proxy, cache);
  fine &= try_with("all is well", {}, proxy, cache);
  fine &= try_with("20 ms away", rediscache::testing::round_trip(20ms), proxy, cache);
  fine &= try_with("nobody listens", {.refuse = true}, proxy, cache);
  fine &= try_with("every connection is reset", {.at_once = Break::reset}, proxy, cache);
  fine &= try_with("replies are cut", {.replies = {.break_at = 3}}, proxy, cache);
  fine &= try_with("nobody answers", {.at_once = Break::black_hole}, proxy, cache);
  fine &= try_with("all is well again", {}, proxy, cache);
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
