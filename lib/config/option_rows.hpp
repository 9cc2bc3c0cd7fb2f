// The keys of settings that each set one option.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <rediscache/options.hpp>

#include "config/reading.hpp"

namespace rediscache::config {

/// One key: how it gets into the options, and what it shows of them.
struct OptionRow {
  std::string_view name;
  void (*read)(Reading& reading, const Found& found, Options& options);
  std::string (*show)(const Options& options);
  bool is_secret = false;
  bool takes_null = false;  ///< else null is as if the key were not there
};

/// Those of a cache itself: TIMEOUT, KEY_PREFIX, VERSION. Every backend has them.
[[nodiscard]] std::span<const OptionRow> cache_rows();
/// Those of OPTIONS, for Redis.
[[nodiscard]] std::span<const OptionRow> redis_rows();
/// Those of CONNECTION_POOL_KWARGS alone.
[[nodiscard]] std::span<const OptionRow> tls_rows();

/// A key of CONNECTION_POOL_KWARGS that is one of OPTIONS, under the name it has there; empty for others.
[[nodiscard]] std::string_view option_of_pool_key(std::string_view key) noexcept;
/// All keys of CONNECTION_POOL_KWARGS.
[[nodiscard]] std::span<const std::string> pool_keys();

[[nodiscard]] const OptionRow* find_row(std::span<const OptionRow> rows, std::string_view name) noexcept;

}  // namespace rediscache::config
