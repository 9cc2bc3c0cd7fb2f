// What the benchmark program is asked to do.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bench {

struct CommandLine {
  bool quick = false;
  bool list = false;
  bool help = false;
  bool plain_allocator = false;
  std::string filter{};             ///< a regular expression, empty: everything
  std::optional<std::string> json;  ///< the file to write
  std::size_t rounds = 0;           ///< 0: as many as the mode wants
};

/// Throws std::invalid_argument, which names what is wrong.
[[nodiscard]] CommandLine parse_command_line(std::span<char* const> arguments);

[[nodiscard]] std::string_view usage() noexcept;

}  // namespace bench
