// A key that one thread alone writes, and so knows what it may hold.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>

namespace rediscache::test {

/// What the value of a key is for a number: nobody else's, and not another one's of the same key.
[[nodiscard]] inline std::string stress_value(std::string_view key, std::uint64_t number) {
  std::string value{key};
  value += '#' + std::to_string(number) + '#';
  const std::size_t filler = number % 97 == 0 ? 200'000 : number % 13 == 0 ? 8000 : number % 40;
  value.append(filler, static_cast<char>('a' + number % 26));
  return value;
}

/// The number in a value of that key; nothing when it is none.
[[nodiscard]] inline std::optional<std::uint64_t> stress_number(std::string_view key,
                                                                const std::string& value) {
  if (!value.starts_with(key) || value.size() < key.size() + 2 || value[key.size()] != '#') {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  for (std::size_t at = key.size() + 1; at < value.size() && value[at] >= '0' && value[at] <= '9'; ++at) {
    number = number * 10 + static_cast<std::uint64_t>(value[at] - '0');
  }
  return value == stress_value(key, number) ? std::optional{number} : std::nullopt;
}

/// Not thread-safe.
class OwnedKey {
 public:
  explicit OwnedKey(std::string stem) : stem_{std::move(stem)} { renew(); }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::uint64_t next_number() noexcept { return ++number_; }

  /// How SET of a number ended. Nothing: well. `wipes` is what it was before the call.
  void wrote(std::uint64_t number, const std::optional<Failure>& failure, std::uint64_t wipes) {
    if (!failure) {
      stored_ = number;
      wipes_ = wipes;
    } else if (failure->maybe_executed) {
      // It may be executed now or at any later time: over another connection it overtakes, or is overtaken.
      doubtful_.insert(number);
    }
    if (doubtful_.size() > 8) {
      renew();
    }
  }

  /// What is wrong with what GET gave; empty: nothing. `wipes` is what it was after the call.
  [[nodiscard]] std::string complaint(const std::optional<std::string>& value, std::uint64_t wipes) const {
    if (!value) {
      return stored_ && wipes == wipes_ ? name_ + " is lost" : "";
    }
    const auto number = stress_number(name_, *value);
    if (!number) {
      return name_ + " holds what belongs elsewhere: " + value->substr(0, 60);
    }
    return number == stored_ || doubtful_.contains(*number)
               ? ""
               : name_ + " holds " + std::to_string(*number) + ", which was overwritten or never stored";
  }

 private:
  void renew() {
    name_ = stem_ + ':' + std::to_string(++generation_);
    stored_.reset();
    doubtful_.clear();
  }

  std::string stem_;
  std::string name_;
  std::uint64_t generation_ = 0;
  std::uint64_t number_ = 0;
  std::optional<std::uint64_t> stored_;
  std::set<std::uint64_t> doubtful_;
  std::uint64_t wipes_ = 0;
};

}  // namespace rediscache::test
