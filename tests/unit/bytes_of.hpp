// What commands look like on the wire.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <rediscache/command.hpp>

namespace rediscache::test {

[[nodiscard]] inline std::string bytes_of(const Commands& commands) {
  std::vector<std::string_view> pieces(4096);
  const std::size_t used = commands.segments(0, pieces);
  std::string bytes;
  for (std::size_t i = 0; i < used; ++i) {
    bytes += pieces[i];
  }
  return bytes;
}

/// One command of these words, as it is sent.
[[nodiscard]] inline std::string wire(const std::vector<std::string>& words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return bytes;
}

}  // namespace rediscache::test
