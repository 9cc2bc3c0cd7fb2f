// Messages received per second: a range, and a callback, against redisGetReply() of raw hiredis in a loop,
// each reading the same stream of the same server. `scripts/bench --pubsub` runs it.
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <rediscache/rediscache.hpp>

#include "affinity.hpp"
#include "connection.hpp"
#include "server.hpp"
#include "statistics.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int rounds = 15;
constexpr std::size_t per_script = 200;

/// Makes the server publish, by scripts: what it costs to send commands is not what is measured.
class Publisher {
 public:
  explicit Publisher(const Endpoint& endpoint) : connection_{endpoint} {}

  void publish(const std::string& channel, const std::string& payload, std::size_t messages) {
    const std::string times = std::to_string(per_script);
    const std::size_t scripts = messages / per_script;
    for (std::size_t i = 0; i < scripts; ++i) {
      connection_.append(std::array<std::string_view, 6>{
          "EVAL", "for i = 1, ARGV[3] do redis.call('PUBLISH', ARGV[1], ARGV[2]) end", "0", channel, payload,
          times});
    }
    for (std::size_t i = 0; i < scripts; ++i) {
      static_cast<void>(connection_.read());
    }
  }

 private:
  Connection connection_;
};

/// Messages per second of `receive`, which takes `messages` of them that are published meanwhile.
double rate(Publisher& publisher, const std::string& channel, const std::string& payload,
            std::size_t messages, const std::function<void()>& receive) {
  const auto began = Clock::now();
  std::thread publishing{[&] { publisher.publish(channel, payload, messages); }};
  receive();
  const double seconds = std::chrono::duration<double>{Clock::now() - began}.count();
  publishing.join();
  return static_cast<double>(messages) / seconds;
}

/// Both ways of ours and hiredis, on channels of their own: who is not measured has nothing to do.
class Contest {
 public:
  Contest(const PrivateServer& server, std::size_t bytes, std::size_t messages)
      : publisher_{server.unix_endpoint()},
        cache_{options(server)},
        payload_(bytes, 'x'),
        messages_{messages},
        peer_{server.unix_endpoint()} {
    static_cast<void>(peer_.command(std::array<std::string_view, 2>{"SUBSCRIBE", "of-peer"}));
    static_cast<void>(control_.emplace(server.unix_endpoint())
                          .command(std::array<std::string_view, 2>{"SUBSCRIBE", "control"}));
    range_.emplace(
        cache_.subscribe({.channels = {"a-range"}, .max_queued = messages, .max_queued_bytes = 1U << 30U}));
    callback_.emplace(
        cache_.subscribe({.channels = {"of-back"}, .max_queued = messages, .max_queued_bytes = 1U << 30U},
                         [this](const rediscache::Message& message) { count(message); }));
    if (!range_->wait_until_active(5s) || !callback_->wait_until_active(5s)) {
      throw std::runtime_error{"not subscribed"};
    }
  }

  double of_peer() { return of_hiredis("of-peer", peer_); }
  double of_control() { return of_hiredis("control", *control_); }
  double of_range() {
    return rate(publisher_, "a-range", payload_, messages_, [&] {
      std::size_t left = messages_;
      for (const rediscache::Message& message : range_->messages(60s)) {
        expect(message.payload.size());
        if (--left == 0) {
          return;
        }
      }
      throw std::runtime_error{"not every message came"};
    });
  }
  double of_callback() {
    called_ = 0;
    return rate(publisher_, "of-back", payload_, messages_, [&] {
      for (std::size_t seen = called_; seen < messages_; seen = called_) {
        called_.wait(seen);
      }
    });
  }

 private:
  static rediscache::Options options(const PrivateServer& server) {
    rediscache::Options options;
    options.location = {server.unix_endpoint().url};
    return options;
  }
  void expect(std::size_t bytes) const {
    if (bytes != payload_.size()) {
      throw std::runtime_error{"a message is not what was published"};
    }
  }
  void count(const rediscache::Message& message) {
    expect(message.payload.size());
    if (called_.fetch_add(1) + 1 == messages_) {
      called_.notify_one();
    }
  }
  double of_hiredis(const std::string& channel, Connection& connection) {
    return rate(publisher_, channel, payload_, messages_, [&] {
      for (std::size_t left = messages_; left > 0; --left) {
        const Reply reply = connection.read();
        expect(static_cast<std::size_t>(reply->element[2]->len));
      }
    });
  }

  Publisher publisher_;
  rediscache::RedisCache cache_;
  const std::string payload_;
  const std::size_t messages_;
  Connection peer_;
  std::optional<Connection> control_;
  std::atomic<std::size_t> called_{0};
  std::optional<rediscache::Subscription> range_;
  std::optional<rediscache::Subscription> callback_;
};

void compare(const PrivateServer& server, const char* placement, std::size_t bytes, std::size_t messages) {
  Contest contest{server, bytes, messages};
  std::vector<double> peer;
  std::vector<double> range;
  std::vector<double> callback;
  std::vector<double> control;
  for (int round = -1; round < rounds; ++round) {  // the first does not count
    double first = 0;
    double second = 0;
    if (round % 2 == 0) {
      first = contest.of_range();
      second = contest.of_callback();
    }
    const double of_peer = contest.of_peer();
    const double of_control = contest.of_control();
    if (round % 2 != 0) {
      first = contest.of_range();
      second = contest.of_callback();
    }
    if (round >= 0) {
      peer.push_back(of_peer);
      range.push_back(first / of_peer);
      callback.push_back(second / of_peer);
      control.push_back(of_control / of_peer);
    }
  }
  const Spread of_range = spread_of(range);
  const Spread of_callback = spread_of(callback);
  std::printf(
      "%s, %4zu bytes: hiredis %7.0f/s; ours / hiredis: range %.2f (%.2f to %.2f), callback %.2f (%.2f to "
      "%.2f); "
      "control %.2f\n",
      placement, bytes, spread_of(peer).median, of_range.median, of_range.first_quartile,
      of_range.third_quartile, of_callback.median, of_callback.first_quartile, of_callback.third_quartile,
      spread_of(control).median);
  std::fflush(stdout);
}

void run() {
  const cpu_set_t all = usable_cpus();
  const PrivateServer server;
  for (const bool pinned : {true, false}) {
    const cpu_set_t cpus = pinned ? last_of(all) : all;
    run_this_thread_on(cpus);
    server.run_on(cpus);
    const char* const placement = pinned ? "one CPU " : "all CPUs";
    compare(server, placement, 16, 100'000);
    compare(server, placement, 64, 100'000);
    compare(server, placement, 1024, 20'000);  // more, and the server would give up on who reads them
  }
}

}  // namespace
}  // namespace bench

int main() {
  try {
    bench::run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pubsub_bench: %s\n", error.what());
    return 1;
  }
}
