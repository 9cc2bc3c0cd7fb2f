// What locks cost: taking and giving back one that nobody else wants, against a round trip and against the
// least that a lock can do; the way from one process to the next, and what those who wait say meanwhile; and
// renewing a thousand. `scripts/bench --locks` runs it.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <unistd.h>

#include <rediscache/redis_cache.hpp>

#include "affinity.hpp"
#include "connection.hpp"
#include "cpu_time.hpp"
#include "forked.hpp"
#include "machine.hpp"
#include "network.hpp"
#include "server.hpp"
#include "statistics.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using rediscache::Lock;
using rediscache::Options;
using rediscache::RedisCache;

constexpr std::size_t rounds = 41;
constexpr std::size_t waiters = 8;
constexpr auto idle_time = 20s;
constexpr auto renewal_time = 24s;
constexpr std::size_t held = 1000;

RedisCache cache_of(const Endpoint& endpoint) {
  Options options;
  options.location = {endpoint.url};
  return RedisCache{options};
}

std::int64_t microseconds_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count() / 1000;
}

/// Microseconds of one `operation`.
template <class Operation>
double time_of(int count, const Operation& operation) {
  const auto began = Clock::now();
  for (int i = 0; i < count; ++i) {
    operation();
  }
  return std::chrono::duration<double, std::micro>{Clock::now() - began}.count() / count;
}

void must(bool good, const char* what) {
  if (!good) {
    throw std::runtime_error{what};
  }
}

/// How often clients sent a command that a lock or its subscription sends. What scripts call is not among it.
std::int64_t commands_sent(Connection& server) {
  const Reply reply = server.command(std::array<std::string_view, 2>{"INFO", "commandstats"});
  const std::string_view text{reply->str, static_cast<std::size_t>(reply->len)};
  std::int64_t sum = 0;
  for (const std::string_view name : {"eval", "evalsha", "ping", "subscribe", "unsubscribe"}) {
    const std::string label = "cmdstat_" + std::string{name} + ":calls=";
    if (const std::size_t at = text.find(label); at != std::string_view::npos) {
      sum += std::strtoll(text.data() + at + label.size(), nullptr, 10);
    }
  }
  return sum;
}

class Report {
 public:
  explicit Report(const PrivateServer& server) : facts_{machine_facts(server.version())} {}

  void add(const std::string& name, const std::string& unit, const Spread& spread,
           const std::string& beside) {
    std::printf("%s: %.3g %s (quartiles %.3g to %.3g)%s\n", name.c_str(), spread.median, unit.c_str(),
                spread.first_quartile, spread.third_quartile, beside.c_str());
    std::fflush(stdout);
    keep(name, unit, spread);
  }
  /// In the file only.
  void keep(const std::string& name, const std::string& unit, const Spread& spread) {
    json_ += json_.empty() ? "\n" : ",\n";
    json_ += "{\"bench\": \"" + name + "\", \"unit\": \"" + unit +
             "\", \"median\": " + std::to_string(spread.median) +
             ", \"q1\": " + std::to_string(spread.first_quartile) +
             ", \"q3\": " + std::to_string(spread.third_quartile) +
             ", \"min\": " + std::to_string(spread.least) + ", \"max\": " + std::to_string(spread.most) +
             ", \"machine\": {";
    const char* comma = "";
    for (const auto& [fact, value] : facts_) {
      json_ += std::string{comma} + "\"" + fact + "\": \"" + value + "\"";
      comma = ", ";
    }
    json_ += "}}";
  }
  void write(const char* file) const {
    std::ofstream out{file};
    out << "[" << json_ << "\n]\n";
    must(bool{out.flush()}, "the JSON cannot be written");
  }

 private:
  Facts facts_;
  std::string json_;
};

/// By hand, with hiredis: what any lock of this kind does at least, and what of that is neither lock nor
/// script.
class ByHand {
 public:
  explicit ByHand(const Endpoint& endpoint)
      : connection_{endpoint}, release_{load(release_text)}, nothing_{load("return 1")} {}

  void get() { must(ask<2>({"GET", "value"})->type == REDIS_REPLY_STRING, "the value is gone"); }
  /// As redis-py takes and gives back its lock: no fencing token, no queue, nobody told.
  void take() {
    must(ask<6>({"SET", key, token, "NX", "PX", "30000"})->type == REDIS_REPLY_STATUS,
         "the lock was not free");
    must(ask<5>({"EVALSHA", release_, "1", key, token})->integer == 1, "the lock was lost");
  }
  void two_empty_scripts() {
    for (int i = 0; i < 2; ++i) {
      must(ask<5>({"EVALSHA", nothing_, "1", key, token})->integer == 1, "a script did not run");
    }
  }

