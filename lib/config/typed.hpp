// Values of the settings as the types of options. Each tells the reading what is wrong and gives nothing
// then.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rediscache/timeout.hpp>

#include "config/reading.hpp"

namespace rediscache::config {

[[nodiscard]] std::optional<std::string> read_text(Reading& reading, const Found& found);
/// true, false, 0 or 1; and the words when a variable was filled in.
[[nodiscard]] std::optional<bool> read_bool(Reading& reading, const Found& found);
[[nodiscard]] std::optional<std::int64_t> read_count(Reading& reading, const Found& found, std::int64_t least,
                                                     std::int64_t most);
/// Seconds, with fractions; at most a day.
[[nodiscard]] std::optional<std::chrono::milliseconds> read_seconds(Reading& reading, const Found& found,
                                                                    bool zero_too = false);
/// Seconds, or null for never.
[[nodiscard]] std::optional<Timeout> read_timeout(Reading& reading, const Found& found);
/// A text, or a list of them, each with its path.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> read_texts(Reading& reading,
                                                                          const Found& found);

}  // namespace rediscache::config
