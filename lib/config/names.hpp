// Names of settings, as Python and as we spell them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <rediscache/options.hpp>

#include "config/reading.hpp"

namespace rediscache::config {

// Each reads a name of Python's, of ours, or one that was registered, as ours; nothing after a problem.
[[nodiscard]] std::optional<std::string> read_serializer(Reading& reading, const Found& found);
/// Empty for django-redis's compressor that does nothing.
[[nodiscard]] std::optional<std::string> read_compressor(Reading& reading, const Found& found);
[[nodiscard]] std::optional<std::string> read_client_class(Reading& reading, const Found& found);

/// Functions by name; empty for Python's default ones, which ours are as well.
void read_key_function(Reading& reading, const Found& found, KeyFunction& function);
void read_reverse_key_function(Reading& reading, const Found& found, ReverseKeyFunction& function);

/// The protocol that PICKLE_VERSION chooses, as a serializer's name.
[[nodiscard]] std::optional<std::string> read_pickle_version(Reading& reading, const Found& found);

}  // namespace rediscache::config