 private:
  static constexpr std::string_view key = "by hand";
  static constexpr std::string_view token = "rc:0123456789abcdef0123456789abcdef";
  // Of redis-py.
  static constexpr std::string_view release_text =
      "local token = redis.call('get', KEYS[1]) "
      "if not token or token ~= ARGV[1] then return 0 end "
      "redis.call('del', KEYS[1]) "
      "return 1";

  template <std::size_t N>
  Reply ask(const std::array<std::string_view, N>& command) {
    return connection_.command(command);
  }
  std::string load(std::string_view text) {
    const Reply digest = ask<3>({"SCRIPT", "LOAD", text});
    return {digest->str, static_cast<std::size_t>(digest->len)};
  }

  Connection connection_;
  std::string release_;
  std::string nothing_;
};

void uncontended(const PrivateServer& server, const Endpoint& endpoint, const std::string& way, int count,
                 Report& report) {
  RedisCache cache = cache_of(endpoint);
  Lock lock = cache.lock("uncontended", {.timeout = 30s});
  must(cache.set("value", "sixteen bytes..."), "nothing was stored");
  ByHand by_hand{endpoint};
  must(Connection{endpoint}.command(std::array<std::string_view, 3>{"SET", "value", "sixteen bytes..."}) !=
           nullptr,
       "nothing was stored");
  const auto take = [&] {
    must(lock.acquire(), "the lock was not free");
    lock.release();
  };
  struct Contender {
    std::string name;
    std::function<void()> once;
    std::vector<double> times{};
  };
  std::array<Contender, 5> all{
      {{"get", [&] { must(cache.get<std::string>("value").has_value(), "the value is gone"); }},
       {"GET by hand", [&] { by_hand.get(); }},
       {"acquire and release", take},
       {"SET NX and redis-py's script by hand", [&] { by_hand.take(); }},
       {"two empty scripts by hand", [&] { by_hand.two_empty_scripts(); }}}};
  for (const Contender& each : all) {
    time_of(count, each.once);
  }
  Connection near{server.unix_endpoint()};
  const std::int64_t before = commands_sent(near);
  take();
  must(commands_sent(near) - before == 2, "acquire and release are not two commands");
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      Contender& one = all.at((round + i) % all.size());
      one.times.push_back(time_of(count, one.once));
    }
  }
  for (std::size_t i = 2; i < all.size(); ++i) {
    const auto against = [&](const Contender& trip) {
      std::vector<double> ratios;
      for (std::size_t round = 0; round < rounds; ++round) {
        ratios.push_back(all.at(i).times[round] / trip.times[round]);
      }
      return spread_of(ratios);
    };
    const Spread of_plain = against(all[1]);
    std::array<char, 120> beside{};
    std::snprintf(beside.data(), beside.size(), "; %.3g of a GET by hand; %.1f us", of_plain.median,
                  spread_of(all.at(i).times).median);
    const std::string name = all.at(i).name + ", " + way;
    report.add(name, "round trips of get", against(all[0]), beside.data());
    report.keep(name, "round trips of a GET by hand", of_plain);
  }
  std::printf("  a get %.1f us, a GET by hand %.1f us\n", spread_of(all[0].times).median,
              spread_of(all[1].times).median);
}

/// Waits until so many listen to the wake-ups of locks.
void wait_for_subscriptions(Connection& near, long long count) {
  const auto until = Clock::now() + 20s;
  while (near.command(std::array<std::string_view, 2>{"PUBSUB", "CHANNELS"})->elements !=
         static_cast<std::size_t>(count)) {
    must(Clock::now() < until, "those who wait do not listen");
    std::this_thread::sleep_for(1ms);
  }
}

void hand_over(const PrivateServer& server, const Forked& other, Report& report) {
  Connection near{server.unix_endpoint()};
  RedisCache cache = cache_of(server.unix_endpoint());
  Lock lock = cache.lock("handed over", {.timeout = 30s});
  std::vector<double> locks;
  std::vector<double> pipes;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::int64_t told = microseconds_now();
    pipes.push_back(static_cast<double>(other.ask('t') - told));
    must(lock.acquire(), "the lock was not free");
    other.tell('a');
    wait_for_subscriptions(near, 1);
    std::this_thread::sleep_for(20ms);  // it has tried once more, and sleeps
    const std::int64_t released = microseconds_now();
    lock.release();
    locks.push_back(static_cast<double>(other.answer() - released));
  }
  std::array<char, 100> beside{};
  std::snprintf(beside.data(), beside.size(), "; a byte through a pipe %.0f us", spread_of(pipes).median);
  report.add("hand-over to another process", "us", spread_of(locks), beside.data());
}

