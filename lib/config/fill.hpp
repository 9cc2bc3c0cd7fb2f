// Environment variables inside texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <rediscache/settings.hpp>

namespace rediscache::config {

/// A text with its variables filled in.
struct Filled {
  std::string text{};
  std::vector<std::string> variables{};  ///< whose contents are in it: those that it names and that are set
  bool names_variables = false;
  std::string problem{};  ///< why it cannot be filled; else empty. Shows nothing of the text
};

/// Fills `${NAME}` and `${NAME:-default}`, where the default stands for a variable that is unset or empty; a
/// literal `${` is written `$${`. What is filled in is not looked at again.
[[nodiscard]] Filled fill(std::string_view text, const SettingsSources& sources);

}  // namespace rediscache::config
