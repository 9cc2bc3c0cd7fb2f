// Every call x every fault x ignore_exceptions off and on x a connection that was there before, or not: it
// ends in time, with what is documented, and the cache is well again soon after.
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>
#include <rediscache/testing/fault_proxy.hpp>

#include "chaos/operation.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using testing::Break;
using testing::FaultProxy;
using Clock = std::chrono::steady_clock;

struct NamedFault {
  std::string_view name;
  testing::Fault fault{};
  ErrorCode error = ErrorCode::connection;
  bool reaches_server = true;  ///< else nothing may have been executed

  friend std::ostream& operator<<(std::ostream& out, const NamedFault& named) { return out << named.name; }
};

constexpr auto call_timeout = 150ms;

const std::vector<NamedFault>& every_fault() {
  static const std::vector<NamedFault> faults{
      {"refused", {.refuse = true}, ErrorCode::connection, false},
      {"reset_at_once", {.at_once = Break::reset}, ErrorCode::connection, false},
      {"closed_at_once", {.at_once = Break::close}, ErrorCode::connection, false},
      {"closed_before_the_reply", {.replies = {.break_at = 0}}},
      {"cut_in_the_reply", {.replies = {.break_at = 2}}},
      {"reset_in_the_reply", {.replies = {.break_at = 2, .breaks = Break::reset}}},
      {"half_closed_in_the_reply", {.replies = {.break_at = 1, .breaks = Break::half_close}}},
      {"cut_in_the_request", {.requests = {.break_at = 5}}},
      {"stalled_in_the_reply", {.replies = {.break_at = 2, .breaks = Break::stall}}, ErrorCode::timeout},
      {"black_hole", {.at_once = Break::black_hole}, ErrorCode::timeout, false},
      {"late", testing::round_trip(2 * call_timeout), ErrorCode::timeout},
      {"corrupt", {.replies = {.corrupt_at = 0}}},
  };
  return faults;
}

struct Case {
  const Operation& operation;
  const NamedFault& fault;
  bool ignores = false;
  bool warm = false;  ///< with a connection from before the fault

  [[nodiscard]] std::string name() const {
    std::ostringstream name;
    name << operation.name << " / " << fault.name << " / ignore_exceptions " << (ignores ? "on" : "off")
         << (warm ? " / warm" : " / cold");
    return name.str();
  }
};

/// One after the other, on a database and through a proxy of its own.
class Worker {
 public:
  Worker(const RedisServer& server, int database)
      : tcp_{server.unix_url()}, local_{server.unix_url(), on_a_unix_socket()}, database_{database} {}

  /// What is wrong, or nothing.
  [[nodiscard]] std::optional<std::string> run(const Case& tried) {
    FaultProxy& proxy = tried.ignores ? local_ : tcp_;
    RedisCache cache{options(proxy, tried.ignores)};
    prepare(cache);
    Lock held = cache.lock("held", {.timeout = 60s, .blocking = false});
    if (!held.acquire()) {
      return "the lock was not to be had before the fault";
    }
    if (!tried.warm) {
      proxy.break_connections(Break::close);
    }
    proxy.set(tried.fault.fault);
    std::optional<std::string> wrong = meet(tried, cache, held);
    proxy.heal();
    if (!wrong && !is_well(cache)) {
      wrong = "not well again after the fault";
    }
    return wrong;
  }

 private:
  static testing::FaultProxyOptions on_a_unix_socket() {
    testing::FaultProxyOptions options;
    options.unix_socket = "auto";
    return options;
  }

  [[nodiscard]] Options options(const FaultProxy& proxy, bool ignores) const {
    Options options;
    options.location = {proxy.url(database_)};
    options.ignore_exceptions = ignores;
    options.connect_timeout = call_timeout;
    options.socket_timeout = call_timeout;
    options.call_timeout = call_timeout;
    options.clear_timeout = call_timeout;
    options.pool_timeout = call_timeout;
    options.max_retries = 1;
    return options;
  }

