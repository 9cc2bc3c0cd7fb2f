// What serializers cost: a pickled dict of ten entries against CPython's pickle, and text and integers
// through each serializer against the plain one, in this process and with a server. `scripts/bench --codecs`
// runs it.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/rediscache.hpp>

#include "affinity.hpp"
#include "server.hpp"
#include "statistics.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using rediscache::Value;

constexpr int rounds = 21;

/// Nanoseconds of `operation`, done `count` times.
template <class Operation>
double nanoseconds(int count, Operation&& operation) {
  const auto began = Clock::now();
  for (int i = 0; i < count; ++i) {
    operation();
  }
  return std::chrono::duration<double, std::nano>{Clock::now() - began}.count() / count;
}

/// A third of the values integers, a third texts, a third floats.
Value ten_entries() {
  Value::Dict dict;
  for (int i = 0; i < 10; ++i) {
    Value value = i % 3 == 0   ? Value{i * 1000}
                  : i % 3 == 1 ? Value{"value of some length " + std::to_string(i)}
                               : Value{i * 0.5};
    dict.emplace_back("key number " + std::to_string(i), std::move(value));
  }
  return dict;
}

struct Times {
  double encode = 0;
  double decode = 0;
};

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 0xfU];
  }
  return out;
}

/// What CPython takes, in a process of its own on the same CPU.
Times of_python(const std::string& script, std::string_view pickle, int count) {
  const std::string command =
      "/usr/bin/python3 -B '" + script + "' " + hexadecimal(pickle) + ' ' + std::to_string(count);
  std::FILE* const output = popen(command.c_str(), "r");
  if (output == nullptr) {
    throw std::runtime_error{"python3 cannot be started"};
  }
  Times times;
  const bool is_read = std::fscanf(output, "%lf %lf", &times.encode, &times.decode) == 2;
  if (pclose(output) != 0 || !is_read) {
    throw std::runtime_error{"python3 failed"};
  }
  return times;
}

void compare_pickle(const std::string& script) {
  constexpr int count = 50'000;
  const auto serializer = rediscache::make_serializer("pickle");
  const Value value = ten_entries();
  std::string scratch;
  const std::string stored{serializer->encode(rediscache::ValueView{value}, scratch)};
  std::vector<double> ratios;
  std::vector<double> ours_encode;
  std::vector<double> ours_decode;
  std::vector<double> python_encode;
  std::vector<double> python_decode;
  for (int round = 0; round < rounds; ++round) {
    const double encode = nanoseconds(count, [&] {
      std::string out;
      if (serializer->encode(rediscache::ValueView{value}, out).size() != stored.size()) {
        throw std::runtime_error{"a pickle of another size"};
      }
    });
    const double decode = nanoseconds(count, [&] {
      Value out;
      serializer->decode(std::string{stored}, rediscache::ValueTarget{out});
    });
    const Times python = of_python(script, stored, count);
    ratios.push_back((python.encode + python.decode) / (encode + decode));
    ours_encode.push_back(encode);
    ours_decode.push_back(decode);
    python_encode.push_back(python.encode);
    python_decode.push_back(python.decode);
  }
  const Spread ratio = spread_of(ratios);
  std::printf(
      "pickle of a dict of 10: ours %.0f + %.0f ns, CPython %.0f + %.0f ns (dumps + loads); %.2f times as "
      "fast (%.2f to %.2f)\n",
      spread_of(ours_encode).median, spread_of(ours_decode).median, spread_of(python_encode).median,
      spread_of(python_decode).median, ratio.median, ratio.first_quartile, ratio.third_quartile);
}

constexpr std::array<std::string_view, 4> serializers{"plain", "json", "pickle", "msgpack"};

/// Sets and gets through the cache of each serializer in turn, and through the plain one again.
template <class T>
void compare_serializers(std::span<const std::shared_ptr<rediscache::Cache>> caches, const char* what,
                         const T& value, int count) {
  const auto pair = [&](rediscache::Cache& cache) {
    return nanoseconds(count, [&] {
      cache.set("some:key", value);
      if (cache.get<T>("some:key") != value) {
        throw std::runtime_error{"not what was stored"};
      }
    });
  };
  std::vector<std::vector<double>> times(caches.size());
  std::vector<std::vector<double>> ratios(caches.size());
  for (int round = -1; round < rounds; ++round) {  // the first only warms up
    std::vector<double> of_round(caches.size());
    for (std::size_t i = 0; i < caches.size(); ++i) {
      const std::size_t turn = round % 2 == 0 ? i : caches.size() - 1 - i;
      of_round[turn] = pair(*caches[turn]);
    }
    for (std::size_t i = 0; round >= 0 && i < caches.size(); ++i) {
      times[i].push_back(of_round[i]);
      ratios[i].push_back(of_round[0] / of_round[i]);
    }
  }
  for (std::size_t i = 0; i < caches.size(); ++i) {
    const Spread ratio = spread_of(ratios[i]);
    const std::string_view name = i < serializers.size() ? serializers[i] : "plain again";
    std::printf("set and get of %s, %-11.*s %8.0f ns, %.3f of plain (%.3f to %.3f)\n", what,
                static_cast<int>(name.size()), name.data(), spread_of(times[i]).median, ratio.median,
                ratio.first_quartile, ratio.third_quartile);
  }
}

void compare_all(std::span<const std::shared_ptr<rediscache::Cache>> caches, const char* where, int count) {
  std::printf("\n%s\n", where);
  compare_serializers(caches, "64 B of text", std::string(64, 'x'), count);
  compare_serializers(caches, "an integer", 1234567, count);
}

void run(const std::string& script) {
  const cpu_set_t cpu = last_of(usable_cpus());
  run_this_thread_on(cpu);
  compare_pickle(script);

  std::vector<std::shared_ptr<rediscache::Cache>> local;
  std::vector<std::shared_ptr<rediscache::Cache>> remote;
  PrivateServer server;
  server.run_on(cpu);
  for (std::size_t i = 0; i <= serializers.size(); ++i) {
    const std::string name{serializers[i % serializers.size()]};
    rediscache::LocMemOptions in_process;
    in_process.serializer = name;
    local.push_back(std::make_shared<rediscache::LocMemCache>(in_process));
    rediscache::Options over_socket;
    over_socket.location = {server.unix_endpoint().url};
    over_socket.serializer = name;
    remote.push_back(std::make_shared<rediscache::RedisCache>(over_socket));
  }
  compare_all(remote, "with a server, over a unix socket, on one CPU:", 1000);
  compare_all(local, "in this process (LocMemCache):", 20'000);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  try {
    bench::run(argc > 1 ? argv[1] : "bench/pickle_peer.py");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "codecs_bench: %s\n", error.what());
    return 1;
  }
}
