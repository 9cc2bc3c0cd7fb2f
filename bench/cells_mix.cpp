// mix: 80 % get and 20 % set, of which 1 % have a large value, as a cache behind a web service sees them.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cell.hpp"
#include "data.hpp"
#include "tls_connection.hpp"

namespace bench {
namespace {

constexpr std::size_t keys = 100;  // one of them with a large value, so that 1 % of the operations meet it
constexpr std::size_t large_key = 0;
constexpr std::size_t large_bytes = std::size_t{64} * 1024;
constexpr std::uint64_t sets_of_ten = 2;

struct Mixed {
  std::shared_ptr<const Data> small{};
  std::shared_ptr<const Data> large{};

  [[nodiscard]] const std::string& value_of(std::size_t key) const noexcept {
    return key == large_key ? large->value : small->value;
  }
};
using Shared = std::shared_ptr<const Mixed>;

struct Choice {
  bool set = false;
  std::size_t key = 0;
};

/// What a thread does next: at random, but the same on both sides, and different in every thread.
class Choices {
 public:
  explicit Choices(std::size_t thread) noexcept : state_{thread} {}

  [[nodiscard]] Choice next() noexcept {
    state_ += 0x9e3779b97f4a7c15U;  // splitmix64
    std::uint64_t bits = state_;
    bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
    bits ^= bits >> 31U;
    return {.set = (bits >> 32U) % 10 < sets_of_ten,
            .key = static_cast<std::size_t>((bits & 0xffffffffU) % keys)};
  }

 private:
  std::uint64_t state_;
};

std::vector<Batch> ours_mix(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  const auto cache = make_cache(endpoint);
  std::vector<Batch> batches;
  batches.reserve(threads);
  for (std::size_t thread = 0; thread < threads; ++thread) {
    batches.push_back(repeat([data, cache, choices = Choices{thread}](std::size_t) mutable {
      const Choice choice = choices.next();
      const std::string& key = data->small->keys[choice.key];
      const std::string& expected = data->value_of(choice.key);
      if (choice.set) {
        if (!cache->set(key, expected)) {
          throw std::runtime_error{"ours: set did not store"};
        }
      } else {
        const auto value = cache->get<std::string>(key);
        if (!value || value->size() != expected.size()) {
          throw std::runtime_error{"ours: get did not find what was stored"};
        }
      }
    }));
  }
  return batches;
}

template <class Peer>
std::vector<Batch> peer_mix(const Shared& data, const Endpoint& endpoint, std::size_t threads) {
  std::vector<Batch> batches;
  batches.reserve(threads);
  for (std::size_t thread = 0; thread < threads; ++thread) {
    batches.push_back(repeat([data, peer = std::make_shared<Peer>(endpoint),
                              choices = Choices{thread}](std::size_t) mutable {
      const Choice choice = choices.next();
      const std::string& key = data->small->made_keys[choice.key];
      const std::string& expected = data->value_of(choice.key);
      if (choice.set) {
        expect_ok(
            *peer->command(std::array<std::string_view, 5>{"SET", key, expected, "PX", default_timeout_ms}));
      } else {
        expect_text(*peer->command(std::array<std::string_view, 2>{"GET", key}), expected.size());
      }
    }));
  }
  return batches;
}

}  // namespace

Cell mix_cell(std::size_t bytes, std::size_t threads) {
  const auto data = std::make_shared<const Mixed>(
      Mixed{.small = make_data(keys, bytes), .large = make_data(large_key + 1, large_bytes)});
  Cell cell{.bench = "mix", .bytes = bytes, .threads = threads, .keys = keys};
  cell.prepare = [data](Connection& server) {
    store_all(server, *data->small);
    store_all(server, *data->large);  // over the first of the small ones
  };
  cell.ours = [data](const Endpoint& endpoint, std::size_t count) { return ours_mix(data, endpoint, count); };
  cell.peer = [data](const Endpoint& endpoint, std::size_t count) {
    return endpoint.ca_file.empty() ? peer_mix<Connection>(data, endpoint, count)
                                    : peer_mix<TlsConnection>(data, endpoint, count);
  };
  return cell;
}

}  // namespace bench
