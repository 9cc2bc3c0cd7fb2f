// Values that tell whose they are: a reply that was handed to a wrong caller, cut or mixed does not read.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rediscache::test {

/// "key#17#xxxx": its length depends on the number, up to some 8 KiB.
[[nodiscard]] inline std::string soak_value(std::string_view key, std::int64_t number) {
  std::string value{key};
  value += '#';
  value += std::to_string(number);
  value += '#';
  const auto bits = static_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15U;
  const std::size_t longest = bits % 16 == 0 ? 8192 : 200;
  value.append(static_cast<std::size_t>((bits >> 32U) % longest), 'x');
  return value;
}

/// The number of a value of that key; nothing when it is none.
[[nodiscard]] inline std::optional<std::int64_t> soak_number(std::string_view key, std::string_view value) {
  if (!value.starts_with(key) || value.size() <= key.size() || value[key.size()] != '#') {
    return std::nullopt;
  }
  const std::string_view rest = value.substr(key.size() + 1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc{} || value != soak_value(key, number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace rediscache::test