  static std::optional<std::string> meet(const Case& tried, RedisCache& cache, Lock& held) {
    const auto start = Clock::now();
    std::optional<std::string> wrong = outcome(tried, cache, held);
    // The margin is for machines on which a thread waits long for its turn; a hang is longer.
    const auto most = tried.operation.calls * call_timeout + 3s;
    if (const auto taken = Clock::now() - start; taken > most) {
      wrong = "took " + std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(taken).count()) +
              " ms";
    }
    return wrong;
  }

  static std::optional<std::string> outcome(const Case& tried, RedisCache& cache, Lock& held) {
    const bool may_return = tried.ignores && !tried.operation.always_throws;
    try {
      const bool is_omitted = tried.operation.omitted(cache, held);
      if (!may_return) {
        return "returned instead of throwing";
      }
      if (!is_omitted) {
        return "returned something else than when omitted";
      }
      if (cache.statistics().omitted == 0) {
        return "omitted, and not counted";
      }
    } catch (const ConnectionInterrupted& error) {
      if (may_return) {
        return std::string{"threw: "} + error.what();
      }
      if (error.code() != tried.fault.error) {
        return std::string{"threw the wrong class: "} + error.what();
      }
      const bool certain = !tried.fault.reaches_server && !tried.warm && is_once_only(tried.operation.name);
      if (certain && error.maybe_executed()) {
        return std::string{"says that it may have been executed: "} + error.what();
      }
    } catch (const std::exception& error) {
      return std::string{"threw what is not about the server: "} + error.what();
    }
    return std::nullopt;
  }

  /// Soon, and then for good: the next calls get their own answers.
  static bool is_well(RedisCache& cache) {
    RedisCache strict = cache.strict();
    const auto answers = [&] {
      try {
        return strict.set("well", "yes");
      } catch (const ConnectionInterrupted&) {
        return false;
      }
    };
    if (!eventually(answers)) {
      return false;
    }
    for (int i = 0; i < 5; ++i) {
      strict.set("well:" + std::to_string(i), i);
    }
    for (int i = 0; i < 5; ++i) {
      if (strict.get("well:" + std::to_string(i), -1) != i) {
        return false;
      }
    }
    return strict.get<std::string>("well") == "yes";
  }

  // Over TCP errors are thrown and over a unix socket ignored: each meets all faults once.
  FaultProxy tcp_;
  FaultProxy local_;
  int database_;
};

class FaultMatrixTest : public ::testing::TestWithParam<NamedFault> {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<RedisServer>(
        RedisServer::Settings{.config = {"databases " + std::to_string(workers)}});
  }
  static void TearDownTestSuite() { server_.reset(); }

  /// Most cases wait for a deadline, so many at once are no load.
  static constexpr int workers = 14;
  static inline std::unique_ptr<RedisServer> server_;
};
INSTANTIATE_TEST_SUITE_P(Each, FaultMatrixTest, ::testing::ValuesIn(every_fault()),
                         [](const auto& made) { return std::string{made.param.name}; });

TEST_P(FaultMatrixTest, EveryCallEndsInTimeAsDocumented) {
  std::vector<Case> cases;
  for (const Operation& operation : every_operation()) {
    for (const bool ignores : {false, true}) {
      for (const bool warm : {false, true}) {
        cases.push_back({operation, GetParam(), ignores, warm});
      }
    }
  }
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::vector<std::string> failures;
  {
    std::vector<std::jthread> threads;
    threads.reserve(workers);
    for (int database = 0; database < workers; ++database) {
      threads.emplace_back([&, database] {
        Worker worker{*server_, database};
        for (std::size_t i = next++; i < cases.size(); i = next++) {
          std::optional<std::string> wrong;
          try {
            wrong = worker.run(cases[i]);
          } catch (const std::exception& error) {
            wrong = std::string{"beside the call: "} + error.what();
          }
          if (wrong) {
            const std::scoped_lock lock{mutex};
            failures.push_back(cases[i].name() + ": " + *wrong);
          }
        }
      });
    }
  }
  for (const std::string& failure : failures) {
    ADD_FAILURE() << failure;
  }
}

}  // namespace
}  // namespace rediscache::test