void idle(const PrivateServer& server, const Forked& other, Report& report) {
  Connection near{server.unix_endpoint()};
  RedisCache cache = cache_of(server.unix_endpoint());
  Lock lock = cache.lock("waited for", {});  // without a timeout, so the holder says nothing
  must(lock.acquire(), "the lock was not free");
  other.tell('w');
  wait_for_subscriptions(near, 1);
  std::this_thread::sleep_for(1s);
  std::vector<double> rates;
  for (int part = 0; part < 4; ++part) {
    const std::int64_t before = commands_sent(near);
    std::this_thread::sleep_for(idle_time / 4);
    const double seconds = std::chrono::duration<double>{idle_time / 4}.count();
    rates.push_back(static_cast<double>(commands_sent(near) - before) / seconds / double(waiters));
  }
  lock.release();
  must(other.answer() == std::int64_t{waiters}, "not everybody who waited got the lock");
  report.add("said by each who waits", "commands/s", spread_of(rates), "");
}

void renewal(const PrivateServer& server, std::chrono::seconds timeout, Report& report) {
  RedisCache cache = cache_of(server.unix_endpoint());
  std::vector<Lock> locks;
  for (std::size_t i = 0; i < held; ++i) {
    locks.push_back(cache.lock("held:" + std::to_string(i), {.timeout = timeout}));
    must(locks.back().acquire(), "a lock was not free");
  }
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int part = 0; part < 4; ++part) {
    const double client_before = cpu_seconds_of(::getpid());
    const double server_before = server.cpu_seconds();
    const auto began = Clock::now();
    std::this_thread::sleep_for(renewal_time / 4);
    const double seconds = std::chrono::duration<double>{Clock::now() - began}.count();
    ours.push_back((cpu_seconds_of(::getpid()) - client_before) / seconds * 100);
    theirs.push_back((server.cpu_seconds() - server_before) / seconds * 100);
  }
  for (const Lock& lock : locks) {
    must(lock.held(), "a lock was lost");
  }
  std::array<char, 100> beside{};
  std::snprintf(beside.data(), beside.size(), "; the server %.2f %%", spread_of(theirs).median);
  report.add("renewing " + std::to_string(held) + " locks with a timeout of " +
                 std::to_string(timeout.count()) + " s",
             "% of a CPU", spread_of(ours), beside.data());
}

/// What the other process does: 't' tells the time, 'a' takes a lock and tells when it had it, 'w' lets many
/// threads wait for one and tells how many got it.
std::int64_t obey(RedisCache& cache, char order) {
  if (order == 't') {
    return microseconds_now();
  }
  if (order == 'a') {
    Lock lock = cache.lock("handed over", {.timeout = 30s});
    must(lock.acquire(), "the other process did not get the lock");
    const std::int64_t now = microseconds_now();
    lock.release();
    return now;
  }
  std::atomic<std::int64_t> got{0};
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < waiters; ++i) {
    threads.emplace_back([&] {
      Lock lock = cache.lock("waited for", {.timeout = 30s, .blocking_timeout = 120s});
      got += lock.acquire() ? 1 : 0;
    });
  }
  threads.clear();
  return got;
}

void run(const char* json) {
  const PrivateServer server;
  std::unique_ptr<RedisCache> theirs;  // of the other process
  const Forked other{[&](char order) {
    if (!theirs) {
      theirs = std::make_unique<RedisCache>(cache_of(server.unix_endpoint()));
    }
    return obey(*theirs, order);
  }};
  Report report{server};
  const cpu_set_t all = usable_cpus();
  uncontended(server, server.unix_endpoint(), "unix socket", 500, report);
  uncontended(server, server.tcp_endpoint(), "TCP", 500, report);
  run_this_thread_on(last_of(all));
  server.run_on(last_of(all));
  uncontended(server, server.unix_endpoint(), "unix socket, one CPU", 500, report);
  uncontended(server, server.tcp_endpoint(), "TCP, one CPU", 500, report);
  run_this_thread_on(all);
  server.run_on(all);
  {
    // Where a round trip is what it mostly is: the scripts of the two cost the server some 8 us together,
    // half of a whole round trip over loopback.
    const Network far{server.tcp_endpoint(), 400us};
    uncontended(server, far.endpoint(), "400 us of round trip", 20, report);
  }
  hand_over(server, other, report);
  idle(server, other, report);
  renewal(server, 10s, report);
  renewal(server, 30s, report);
  report.write(json);
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  try {
    bench::run(count > 1 ? arguments[1] : "/dev/null");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "locks_bench: %s\n", error.what());
    return 1;
  }
}
