// What calls returned or threw, as text, said the same way of the model and of the cache.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/result.hpp>

#include "model/operation.hpp"

namespace rediscache::test {

/// One entry of the server: its bytes, and what is left of its life, if that ends.
struct Stored {
  std::string bytes{};
  std::optional<std::chrono::milliseconds> left{};
};
/// By made key.
using State = std::map<std::string, Stored>;

[[nodiscard]] inline std::string shown(bool value) {
  return value ? "true" : "false";
}
[[nodiscard]] inline std::string shown(std::int64_t value) {
  return std::to_string(value);
}
[[nodiscard]] inline std::string shown(const std::string& text) {
  return printable(text);
}
[[nodiscard]] inline std::string shown(const std::optional<std::string>& text) {
  return text ? printable(*text) : "nothing";
}
[[nodiscard]] inline std::string shown(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    out += printable(text) + " ";
  }
  return out + "]";
}
/// What get_many found, keys and values in turn, and the keys whose entries did not read.
[[nodiscard]] inline std::string shown(const std::vector<std::string>& found,
                                       const std::vector<std::string>& unreadable) {
  return shown(found) + (unreadable.empty() ? "" : ", unreadable " + shown(unreadable));
}
/// Rounded up to half a step: the test may take as long as that.
[[nodiscard]] inline std::string shown(std::chrono::milliseconds left) {
  constexpr std::chrono::milliseconds step = time_step / 2;
  return std::to_string((left + step - std::chrono::milliseconds{1}) / step) + " half steps";
}
template <class Duration>
[[nodiscard]] std::string shown_life(const RemainingTime<Duration>& life) {
  if (const auto left = life.remaining()) {
    return shown(std::chrono::milliseconds{*left});
  }
  return life.is_missing() ? "missing" : "no expiry";
}

/// What the calls of a pipeline gave, each as it is.
[[nodiscard]] inline std::string shown_all(const std::vector<std::string>& outcomes) {
  std::string out = "(";
  for (const std::string& outcome : outcomes) {
    out += outcome + "; ";
  }
  return out + ')';
}
[[nodiscard]] inline std::string shown(const Stored& stored) {
  return printable(stored.bytes) + (stored.left ? ", " + shown(*stored.left) : ", no expiry");
}

}  // namespace rediscache::test
