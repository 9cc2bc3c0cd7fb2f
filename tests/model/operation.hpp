// One call of a cache, as data: it can be made up, printed, and made again.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <rediscache/timeout.hpp>

namespace rediscache::test {

using Datum = std::variant<std::int64_t, std::string>;

struct Operation {
  enum class Action : std::uint8_t {
    set,
    add,
    get_text,
    get_integer,
    get_many,
    get_or_set,
    set_many,
    del,
    delete_many,
    touch,
    incr,
    decr,
    has_key,
    ttl,
    pttl,
    persist,
    expire,
    pexpire,
    expire_at,
    incr_version,
    decr_version,
    delete_pattern,
    keys,
    iter_keys,
    pipeline,  ///< of its `calls`
    clear,
    pass,  ///< time, on both sides
  };

  Action action = Action::get_text;
  std::size_t cache = 0;  ///< which of the caches on one database
  std::optional<int> version{};
  std::vector<std::string> keys{};  ///< or the pattern
  std::vector<Datum> values{};      ///< one for each key
  Timeout timeout{};
  std::int64_t number = 0;  ///< a delta, seconds, or how many keys to ask for at once
  bool nx = false;
  bool xx = false;
  bool flag = false;  ///< ignore_key_check, atomic, a callable instead of a value
  std::vector<Operation> calls{};

  [[nodiscard]] const std::string& key() const { return keys.front(); }
};
using Action = Operation::Action;

/// Times come in steps of half of this, and what is left of a life is never near the end of a step: it makes
/// no difference how long the test takes.
inline constexpr std::chrono::seconds time_step{1000};

/// As many as there are prefixes; one looks like a glob for the others.
inline constexpr std::array<std::string_view, 3> cache_prefixes{"shop", "sh?p*", "shop json"};
inline constexpr std::array<std::string_view, 3> cache_serializers{"plain", "plain", "json"};
inline constexpr Timeout cache_timeout = time_step / 2;

/// The next call of a random sequence.
[[nodiscard]] Operation random_operation(std::mt19937_64& random);

/// `shop.set("a", "text", 500 s, version 2, nx)`, `shop.pipeline(get_text("a"); del("a"))`
[[nodiscard]] std::string to_string(const Operation& operation);
/// In double quotes, unprintable bytes as \xNN; long text cut off.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace rediscache::test
