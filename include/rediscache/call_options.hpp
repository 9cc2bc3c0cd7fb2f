// What can be said with a call, and the ranges it takes.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <ranges>
#include <string_view>
#include <type_traits>

#include <rediscache/convert.hpp>
#include <rediscache/timeout.hpp>

namespace rediscache {

/// For calls that only need a key.
struct KeyOptions {
  std::optional<int> version{};  ///< nothing: the cache's
};

/// For add, get_or_set.
struct WriteOptions {
  Timeout timeout{};
  std::optional<int> version{};
};

/// For set_many.
struct SetManyOptions {
  Timeout timeout{};
  std::optional<int> version{};
  bool atomic = false;  ///< all or nothing, seen by others all at once: MULTI and EXEC
};

/// For set: `cache.set("k", "v", {.timeout = 30s, .nx = true})`.
struct SetOptions {
  Timeout timeout{};
  std::optional<int> version{};
  bool nx = false;  ///< only when the key is not there
  bool xx = false;  ///< only when the key is there
};

/// For incr, decr.
struct IncrOptions {
  std::optional<int> version{};
  bool ignore_key_check = false;  ///< count from 0 when the key is not there
};

/// For delete_pattern, keys, iter_keys.
struct PatternOptions {
  std::optional<int> version{};
  std::optional<std::string_view> prefix{};  ///< nothing: the cache's
  std::size_t itersize = 0;                  ///< keys asked for at once; 0: the cache's
};

/// For sscan, sscan_iter, hscan_iter.
struct ScanOptions {
  std::optional<std::string_view> match{};  ///< a glob, encoded as a text member (in a hash: made as a field)
  std::optional<int> version{};
  std::size_t count = 0;  ///< elements asked for at once; 0: the cache's scan_itersize
};

/// Ranges of keys: std::vector<std::string>, std::set<std::string_view>, ... Their elements must not be
/// temporaries, for the keys are referred to during the call.
template <class R>
concept KeyRange = std::ranges::input_range<const R> && !detail::TextLike<R> &&
                   std::convertible_to<std::ranges::range_reference_t<const R>, std::string_view> &&
                   (std::is_lvalue_reference_v<std::ranges::range_reference_t<const R>> ||
                    std::same_as<std::ranges::range_value_t<const R>, std::string_view>);

/// Maps and other ranges of key and value.
template <class R>
concept EntryRange = std::ranges::input_range<const R> &&
                     std::is_lvalue_reference_v<std::ranges::range_reference_t<const R>> &&
                     requires(std::ranges::range_reference_t<const R> entry) {
                       { entry.first } -> std::convertible_to<std::string_view>;
                       requires Storable<std::remove_cvref_t<decltype(entry.second)>>;
                     };

}  // namespace rediscache
