// What a call costs beside the network: encoding, reading replies, keys, values.
#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <benchmark/benchmark.h>

#include <rediscache/command.hpp>
#include <rediscache/redis_cache.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/serializer.hpp>

#include "resp/reply_reader.hpp"

namespace {

using rediscache::CommandKind;
using rediscache::Commands;
using rediscache::resp::ReplyReader;

std::string bulk(std::size_t bytes) {
  return "$" + std::to_string(bytes) + "\r\n" + std::string(bytes, 'x') + "\r\n";
}

void encode_set(benchmark::State& state) {
  const std::string value(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    Commands commands;
    commands.begin("SET", CommandKind::idempotent_write, 4)
        .key(":1:user:100001:name")
        .in_place(value)
        .arg("PX")
        .arg(300'000);
    benchmark::DoNotOptimize(commands.bytes());
  }
}
BENCHMARK(encode_set)->Arg(16)->Arg(1024)->Arg(1 << 20);

// Feeds `bytes` as one piece, which must be one whole reply.
void read_reply(benchmark::State& state, std::string_view bytes) {
  ReplyReader reader{std::size_t{1} << 30U};
  for (auto _ : state) {
    const std::span<char> space = reader.space();
    if (space.size() < bytes.size()) {
      throw std::logic_error{"the reply does not fit the reader's space"};
    }
    std::memcpy(space.data(), bytes.data(), bytes.size());
    reader.received(bytes.size());
    rediscache::Reply reply;
    if (reader.next(reply) != ReplyReader::Progress::complete) {
      throw std::logic_error{"not a whole reply"};
    }
    benchmark::DoNotOptimize(reply);
  }
}

void read_bulk(benchmark::State& state) {
  read_reply(state, bulk(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(read_bulk)->Arg(16)->Arg(1024);

void read_array(benchmark::State& state) {
  std::string bytes = "*" + std::to_string(state.range(0)) + "\r\n";
  for (auto i = state.range(0); i > 0; --i) {
    bytes += bulk(64);
  }
  read_reply(state, bytes);
}
BENCHMARK(read_array)->Arg(100);

void read_status(benchmark::State& state) {
  read_reply(state, "+OK\r\n");
}
BENCHMARK(read_status);

void make_key(benchmark::State& state) {
  const rediscache::RedisCache cache{{.key_prefix = "shop"}};  // connects to nothing
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.make_key("user:100001:name"));
  }
}
BENCHMARK(make_key);

void encode_text(benchmark::State& state, std::string_view serializer_name) {
  const auto serializer = rediscache::make_serializer(serializer_name);
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  std::string scratch;
  for (auto _ : state) {
    benchmark::DoNotOptimize(serializer->encode(rediscache::ValueView{std::string_view{text}}, scratch));
  }
}
BENCHMARK_CAPTURE(encode_text, plain, "plain")->Arg(16)->Arg(1024);
BENCHMARK_CAPTURE(encode_text, json, "json")->Arg(16)->Arg(1024);

void decode_text(benchmark::State& state, std::string_view serializer_name) {
  const auto serializer = rediscache::make_serializer(serializer_name);
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  std::string scratch;
  const std::string stored{serializer->encode(rediscache::ValueView{std::string_view{text}}, scratch)};
  for (auto _ : state) {
    std::string bytes = stored;
    std::string out;
    serializer->decode(std::move(bytes), rediscache::ValueTarget{out});
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK_CAPTURE(decode_text, plain, "plain")->Arg(16)->Arg(1024);
BENCHMARK_CAPTURE(decode_text, json, "json")->Arg(16)->Arg(1024);

}  // namespace

BENCHMARK_MAIN();
