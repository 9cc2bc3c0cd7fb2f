#include "data.hpp"

#include <array>
#include <stdexcept>

#include <rediscache/options.hpp>

namespace bench {

std::shared_ptr<const Data> make_data(std::size_t keys, std::size_t bytes) {
  auto data = std::make_shared<Data>();
  for (std::size_t i = 0; i < keys; ++i) {
    data->keys.push_back("user:" + std::to_string(100'000 + i) + ":name");
    data->made_keys.push_back(":1:" + data->keys.back());
  }
  // Text that is no number, and the same in every run.
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
  data->value.resize(bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    data->value[i] = letters[(i * 7 + i / 26) % letters.size()];
  }
  return data;
}

std::shared_ptr<rediscache::RedisCache> make_cache(const Endpoint& endpoint) {
  return std::make_shared<rediscache::RedisCache>(rediscache::Options{.location = {endpoint.url}});
}

void store_all(Connection& server, const Data& data) {
  for (const std::string& key : data.made_keys) {
    expect_ok(*server.command(std::array<std::string_view, 3>{"SET", key, data.value}));
  }
}

void set_all(Connection& server, const Data& data) {
  for (const std::string& key : data.made_keys) {
    server.append(std::array<std::string_view, 5>{"SET", key, data.value, "PX", default_timeout_ms});
  }
  for (std::size_t at = 0; at < data.made_keys.size(); ++at) {
    expect_ok(*server.read());
  }
}

void check_stored(Connection& server, const Data& data, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& key = data.made_keys[i];
    const Reply value = server.command(std::array<std::string_view, 2>{"GET", key});
    if (value->type != REDIS_REPLY_STRING ||
        std::string_view{value->str, static_cast<std::size_t>(value->len)} != data.value) {
      throw std::runtime_error{"the value stored under " + key + " is not the one that was given"};
    }
    const Reply left = server.command(std::array<std::string_view, 2>{"PTTL", key});
    if (left->integer <= 290'000 || left->integer > 300'000) {
      throw std::runtime_error{"what is stored under " + key + " does not expire in 300 s"};
    }
  }
}

}  // namespace bench
